package io.heddle.core.driver;

import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PathSpec;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/**
 * A resource file that Heddle wrote.
 *
 * @param name resource it is of
 * @param cluster cluster it carries
 * @param resource identity of the incarnation it carries; empty if it cannot be read
 * @param quorum DRBD's {@code quorum} in it; empty if it asks for none
 * @param voters node ids of the peers that have a disk in it, each of which DRBD counts for the quorum
 * @param paths paths to each peer in it, by the peer's node
 */
public record ConfiguredResource(
        String name,
        Optional<UUID> cluster,
        Optional<UUID> resource,
        Optional<String> quorum,
        SortedSet<Integer> voters,
        SortedMap<String, List<PathSpec>> paths) {
    public ConfiguredResource {
        voters = Ordered.set(voters);
        paths = Ordered.map(paths);
    }

    /** One of which the paths do not matter. */
    public ConfiguredResource(
            String name,
            Optional<UUID> cluster,
            Optional<UUID> resource,
            Optional<String> quorum,
            SortedSet<Integer> voters) {
        this(name, cluster, resource, quorum, voters, Ordered.map(null));
    }
}
