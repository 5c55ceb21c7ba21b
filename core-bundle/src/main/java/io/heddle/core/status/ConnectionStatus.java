package io.heddle.core.status;

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
 */
public record ConnectionStatus(
        String peer,
        int nodeId,
        ConnectionState state,
        Role peerRole,
        boolean pathEstablished,
        List<PeerVolumeStatus> volumes) {
    public ConnectionStatus {
        volumes = List.copyOf(volumes);
    }
}
