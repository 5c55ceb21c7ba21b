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
 * @param fixed options of the connection to each peer that DRBD takes for a new connection only ({@link
 *     io.heddle.core.spec.PeerSpec#fixedOptions}), by the peer's node; a peer that is not among them has none that are known
 * @param tieBreakers node ids of the peers without a disk in it that DRBD counts as tie-breakers
 */
public record ConfiguredResource(
        String name,
        Optional<UUID> cluster,
        Optional<UUID> resource,
        Optional<String> quorum,
        SortedSet<Integer> voters,
        SortedMap<String, List<PathSpec>> paths,
        SortedMap<String, SortedMap<String, String>> fixed,
        SortedSet<Integer> tieBreakers) {
    public ConfiguredResource {
        voters = Ordered.set(voters);
        tieBreakers = Ordered.set(tieBreakers);
        paths = Ordered.map(paths);
        fixed = Ordered.map(fixed);
    }

    /** One without tie-breakers. */
    public ConfiguredResource(
            String name,
            Optional<UUID> cluster,
            Optional<UUID> resource,
            Optional<String> quorum,
            SortedSet<Integer> voters,
            SortedMap<String, List<PathSpec>> paths,
            SortedMap<String, SortedMap<String, String>> fixed) {
        this(name, cluster, resource, quorum, voters, paths, fixed, Ordered.set(null));
    }

    /** One of which the options that are fixed do not matter. */
    public ConfiguredResource(
            String name,
            Optional<UUID> cluster,
            Optional<UUID> resource,
            Optional<String> quorum,
            SortedSet<Integer> voters,
            SortedMap<String, List<PathSpec>> paths) {
        this(name, cluster, resource, quorum, voters, paths, Ordered.map(null));
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
