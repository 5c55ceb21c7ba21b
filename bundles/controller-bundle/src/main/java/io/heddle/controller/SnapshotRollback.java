package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.link.SnapshotOrder;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Rollback;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.ResourceStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has resources go back to their snapshots: first every node takes the resource down and keeps it down; when all have said so, another
 * incarnation of it, made of the snapshot, takes its place in one commit. See {@code docs/decisions/snapshots.md}.
 */
final class SnapshotRollback {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotRollback.class);
    private static final Duration CHECK = Duration.ofSeconds(30);

    private final Desk desk;
    private final ResourceMaker maker;
    private final Secrets secrets;
    private final OwnVolume own;

    SnapshotRollback(Desk desk, ResourceMaker maker, Secrets secrets, OwnVolume own) {
        this.desk = desk;
        this.maker = maker;
        this.secrets = secrets;
        this.own = own;
    }

    CompletionStage<Outcome> rollBack(ResourceName name, SnapshotName snapshotName) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        ResourceDefinition seen;
        try {
            seen = requirePossible(
                    desk.writer().state().resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name)),
                    snapshotName);
        } catch (HeddleException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        CompletionStage<Outcome> unused = checked(seen, seen.snapshots().get(snapshotName))
                .thenCompose(done -> desk.carryOut(edit -> begin(edit, name, snapshotName)))
                .whenComplete((outcome, failure) -> {
                    if (failure != null) {
                        desk.fail(answer, failure);
                    } else {
                        desk.answer(answer, outcome);
                    }
                });
        return answer;
    }

    /** Asks all nodes at once whether anything there is in the way. */
    private CompletableFuture<Void> checked(ResourceDefinition definition, Snapshot snapshot) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (Resource resource : definition.resources().values()) {
            SnapshotOrder order = new SnapshotOrder(
                    UUID.randomUUID(),
                    0,
                    List.of(new SnapshotOrder.Part(
                            definition.name(),
                            resource.uuid(),
                            snapshot.uuid(),
                            true,
                            snapshot.parts().getOrDefault(resource.node(), List.of()))));
            all.add(desk.links()
                    .perform(resource.node(), NodeAction.of(NodeAction.Kind.CHECK_ROLLBACK, order))
                    .toCompletableFuture()
                    .orTimeout(CHECK.toMillis(), TimeUnit.MILLISECONDS));
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new));
    }

    private Desk.Done begin(StateEdit edit, ResourceName name, SnapshotName snapshotName) {
        ResourceDefinition definition = requirePossible(edit.requireDefinition(name), snapshotName);
        Rollback rollback = new Rollback(UUID.randomUUID(), edit.state().revision());
        edit.put(
                definition.withSnapshot(definition.snapshots().get(snapshotName).withRollback(Optional.of(rollback))));
        return Desk.Done.of(
                Replies.success(
                        Action.MODIFY,
                        ObjectKind.SNAPSHOT,
                        definition.name() + " goes back to snapshot " + snapshotName,
                        Replies.snapshot(definition.name(), snapshotName)),
                revision -> definition.resources().keySet().stream()
                        .<Goal>map(node -> new RolledBack(
                                desk.writer(),
                                desk.board(),
                                definition.uuid(),
                                rollback.successor(),
                                definition.name(),
                                snapshotName,
                                node))
                        .toList());
    }

    private ResourceDefinition requirePossible(ResourceDefinition definition, SnapshotName snapshotName) {
        Snapshot snapshot =
                SnapshotRestore.requireReady(definition, snapshotName, "cannot roll " + definition.name() + " back");
        if (own.isOf(definition)) {
            throw cannot(
                    definition,
                    ErrorCode.IN_USE,
                    "the controller's own state lies on it, and would go back with it",
                    "restore the snapshot as another resource, and see there: heddle snapshot restore");
        }
        if (!definition.replicated()) {
            throw cannot(
                    definition,
                    ErrorCode.NOT_SUPPORTED,
                    "it is not replicated, and nobody can say whether it is in use",
                    "restore the snapshot as another resource: heddle snapshot restore");
        }
        if (definition.goesBackTo().isPresent()) {
            throw cannot(
                    definition,
                    ErrorCode.IN_USE,
                    "it is going back to snapshot "
                            + definition.goesBackTo().get().name() + " already",
                    "wait until it has: heddle resource list");
        }
        requireSameVolumes(definition, snapshot);
        definition.resources().values().forEach(resource -> requireSteady(definition, resource));
        if (restorable(definition, snapshot).isEmpty()) {
            throw cannot(
                    definition,
                    ErrorCode.NOT_SUPPORTED,
                    "none of its nodes has a part of snapshot " + snapshotName,
                    "restore it as another resource, on " + snapshot.parts().keySet());
        }
        return definition;
    }

    private static void requireSameVolumes(ResourceDefinition definition, Snapshot snapshot) {
        boolean same = definition
                        .volumeDefinitions()
                        .keySet()
                        .equals(snapshot.sizes().keySet())
                && definition.volumeDefinitions().values().stream()
                        .allMatch(volume -> !volume.deleting()
                                && volume.size().compareTo(snapshot.sizes().get(volume.number())) >= 0);
        if (!same) {
            throw cannot(
                    definition,
                    ErrorCode.NOT_SUPPORTED,
                    "its volumes are not those of the snapshot, which has " + snapshot.sizes(),
                    "restore the snapshot as another resource: heddle snapshot restore");
        }
    }

    private void requireSteady(ResourceDefinition definition, Resource resource) {
        if (!desk.board().online(resource.node())) {
            throw cannot(
                    definition,
                    ErrorCode.NODE_OFFLINE,
                    "node " + resource.node() + " is out of reach, and what it has would be newer",
                    "bring the node back, or delete the resource there; if it never comes back: heddle node lost "
                            + resource.node());
        }
        boolean changing = resource.deleting()
                || resource.detaching()
                || resource.replacement().isPresent()
                || resource.volumes().values().stream()
                        .anyMatch(volume -> volume.source().isPresent());
        if (changing) {
            throw cannot(
                    definition,
                    ErrorCode.IN_USE,
                    "its replica on " + resource.node() + " is being removed, moved or made",
                    "wait until that has ended: heddle resource list");
        }
    }

    private static NavigableSet<NodeName> restorable(ResourceDefinition definition, Snapshot snapshot) {
        TreeSet<NodeName> nodes = new TreeSet<>();
        definition.resources().values().stream()
                .filter(resource -> resource.keepsDisk() && snapshot.parts().containsKey(resource.node()))
                .forEach(resource -> nodes.add(resource.node()));
        return nodes;
    }

    private static HeddleException cannot(
            ResourceDefinition definition, ErrorCode code, String why, String correction) {
        return new HeddleException(code, "cannot roll " + definition.name() + " back", why, correction);
    }

    /** Looks at all that goes back, and takes the next step where it is due. Returns at once. */
    void look() {
        for (ResourceDefinition definition :
                desk.writer().state().resourceDefinitions().values()) {
            definition.goesBackTo().ifPresent(snapshot -> look(definition, snapshot));
        }
    }

    private void look(ResourceDefinition definition, Snapshot snapshot) {
        Rollback rollback = snapshot.rollback().orElseThrow();
        Optional<String> used = definition.resources().values().stream()
                .flatMap(resource -> reported(resource, rollback).stream())
                .filter(status -> status.phase() == ResourceStatus.Phase.FAILED)
                .flatMap(status -> status.problem().stream())
                .filter(problem -> problem.code() == ErrorCode.IN_USE)
                .map(problem -> problem.why())
                .findFirst();
        if (used.isPresent()) {
            giveUp(definition, snapshot, used.get());
        } else if (definition.resources().values().stream().allMatch(resource -> isDown(resource, rollback))) {
            exchange(definition, snapshot);
        }
    }

    private Optional<ResourceStatus> reported(Resource resource, Rollback rollback) {
        return desk.board()
                .resource(resource.node(), resource.uuid())
                .filter(status -> status.specRevision() > rollback.since());
    }

    private boolean isDown(Resource resource, Rollback rollback) {
        return reported(resource, rollback)
                .filter(status -> status.phase() == ResourceStatus.Phase.READY
                        && status.replication()
                                .known()
                                .filter(Optional::isEmpty)
                                .isPresent())
                .isPresent();
    }

    private void exchange(ResourceDefinition definition, Snapshot snapshot) {
        change(definition, snapshot, this::supersede).whenComplete((done, failure) -> {
            if (failure != null) {
                HeddleException known = HeddleException.of(
                        failure instanceof CompletionException && failure.getCause() != null
                                ? failure.getCause()
                                : failure);
                if (known.code() != ErrorCode.SHUTTING_DOWN) {
                    giveUp(definition, snapshot, known.problem().text());
                }
            }
        });
    }

    /** It comes up again with what it has. */
    private void giveUp(ResourceDefinition definition, Snapshot snapshot, String why) {
        LOG.warn("{} does not go back to snapshot {}, and stays as it is: {}", definition.name(), snapshot.name(), why);
        change(definition, snapshot, (edit, now) -> {
                    Snapshot plain = now.goesBackTo().orElseThrow().withRollback(Optional.empty());
                    edit.put(now.withSnapshot(plain));
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("{} stays down, and this is tried again", definition.name(), failure);
                    }
                });
    }

    private interface Change {
        void apply(StateEdit edit, ResourceDefinition now);
    }

    /** Changes the definition, if it is still on its way back for the same reason. */
    private CompletionStage<?> change(ResourceDefinition definition, Snapshot snapshot, Change change) {
        return desk.writer().change(edit -> {
            edit.definition(definition.uuid())
                    .filter(now -> !now.deleting()
                            && now.goesBackTo()
                                    .filter(known -> known.rollback().equals(snapshot.rollback()))
                                    .isPresent())
                    .ifPresent(now -> change.apply(edit, now));
            return true;
        });
    }

    /** All nodes have taken it down, and have a wish that lets none of them bring it up. */
    private void supersede(StateEdit edit, ResourceDefinition now) {
        Snapshot snapshot = now.goesBackTo().orElseThrow();
        Rollback rollback = snapshot.rollback().orElseThrow();
        requireSameVolumes(now, snapshot);
        boolean steady = now.resources().values().stream()
                .allMatch(resource -> !resource.deleting() && isDown(resource, rollback));
        if (!steady) {
            return;
        }
        TreeMap<Integer, VolumeDefinition> volumes = new TreeMap<>();
        now.volumeDefinitions()
                .values()
                .forEach(volume -> volumes.put(
                        volume.number(),
                        new VolumeDefinition(
                                volume.number(),
                                UUID.randomUUID(),
                                volume.size(),
                                volume.minor(),
                                volume.properties(),
                                Optional.empty(),
                                false)));
        edit.put(now.superseded());
        ResourceDefinition bare = now.successor(rollback.successor(), secrets.next(), volumes)
                .withSnapshot(snapshot.withRollback(Optional.empty()));
        edit.put(withResources(edit, bare, snapshot, now));
        LOG.info("{} goes back to snapshot {}: all nodes have taken it down", now.name(), snapshot.name());
    }

    private ResourceDefinition withResources(
            StateEdit edit, ResourceDefinition bare, Snapshot snapshot, ResourceDefinition before) {
        NavigableSet<NodeName> restorable = restorable(before, snapshot);
        ResourceDefinition grown = maker.restored(edit, bare, snapshot, restorable);
        for (NodeName node : restorable) {
            Resource made = grown.resources().get(node);
            TreeMap<String, String> properties =
                    new TreeMap<>(before.resources().get(node).properties());
            properties.putAll(made.properties());
            grown = grown.withResource(made.withProperties(Ordered.map(properties)));
        }
        // the metadata of what is restored knows none of these: each gets a node id that nobody had
        for (Resource resource : before.resources().values()) {
            if (restorable.contains(resource.node())) {
                continue;
            }
            grown = resource.tieBreaker()
                    ? maker.withTieBreaker(edit, grown, resource.node())
                    : maker.add(edit, grown, List.of(again(resource)));
        }
        return grown;
    }

    private static ResourceCreation again(Resource resource) {
        SortedMap<String, String> properties = resource.properties();
        return new ResourceCreation(
                resource.node(),
                Optional.ofNullable(properties.get(ResourceMaker.POOL_PROPERTY)).map(PoolName::new),
                resource.diskless(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                properties);
    }
}
