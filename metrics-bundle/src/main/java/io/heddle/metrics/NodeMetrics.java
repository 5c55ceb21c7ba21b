package io.heddle.metrics;

import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import java.util.Optional;

/** This machine's DRBD as its satellite sees it, under the names of drbd-reactor's exporter. */
final class NodeMetrics {
    private final Families families;
    private final SyncMetrics syncs;

    private NodeMetrics(Families families) {
        this.families = families;
        this.syncs = new SyncMetrics(families, "heddle_peerdevice_sync", "name", "conn_name", "volume");
    }

    /** Adds all series of the node; reads memory only. */
    static void collect(NodeStatus status, Families families) {
        NodeMetrics metrics = new NodeMetrics(families);
        families.gauge("drbd_version", "Versions of the module and of the tools.", "kmod", "utils")
                .add(1, status.kernel().moduleVersion(), status.kernel().utilsVersion());
        families.gauge("heddle_node_unclaimed", "Objects on this node that no specification names.")
                .add(status.unclaimed().size());
        Families.Gauge phase = families.gauge(
                "heddle_resource_phase", "How far the satellite is with a resource, as a label.", "name", "phase");
        for (ResourceStatus resource : status.resources().values()) {
            phase.add(1, resource.name().value(), resource.phase().name());
            Optional<ReplicationStatus> replication = resource.inKernel();
            replication.ifPresent(metrics::resource);
        }
    }

    private void resource(ReplicationStatus resource) {
        String name = resource.resource();
        Families.Gauge role =
                families.gauge("drbd_resource_role", "1 for the role of a resource.", "name", "drbd_resource_role");
        for (Role candidate : new Role[] {Role.UNKNOWN, Role.PRIMARY, Role.SECONDARY}) {
            role.add(flag(resource.role() == candidate), name, candidate.drbdName());
        }
        families.gauge("drbd_resource_suspended", "1 if I/O is suspended.", "name")
                .add(flag(!resource.suspended().equals("no")), name);
        families.gauge("drbd_resource_maypromote", "1 if it may be promoted.", "name")
                .add(flag(resource.mayPromote()), name);
        families.gauge("drbd_resource_promotionscore", "DRBD's promotion score.", "name")
                .add(resource.promotionScore(), name);
        resource.devices().forEach(device -> device(name, device));
        resource.connections().forEach(connection -> connection(name, connection));
    }

    private void device(String name, DeviceStatus device) {
        String volume = Integer.toString(device.number());
        String minor = Integer.toString(device.minor());
        Families.Gauge state = families.gauge(
                "drbd_device_state", "1 for the state of a disk.", "name", "volume", "minor", "drbd_device_state");
        for (DiskState candidate : DiskState.values()) {
            if (candidate != DiskState.UNRECOGNISED || device.disk() == candidate) {
                state.add(flag(device.disk() == candidate), name, volume, minor, candidate.drbdName());
            }
        }
        families.gauge("drbd_device_client", "1 if it is diskless on purpose.", "name", "volume", "minor")
                .add(flag(device.client()), name, volume, minor);
        families.gauge("drbd_device_unintentionaldiskless", "1 if it lost its disk.", "name", "volume", "minor")
                .add(flag(device.disk() == DiskState.DISKLESS && !device.client()), name, volume, minor);
        families.gauge("drbd_device_quorum", "1 if it has quorum.", "name", "volume", "minor")
                .add(flag(device.quorum()), name, volume, minor);
        families.gauge("drbd_device_open", "1 if something has it open.", "name", "volume", "minor")
                .add(flag(device.open()), name, volume, minor);
        families.gauge("drbd_device_size_bytes", "Size of the device.", "name", "volume", "minor")
                .add((double) device.size().value(), name, volume, minor);
    }

    private void connection(String name, ConnectionStatus connection) {
        String peer = connection.peer();
        String nodeId = Integer.toString(connection.nodeId());
        Families.Gauge state = families.gauge(
                "drbd_connection_state",
                "1 for the state of a connection.",
                "name",
                "conn_name",
                "peer_node_id",
                "drbd_connection_state");
        for (ConnectionState candidate : ConnectionState.values()) {
            if (candidate != ConnectionState.UNRECOGNISED || connection.state() == candidate) {
                state.add(flag(connection.state() == candidate), name, peer, nodeId, candidate.drbdName());
            }
        }
        for (PeerVolumeStatus volume : connection.volumes()) {
            String number = Integer.toString(volume.number());
            families.gauge(
                            "drbd_peerdevice_outofsync_bytes",
                            "Bytes that are known to differ from the peer's.",
                            "name",
                            "conn_name",
                            "peer_node_id",
                            "volume")
                    .add((double) volume.outOfSync().value(), name, peer, nodeId, number);
            families.gauge(
                            "heddle_peerdevice_replication_state",
                            "The replication state towards a peer, as a label.",
                            "name",
                            "conn_name",
                            "volume",
                            "state")
                    .add(1, name, peer, number, volume.replication().drbdName());
            syncs.add(volume, name, peer, number);
        }
    }

    private static double flag(boolean value) {
        return value ? 1 : 0;
    }
}
