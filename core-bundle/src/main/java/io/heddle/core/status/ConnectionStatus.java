package io.heddle.core.status;

import io.heddle.core.spec.PathSpec;
import java.util.List;

/**
 * A connection of a resource to one peer.
 *
 * @param peer the peer's name as DRBD knows it: its host name (on 8.4 always from the .res file, since the kernel says {@code peer})
 * @param nodeId the peer's node id; -1 on DRBD 8.4
 * @param state connection state
 * @param peerRole the peer's role
 * @param pathEstablished whether a path of it is established; as {@code state} says on DRBD 8.4
 * @param volumes volumes in the order of their numbers
 * @param splitBrain whether DRBD said, since the two were connected last, that a handshake found a split brain which no policy
 *     resolves (its helper {@code split-brain}); false also where nobody listened at that moment
 * @param paths its paths, in the order of their addresses; none on DRBD 8.4, which does not tell, nor from a satellite that did not
 *     tell yet
 */
public record ConnectionStatus(
        String peer,
        int nodeId,
        ConnectionState state,
        Role peerRole,
        boolean pathEstablished,
        List<PeerVolumeStatus> volumes,
        boolean splitBrain,
        List<PathStatus> paths) {
    public ConnectionStatus {
        volumes = List.copyOf(volumes);
        paths = paths == null ? List.of() : List.copyOf(paths);
    }

    /**
     * Whether the two replicate: DRBD 8.4 is Connected already while it looks whether they have diverged, and does not tell the
     * peer's role then.
     */
    public boolean replicates() {
        return state == ConnectionState.CONNECTED && peerRole != Role.UNKNOWN;
    }

    /** Whether DRBD has all of these paths for it. */
    public boolean hasPaths(List<PathSpec> wanted) {
        return paths.stream().map(PathStatus::path).toList().containsAll(wanted);
    }

    /** Whether it runs over one of these paths. */
    public boolean runsOver(List<PathSpec> wanted) {
        return paths.stream().anyMatch(path -> path.established() && wanted.contains(path.path()));
    }

    /** The same with other volumes. */
    public ConnectionStatus withVolumes(List<PeerVolumeStatus> changed) {
        return new ConnectionStatus(peer, nodeId, state, peerRole, pathEstablished, changed, splitBrain, paths);
    }

    /** The same with other paths. */
    public ConnectionStatus withPaths(List<PathStatus> changed) {
        boolean established = changed.stream().anyMatch(PathStatus::established);
        return new ConnectionStatus(peer, nodeId, state, peerRole, established, volumes, splitBrain, changed);
    }

    /** One that tells of no paths. */
    public ConnectionStatus(
            String peer,
            int nodeId,
            ConnectionState state,
            Role peerRole,
            boolean pathEstablished,
            List<PeerVolumeStatus> volumes,
            boolean splitBrain) {
        this(peer, nodeId, state, peerRole, pathEstablished, volumes, splitBrain, List.of());
    }

    /** One of which DRBD said no split brain. */
    public ConnectionStatus(
            String peer,
            int nodeId,
            ConnectionState state,
            Role peerRole,
            boolean pathEstablished,
            List<PeerVolumeStatus> volumes) {
        this(peer, nodeId, state, peerRole, pathEstablished, volumes, false);
    }
}
