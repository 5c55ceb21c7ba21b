package io.heddle.core.status;

import java.util.List;
import java.util.Optional;

/**
 * A resource as DRBD's kernel part has it, taken from the stream of events.
 *
 * @param resource DRBD's name of it
 * @param role role on this node
 * @param suspended DRBD's list of reasons for suspended I/O, {@code no} if none: {@code user}, {@code no-data}, {@code quorum}, {@code fencing}
 * @param mayPromote whether DRBD would promote it now; false where DRBD does not tell
 * @param promotionScore DRBD's promotion score, 0 where DRBD does not tell
 * @param devices devices in the order of their volume numbers
 * @param connections connections in the order of the peers' names
 */
public record ReplicationStatus(
        String resource,
        Role role,
        String suspended,
        boolean mayPromote,
        int promotionScore,
        List<DeviceStatus> devices,
        List<ConnectionStatus> connections) {
    public ReplicationStatus {
        devices = List.copyOf(devices);
        connections = List.copyOf(connections);
    }

    /** The same with other connections. */
    public ReplicationStatus withConnections(List<ConnectionStatus> other) {
        return new ReplicationStatus(resource, role, suspended, mayPromote, promotionScore, devices, other);
    }

    public Optional<DeviceStatus> device(int number) {
        return devices.stream().filter(device -> device.number() == number).findFirst();
    }

    public Optional<ConnectionStatus> connection(String peer) {
        return connections.stream()
                .filter(connection -> connection.peer().equals(peer))
                .findFirst();
    }

    /** The connection to the peer with a node id, whatever its name is. */
    public Optional<ConnectionStatus> connection(int nodeId) {
        return connections.stream()
                .filter(connection -> connection.nodeId() == nodeId)
                .findFirst();
    }

    /** Whether it is connected to a peer now. */
    public boolean isConnectedTo(String peer) {
        return connection(peer)
                .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                .isPresent();
    }

    /** Whether it is Primary or open here. */
    public boolean inUse() {
        return role == Role.PRIMARY || devices.stream().anyMatch(DeviceStatus::open);
    }
}
