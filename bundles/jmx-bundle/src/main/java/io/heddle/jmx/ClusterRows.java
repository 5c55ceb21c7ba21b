package io.heddle.jmx;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.ResourceStates;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.SyncReport;
import io.heddle.core.cluster.SyncStates;
import io.heddle.core.error.Problem;
import io.heddle.core.management.ControllerRow;
import io.heddle.core.management.NetInterfaceRow;
import io.heddle.core.management.NodeRow;
import io.heddle.core.management.PeerVolumeRow;
import io.heddle.core.management.ResourceDefinitionRow;
import io.heddle.core.management.ResourceGroupRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.core.management.SizeRow;
import io.heddle.core.management.StoragePoolRow;
import io.heddle.core.management.SyncRow;
import io.heddle.core.management.UnclaimedRow;
import io.heddle.core.management.VolumeDefinitionRow;
import io.heddle.core.management.VolumeGroupRow;
import io.heddle.core.management.VolumeRow;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ReplicationState.SyncStage;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.SyncProgress;
import io.heddle.core.status.VolumeStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;

/** Turns the cluster's view into rows for people. Pure: all comes from memory. */
final class ClusterRows {
    private ClusterRows() {}

    static ControllerRow controller(ClusterView view) {
        ControllerStatus controller = view.controller();
        return new ControllerRow(
                controller.version(),
                view.state().settings().clusterId().toString(),
                controller.epoch(),
                view.state().revision(),
                controller.startedAt().toString(),
                controller.fingerprint(),
                controller.quarantined());
    }

    static List<NodeRow> nodes(ClusterView view) {
        return view.state().nodes().values().stream()
                .map(node -> node(view, node))
                .toList();
    }

    private static NodeRow node(ClusterView view, Node node) {
        LinkStatus link = view.link(node.name());
        Optional<NodeStatus> status = view.status(node.name());
        Optional<KernelStatus> kernel = status.map(NodeStatus::kernel);
        Optional<Problem> problem = link.problem().or(() -> kernel.flatMap(KernelStatus::problem));
        return new NodeRow(
                node.name().value(),
                node.type().name(),
                node.netInterfaces().values().stream()
                        .map(address ->
                                address.address() + ":" + address.linkPort() + " (" + address.encryption() + ")")
                        .toList(),
                node.deleting() ? "DELETING" : link.state().name(),
                link.since().toString(),
                problem.map(found -> found.code() + ": " + found.what() + ": " + found.why())
                        .orElse(""),
                problem.map(Problem::correction).orElse(""),
                link.fingerprint().orElse(""),
                status.map(NodeStatus::hostName).orElse(""),
                status.map(NodeStatus::version).orElse(""),
                kernel.map(ClusterRows::replication).orElse(""),
                status.map(found -> found.drivers().stream()
                                .map(driver -> driver.kind() + " " + driver.version())
                                .toList())
                        .orElse(List.of()),
                status.map(found -> found.unclaimed().stream()
                                .map(object -> object.kind() + " " + object.name() + ": " + object.why())
                                .toList())
                        .orElse(List.of()),
                node.evacuation().isPresent(),
                node.evacuation().isEmpty()
                        ? List.of()
                        : view.evacuation(node.name()).entrySet().stream()
                                .map(left -> left.getKey() + " " + left.getValue())
                                .toList(),
                node.properties());
    }

    static List<UnclaimedRow> unclaimed(ClusterView view) {
        return view.state().nodes().values().stream()
                .flatMap(node -> view.status(node.name()).stream()
                        .flatMap(status -> status.unclaimed().stream())
                        .map(found -> new UnclaimedRow(
                                node.name().value(),
                                found.kind(),
                                found.name(),
                                found.identity().map(UUID::toString).orElse(""),
                                found.why(),
                                found.former().isPresent())))
                .toList();
    }

    private static String replication(KernelStatus kernel) {
        return switch (kernel.dialect()) {
            case NONE -> "no DRBD";
            case DRBD_8_4 -> "DRBD " + kernel.moduleVersion() + ": two diskful replicas, no quorum, explicit promotion";
            case DRBD_9 -> "DRBD " + kernel.moduleVersion();
        };
    }

    static List<NetInterfaceRow> netInterfaces(ClusterView view, NodeName name) {
        Node node = view.state().node(name).orElseThrow(() -> NotFound.node(name));
        return node.netInterfaces().values().stream()
                .map(address -> new NetInterfaceRow(
                        node.name().value(),
                        address.name().value(),
                        address.address().value(),
                        address.linkPort(),
                        address.encryption().name(),
                        address.name().equals(node.activeInterface())))
                .toList();
    }

    static List<StoragePoolRow> storagePools(ClusterView view) {
        return view.state().nodes().values().stream()
                .flatMap(node -> node.storagePools().values().stream().map(pool -> storagePool(view, node, pool)))
                .toList();
    }

    private static StoragePoolRow storagePool(ClusterView view, Node node, StoragePool pool) {
        Optional<Observation<PoolCapacity>> seen = view.status(node.name())
                .map(status -> status.pools().get(pool.name()))
                .filter(status -> status.uuid().equals(pool.uuid()))
                .map(PoolStatus::capacity);
        Optional<PoolCapacity> capacity = seen.flatMap(found -> found.known());
        Optional<Problem> problem = seen.flatMap(found -> found.unknown());
        boolean online = view.link(node.name()).state() == LinkStatus.State.ONLINE;
        String state;
        if (!online || seen.isEmpty()) {
            state = ResourceStates.UNKNOWN;
        } else if (problem.isPresent()) {
            state = "Error";
        } else {
            state = capacity.get().warnings().isEmpty() ? "Ok" : "Warning";
        }
        return new StoragePoolRow(
                pool.name().value(),
                node.name().value(),
                pool.kind().value(),
                pool.backing(),
                capacity.map(found -> found.free().value()).orElse(-1L),
                capacity.map(found -> found.total().value()).orElse(-1L),
                capacity.map(found -> found.provisioned().value()).orElse(-1L),
                capacity.map(PoolCapacity::snapshots).orElse(false),
                state,
                problem.map(Problem::text)
                        .orElseGet(() -> capacity.map(found -> String.join("; ", found.warnings()))
                                .orElse("")),
                pool.properties());
    }

    static List<ResourceGroupRow> resourceGroups(ClusterView view) {
        ClusterState state = view.state();
        TreeMap<ResourceGroupName, Integer> definitions = new TreeMap<>();
        state.resourceDefinitions()
                .values()
                .forEach(definition -> definitions.merge(definition.group(), 1, Integer::sum));
        return state.resourceGroups().values().stream()
                .map(group -> new ResourceGroupRow(
                        group.name().value(),
                        group.description(),
                        group.placement().replicas(),
                        group.placement().pools().stream().map(PoolName::value).toList(),
                        group.placement().nodes().stream().map(NodeName::value).toList(),
                        group.placement().kinds().stream()
                                .map(DriverKind::value)
                                .toList(),
                        group.placement().layers().stream().map(Enum::name).toList(),
                        List.copyOf(group.volumeGroups().keySet()),
                        definitions.getOrDefault(group.name(), 0),
                        group.properties()))
                .toList();
    }

    static List<VolumeGroupRow> volumeGroups(ClusterView view) {
        return view.state().resourceGroups().values().stream()
                .flatMap(group -> group.volumeGroups().values().stream()
                        .map(volume -> new VolumeGroupRow(group.name().value(), volume.number(), volume.gross())))
                .toList();
    }

    static List<SizeRow> sizes(ClusterView view) {
        return view.state().resourceGroups().keySet().stream()
                .map(group -> row(group, view.sizes(group, PlacementWish.OPEN)))
                .toList();
    }

    private static SizeRow row(ResourceGroupName group, SizeReport report) {
        return new SizeRow(
                group.value(),
                report.largest().value(),
                report.free().value(),
                report.total().value(),
                report.places().stream()
                        .map(place -> place.node() + " " + place.pool())
                        .toList(),
                report.why());
    }

    static List<ResourceDefinitionRow> resourceDefinitions(ClusterView view) {
        return definitions(view.state())
                .map(definition -> new ResourceDefinitionRow(
                        definition.name().value(),
                        definition.group().value(),
                        definition.layers().stream().map(Enum::name).toList(),
                        definition.volumeDefinitions().size(),
                        definition.resources().size(),
                        definition.deleting() ? "DELETING" : "ok",
                        definition.properties()))
                .toList();
    }

    static List<VolumeDefinitionRow> volumeDefinitions(ClusterView view) {
        return definitions(view.state())
                .flatMap(definition -> definition.volumeDefinitions().values().stream()
                        .map(volume -> volumeDefinition(definition, volume)))
                .toList();
    }

    private static VolumeDefinitionRow volumeDefinition(ResourceDefinition definition, VolumeDefinition volume) {
        return new VolumeDefinitionRow(
                definition.name().value(),
                volume.number(),
                volume.size().value(),
                volume.minor(),
                definition.deleting() || volume.deleting() ? "DELETING" : "ok",
                volume.properties());
    }

    static List<ResourceRow> resources(ClusterView view) {
        return definitions(view.state())
                .flatMap(definition ->
                        definition.resources().values().stream().map(resource -> resource(view, definition, resource)))
                .toList();
    }

    private static ResourceRow resource(ClusterView view, ResourceDefinition definition, Resource resource) {
        Optional<ResourceStatus> status = ResourceStates.current(view, resource);
        Optional<Problem> problem = status.flatMap(ResourceStatus::problem);
        return new ResourceRow(
                definition.name().value(),
                resource.node().value(),
                resource.port(),
                ResourceStates.usage(status),
                ResourceStates.connections(status),
                worst(definition, resource, status),
                status.map(found -> found.phase().name()).orElse("UNKNOWN"),
                SyncStates.lines(status),
                steps(view, definition, resource, status),
                problem.map(found -> found.code() + ": " + found.what() + ": " + found.why())
                        .orElse(""),
                problem.map(Problem::correction).orElse(""),
                resource.createdAt().toString(),
                resource.properties());
    }

    /** What it does or waits for, and how far it is on its way to another node. */
    private static List<String> steps(
            ClusterView view, ResourceDefinition definition, Resource resource, Optional<ResourceStatus> status) {
        String leaves = view.evacuation(resource.node()).get(definition.name());
        String why =
                view.state().node(resource.node()).flatMap(Node::evacuation).isPresent()
                        ? "evacuation: "
                        : "migration: ";
        return Stream.concat(
                        Stream.ofNullable(leaves).map(words -> why + words),
                        status.map(ResourceStatus::steps).stream().flatMap(List::stream))
                .toList();
    }

    /** The state of the first volume that is not UpToDate; of all of them if all are. */
    static String worst(ResourceDefinition definition, Resource resource, Optional<ResourceStatus> status) {
        return Stream.concat(definition.volumeDefinitions().keySet().stream(), Stream.of(0))
                .map(number -> ResourceStates.volume(definition, resource, number, status))
                .reduce((first, second) -> first.equals("UpToDate") ? second : first)
                .orElse(ResourceStates.UNKNOWN);
    }

    static List<VolumeRow> volumes(ClusterView view) {
        return definitions(view.state())
                .flatMap(definition -> definition.resources().values().stream()
                        .flatMap(resource -> resource.volumes().values().stream()
                                .map(volume -> volume(view, definition, resource, volume))))
                .toList();
    }

    private static VolumeRow volume(ClusterView view, ResourceDefinition definition, Resource resource, Volume volume) {
        Optional<ResourceStatus> status = ResourceStates.current(view, resource);
        Optional<VolumeStatus> seen = status.flatMap(found -> found.volumes().stream()
                .filter(candidate -> candidate.number() == volume.number())
                .findFirst());
        return new VolumeRow(
                resource.node().value(),
                definition.name().value(),
                volume.number(),
                volume.backing().map(Backing::pool).map(Object::toString).orElse(""),
                Optional.ofNullable(definition.volumeDefinitions().get(volume.number()))
                        .map(VolumeDefinition::minor)
                        .orElse(-1),
                seen.flatMap(VolumeStatus::devicePath).orElse(""),
                seen.flatMap(VolumeStatus::allocated).map(Bytes::value).orElse(-1L),
                ResourceStates.usage(status),
                ResourceStates.volume(definition, resource, volume.number(), status),
                replication(status, volume.number()),
                peers(status, volume.number()));
    }

    private static List<PeerVolumeRow> peers(Optional<ResourceStatus> status, int number) {
        return status
                .flatMap(found -> found.replication().known().flatMap(replication -> replication))
                .map(ReplicationStatus::connections)
                .stream()
                .flatMap(List::stream)
                .flatMap(connection -> connection.volumes().stream()
                        .filter(volume -> volume.number() == number)
                        .map(volume -> peer(connection.peer(), volume)))
                .toList();
    }

    private static PeerVolumeRow peer(String peer, PeerVolumeStatus volume) {
        Optional<SyncProgress> progress = volume.progress();
        return new PeerVolumeRow(
                peer,
                volume.replication().drbdName(),
                volume.peerDisk().drbdName(),
                volume.outOfSync().value(),
                volume.donePercent().orElse(-1),
                progress.flatMap(SyncProgress::left).map(Bytes::value).orElse(-1L),
                progress.map(SyncProgress::bytesPerSecond)
                        .orElseGet(OptionalLong::empty)
                        .orElse(-1),
                progress.flatMap(SyncProgress::timeLeft)
                        .map(Duration::toSeconds)
                        .orElse(-1L),
                volume.replication().stage() == SyncStage.PAUSED ? SyncStates.pause(volume.resyncSuspended()) : "",
                progress.flatMap(SyncProgress::stalledSince)
                        .map(Instant::toString)
                        .orElse(""),
                SyncStates.text(peer, volume).orElse(""));
    }

    static SyncRow sync(SyncReport report) {
        return new SyncRow(
                report.resource().value(),
                report.inSync(),
                report.missing(),
                report.problem().map(found -> found.code().name()).orElse(""),
                report.problem().map(Problem::what).orElse(""),
                report.problem().map(Problem::why).orElse(""),
                report.problem().map(Problem::correction).orElse(""));
    }

    private static String replication(Optional<ResourceStatus> status, int number) {
        return String.join(
                ",",
                status
                        .flatMap(found -> found.replication().known().flatMap(replication -> replication))
                        .map(ReplicationStatus::connections)
                        .stream()
                        .flatMap(List::stream)
                        .flatMap(connection -> connection.volumes().stream()
                                .filter(volume -> volume.number() == number)
                                .map(volume -> volume.replication().drbdName() + "(" + connection.peer() + ")"))
                        .toList());
    }

    /** Definitions in the order of their names, then those that are being deleted. */
    private static Stream<ResourceDefinition> definitions(ClusterState state) {
        return Stream.concat(state.resourceDefinitions().values().stream(), state.tombstones().stream());
    }
}
