package io.heddle.metrics;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ResourceStates;
import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.VolumeStatus;
import java.util.List;
import java.util.Optional;

/**
 * The cluster as the controller sees it. Names that begin with {@code linstor_} are those that existing dashboards and alert
 * rules ask for, with their labels and scales; what they cannot say is under {@code heddle_}. A value that is not known is
 * NaN where there is a series for it, and never a zero.
 */
final class ClusterMetrics {
    private final ClusterView view;
    private final ClusterState state;
    private final Families families;

    private ClusterMetrics(ClusterView view, Families families) {
        this.view = view;
        this.state = view.state();
        this.families = families;
    }

    /** Adds all series of the cluster; reads memory only. */
    static void collect(ClusterView view, Families families) {
        ClusterMetrics metrics = new ClusterMetrics(view, families);
        metrics.controller();
        metrics.nodes();
        metrics.pools();
        metrics.definitions();
        metrics.resources();
    }

    private void controller() {
        families.gauge("linstor_info", "Version of the controller.", "version")
                .add(1, view.controller().version());
        families.gauge("heddle_controller_epoch", "Epoch of this start of the controller.")
                .add((double) view.controller().epoch());
        families.gauge("heddle_state_revision", "Revision of the desired state.")
                .add((double) state.revision());
        families.gauge("heddle_store_quarantined_rows", "Rows of the store that could not be read and were set aside.")
                .add(view.controller().quarantined().size());
        families.gauge("heddle_tombstones", "Deleted resource definitions that are not confirmed gone everywhere.")
                .add(state.tombstones().size());
    }

    private void nodes() {
        Families.Gauge number = families.gauge(
                "linstor_node_state",
                "State of a node: 0 offline, 1 connected, 2 online, 3 version mismatch, 5 not authenticated, 8 other"
                        + " controller.",
                "address",
                "encryption",
                "port",
                "node",
                "nodetype");
        Families.Gauge word =
                families.gauge("heddle_node_state", "The state that a node is in, as a label.", "node", "state");
        Families.Gauge seen = families.gauge(
                "heddle_node_status_seen_timestamp_seconds", "When the node last reported, by its own clock.", "node");
        for (Node node : state.nodes().values()) {
            LinkStatus.State link = view.link(node.name()).state();
            Optional<NetInterface> address = node.linkInterface();
            number.add(
                    scale(link),
                    address.map(found -> found.address().value()).orElse(""),
                    address.map(found -> found.encryption().name()).orElse(""),
                    address.map(found -> Integer.toString(found.linkPort())).orElse(""),
                    node.name().value(),
                    node.type().name());
            word.add(1, node.name().value(), link.name());
            view.status(node.name())
                    .map(NodeStatus::seenAt)
                    .ifPresent(at ->
                            seen.add(at.toEpochMilli() / 1000.0, node.name().value()));
        }
    }

    private static double scale(LinkStatus.State link) {
        return switch (link) {
            case OFFLINE -> 0;
            case CONNECTING -> 1;
            case ONLINE, NOT_NEEDED -> 2;
            case VERSION_MISMATCH -> 3;
            case UNCLAIMED -> 5;
            case REFUSED -> 8;
        };
    }

    private void pools() {
        String[] labels = {"storage_pool", "node", "driver", "backing_pool"};
        Families.Gauge free = families.gauge(
                "linstor_storage_pool_capacity_free_bytes", "Bytes of a storage pool that are not used.", labels);
        Families.Gauge total =
                families.gauge("linstor_storage_pool_capacity_total_bytes", "Bytes of a storage pool in all.", labels);
        Families.Gauge errors = families.gauge(
                "linstor_storage_pool_error_count",
                "1 if the storage pool could not be looked at, 0 if it could.",
                labels);
        Families.Gauge provisioned = families.gauge(
                "heddle_storage_pool_provisioned_bytes", "Virtual sizes of the volumes of a pool together.", labels);
        Families.Gauge data =
                families.gauge("heddle_storage_pool_data_ratio", "Fill of a thin pool's data, 0 to 1.", labels);
        Families.Gauge metadata =
                families.gauge("heddle_storage_pool_metadata_ratio", "Fill of a pool's own metadata, 0 to 1.", labels);
        for (Node node : state.nodes().values()) {
            for (StoragePool pool : node.storagePools().values()) {
                String[] values = {
                    pool.name().value(), node.name().value(), pool.kind().value(), pool.backing()
                };
                Optional<Observation<PoolCapacity>> seen = view.status(node.name())
                        .map(status -> status.pools().get(pool.name()))
                        .map(PoolStatus::capacity);
                Optional<PoolCapacity> capacity = seen.flatMap(found -> found.known());
                free.add(bytes(capacity.map(PoolCapacity::free)), values);
                total.add(bytes(capacity.map(PoolCapacity::total)), values);
                provisioned.add(bytes(capacity.map(PoolCapacity::provisioned)), values);
                errors.add(seen.flatMap(found -> found.unknown()).isPresent() ? 1 : 0, values);
                capacity.ifPresent(found -> {
                    found.dataPercent().ifPresent(percent -> data.add(percent / 100, values));
                    found.metadataPercent().ifPresent(percent -> metadata.add(percent / 100, values));
                });
            }
        }
    }

    private void definitions() {
        families.gauge("linstor_resource_definition_count", "Number of resource definitions.")
                .add(state.resourceDefinitions().size());
        Families.Gauge replicas = families.gauge(
                "linstor_resource_definition_resource_count",
                "Number of resources of a definition.",
                "name",
                "resource_group");
        Families.Gauge size = families.gauge(
                "linstor_volume_definition_size_bytes",
                "Exact size of a volume.",
                "name",
                "volume_number",
                "resource_group");
        for (ResourceDefinition definition : state.resourceDefinitions().values()) {
            String name = definition.name().value();
            String group = definition.group().value();
            replicas.add(definition.resources().size(), name, group);
            for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
                size.add((double) volume.size().value(), name, Integer.toString(volume.number()), group);
            }
        }
    }

    private void resources() {
        Families.Gauge use = families.gauge(
                "linstor_resource_state", "Use of a resource: 1 in use, 0 not, -1 unknown.", "name", "node");
        Families.Gauge problem = families.gauge(
                "heddle_resource_problem",
                "1 for what stands in the way of a resource, by code.",
                "name",
                "node",
                "code");
        Families.Gauge splitBrain = families.gauge(
                "heddle_resource_split_brain",
                "1 if two sides of a resource are known to have diverged, 0 if nothing tells so.",
                "name");
        SyncMetrics syncs = new SyncMetrics(families, "heddle_sync", "resource", "node", "peer", "volume");
        Volumes volumes = new Volumes();
        for (ResourceDefinition definition : state.resourceDefinitions().values()) {
            if (definition.replicated()) {
                splitBrain.add(
                        SplitBrain.of(view, definition).isThere() ? 1 : 0,
                        definition.name().value());
            }
            for (Resource resource : definition.resources().values()) {
                Optional<ResourceStatus> status = ResourceStates.current(view, resource);
                String name = definition.name().value();
                String node = resource.node().value();
                use.add(
                        switch (ResourceStates.usage(status)) {
                            case "InUse" -> 1;
                            case "Unused" -> 0;
                            default -> -1;
                        },
                        name,
                        node);
                status.flatMap(ResourceStatus::problem)
                        .map(Problem::code)
                        .ifPresent(code -> problem.add(1, name, node, code.name()));
                resource.volumes().values().forEach(volume -> volumes.add(definition, resource, volume, status));
                status.flatMap(seen -> seen.replication().known())
                        .flatMap(known -> known)
                        .ifPresent(replication -> replication
                                .connections()
                                .forEach(connection -> connection
                                        .volumes()
                                        .forEach(volume -> syncs.add(
                                                volume,
                                                name,
                                                node,
                                                connection.peer(),
                                                Integer.toString(volume.number())))));
            }
        }
    }

    /** The series of volumes. */
    private final class Volumes {
        private static final String UNKNOWN_DEVICE = "";

        private final Families.Gauge number;
        private final Families.Gauge word;
        private final Families.Gauge allocated;

        Volumes() {
            String[] labels = {"resource", "node", "volume", "device_path", "storage_pool"};
            number = families.gauge(
                    "linstor_volume_state",
                    "State of a volume: 1 UpToDate, 2 Created, 4 Diskless, 5 Inconsistent, 6 Failed, 7 being created, -1"
                            + " anything else.",
                    labels);
            allocated = families.gauge(
                    "linstor_volume_allocated_size_bytes", "Bytes that a volume takes in its pool.", labels);
            word = families.gauge(
                    "heddle_volume_state",
                    "The state that a volume is in, as a label.",
                    "resource",
                    "node",
                    "volume",
                    "state");
        }

        void add(ResourceDefinition definition, Resource resource, Volume volume, Optional<ResourceStatus> status) {
            Optional<VolumeStatus> seen = status.map(ResourceStatus::volumes).stream()
                    .flatMap(List::stream)
                    .filter(candidate -> candidate.number() == volume.number())
                    .findFirst();
            String[] values = {
                definition.name().value(),
                resource.node().value(),
                Integer.toString(volume.number()),
                seen.flatMap(VolumeStatus::devicePath).orElse(UNKNOWN_DEVICE),
                volume.backing().map(Backing::pool).map(Object::toString).orElse("")
            };
            String shown = ResourceStates.volume(definition, resource, volume.number(), status);
            // the percentage of a sync would make a new series for each step
            String stateWord = shown.indexOf('(') < 0 ? shown : shown.substring(0, shown.indexOf('('));
            number.add(volumeScale(stateWord), values);
            word.add(1, values[0], values[1], values[2], stateWord);
            allocated.add(bytes(seen.flatMap(VolumeStatus::allocated)), values);
        }
    }

    private static double volumeScale(String state) {
        return switch (state) {
            case "UpToDate" -> 1;
            case "Created" -> 2;
            case "Diskless", "TieBreaker" -> 4;
            case "Inconsistent", "SyncTarget", "PausedSyncT" -> 5;
            case "Failed" -> 6;
            case "Creating" -> 7;
            default -> -1;
        };
    }

    private static double bytes(Optional<Bytes> amount) {
        return amount.map(Bytes::value).map(Long::doubleValue).orElse(Double.NaN);
    }
}
