package io.heddle.jmx;

import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.OptionChange;
import io.heddle.core.cluster.OptionPlace;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.ResourceGroupChange;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.cluster.SnapshotRestoration;
import io.heddle.core.cluster.Spawning;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.cluster.SyncReport;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.management.AccessRole;
import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ControllerRow;
import io.heddle.core.management.DrbdOptionRow;
import io.heddle.core.management.NetInterfaceRow;
import io.heddle.core.management.NodeRow;
import io.heddle.core.management.PathRow;
import io.heddle.core.management.ReplyRow;
import io.heddle.core.management.ResourceDefinitionRow;
import io.heddle.core.management.ResourceGroupRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.core.management.SizeRow;
import io.heddle.core.management.SnapshotRow;
import io.heddle.core.management.SplitBrainRow;
import io.heddle.core.management.StoragePoolRow;
import io.heddle.core.management.SyncRow;
import io.heddle.core.management.UnclaimedRow;
import io.heddle.core.management.VolumeDefinitionRow;
import io.heddle.core.management.VolumeGroupRow;
import io.heddle.core.management.VolumeRow;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.plan.ConnectionPaths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Turns JMX arguments into one call of {@link Cluster} each. Bad input ends here. */
final class ClusterBean implements ClusterMXBean {
    /** Properties that hold the networks of {@link #openRest}, one each: the door REST reads them. */
    private static final String REST_ACCESS = PropertyCatalogue.REST_ACCESS;

    /** Says that something is to be unset. */
    private static final String NONE = "-";

    private final ClusterServices services;

    ClusterBean(ClusterServices services) {
        this.services = services;
    }

    @Override
    public ControllerRow getController() {
        return ClusterRows.controller(services.view());
    }

    @Override
    public List<NodeRow> listNodes() {
        return ClusterRows.nodes(services.view());
    }

    @Override
    public List<ReplyRow> createNode(
            String node, String type, String address, int linkPort, String encryption, String code) {
        NetInterface link = netInterface(
                Node.DEFAULT_INTERFACE,
                address,
                linkPort == 0 ? NetInterface.DEFAULT_LINK_PORT : linkPort,
                choice("encryption", LinkEncryption.class, encryption, LinkEncryption.TLS));
        NodeCreation wish = new NodeCreation(
                new NodeName(node),
                choice("node type", NodeType.class, type, NodeType.SATELLITE),
                List.of(link),
                Ordered.map(null),
                text(code).map(Secret::new));
        return done(cluster().createNode(wish));
    }

    @Override
    public List<ReplyRow> deleteNode(String node) {
        return done(cluster().deleteNode(new NodeName(node)));
    }

    @Override
    public List<ReplyRow> loseNode(String node, String losing) {
        return done(cluster()
                .loseNode(
                        new NodeName(node), names(losing).map(ResourceName::new).collect(Collectors.toSet())));
    }

    @Override
    public List<ReplyRow> evacuateNode(String node, String targets, String excluded) {
        return done(cluster().evacuateNode(new NodeName(node), nodes(targets), nodes(excluded)));
    }

    private static SortedSet<NodeName> nodes(String given) {
        return names(given).map(NodeName::new).collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public List<ReplyRow> restoreNode(String node) {
        return done(cluster().restoreNode(new NodeName(node)));
    }

    @Override
    public List<ReplyRow> reconnectNode(String node) {
        return done(cluster().reconnectNode(new NodeName(node), false));
    }

    @Override
    public List<ReplyRow> reconnectNodeAsOlder(String node) {
        return done(cluster().reconnectNode(new NodeName(node), true));
    }

    @Override
    public List<ReplyRow> claimNode(String node, String code) {
        return done(cluster().claimNode(new NodeName(node), text(code).map(Secret::new)));
    }

    @Override
    public List<ReplyRow> setNodeProperty(String node, String key, String value) {
        return done(cluster().modifyNode(new NodeName(node), property(key, value)));
    }

    @Override
    public List<NetInterfaceRow> listNetInterfaces(String node) {
        return ClusterRows.netInterfaces(services.view(), new NodeName(node));
    }

    @Override
    public List<ReplyRow> createNetInterface(
            String node, String name, String address, int linkPort, String encryption, boolean active) {
        NetInterface added = netInterface(
                new NetInterfaceName(name),
                address,
                linkPort == 0 ? NetInterface.DEFAULT_LINK_PORT : linkPort,
                choice("encryption", LinkEncryption.class, encryption, LinkEncryption.TLS));
        return done(cluster().createNetInterface(new NodeName(node), added, active));
    }

    @Override
    public List<ReplyRow> modifyNetInterface(
            String node, String name, String address, int linkPort, String encryption, boolean active) {
        NodeName nodeName = new NodeName(node);
        NetInterfaceName interfaceName = new NetInterfaceName(name);
        Node present = services.view().state().node(nodeName).orElseThrow(() -> NotFound.node(nodeName));
        NetInterface before = present.netInterfaces().get(interfaceName);
        if (before == null) {
            throw NotFound.netInterface(nodeName, interfaceName);
        }
        NetInterface changed = netInterface(
                before.name(),
                text(address).orElse(before.address().value()),
                linkPort == 0 ? before.linkPort() : linkPort,
                choice("encryption", LinkEncryption.class, encryption, before.encryption()));
        return done(cluster().modifyNetInterface(nodeName, changed, active));
    }

    @Override
    public List<ReplyRow> deleteNetInterface(String node, String name) {
        return done(cluster().deleteNetInterface(new NodeName(node), new NetInterfaceName(name)));
    }

    @Override
    public List<StoragePoolRow> listStoragePools() {
        return ClusterRows.storagePools(services.view());
    }

    @Override
    public List<ReplyRow> createStoragePool(String driver, String node, String pool, String poolName) {
        return done(cluster()
                .createStoragePool(new StoragePoolCreation(
                        new NodeName(node), new PoolName(pool), new DriverKind(driver), poolName, Ordered.map(null))));
    }

    @Override
    public List<ReplyRow> setStoragePoolProperty(String node, String pool, String key, String value) {
        return done(cluster().modifyStoragePool(new NodeName(node), new PoolName(pool), property(key, value)));
    }

    @Override
    public List<ReplyRow> deleteStoragePool(String node, String pool) {
        return done(cluster().deleteStoragePool(new NodeName(node), new PoolName(pool)));
    }

    @Override
    public List<SnapshotRow> listSnapshots() {
        return SnapshotRows.of(services.view());
    }

    @Override
    public List<ReplyRow> createSnapshot(String resources, String snapshot) {
        SnapshotName name = new SnapshotName(snapshot);
        return done(cluster()
                .createSnapshots(names(resources)
                        .map(resource -> new SnapshotCreation(new ResourceName(resource), name, Ordered.map(null)))
                        .toList()));
    }

    @Override
    public List<ReplyRow> restoreSnapshot(String resource, String snapshot, String newResource, String nodes) {
        return done(cluster()
                .restoreSnapshot(new SnapshotRestoration(
                        new ResourceName(resource),
                        new SnapshotName(snapshot),
                        new ResourceName(newResource),
                        true,
                        names(nodes).map(NodeName::new).toList(),
                        Ordered.map(null))));
    }

    @Override
    public List<ReplyRow> rollBackToSnapshot(String resource, String snapshot) {
        return done(cluster().rollBack(new ResourceName(resource), new SnapshotName(snapshot)));
    }

    @Override
    public List<ReplyRow> deleteSnapshot(String resource, String snapshot) {
        return done(cluster().deleteSnapshot(new ResourceName(resource), new SnapshotName(snapshot)));
    }

    @Override
    public List<ReplyRow> setSnapshotProperty(String resource, String snapshot, String key, String value) {
        return done(
                cluster().modifySnapshot(new ResourceName(resource), new SnapshotName(snapshot), property(key, value)));
    }

    @Override
    public List<ResourceGroupRow> listResourceGroups() {
        return ClusterRows.resourceGroups(services.view());
    }

    @Override
    public List<ReplyRow> createResourceGroup(
            String group,
            String description,
            int placeCount,
            String pools,
            String nodes,
            String drivers,
            String layers) {
        return done(cluster()
                .createResourceGroup(
                        new ResourceGroupName(group),
                        groupChange(description, placeCount, pools, nodes, drivers, layers)));
    }

    @Override
    public List<ReplyRow> modifyResourceGroup(
            String group,
            String description,
            int placeCount,
            String pools,
            String nodes,
            String drivers,
            String layers) {
        return done(cluster()
                .modifyResourceGroup(
                        new ResourceGroupName(group),
                        groupChange(description, placeCount, pools, nodes, drivers, layers)));
    }

    private static ResourceGroupChange groupChange(
            String description, int placeCount, String pools, String nodes, String drivers, String layers) {
        return new ResourceGroupChange(
                text(description).map(given -> given.equals(NONE) ? "" : given),
                placeCount == 0 ? OptionalInt.empty() : OptionalInt.of(placeCount),
                list(pools, PoolName::new),
                list(nodes, NodeName::new),
                list(drivers, DriverKind::new),
                list(layers, layer -> choice("layer", Layer.class, layer, Layer.STORAGE)),
                PropertyChange.NONE);
    }

    /** Names with commas between; empty if nothing is said, and an empty list for {@link #NONE}. */
    private static <T> Optional<List<T>> list(String given, Function<String, T> name) {
        return text(given)
                .map(names ->
                        names.equals(NONE) ? List.of() : names(names).map(name).toList());
    }

    @Override
    public List<ReplyRow> setResourceGroupProperty(String group, String key, String value) {
        return done(cluster().modifyResourceGroup(new ResourceGroupName(group), property(key, value)));
    }

    @Override
    public List<ReplyRow> deleteResourceGroup(String group) {
        return done(cluster().deleteResourceGroup(new ResourceGroupName(group)));
    }

    @Override
    public List<VolumeGroupRow> listVolumeGroups() {
        return ClusterRows.volumeGroups(services.view());
    }

    @Override
    public List<ReplyRow> createVolumeGroup(String group, int number, boolean gross) {
        return done(cluster()
                .createVolumeGroup(
                        new ResourceGroupName(group),
                        number < 0 ? OptionalInt.empty() : OptionalInt.of(number),
                        gross));
    }

    @Override
    public List<ReplyRow> deleteVolumeGroup(String group, int number) {
        return done(cluster().deleteVolumeGroup(new ResourceGroupName(group), number));
    }

    @Override
    public List<ReplyRow> spawn(String group, String resource, String sizes, boolean partial, boolean definitionsOnly) {
        return done(cluster()
                .spawn(
                        new ResourceGroupName(group),
                        new Spawning(
                                new ResourceName(resource),
                                names(sizes).map(Bytes::parse).toList(),
                                partial,
                                definitionsOnly,
                                Ordered.map(null),
                                PlacementWish.OPEN)));
    }

    @Override
    public List<SizeRow> listSizes() {
        return ClusterRows.sizes(services.view());
    }

    @Override
    public List<ResourceDefinitionRow> listResourceDefinitions() {
        return ClusterRows.resourceDefinitions(services.view());
    }

    @Override
    public List<ReplyRow> createResourceDefinition(String resource, String group, String layers) {
        return done(cluster()
                .createResourceDefinition(new ResourceDefinitionCreation(
                        new ResourceName(resource),
                        text(group).map(ResourceGroupName::new),
                        names(layers)
                                .map(layer -> choice("layer", Layer.class, layer, Layer.STORAGE))
                                .toList(),
                        Ordered.map(null))));
    }

    @Override
    public List<ReplyRow> setResourceDefinitionProperty(String resource, String key, String value) {
        return done(cluster().modifyResourceDefinition(new ResourceName(resource), property(key, value)));
    }

    @Override
    public List<ReplyRow> deleteResourceDefinition(String resource) {
        return done(cluster().deleteResourceDefinition(new ResourceName(resource)));
    }

    @Override
    public List<VolumeDefinitionRow> listVolumeDefinitions() {
        return ClusterRows.volumeDefinitions(services.view());
    }

    @Override
    public List<ReplyRow> createVolumeDefinition(String resource, String size, boolean gross, int number) {
        return done(cluster()
                .createVolumeDefinition(
                        new ResourceName(resource),
                        new VolumeDefinitionCreation(
                                Bytes.parse(size),
                                gross,
                                number < 0 ? OptionalInt.empty() : OptionalInt.of(number),
                                OptionalInt.empty(),
                                Ordered.map(null))));
    }

    @Override
    public List<ReplyRow> setVolumeDefinitionSize(String resource, int number, String size) {
        return done(cluster()
                .modifyVolumeDefinition(
                        new ResourceName(resource), number, Optional.of(Bytes.parse(size)), PropertyChange.NONE));
    }

    @Override
    public List<ReplyRow> setVolumeDefinitionProperty(String resource, int number, String key, String value) {
        return done(cluster()
                .modifyVolumeDefinition(new ResourceName(resource), number, Optional.empty(), property(key, value)));
    }

    @Override
    public List<ReplyRow> deleteVolumeDefinition(String resource, int number) {
        return done(cluster().deleteVolumeDefinition(new ResourceName(resource), number));
    }

    @Override
    public List<ResourceRow> listResources() {
        return ClusterRows.resources(services.view());
    }

    @Override
    public List<VolumeRow> listVolumes() {
        return ClusterRows.volumes(services.view());
    }

    @Override
    public List<ReplyRow> createResource(String resource, String nodes, String pool, boolean diskless) {
        List<ResourceCreation> wishes = names(nodes)
                .map(node -> new ResourceCreation(
                        new NodeName(node),
                        text(pool).map(PoolName::new),
                        diskless,
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        Ordered.map(null)))
                .toList();
        if (wishes.isEmpty()) {
            throw invalid("no node is named", "a resource is placed on nodes", "name at least one node");
        }
        return done(cluster().createResources(new ResourceName(resource), wishes));
    }

    @Override
    public List<ReplyRow> autoPlace(String resource, int placeCount, String pools, String nodes) {
        return done(cluster()
                .autoPlace(
                        new ResourceName(resource),
                        new PlacementWish(
                                placeCount,
                                false,
                                names(pools).map(PoolName::new).toList(),
                                names(nodes).map(NodeName::new).toList(),
                                List.of(),
                                List.of())));
    }

    @Override
    public List<ReplyRow> setResourceProperty(String resource, String node, String key, String value) {
        return done(cluster().modifyResource(new ResourceName(resource), new NodeName(node), property(key, value)));
    }

    @Override
    public List<ReplyRow> deleteResource(String resource, String node) {
        return done(cluster().deleteResource(new ResourceName(resource), new NodeName(node)));
    }

    @Override
    public List<ReplyRow> abandonResource(String resource, String node) {
        return done(cluster().abandonResource(new ResourceName(resource), new NodeName(node)));
    }

    @Override
    public SyncRow syncStatus(String resource, String node) {
        return ClusterRows.sync(SyncReport.of(
                services.view(), new ResourceName(resource), text(node).map(NodeName::new)));
    }

    @Override
    public List<ReplyRow> toggleDisk(String resource, String node, String pool, boolean diskless) {
        return done(cluster()
                .toggleDisk(
                        new ResourceName(resource),
                        new NodeName(node),
                        diskless,
                        pool.isBlank() ? Optional.empty() : Optional.of(new PoolName(pool.strip()))));
    }

    @Override
    public List<ReplyRow> migrateDisk(String resource, String node, String pool, String from) {
        return done(cluster()
                .migrateDisk(
                        new ResourceName(resource),
                        new NodeName(node),
                        new NodeName(from),
                        pool.isBlank() ? Optional.empty() : Optional.of(new PoolName(pool.strip()))));
    }

    @Override
    public List<ReplyRow> promoteResource(String resource, String node, boolean peerIsDead) {
        return done(cluster().promoteResource(new ResourceName(resource), new NodeName(node), peerIsDead));
    }

    @Override
    public List<ReplyRow> demoteResource(String resource, String node) {
        return done(cluster().demoteResource(new ResourceName(resource), new NodeName(node)));
    }

    @Override
    public List<SplitBrainRow> listSplitBrains(String resource) {
        return SplitBrainRows.of(services.view(), text(resource).map(ResourceName::new));
    }

    @Override
    public List<ReplyRow> resolveSplitBrain(String resource, String discard, boolean withoutSnapshot) {
        return done(cluster()
                .resolveSplitBrain(
                        new ResourceName(resource),
                        names(discard).map(NodeName::new).toList(),
                        withoutSnapshot));
    }

    @Override
    public List<ReplyRow> withdrawSplitBrainResolution(String resource) {
        return done(cluster().withdrawSplitBrainResolution(new ResourceName(resource)));
    }

    @Override
    public List<PathRow> listPaths(String resource, String one, String other) {
        ResourceName name = new ResourceName(resource);
        ResourceDefinition definition =
                services.view().state().resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name));
        Optional<NodePair> wanted = text(one).map(first -> new NodePair(new NodeName(first), new NodeName(other)));
        List<PathRow> rows = new ArrayList<>();
        definition.connections().forEach((nodes, connection) -> {
            if (wanted.isEmpty() || wanted.get().equals(nodes)) {
                ConnectionPaths.ends(connection.properties())
                        .forEach((path, ends) -> rows.add(new PathRow(
                                definition.name().value(),
                                nodes.first().value(),
                                nodes.second().value(),
                                path,
                                ends.getOrDefault(nodes.first().value(), ""),
                                ends.getOrDefault(nodes.second().value(), ""))));
            }
        });
        return rows;
    }

    @Override
    public List<ReplyRow> createPath(
            String resource, String one, String other, String path, String oneInterface, String otherInterface) {
        NodePair nodes = new NodePair(new NodeName(one), new NodeName(other));
        return done(cluster()
                .modifyResourceConnection(
                        new ResourceName(resource),
                        nodes,
                        new PropertyChange(
                                Ordered.map(Map.of(
                                        ConnectionPaths.key(path, one), oneInterface,
                                        ConnectionPaths.key(path, other), otherInterface)),
                                Ordered.set(null),
                                Ordered.set(null))));
    }

    @Override
    public List<ReplyRow> deletePath(String resource, String one, String other, String path) {
        NodePair nodes = new NodePair(new NodeName(one), new NodeName(other));
        return done(cluster()
                .modifyResourceConnection(
                        new ResourceName(resource),
                        nodes,
                        new PropertyChange(
                                Ordered.map(null),
                                Ordered.set(null),
                                Ordered.set(List.of(ConnectionPaths.NAMESPACE + path)))));
    }

    @Override
    public List<UnclaimedRow> listUnclaimed() {
        return ClusterRows.unclaimed(services.view());
    }

    @Override
    public List<ReplyRow> adoptResource(String resource, String without) {
        return done(cluster()
                .adoptResource(
                        new ResourceName(resource),
                        names(without).map(NodeName::new).toList()));
    }

    @Override
    public List<ReplyRow> forgetUnclaimed(String node, String identity) {
        UUID meant;
        try {
            meant = UUID.fromString(identity.strip());
        } catch (IllegalArgumentException e) {
            throw invalid(
                    "cannot forget '" + identity + "'", "it is no UUID", "give the UUID that is listed as unclaimed");
        }
        return done(cluster().forgetUnclaimed(new NodeName(node), meant));
    }

    @Override
    public Map<String, String> listControllerProperties() {
        return services.view().state().settings().properties();
    }

    @Override
    public List<ReplyRow> setControllerProperty(String key, String value) {
        if (PropertyCatalogue.decidesAccess(key)) {
            throw new HeddleException(
                    ErrorCode.NOT_ALLOWED,
                    "cannot set " + key,
                    "who may use the REST API is set by an operation of its own, for administrators",
                    "use 'controller rest open', 'close' or 'origins'");
        }
        return done(cluster().modifyController(property(key, value)));
    }

    @Override
    public List<ReplyRow> setDrbdOptions(String place, String options) {
        OptionPlace meant = OptionPlace.parse(place);
        return done(meant.modify(cluster(), guarded(OptionChange.parse(meant.level(), options))));
    }

    @Override
    public List<DrbdOptionRow> listDrbdOptions(String place, boolean all) {
        return OptionRows.of(services.view(), OptionPlace.parse(place), all);
    }

    @Override
    public Map<String, String> listRestNetworks() {
        TreeMap<String, String> networks = new TreeMap<>();
        services.view().state().settings().properties().forEach((key, role) -> {
            if (key.startsWith(REST_ACCESS)) {
                networks.put(key.substring(REST_ACCESS.length()), role);
            }
        });
        return networks;
    }

    @Override
    public List<ReplyRow> openRest(String network, String role) {
        AccessRole granted = choice("role", AccessRole.class, role, AccessRole.VIEWER);
        return done(cluster()
                .modifyController(
                        property(REST_ACCESS + network.strip(), granted.name().toLowerCase(Locale.ROOT))));
    }

    @Override
    public List<ReplyRow> closeRest(String network) {
        if (!listRestNetworks().containsKey(network.strip())) {
            throw invalid(
                    "the REST API is not open to " + network,
                    "open are: " + String.join(", ", listRestNetworks().keySet()),
                    "name the network as it was given");
        }
        return done(cluster().modifyController(property(REST_ACCESS + network.strip(), "")));
    }

    @Override
    public List<ReplyRow> allowRestOrigins(String origins) {
        return done(cluster().modifyController(property(PropertyCatalogue.REST_ORIGINS, origins.strip())));
    }

    @Override
    public String exportState() {
        return join(cluster().exportState());
    }

    @Override
    public List<ReplyRow> importState(String document) {
        return done(cluster().importState(document));
    }

    private Cluster cluster() {
        return services.cluster();
    }

    private static List<ReplyRow> done(CompletionStage<Outcome> stage) {
        return join(stage).replies().stream().map(ClusterBean::row).toList();
    }

    private static ReplyRow row(Reply reply) {
        return new ReplyRow(
                reply.severity().name(),
                reply.message(),
                reply.problem().map(problem -> problem.code().name()).orElse(""),
                reply.problem().map(Problem::why).orElse(""),
                reply.problem().map(Problem::correction).orElse(""));
    }

    static <T> T join(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().join();
        } catch (CompletionException e) {
            throw HeddleException.of(e.getCause() == null ? e : e.getCause());
        }
    }

    private static NetInterface netInterface(
            NetInterfaceName name, String address, int linkPort, LinkEncryption encryption) {
        return new NetInterface(name, new IpAddress(address.strip()), linkPort, encryption);
    }

    static PropertyChange property(String key, String value) {
        if (key.isBlank()) {
            throw invalid("a property has no key", "the key is empty", "name the property");
        }
        return guarded(
                value.isEmpty()
                        ? new PropertyChange(Ordered.map(null), Ordered.set(Set.of(key)), Ordered.set(null))
                        : new PropertyChange(Ordered.map(Map.of(key, value)), Ordered.set(null), Ordered.set(null)));
    }

    /** Commands that DRBD runs as root are set by who could run them anyway. */
    private static PropertyChange guarded(PropertyChange change) {
        change.keys()
                .filter(PropertyCatalogue::runsCommands)
                .findFirst()
                .ifPresent(key -> Calling.requireAdministrator(
                        "change " + key, "it is a command that DRBD runs as root on the nodes"));
        return change;
    }

    private static Optional<String> text(String given) {
        return Optional.of(given.strip()).filter(found -> !found.isEmpty());
    }

    private static Stream<String> names(String given) {
        return Arrays.stream(given.split(",")).map(String::strip).filter(name -> !name.isEmpty());
    }

    private static <E extends Enum<E>> E choice(String noun, Class<E> type, String given, E otherwise) {
        if (given.isBlank()) {
            return otherwise;
        }
        return Arrays.stream(type.getEnumConstants())
                .filter(constant -> constant.name().equalsIgnoreCase(given.strip()))
                .findFirst()
                .orElseThrow(() -> invalid(
                        "'" + given + "' is no " + noun,
                        "a " + noun + " is one of " + Arrays.toString(type.getEnumConstants()),
                        "choose one of those"));
    }

    private static HeddleException invalid(String what, String why, String correction) {
        return new HeddleException(ErrorCode.INVALID_INPUT, what, why, correction);
    }
}
