package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What can be done with snapshots. One is taken in steps that all nodes do together: look and lease; suspend; take; resume. What is to
 * be on the disk of the controller is there before the second, and nothing is written to it until the last has ended: it may
 * lie on what is suspended. See {@code docs/decisions/snapshots.md}.
 */
final class SnapshotUseCases {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotUseCases.class);
    /** How long one step of all nodes may take while I/O is suspended; the lease would end it soon after. */
    private static final Duration STEP = Duration.ofSeconds(15);

    private final Desk desk;
    private final SnapshotKeeper keeper;

    SnapshotUseCases(Desk desk, SnapshotKeeper keeper) {
        this.desk = desk;
        this.keeper = keeper;
    }

    CompletionStage<Outcome> create(List<SnapshotCreation> wishes) {
        try {
            return createChecked(wishes);
        } catch (HeddleException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private CompletionStage<Outcome> createChecked(List<SnapshotCreation> wishes) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        List<SnapshotCreation> checked = wishes.stream()
                .map(wish -> new SnapshotCreation(wish.resource(), wish.name(), checked(wish.properties())))
                .toList();
        SnapshotPlan plan = SnapshotPlan.of(
                desk.writer().state(), desk.board(), checked, desk.clock().instant());
        plan.snapshots().values().forEach(snapshot -> keeper.begins(snapshot.uuid()));
        taken(plan).whenComplete((outcome, failure) -> {
            plan.snapshots().values().forEach(snapshot -> keeper.ended(snapshot.uuid()));
            if (failure != null) {
                desk.fail(answer, failure);
            } else {
                desk.answer(answer, outcome);
            }
        });
        return answer;
    }

    private CompletionStage<Outcome> taken(SnapshotPlan plan) {
        return step(plan, NodeAction.Kind.PREPARE_SNAPSHOTS).thenCompose(refused -> {
            if (!refused.isEmpty()) {
                return released(plan, refused);
            }
            return desk.writer()
                    .change(edit -> {
                        plan.put(edit);
                        return true;
                    })
                    .handle((committed, failure) -> Optional.ofNullable(failure))
                    .thenCompose(failure -> failure.isPresent()
                            ? released(plan, Map.of(plan.orders().firstKey(), HeddleException.of(cause(failure.get()))))
                            : window(plan));
        });
    }

    /** Nothing was suspended: the leases go, and nothing has changed. */
    private CompletionStage<Outcome> released(SnapshotPlan plan, Map<NodeName, HeddleException> refused) {
        return step(plan, NodeAction.Kind.RESUME_IO)
                .thenCompose(ignored -> CompletableFuture.failedFuture(first(refused)));
    }

    private CompletionStage<Outcome> window(SnapshotPlan plan) {
        long begin = System.nanoTime();
        return step(plan, NodeAction.Kind.SUSPEND_IO)
                .thenCompose(notSuspended -> notSuspended.isEmpty()
                        ? step(plan, NodeAction.Kind.TAKE_SNAPSHOTS)
                        : CompletableFuture.completedStage(notSuspended))
                .thenCompose(failed -> step(plan, NodeAction.Kind.RESUME_IO).thenCompose(notHeld -> {
                    LOG.info(
                            "I/O was suspended for {} ms for the snapshots {}",
                            (System.nanoTime() - begin) / 1_000_000,
                            names(plan));
                    ConcurrentSkipListMap<NodeName, HeddleException> all = new ConcurrentSkipListMap<>(notHeld);
                    all.putAll(failed);
                    return ended(plan, all);
                }));
    }

    private CompletionStage<Outcome> ended(SnapshotPlan plan, SortedMap<NodeName, HeddleException> failures) {
        UnaryOperator<Snapshot> end = failures.isEmpty()
                ? Snapshot::ready
                : snapshot -> snapshot.failed(
                        failures.firstKey() + ": " + first(failures).problem().text());
        return desk.writer()
                .change(edit -> {
                    plan.snapshots()
                            .forEach((uuid, snapshot) -> edit.definition(uuid)
                                    .ifPresent(definition ->
                                            change(definition, snapshot, end).ifPresent(edit::put)));
                    return true;
                })
                .thenApply(committed -> {
                    if (!failures.isEmpty()) {
                        throw first(failures);
                    }
                    return new Outcome(replies(plan));
                });
    }

    /** The definition with a change of this very snapshot, unless somebody deletes it meanwhile. */
    private static Optional<ResourceDefinition> change(
            ResourceDefinition definition, Snapshot snapshot, UnaryOperator<Snapshot> change) {
        return Optional.ofNullable(definition.snapshots().get(snapshot.name()))
                .filter(now -> now.uuid().equals(snapshot.uuid()) && now.state() == Snapshot.State.TAKING)
                .map(now -> definition.withSnapshot(change.apply(now)));
    }

    private static List<Reply> replies(SnapshotPlan plan) {
        List<Reply> replies = new ArrayList<>();
        plan.snapshots().forEach((uuid, snapshot) -> {
            ResourceName name = plan.definitions().get(uuid).name();
            replies.add(Replies.success(
                    Action.CREATE,
                    ObjectKind.SNAPSHOT,
                    "snapshot " + snapshot.name() + " of " + name + " taken on " + snapshot.nodes(),
                    Replies.snapshot(name, snapshot.name())));
        });
        return replies;
    }

    private static List<String> names(SnapshotPlan plan) {
        return plan.snapshots().entrySet().stream()
                .map(entry -> plan.definitions().get(entry.getKey()).name() + "/"
                        + entry.getValue().name())
                .toList();
    }

    /** Has all nodes do a step at the same time; tells those that did not. */
    private CompletionStage<SortedMap<NodeName, HeddleException>> step(SnapshotPlan plan, NodeAction.Kind kind) {
        ConcurrentSkipListMap<NodeName, HeddleException> failures = new ConcurrentSkipListMap<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        plan.orders()
                .forEach((node, order) -> all.add(desk.links()
                        .perform(node, NodeAction.of(kind, order))
                        .toCompletableFuture()
                        .orTimeout(STEP.toMillis(), TimeUnit.MILLISECONDS)
                        .handle((done, failure) -> {
                            if (failure != null) {
                                failures.put(node, known(node, failure));
                            }
                            return null;
                        })));
        return CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).thenApply(done -> failures);
    }

    private static HeddleException known(NodeName node, Throwable failure) {
        Throwable cause = cause(failure);
        return cause instanceof TimeoutException
                ? new HeddleException(
                        ErrorCode.TIMED_OUT,
                        "cannot take a snapshot on node " + node,
                        "a step of it has not ended within " + STEP.toSeconds() + " s",
                        "try again when the node has less to do",
                        cause)
                : HeddleException.of(cause);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    private static HeddleException first(Map<NodeName, HeddleException> failures) {
        return failures.values().iterator().next();
    }

    private static SortedMap<String, String> checked(SortedMap<String, String> properties) {
        properties.keySet().forEach(SnapshotUseCases::requireAuxiliary);
        return PropertyCatalogue.check(PropertyLevel.RESOURCE_DEFINITION, properties);
    }

    private static void requireAuxiliary(String key) {
        if (!key.startsWith(PropertyCatalogue.AUXILIARY)) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot set " + key + " on a snapshot",
                    "a snapshot has properties of your own only, which begin with " + PropertyCatalogue.AUXILIARY,
                    "set it on the resource definition, or call it " + PropertyCatalogue.AUXILIARY + key);
        }
    }

    CompletionStage<Outcome> modify(ResourceName name, SnapshotName snapshot, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked =
                    new PropertyChange(checked(change.override()), change.delete(), change.deleteNamespaces());
            ResourceDefinition definition = edit.requireDefinition(name);
            Snapshot present = definition.snapshots().get(snapshot);
            if (present == null) {
                throw NotFound.snapshot(name, snapshot);
            }
            edit.put(definition.withSnapshot(present.withProperties(checked.applyTo(present.properties()))));
            return Desk.Done.of(Replies.success(
                    Action.MODIFY,
                    ObjectKind.SNAPSHOT,
                    "snapshot " + present.name() + " of " + definition.name() + " modified",
                    Replies.snapshot(definition.name(), present.name())));
        });
    }

    CompletionStage<Outcome> delete(ResourceName name, SnapshotName snapshot) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            Snapshot present = definition.snapshots().get(snapshot);
            if (present == null) {
                return NodeUseCases.absent(
                        NotFound.snapshot(name, snapshot), ObjectKind.SNAPSHOT, Replies.snapshot(name, snapshot));
            }
            if (present.state() == Snapshot.State.TAKING && keeper.isTaken(present.uuid())) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete snapshot " + present.name() + " of " + definition.name(),
                        "it is being taken at the moment",
                        "try again in some seconds");
            }
            if (present.rollback().isPresent()) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete snapshot " + present.name() + " of " + definition.name(),
                        definition.name() + " is going back to it",
                        "wait until it has: heddle resource list");
            }
            SnapshotRestore.underWay(edit, present.uuid()).ifPresent(restored -> {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete snapshot " + present.name() + " of " + definition.name(),
                        "it is being restored as " + restored.name(),
                        "wait until that one is in service, see 'heddle resource list'; or delete it: heddle resource-definition delete "
                                + restored.name());
            });
            edit.put(
                    present.parts().isEmpty()
                            ? definition.withoutSnapshot(present.name())
                            : definition.withSnapshot(present.markedDeleting()));
            return Desk.Done.of(
                            Replies.success(
                                    Action.DELETE,
                                    ObjectKind.SNAPSHOT,
                                    "snapshot " + present.name() + " of " + definition.name() + " deleted",
                                    Replies.snapshot(definition.name(), present.name())),
                            revision -> present.parts().keySet().stream()
                                    .<Goal>map(node -> new SnapshotGone(
                                            desk.writer(),
                                            desk.board(),
                                            keeper,
                                            definition.uuid(),
                                            definition.name(),
                                            present.name(),
                                            present.uuid(),
                                            node))
                                    .toList())
                    .then(keeper::look);
        });
    }
}
