package io.heddle.core.driver;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.PoolName;
import java.util.Optional;
import java.util.UUID;

/**
 * A backing volume that is there.
 *
 * @param pool its pool
 * @param name its name in the pool
 * @param cluster cluster that it carries; empty if it carries none
 * @param volume replica that it carries; empty if it carries none
 * @param stage how far its making has come; READY for one that is not ours
 * @param size its size
 * @param device its block device; empty while it is not active
 * @param allocated bytes it takes in the pool; empty if the driver cannot tell
 * @param fault a sentence on what is wrong with it; empty if nothing is
 */
public record BackingVolume(
        PoolName pool,
        String name,
        Optional<UUID> cluster,
        Optional<UUID> volume,
        Stage stage,
        Bytes size,
        Optional<String> device,
        Optional<Bytes> allocated,
        Optional<String> fault) {
    /** Whether it is the one that is meant, by name and both UUIDs. */
    public boolean is(BackingIdentity identity) {
        return name.equals(identity.name())
                && cluster.equals(Optional.of(identity.cluster()))
                && volume.equals(Optional.of(identity.volume()));
    }
}
