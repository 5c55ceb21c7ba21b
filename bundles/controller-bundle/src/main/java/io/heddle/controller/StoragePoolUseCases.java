package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.status.DriverStatus;
import io.heddle.core.status.NodeStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** What can be done with storage pools. */
final class StoragePoolUseCases {
    private static final List<DriverKind> ZFS_KINDS = List.of(DriverKind.ZFS, DriverKind.ZFS_THIN);

    private final Desk desk;

    StoragePoolUseCases(Desk desk) {
        this.desk = desk;
    }

    /** Registered, looked at by the satellite, and taken back if it cannot be used. */
    CompletionStage<Outcome> create(StoragePoolCreation wish) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        desk.writer()
                .change(edit -> registered(edit, wish))
                .thenCompose(committed -> {
                    NodeName node = wish.node();
                    long revision = committed.state().revision();
                    return desk.waiting()
                            .await(List.of(NodeGoals.usable(desk.board(), node, committed.value(), revision)))
                            .thenCompose(results -> judged(committed.value(), wish, results.get(0)));
                })
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        desk.fail(answer, failure);
                    } else {
                        desk.answer(answer, outcome);
                    }
                });
        return answer;
    }

    private CompletionStage<Outcome> judged(StoragePool pool, StoragePoolCreation wish, Waiting.Result result) {
        if (result.problem().isPresent()) {
            return takenBack(wish.node(), pool, result.problem().get());
        }
        List<Reply> replies = new ArrayList<>();
        SortedMap<String, String> objects = Replies.pool(wish.node(), pool.name());
        replies.add(Replies.success(
                Action.CREATE,
                ObjectKind.STORAGE_POOL,
                "storage pool " + pool.name() + " created on node " + wish.node(),
                objects));
        Properties.withoutEffect(pool.properties(), ObjectKind.STORAGE_POOL, objects)
                .ifPresent(replies::add);
        desk.board()
                .capacity(wish.node(), pool)
                .ifPresent(capacity -> capacity.warnings()
                        .forEach(warning ->
                                replies.add(Replies.info(Action.CREATE, ObjectKind.STORAGE_POOL, warning, objects))));
        return CompletableFuture.completedFuture(new Outcome(replies));
    }

    private CompletionStage<Outcome> takenBack(NodeName name, StoragePool pool, Problem problem) {
        return desk.writer()
                .change(edit -> {
                    edit.state()
                            .node(name)
                            .filter(node -> pool.uuid()
                                    .equals(Optional.ofNullable(
                                                    node.storagePools().get(pool.name()))
                                            .map(StoragePool::uuid)
                                            .orElse(null)))
                            .filter(node ->
                                    userOf(edit.state(), node, pool.name()).isEmpty())
                            .ifPresent(node -> edit.put(node.withoutStoragePool(pool.name())));
                    return name;
                })
                .thenCompose(committed -> CompletableFuture.failedFuture(problem.exception()));
    }

    private StoragePool registered(StateEdit edit, StoragePoolCreation wish) {
        Node node = edit.requireNode(wish.node());
        if (node.storagePools().containsKey(wish.name())) {
            throw new HeddleException(
                    ErrorCode.STORAGE_POOL_EXISTS,
                    "cannot create storage pool " + wish.name() + " on node " + node.name(),
                    "there is one of that name",
                    "choose another name, or delete that one first");
        }
        if (wish.backing().isBlank()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot create storage pool " + wish.name() + " on node " + node.name(),
                    "it is not said what it stands on",
                    "name a volume group, thin pool, zpool or directory");
        }
        requireOwnBacking(node, wish);
        requireDriver(node, wish);
        StoragePool pool = new StoragePool(
                wish.name(),
                UUID.randomUUID(),
                wish.kind(),
                wish.backing(),
                PropertyCatalogue.check(PropertyLevel.STORAGE_POOL, Properties.withoutFixed(wish.properties())));
        Properties.requireInterface(node, pool.properties());
        edit.put(node.withStoragePool(pool));
        return pool;
    }

    /** The same space twice would be promised twice. */
    private static void requireOwnBacking(Node node, StoragePoolCreation wish) {
        node.storagePools().values().stream()
                .filter(pool ->
                        sameSpace(pool.kind(), wish.kind()) && pool.backing().equals(wish.backing()))
                .findFirst()
                .ifPresent(pool -> {
                    throw new HeddleException(
                            ErrorCode.STORAGE_POOL_EXISTS,
                            "cannot create storage pool " + wish.name() + " on node " + node.name(),
                            wish.backing() + " is storage pool " + pool.name() + " there already",
                            "use that one, or delete it first");
                });
    }

    /** Thin and thick zvols of a dataset share it; with LVM a thin pool and its volume group have names of their own. */
    private static boolean sameSpace(DriverKind one, DriverKind other) {
        return one.equals(other) || (ZFS_KINDS.contains(one) && ZFS_KINDS.contains(other));
    }

    private void requireDriver(Node node, StoragePoolCreation wish) {
        String what = "cannot create storage pool " + wish.name() + " on node " + node.name();
        Optional<NodeStatus> status = desk.board().status(node.name());
        if (!desk.board().online(node.name()) || status.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.NODE_OFFLINE,
                    what,
                    "its satellite has to look at " + wish.backing() + ", and is not connected: "
                            + desk.board()
                                    .link(node.name())
                                    .problem()
                                    .map(Problem::why)
                                    .orElse("no reason is known"),
                    "bring " + node.name() + " online; see 'node list'");
        }
        List<String> kinds =
                status.get().drivers().stream().map(DriverStatus::kind).toList();
        if (!kinds.contains(wish.kind().value())) {
            throw new HeddleException(
                    ErrorCode.DRIVER_ABSENT,
                    what,
                    "no driver for " + wish.kind() + " runs there; there are: "
                            + kinds.stream().sorted().collect(Collectors.joining(", ")),
                    "start the driver's bundle on " + node.name() + ", or choose another kind");
        }
    }

    CompletionStage<Outcome> modify(NodeName name, PoolName poolName, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.STORAGE_POOL, change);
            Node node = edit.requireNode(name);
            StoragePool pool = ResourceMaker.requirePool(node, poolName);
            Properties.requireInterface(node, checked.override());
            SortedMap<String, String> after = checked.applyTo(pool.properties());
            edit.put(node.withStoragePool(pool.withProperties(after)));
            SortedMap<String, String> objects = Replies.pool(node.name(), pool.name());
            List<Reply> replies = new ArrayList<>();
            replies.add(Replies.success(
                    Action.MODIFY,
                    ObjectKind.STORAGE_POOL,
                    "storage pool " + pool.name() + " of node " + node.name() + " modified",
                    objects));
            Properties.withoutEffect(checked.override(), ObjectKind.STORAGE_POOL, objects)
                    .ifPresent(replies::add);
            boolean shown = SpecSender.shows(pool.properties(), after);
            return new Desk.Done(
                    replies,
                    revision -> shown ? List.of(NodeGoals.stored(desk.board(), node.name(), revision)) : List.of());
        });
    }

    CompletionStage<Outcome> delete(NodeName name, PoolName poolName) {
        return desk.carryOut(edit -> {
            Optional<Node> present = edit.state().node(name);
            Optional<StoragePool> own =
                    present.map(known -> known.storagePools().get(poolName));
            if (present.isEmpty() || own.isEmpty()) {
                return NodeUseCases.absent(
                        NotFound.storagePool(name, poolName), ObjectKind.STORAGE_POOL, Replies.pool(name, poolName));
            }
            Node node = present.get();
            StoragePool pool = own.get();
            userOf(edit.state(), node, pool.name()).ifPresent(user -> {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete storage pool " + pool.name() + " of node " + node.name(),
                        "a volume of " + user + " is in it",
                        "delete that first, or wait until it is gone; 'resource list' shows it");
            });
            edit.put(node.withoutStoragePool(pool.name()));
            return Desk.Done.of(Replies.success(
                    Action.DELETE,
                    ObjectKind.STORAGE_POOL,
                    "storage pool " + pool.name() + " of node " + node.name()
                            + " deleted; what it stands on is left as it is",
                    Replies.pool(node.name(), pool.name())));
        });
    }

    /** A definition, tombstones included, that has a volume in the pool. */
    private static Optional<String> userOf(ClusterState state, Node node, PoolName pool) {
        return replicaIn(state, node, pool).or(() -> snapshotIn(state, node, pool));
    }

    private static Optional<String> snapshotIn(ClusterState state, Node node, PoolName pool) {
        return state.resourceDefinitions().values().stream()
                .flatMap(definition -> definition.snapshots().values().stream()
                        .filter(snapshot -> snapshot.parts().getOrDefault(node.name(), List.of()).stream()
                                .anyMatch(volume -> volume.pool().equals(pool)))
                        .map(snapshot -> definition.name() + " (snapshot " + snapshot.name() + ")"))
                .findFirst();
    }

    private static Optional<String> replicaIn(ClusterState state, Node node, PoolName pool) {
        return state.definitionsOn(node.name()).stream()
                .flatMap(uuid -> state.resourceDefinition(uuid).stream())
                .filter(definition -> definition.resources().get(node.name()).volumes().values().stream()
                        .flatMap(volume -> volume.backing().stream())
                        .map(Backing::pool)
                        .anyMatch(pool::equals))
                .findFirst()
                .map(ResourceDefinition::name)
                .map(name -> name.value());
    }
}
