package io.heddle.core.spec;

import java.util.UUID;

/**
 * Which wish is newer. A satellite keeps the highest it has seen and refuses anything lower, and the same epoch from another
 * instance, so that a restored backup or a forgotten second controller harms nothing.
 *
 * @param epoch raised durably at each controller start
 * @param instance drawn at each controller start
 * @param revision of the cluster state
 */
public record SpecVersion(long epoch, UUID instance, long revision) {
    /** Whether a satellite that holds {@code this} may take {@code offered}; the same version is taken again. */
    public boolean accepts(SpecVersion offered) {
        if (offered.epoch != epoch) {
            return offered.epoch > epoch;
        }
        return offered.instance.equals(instance) && offered.revision >= revision;
    }
}
