package io.heddle.core.status;

import io.heddle.core.spec.ResourceSpec;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Something on the node that no spec names: listed, never touched.
 *
 * @param kind {@code resource}, {@code backing volume}, {@code DRBD resource}, {@code resource file} or {@code stored
 *     specification}
 * @param name its name, with its pool or folder
 * @param why what tells that it is not claimed: foreign, without identity, of this cluster but in no spec
 * @param identity the UUID that it carries: a resource's, or a replica's; empty if it carries none
 * @param former what was wanted of the resource last, secret included; empty if that is not known
 */
public record Unclaimed(String kind, String name, String why, Optional<UUID> identity, Optional<ResourceSpec> former)
        implements Comparable<Unclaimed> {
    /** Kind of what was wanted once and can be adopted. */
    public static final String RESOURCE = "resource";

    public Unclaimed {
        identity = Objects.requireNonNullElse(identity, Optional.empty());
        former = Objects.requireNonNullElse(former, Optional.empty());
    }

    /** One without an identity. */
    public Unclaimed(String kind, String name, String why) {
        this(kind, name, why, Optional.empty(), Optional.empty());
    }

    @Override
    public int compareTo(Unclaimed other) {
        int byKind = kind.compareTo(other.kind);
        int byName = byKind != 0 ? byKind : name.compareTo(other.name);
        return byName != 0 ? byName : text(identity).compareTo(text(other.identity));
    }

    private static String text(Optional<UUID> uuid) {
        return uuid.map(UUID::toString).orElse("");
    }
}
