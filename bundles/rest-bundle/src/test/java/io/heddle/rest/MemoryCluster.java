package io.heddle.rest;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.ResourceGroupChange;
import io.heddle.core.cluster.Severity;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.cluster.SnapshotRestoration;
import io.heddle.core.cluster.Spawning;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Evacuation;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceConnection;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.model.VolumeGroup;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.DriverStatus;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.Role;
import io.heddle.core.status.VolumeStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cluster in memory whose satellites do at once what is wanted: it keeps the rules of the model (names, numbers, tombstones), and
 * places on the first nodes that have a pool. A node whose name begins with {@code offline} is never reached.
 */
final class MemoryCluster implements Cluster, ClusterView {
    static final Instant START = Instant.parse("2025-06-01T12:00:00Z");
    private static final Bytes POOL_SIZE = new Bytes(100 * Bytes.GIB);

    private final Map<NodeName, NodeStatus> statuses = new ConcurrentHashMap<>();
    private final NumberCursor cursor = new NumberCursor();
    private ClusterState state;
    private long revision = 1;

    /** Changes are made at once, but answered when this completes; null: at once. */
    volatile @Nullable CompletableFuture<Void> gate;

    MemoryCluster() {
        StateEdit edit =
                new StateEdit(ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null))), cursor);
        edit.put(new ResourceGroup(ResourceGroup.DEFAULT, UUID.randomUUID(), "", Ordered.map(null)));
        state = edit.finish(revision);
    }

    @Override
    public synchronized ClusterState state() {
        return state;
    }

    @Override
    public Optional<NodeStatus> status(NodeName node) {
        return Optional.ofNullable(statuses.get(node));
    }

    @Override
    public LinkStatus link(NodeName node) {
        boolean online = statuses.containsKey(node);
        return new LinkStatus(
                online ? LinkStatus.State.ONLINE : LinkStatus.State.OFFLINE,
                START,
                online
                        ? Optional.empty()
                        : Optional.of(new Problem(
                                ErrorCode.NODE_OFFLINE,
                                "cannot reach the satellite of " + node,
                                "connection refused",
                                "start heddle-satellite there")),
                Optional.empty());
    }

    @Override
    public ControllerStatus controller() {
        return new ControllerStatus("0.1.0", 1, new UUID(0, 1), START, "ab".repeat(32), List.of());
    }

    /** Adds that many placed definitions at once, for measuring; in turn in each of the pools. */
    void bulk(int definitions, int replicas, String... pools) {
        edit(edit -> {
            for (int i = 0; i < definitions; i++) {
                ResourceName name = new ResourceName("volume" + i);
                addDefinition(edit, new ResourceDefinitionCreation(name, Optional.empty(), List.of(), new TreeMap<>()));
                addVolume(
                        edit,
                        name,
                        new VolumeDefinitionCreation(
                                Bytes.ofMib(64), false, OptionalInt.empty(), OptionalInt.empty(), new TreeMap<>()));
                List<PoolName> pool = pools.length == 0 ? List.of() : List.of(new PoolName(pools[i % pools.length]));
                place(edit, name, new PlacementWish(replicas, false, pool, List.of(), List.of(), List.of()));
            }
            return List.of();
        });
    }

    /** Takes a node's satellite away. */
    void cutOff(NodeName node) {
        statuses.remove(node);
    }

    private CompletionStage<Outcome> edit(Function<StateEdit, List<Reply>> change) {
        CompletionStage<Outcome> made = make(change);
        CompletableFuture<Void> held = gate;
        return held == null ? made : held.thenCompose(open -> made);
    }

    private synchronized CompletionStage<Outcome> make(Function<StateEdit, List<Reply>> change) {
        StateEdit edit = new StateEdit(state, cursor);
        try {
            List<Reply> replies = change.apply(edit);
            state = edit.finish(++revision);
            refresh();
            return CompletableFuture.completedStage(new Outcome(replies));
        } catch (HeddleException e) {
            return CompletableFuture.failedStage(e);
        }
    }

    private static List<Reply> done(Action action, ObjectKind kind, String message, String... objects) {
        SortedMap<String, String> named = new TreeMap<>();
        for (int i = 0; i < objects.length; i += 2) {
            named.put(objects[i], objects[i + 1]);
        }
        List<Reply> replies = new ArrayList<>();
        replies.add(new Reply(Severity.SUCCESS, action, kind, message, Optional.empty(), named));
        return replies;
    }

    private static List<Reply> absent(ObjectKind kind, HeddleException missing) {
        return List.of(new Reply(
                Severity.WARNING,
                Action.DELETE,
                kind,
                missing.what(),
                Optional.of(missing.problem()),
                Ordered.map(null)));
    }

    @Override
    public CompletionStage<Outcome> createNode(NodeCreation wish) {
        return edit(edit -> {
            if (edit.state().node(wish.name()).isPresent()) {
                throw new HeddleException(
                        ErrorCode.NODE_EXISTS, "cannot create node " + wish.name(), "it exists", "choose another name");
            }
            TreeMap<NetInterfaceName, NetInterface> interfaces = new TreeMap<>();
            wish.netInterfaces().forEach(added -> interfaces.put(added.name(), added));
            edit.put(new Node(
                    wish.name(),
                    UUID.randomUUID(),
                    wish.type(),
                    interfaces,
                    wish.netInterfaces().get(0).name(),
                    new TreeMap<>(),
                    wish.properties(),
                    Optional.empty(),
                    false,
                    START));
            return done(Action.CREATE, ObjectKind.NODE, "node " + wish.name() + " created", "Node", "" + wish.name());
        });
    }

    @Override
    public CompletionStage<Outcome> modifyNode(NodeName node, PropertyChange change) {
        return edit(edit -> {
            Node present = edit.requireNode(node);
            edit.put(present.withProperties(change.applyTo(present.properties())));
            return done(Action.MODIFY, ObjectKind.NODE, "node " + node + " modified", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> deleteNode(NodeName node) {
        return edit(edit -> {
            Optional<Node> present = edit.state().node(node);
            if (present.isEmpty()) {
                return absent(ObjectKind.NODE, NotFound.node(node));
            }
            if (!edit.state().definitionsOn(node).isEmpty()) {
                throw new HeddleException(
                        ErrorCode.IN_USE, "cannot delete node " + node, "it has resources", "delete these first");
            }
            edit.remove(present.get());
            return done(Action.DELETE, ObjectKind.NODE, "node " + node + " deleted", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> loseNode(NodeName node, Set<ResourceName> losing) {
        return edit(edit -> {
            edit.remove(edit.requireNode(node));
            return done(Action.DELETE, ObjectKind.NODE, "node " + node + " given up", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> evacuateNode(
            NodeName node, SortedSet<NodeName> targets, SortedSet<NodeName> excluded) {
        return edit(edit -> {
            edit.put(edit.requireNode(node).withEvacuation(Optional.of(new Evacuation(targets, excluded))));
            return done(Action.MODIFY, ObjectKind.NODE, "node " + node + " is evacuated", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> restoreNode(NodeName node) {
        return edit(edit -> {
            edit.put(edit.requireNode(node).withEvacuation(Optional.empty()));
            return done(Action.MODIFY, ObjectKind.NODE, "node " + node + " is restored", "Node", "" + node);
        });
    }

    @Override
    public SortedMap<ResourceName, String> evacuation(NodeName node) {
        TreeMap<ResourceName, String> left = new TreeMap<>();
        boolean evacuating = state().node(node).flatMap(Node::evacuation).isPresent();
        if (evacuating) {
            state().definitionsOn(node).stream()
                    .flatMap(uuid -> state().resourceDefinition(uuid).stream())
                    .forEach(definition -> left.put(definition.name(), "is copied"));
        }
        return left;
    }

    @Override
    public CompletionStage<Outcome> reconnectNode(NodeName node, boolean acceptOlder) {
        return edit(edit -> {
            edit.requireNode(node);
            return done(Action.MODIFY, ObjectKind.NODE, "connecting to " + node, "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> claimNode(NodeName node, Optional<Secret> code) {
        return reconnectNode(node, false);
    }

    @Override
    public CompletionStage<Outcome> createNetInterface(NodeName node, NetInterface added, boolean active) {
        return edit(edit -> {
            Node present = edit.requireNode(node);
            if (present.netInterfaces().containsKey(added.name())) {
                throw new HeddleException(
                        ErrorCode.NET_INTERFACE_EXISTS,
                        "cannot create interface " + added.name(),
                        "it exists",
                        "choose another name");
            }
            Node changed = present.withNetInterface(added);
            edit.put(active ? changed.withActiveInterface(added.name()) : changed);
            return done(Action.CREATE, ObjectKind.NET_INTERFACE, "interface created", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> modifyNetInterface(NodeName node, NetInterface changed, boolean active) {
        return edit(edit -> {
            edit.put(edit.requireNode(node).withNetInterface(changed));
            return done(Action.MODIFY, ObjectKind.NET_INTERFACE, "interface modified", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> deleteNetInterface(NodeName node, NetInterfaceName removed) {
        return edit(edit -> {
            Node present = edit.requireNode(node);
            if (!present.netInterfaces().containsKey(removed)) {
                return absent(ObjectKind.NET_INTERFACE, NotFound.netInterface(node, removed));
            }
            edit.put(present.withoutNetInterface(removed));
            return done(Action.DELETE, ObjectKind.NET_INTERFACE, "interface deleted", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> createStoragePool(StoragePoolCreation wish) {
        return edit(edit -> {
            Node node = edit.requireNode(wish.node());
            if (node.storagePools().containsKey(wish.name())) {
                throw new HeddleException(
                        ErrorCode.STORAGE_POOL_EXISTS,
                        "cannot create storage pool " + wish.name(),
                        "it exists",
                        "choose another name");
            }
            if (link(wish.node()).state() != LinkStatus.State.ONLINE) {
                throw link(wish.node()).problem().orElseThrow().exception();
            }
            edit.put(node.withStoragePool(
                    new StoragePool(wish.name(), UUID.randomUUID(), wish.kind(), wish.backing(), wish.properties())));
            return done(
                    Action.CREATE,
                    ObjectKind.STORAGE_POOL,
                    "storage pool " + wish.name() + " created",
                    "Node",
                    "" + wish.node(),
                    "StorPoolDfn",
                    "" + wish.name());
        });
    }

    @Override
    public CompletionStage<Outcome> modifyStoragePool(NodeName node, PoolName pool, PropertyChange change) {
        return edit(edit -> {
            Node present = edit.requireNode(node);
            StoragePool found = Optional.ofNullable(present.storagePools().get(pool))
                    .orElseThrow(() -> NotFound.storagePool(node, pool));
            edit.put(present.withStoragePool(found.withProperties(change.applyTo(found.properties()))));
            return done(Action.MODIFY, ObjectKind.STORAGE_POOL, "storage pool modified", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> deleteStoragePool(NodeName node, PoolName pool) {
        return edit(edit -> {
            Node present = edit.requireNode(node);
            if (!present.storagePools().containsKey(pool)) {
                return absent(ObjectKind.STORAGE_POOL, NotFound.storagePool(node, pool));
            }
            edit.put(present.withoutStoragePool(pool));
            return done(Action.DELETE, ObjectKind.STORAGE_POOL, "storage pool deleted", "Node", "" + node);
        });
    }

    @Override
    public CompletionStage<Outcome> createResourceDefinition(ResourceDefinitionCreation wish) {
        return edit(edit -> addDefinition(edit, wish));
    }

    private static List<Reply> addDefinition(StateEdit edit, ResourceDefinitionCreation wish) {
        edit.put(new ResourceDefinition(
                wish.name(),
                UUID.randomUUID(),
                wish.group().orElse(ResourceGroup.DEFAULT),
                wish.layers().isEmpty() ? List.of(Layer.DRBD, Layer.STORAGE) : wish.layers(),
                new Secret("never shown"),
                new TreeMap<>(),
                new TreeMap<>(),
                Ordered.set(null),
                wish.properties(),
                false,
                START));
        return done(
                Action.CREATE,
                ObjectKind.RESOURCE_DEFINITION,
                "resource definition " + wish.name() + " created",
                "RscDfn",
                "" + wish.name());
    }

    @Override
    public CompletionStage<Outcome> modifyResourceDefinition(ResourceName name, PropertyChange change) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            edit.put(present.withProperties(change.applyTo(present.properties())));
            return done(Action.MODIFY, ObjectKind.RESOURCE_DEFINITION, "modified", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> deleteResourceDefinition(ResourceName name) {
        return edit(edit -> {
            Optional<ResourceDefinition> present = edit.state().resourceDefinition(name);
            if (present.isEmpty()) {
                return absent(ObjectKind.RESOURCE_DEFINITION, NotFound.resourceDefinition(name));
            }
            boolean waits = present.get().resources().keySet().stream().anyMatch(node -> !statuses.containsKey(node));
            if (waits) {
                edit.put(present.get().markedDeleting());
            } else {
                edit.remove(present.get());
            }
            return done(
                    Action.DELETE,
                    ObjectKind.RESOURCE_DEFINITION,
                    "definition " + name + " deleted",
                    "RscDfn",
                    "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> createVolumeDefinition(ResourceName name, VolumeDefinitionCreation wish) {
        return edit(edit -> addVolume(edit, name, wish));
    }

    private static List<Reply> addVolume(StateEdit edit, ResourceName name, VolumeDefinitionCreation wish) {
        ResourceDefinition present = edit.requireDefinition(name);
        int number = wish.number().orElse(present.volumeDefinitions().size());
        if (present.volumeDefinitions().containsKey(number)) {
            throw new HeddleException(
                    ErrorCode.VOLUME_DEFINITION_EXISTS, "cannot create volume " + number, "it exists", "leave it");
        }
        edit.put(present.withVolumeDefinition(new VolumeDefinition(
                number,
                UUID.randomUUID(),
                wish.size(),
                wish.minor().isPresent() ? wish.minor().getAsInt() : edit.allocateMinor(),
                wish.properties(),
                Optional.empty(),
                false)));
        return done(
                Action.CREATE,
                ObjectKind.VOLUME_DEFINITION,
                "volume definition " + number + " of " + name + " created",
                "RscDfn",
                "" + name,
                "VlmNr",
                "" + number);
    }

    @Override
    public CompletionStage<Outcome> modifyVolumeDefinition(
            ResourceName name, int number, Optional<Bytes> size, PropertyChange change) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            VolumeDefinition volume = Optional.ofNullable(
                            present.volumeDefinitions().get(number))
                    .orElseThrow(() -> NotFound.volumeDefinition(name, number));
            Bytes wanted = size.orElse(volume.size());
            if (wanted.compareTo(volume.size()) < 0) {
                throw new HeddleException(
                        ErrorCode.SHRINK_REFUSED,
                        "cannot shrink volume " + number + " of " + name,
                        wanted + " is less than " + volume.size(),
                        "give a larger size");
            }
            edit.put(present.withVolumeDefinition(
                    volume.withSize(wanted).withProperties(change.applyTo(volume.properties()))));
            return done(Action.MODIFY, ObjectKind.VOLUME_DEFINITION, "modified", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> deleteVolumeDefinition(ResourceName name, int number) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            if (!present.volumeDefinitions().containsKey(number)) {
                return absent(ObjectKind.VOLUME_DEFINITION, NotFound.volumeDefinition(name, number));
            }
            edit.put(present.withoutVolumeDefinition(number));
            return done(Action.DELETE, ObjectKind.VOLUME_DEFINITION, "volume deleted", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> createResources(ResourceName name, List<ResourceCreation> wishes) {
        return edit(edit -> {
            List<Reply> replies = new ArrayList<>();
            for (ResourceCreation wish : wishes) {
                replies.addAll(place(edit, name, wish));
            }
            return replies;
        });
    }

    /** What a controller does by itself. */
    CompletionStage<Outcome> makeTieBreaker(ResourceName name, NodeName node) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            edit.put(present.withResource(present.resources().get(node).withTieBreaker(true)));
            return List.of();
        });
    }

    private List<Reply> place(StateEdit edit, ResourceName name, ResourceCreation wish) {
        ResourceDefinition present = edit.requireDefinition(name);
        Node node = edit.requireNode(wish.node());
        if (present.resources().containsKey(wish.node())) {
            throw new HeddleException(
                    ErrorCode.RESOURCE_EXISTS, "cannot create " + name + " on " + wish.node(), "it exists", "leave it");
        }
        PoolName pool = wish.pool()
                .orElseGet(
                        () -> node.storagePools().keySet().stream().findFirst().orElse(new PoolName("none")));
        if (!wish.diskless() && !node.storagePools().containsKey(pool)) {
            throw NotFound.storagePool(wish.node(), pool);
        }
        TreeMap<Integer, Volume> volumes = new TreeMap<>();
        for (VolumeDefinition volume : present.volumeDefinitions().values()) {
            volumes.put(
                    volume.number(),
                    new Volume(
                            volume.number(),
                            UUID.randomUUID(),
                            wish.diskless() ? Optional.empty() : Optional.of(new Backing(pool, name + "_00000", 7))));
        }
        edit.put(present.withResource(new Resource(
                wish.node(),
                UUID.randomUUID(),
                wish.nodeId().orElse(StateEdit.freeNodeId(present)),
                wish.port().isPresent() ? wish.port().getAsInt() : edit.allocatePort(wish.node()),
                wish.diskless(),
                false,
                volumes,
                wish.properties(),
                false,
                START)));
        List<Reply> replies = done(
                Action.CREATE,
                ObjectKind.RESOURCE,
                "resource " + name + " created on " + wish.node(),
                "RscDfn",
                "" + name,
                "Node",
                "" + wish.node());
        link(wish.node())
                .problem()
                .ifPresent(problem -> replies.add(new Reply(
                        Severity.WARNING,
                        Action.CREATE,
                        ObjectKind.RESOURCE,
                        problem.what(),
                        Optional.of(problem),
                        Ordered.map(null))));
        return replies;
    }

    @Override
    public CompletionStage<Outcome> autoPlace(ResourceName name, PlacementWish wish) {
        return edit(edit -> place(edit, name, wish));
    }

    private List<Reply> place(StateEdit edit, ResourceName name, PlacementWish wish) {
        ResourceDefinition definition = edit.requireDefinition(name);
        int wanted = wish.placeCount() == 0 ? PlacementRule.DEFAULT_PLACE_COUNT : wish.placeCount();
        int missing =
                wish.additional() ? wanted : wanted - definition.resources().size();
        List<Reply> replies = new ArrayList<>();
        for (Node node : edit.state().nodes().values()) {
            Optional<PoolName> pool = node.storagePools().keySet().stream()
                    .filter(candidate -> wish.pools().isEmpty() || wish.pools().contains(candidate))
                    .findFirst();
            if (missing > 0 && pool.isPresent() && !definition.resources().containsKey(node.name())) {
                replies.addAll(place(
                        edit,
                        name,
                        new ResourceCreation(
                                node.name(),
                                pool,
                                false,
                                OptionalInt.empty(),
                                OptionalInt.empty(),
                                Ordered.map(null))));
                missing--;
            }
        }
        if (missing > 0) {
            throw new HeddleException(
                    ErrorCode.NOT_ENOUGH_NODES,
                    "cannot place " + name,
                    missing + " nodes are missing",
                    "add nodes with such a pool");
        }
        return replies.isEmpty()
                ? List.of(new Reply(
                        Severity.WARNING,
                        Action.CREATE,
                        ObjectKind.RESOURCE,
                        name + " is placed already",
                        Optional.empty(),
                        Ordered.map(null)))
                : replies;
    }

    @Override
    public CompletionStage<Outcome> modifyResource(ResourceName name, NodeName node, PropertyChange change) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            Resource resource =
                    Optional.ofNullable(present.resources().get(node)).orElseThrow(() -> NotFound.resource(name, node));
            edit.put(present.withResource(resource.withProperties(change.applyTo(resource.properties()))));
            return done(Action.MODIFY, ObjectKind.RESOURCE, "modified", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> abandonResource(ResourceName name, NodeName node) {
        return deleteResource(name, node);
    }

    @Override
    public CompletionStage<Outcome> toggleDisk(
            ResourceName name, NodeName node, boolean diskless, Optional<PoolName> pool) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            Resource own = present.resources().get(node);
            if (own == null) {
                throw NotFound.resource(name, node);
            }
            if (own.diskless() == diskless) {
                return done(Action.MODIFY, ObjectKind.RESOURCE, "already so", "RscDfn", "" + name);
            }
            edit.put(present.withResource(
                    diskless
                            ? own.withoutDisk(Ordered.map(null), own.properties())
                            : own.withDisk(Ordered.with(
                                    own.properties(),
                                    "StorPoolName",
                                    pool.map(PoolName::value).orElse("any")))));
            return done(Action.MODIFY, ObjectKind.RESOURCE, "disk toggled", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> migrateDisk(
            ResourceName name, NodeName node, NodeName from, Optional<PoolName> pool) {
        return toggleDisk(name, node, false, pool).thenCompose(toggled -> deleteResource(name, from));
    }

    @Override
    public CompletionStage<Outcome> deleteResource(ResourceName name, NodeName node) {
        return edit(edit -> {
            ResourceDefinition present = edit.requireDefinition(name);
            if (!present.resources().containsKey(node)) {
                return absent(ObjectKind.RESOURCE, NotFound.resource(name, node));
            }
            edit.put(present.withoutResource(node));
            return done(Action.DELETE, ObjectKind.RESOURCE, "resource deleted", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> promoteResource(ResourceName name, NodeName node, boolean peerIsDead) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("not over REST"));
    }

    @Override
    public CompletionStage<Outcome> withdrawSplitBrainResolution(ResourceName name) {
        return edit(edit -> {
            edit.requireDefinition(name);
            return done(Action.MODIFY, ObjectKind.RESOURCE_DEFINITION, "taken back", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> createSnapshots(List<SnapshotCreation> wishes) {
        return edit(edit -> {
            for (SnapshotCreation wish : wishes) {
                ResourceDefinition definition = edit.requireDefinition(wish.resource());
                List<NodeName> nodes = List.copyOf(definition.resources().keySet());
                edit.put(definition.withSnapshot(new Snapshot(
                        wish.name(),
                        UUID.nameUUIDFromBytes(wish.name().value().getBytes(StandardCharsets.UTF_8)),
                        Snapshot.State.READY,
                        Instant.EPOCH,
                        Optional.empty(),
                        Ordered.map(Map.of(0, Bytes.ofMib(64))),
                        nodes,
                        Ordered.map(null),
                        wish.properties(),
                        Optional.empty(),
                        Optional.empty())));
            }
            return done(
                    Action.CREATE,
                    ObjectKind.SNAPSHOT,
                    wishes.size() + " taken",
                    "Snapshot",
                    "" + wishes.get(0).name());
        });
    }

    @Override
    public CompletionStage<Outcome> restoreSnapshot(SnapshotRestoration wish) {
        return edit(edit -> {
            edit.requireDefinition(wish.resource());
            edit.requireDefinition(wish.target());
            return done(
                    Action.CREATE,
                    ObjectKind.RESOURCE,
                    wish.snapshot() + " restored on " + wish.nodes() + " in " + wish.pools(),
                    "RscDfn",
                    "" + wish.target());
        });
    }

    @Override
    public CompletionStage<Outcome> rollBack(ResourceName name, SnapshotName snapshot) {
        return edit(edit -> {
            if (!edit.requireDefinition(name).snapshots().containsKey(snapshot)) {
                throw NotFound.snapshot(name, snapshot);
            }
            return done(Action.MODIFY, ObjectKind.SNAPSHOT, "rolled back", "RscDfn", "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> restoreVolumeDefinitions(
            ResourceName name, SnapshotName snapshot, ResourceName target) {
        return edit(edit -> {
            edit.requireDefinition(name);
            edit.requireDefinition(target);
            return done(Action.CREATE, ObjectKind.VOLUME_DEFINITION, "volumes of " + snapshot, "RscDfn", "" + target);
        });
    }

    @Override
    public CompletionStage<Outcome> modifySnapshot(ResourceName name, SnapshotName snapshot, PropertyChange change) {
        return edit(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            Snapshot present = definition.snapshots().get(snapshot);
            if (present == null) {
                throw NotFound.snapshot(name, snapshot);
            }
            edit.put(definition.withSnapshot(present.withProperties(change.applyTo(present.properties()))));
            return done(Action.MODIFY, ObjectKind.SNAPSHOT, "modified", "Snapshot", "" + snapshot);
        });
    }

    @Override
    public CompletionStage<Outcome> deleteSnapshot(ResourceName name, SnapshotName snapshot) {
        return edit(edit -> {
            edit.put(edit.requireDefinition(name).withoutSnapshot(snapshot));
            return done(Action.DELETE, ObjectKind.SNAPSHOT, "deleted", "Snapshot", "" + snapshot);
        });
    }

    @Override
    public CompletionStage<Outcome> resolveSplitBrain(
            ResourceName name, List<NodeName> discard, boolean withoutSnapshot) {
        return edit(edit -> {
            edit.requireDefinition(name);
            return done(
                    Action.MODIFY,
                    ObjectKind.RESOURCE,
                    discard + (withoutSnapshot ? " without snapshot" : " with snapshot"),
                    "RscDfn",
                    "" + name);
        });
    }

    @Override
    public CompletionStage<Outcome> adoptResource(ResourceName name, List<NodeName> without) {
        return CompletableFuture.failedFuture(NotFound.resourceDefinition(name));
    }

    @Override
    public CompletionStage<Outcome> forgetUnclaimed(NodeName node, UUID identity) {
        return CompletableFuture.failedFuture(NotFound.node(node));
    }

    @Override
    public CompletionStage<Outcome> demoteResource(ResourceName name, NodeName node) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("not over REST"));
    }

    @Override
    public CompletionStage<Outcome> createResourceGroup(ResourceGroupName name, ResourceGroupChange wish) {
        return edit(edit -> {
            put(edit, new ResourceGroup(name, UUID.randomUUID(), "", Ordered.map(null)), wish);
            return done(Action.CREATE, ObjectKind.RESOURCE_GROUP, "group created");
        });
    }

    @Override
    public CompletionStage<Outcome> modifyResourceGroup(ResourceGroupName name, ResourceGroupChange change) {
        return edit(edit -> {
            ResourceGroup group = edit.state().resourceGroups().get(name);
            if (group == null) {
                throw NotFound.resourceGroup(name);
            }
            put(edit, group, change);
            return done(Action.MODIFY, ObjectKind.RESOURCE_GROUP, "group changed");
        });
    }

    private static void put(StateEdit edit, ResourceGroup group, ResourceGroupChange change) {
        PropertyChange checked = checked(PropertyLevel.RESOURCE_GROUP, change.properties());
        edit.put(new ResourceGroup(
                group.name(),
                group.uuid(),
                change.description().orElse(group.description()),
                checked.applyTo(group.properties()),
                change.applyTo(group.placement()),
                group.volumeGroups()));
    }

    @Override
    public CompletionStage<Outcome> createVolumeGroup(ResourceGroupName name, OptionalInt number, boolean gross) {
        return edit(edit -> {
            ResourceGroup group = group(edit, name);
            int given = number.orElse(group.volumeGroups().size());
            if (group.volumeGroups().containsKey(given)) {
                throw new HeddleException(
                        ErrorCode.VOLUME_GROUP_EXISTS, "cannot create volume group " + given, "it exists", "leave it");
            }
            edit.put(group.withVolumeGroup(new VolumeGroup(given, UUID.randomUUID(), gross)));
            return done(Action.CREATE, ObjectKind.VOLUME_GROUP, "volume group created");
        });
    }

    @Override
    public CompletionStage<Outcome> modifyVolumeGroup(ResourceGroupName name, int number, boolean gross) {
        return edit(edit -> {
            edit.put(group(edit, name).withVolumeGroup(new VolumeGroup(number, UUID.randomUUID(), gross)));
            return done(Action.MODIFY, ObjectKind.VOLUME_GROUP, "volume group changed");
        });
    }

    @Override
    public CompletionStage<Outcome> deleteVolumeGroup(ResourceGroupName name, int number) {
        return edit(edit -> {
            edit.put(group(edit, name).withoutVolumeGroup(number));
            return done(Action.DELETE, ObjectKind.VOLUME_GROUP, "volume group deleted");
        });
    }

    private static ResourceGroup group(StateEdit edit, ResourceGroupName name) {
        return edit.state().resourceGroup(name).orElseThrow(() -> NotFound.resourceGroup(name));
    }

    @Override
    public CompletionStage<Outcome> spawn(ResourceGroupName group, Spawning wish) {
        return edit(edit -> {
            List<Reply> replies = new ArrayList<>(addDefinition(
                    edit,
                    new ResourceDefinitionCreation(wish.name(), Optional.of(group), List.of(), wish.properties())));
            for (Bytes size : wish.sizes()) {
                replies.addAll(addVolume(
                        edit,
                        wish.name(),
                        new VolumeDefinitionCreation(
                                size, false, OptionalInt.empty(), OptionalInt.empty(), Ordered.map(null))));
            }
            return replies;
        });
    }

    @Override
    public SizeReport sizes(ResourceGroupName group, PlacementWish asked) {
        if (state().resourceGroup(group).isEmpty()) {
            throw NotFound.resourceGroup(group);
        }
        return new SizeReport(
                Bytes.ofMib(64),
                Bytes.ofMib(100),
                Bytes.ofMib(200),
                List.of(new SizeReport.Place(new NodeName("n1"), new PoolName("pool"), true, 20)),
                "");
    }

    @Override
    public CompletionStage<Outcome> deleteResourceGroup(ResourceGroupName name) {
        return edit(edit -> {
            ResourceGroup group = edit.state().resourceGroups().get(name);
            if (group == null) {
                throw NotFound.resourceGroup(name);
            }
            edit.remove(group);
            return done(Action.DELETE, ObjectKind.RESOURCE_GROUP, "group deleted");
        });
    }

    @Override
    public CompletionStage<Outcome> modifyNodeConnection(NodePair nodes, PropertyChange change) {
        return edit(edit -> {
            edit.requireNode(nodes.first());
            edit.requireNode(nodes.second());
            PropertyChange checked = checked(PropertyLevel.NODE_CONNECTION, change);
            ClusterSettings settings = edit.state().settings();
            edit.put(settings.withNodeConnection(nodes, checked.applyTo(settings.nodeConnection(nodes))));
            return done(Action.MODIFY, ObjectKind.NODE_CONNECTION, "connections changed");
        });
    }

    @Override
    public CompletionStage<Outcome> modifyResourceConnection(ResourceName name, NodePair nodes, PropertyChange change) {
        return edit(edit -> {
            PropertyChange checked = checked(PropertyLevel.RESOURCE_CONNECTION, change);
            ResourceDefinition definition = edit.requireDefinition(name);
            ResourceConnection connection = definition.connection(nodes);
            edit.put(definition.withConnection(
                    nodes, connection.withProperties(checked.applyTo(connection.properties()))));
            return done(Action.MODIFY, ObjectKind.RESOURCE_CONNECTION, "connection changed");
        });
    }

    @Override
    public CompletionStage<Outcome> modifyPeerDevice(
            ResourceName name, NodePair nodes, int number, PropertyChange change) {
        throw new UnsupportedOperationException("no path of REST leads here");
    }

    private static PropertyChange checked(PropertyLevel level, PropertyChange change) {
        return new PropertyChange(
                PropertyCatalogue.check(level, change.override()), change.delete(), change.deleteNamespaces());
    }

    @Override
    public CompletionStage<Outcome> modifyController(PropertyChange change) {
        return edit(edit -> {
            ClusterSettings settings = edit.state().settings();
            if (change.override().containsKey("Unexpected")) {
                throw new IllegalStateException("secret detail at /opt/heddle");
            }
            edit.put(settings.withProperties(change.applyTo(settings.properties())));
            return done(Action.MODIFY, ObjectKind.CONTROLLER, "properties of the controller changed");
        });
    }

    @Override
    public CompletionStage<String> exportState() {
        return CompletableFuture.failedStage(new UnsupportedOperationException("not over REST"));
    }

    @Override
    public CompletionStage<Outcome> importState(String document) {
        return CompletableFuture.failedStage(new UnsupportedOperationException("not over REST"));
    }

    /** Every satellite that is reached has done what is wanted. What did not change keeps its identity, as it does for real. */
    private void refresh() {
        for (Node node : state.nodes().values()) {
            if (!node.name().value().startsWith("offline")) {
                statuses.put(node.name(), seen(node, statuses.get(node.name())));
            }
        }
        statuses.keySet().retainAll(state.nodes().keySet());
    }

    private NodeStatus seen(Node node, @Nullable NodeStatus before) {
        TreeMap<PoolName, PoolStatus> pools = new TreeMap<>();
        for (StoragePool pool : node.storagePools().values()) {
            boolean thin = pool.kind().value().endsWith("_THIN");
            pools.put(
                    pool.name(),
                    new PoolStatus(
                            pool.name(),
                            pool.uuid(),
                            pool.kind(),
                            Observation.known(new PoolCapacity(
                                    POOL_SIZE,
                                    POOL_SIZE,
                                    Bytes.ZERO,
                                    Bytes.ofMib(4),
                                    thin,
                                    true,
                                    thin,
                                    OptionalDouble.of(1.5),
                                    OptionalDouble.of(10.74),
                                    List.of())),
                            Ordered.map(null)));
        }
        Map<UUID, ResourceStatus> resources = new HashMap<>();
        for (UUID uuid : state.definitionsOn(node.name())) {
            ResourceDefinition definition = state.resourceDefinition(uuid).orElseThrow();
            Resource resource = definition.resources().get(node.name());
            ResourceStatus now = seen(definition, resource);
            ResourceStatus then = before == null ? null : before.resources().get(resource.uuid());
            resources.put(resource.uuid(), now.equals(then) ? then : now);
        }
        return new NodeStatus(
                node.name(),
                node.name().value(),
                "0.1.0",
                START,
                revision,
                new KernelStatus(Dialect.DRBD_9, "9.2.18", "9.33.0", "6.1.0", Optional.empty()),
                List.of(
                        new DriverStatus("DRBD", "0.1.0", "9.33.0"),
                        new DriverStatus(DriverKind.LVM_THIN.value(), "0.1.0", "2.03.16"),
                        new DriverStatus(DriverKind.FILE_THIN.value(), "0.1.0", "")),
                pools,
                new TreeMap<>(resources),
                List.of());
    }

    private static ResourceStatus seen(ResourceDefinition definition, Resource resource) {
        List<VolumeStatus> volumes = new ArrayList<>();
        List<DeviceStatus> devices = new ArrayList<>();
        for (Volume volume : resource.volumes().values()) {
            VolumeDefinition wanted = definition.volumeDefinitions().get(volume.number());
            if (wanted == null) {
                continue;
            }
            boolean diskful = volume.backing().isPresent();
            Optional<String> backing = volume.backing().map(held -> "/dev/" + held.pool() + "/" + held.name());
            volumes.add(new VolumeStatus(
                    volume.number(),
                    volume.uuid(),
                    Optional.of("/dev/drbd" + wanted.minor()),
                    backing,
                    diskful ? Optional.of(wanted.size().plus(Bytes.ofMib(4))) : Optional.empty(),
                    diskful ? Optional.of(Bytes.ofKib(125)) : Optional.empty()));
            devices.add(new DeviceStatus(
                    volume.number(),
                    wanted.minor(),
                    diskful ? DiskState.UP_TO_DATE : DiskState.DISKLESS,
                    !diskful,
                    true,
                    wanted.size(),
                    backing.orElse(""),
                    false));
        }
        List<ConnectionStatus> connections = new ArrayList<>();
        for (Resource peer : definition.resources().values()) {
            if (!peer.node().equals(resource.node())) {
                connections.add(new ConnectionStatus(
                        peer.node().value(),
                        peer.nodeId(),
                        ConnectionState.CONNECTED,
                        Role.SECONDARY,
                        true,
                        peer.volumes().keySet().stream()
                                .map(number -> new PeerVolumeStatus(
                                        number,
                                        ReplicationState.ESTABLISHED,
                                        DiskState.UP_TO_DATE,
                                        Bytes.ZERO,
                                        OptionalDouble.empty(),
                                        "no"))
                                .toList()));
            }
        }
        return new ResourceStatus(
                definition.name(),
                resource.uuid(),
                Phase.READY,
                1,
                Optional.empty(),
                List.of(),
                volumes,
                Observation.known(
                        definition.replicated()
                                ? Optional.of(new ReplicationStatus(
                                        definition.name().value(),
                                        Role.SECONDARY,
                                        "no",
                                        true,
                                        10103,
                                        devices,
                                        connections))
                                : Optional.empty()),
                Ordered.set(null),
                START);
    }
}
