package io.heddle.satellite;

import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.Optional;

/**
 * Whether a connection may be taken away for a moment: only from a node that nobody uses the resource on, where the peer has
 * all data of its own, and no Primary can lose its quorum or be fenced by it. In doubt not. Pure.
 */
final class ReconnectRule {
    private static final String FENCING = "fencing";
    private static final String NO_FENCING = "dont-care";

    private ReconnectRule() {}

    /** What speaks against it, for people; empty if nothing does. */
    static Optional<String> against(ResourceSpec spec, ReplicationStatus status, NodeName peer) {
        Optional<ConnectionStatus> connection = status.connection(peer.value());
        Optional<PeerSpec> wanted =
                spec.peers().stream().filter(each -> each.node().equals(peer)).findFirst();
        if (connection.isEmpty() || wanted.isEmpty()) {
            return Optional.of("the connection to " + peer + " is not one of its own");
        }
        if (status.role() != Role.SECONDARY || status.devices().stream().anyMatch(DeviceStatus::open)) {
            return Optional.of("it is in use on this node, which may read from " + peer);
        }
        if (!status.suspended().equals("no")) {
            return Optional.of("its I/O is suspended (" + status.suspended() + ")");
        }
        if (!wanted.get().netOptions().getOrDefault(FENCING, NO_FENCING).equals(NO_FENCING)) {
            return Optional.of("a node may be fenced where a connection goes");
        }
        for (PeerVolumeStatus volume : connection.get().volumes()) {
            if (volume.peerDisk() != DiskState.UP_TO_DATE) {
                return Optional.of(
                        "volume " + volume.number() + " on " + peer + " is not UpToDate, and may need this node's");
            }
        }
        if (spec.asksForQuorum()) {
            for (ConnectionStatus other : status.connections()) {
                if (other.state() != ConnectionState.CONNECTED) {
                    return Optional.of("whether it is Primary on " + other.peer()
                            + " cannot be seen, and a Primary might lose its quorum");
                }
                if (other.peerRole() != Role.SECONDARY) {
                    return Optional.of("it is Primary on " + other.peer() + ", which might lose its quorum");
                }
            }
        }
        return Optional.empty();
    }
}
