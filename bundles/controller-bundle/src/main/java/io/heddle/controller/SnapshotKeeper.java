package io.heddle.controller;

import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.NodeAction;
import io.heddle.core.link.SnapshotOrder;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.StateEdit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has nodes remove what is to go of snapshots, until it is gone, and ends what an earlier start of the controller was taking. Each
 * look decides anew from the desired state, so that it may be called at any time, twice, or after a restart.
 */
final class SnapshotKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(SnapshotKeeper.class);

    private record Part(UUID snapshot, NodeName node) {}

    private final Desk desk;
    private final Set<UUID> taking = ConcurrentHashMap.newKeySet();
    private final Set<Part> atWork = ConcurrentHashMap.newKeySet();
    private final Map<Part, Problem> problems = new ConcurrentHashMap<>();

    SnapshotKeeper(Desk desk) {
        this.desk = desk;
    }

    /** This start of the controller takes a snapshot. */
    void begins(UUID snapshot) {
        taking.add(snapshot);
    }

    void ended(UUID snapshot) {
        taking.remove(snapshot);
    }

    boolean isTaken(UUID snapshot) {
        return taking.contains(snapshot);
    }

    /** Why a node could not remove its part when it was asked last. */
    Optional<Problem> problem(UUID snapshot, NodeName node) {
        return Optional.ofNullable(problems.get(new Part(snapshot, node)));
    }

    /** Looks at all snapshots, and has done what is to be done. Returns at once. */
    void look() {
        for (ResourceDefinition definition :
                desk.writer().state().resourceDefinitions().values()) {
            for (Snapshot snapshot : definition.snapshots().values()) {
                look(definition, snapshot);
            }
        }
    }

    private void look(ResourceDefinition definition, Snapshot snapshot) {
        if (snapshot.state() == Snapshot.State.TAKING && !taking.contains(snapshot.uuid())) {
            change(definition, snapshot, (edit, now) -> {
                Snapshot seen = now.snapshots().get(snapshot.name());
                if (seen.state() == Snapshot.State.TAKING) {
                    edit.put(now.withSnapshot(seen.failed("the controller was stopped while it was taken")));
                }
            });
        } else if (snapshot.state() == Snapshot.State.DELETING
                && snapshot.parts().isEmpty()) {
            change(definition, snapshot, (edit, now) -> edit.put(now.withoutSnapshot(snapshot.name())));
        } else if (snapshot.partsGo()) {
            snapshot.parts().keySet().stream()
                    .filter(node -> desk.board().online(node))
                    .forEach(node -> remove(definition, snapshot, node));
        }
    }

    private void remove(ResourceDefinition definition, Snapshot snapshot, NodeName node) {
        Part part = new Part(snapshot.uuid(), node);
        if (!atWork.add(part)) {
            return;
        }
        SnapshotOrder order = new SnapshotOrder(
                snapshot.uuid(),
                0,
                List.of(new SnapshotOrder.Part(
                        definition.name(),
                        definition.uuid(),
                        snapshot.uuid(),
                        snapshot.failure().isEmpty(),
                        snapshot.parts().get(node))));
        desk.links()
                .perform(node, NodeAction.of(NodeAction.Kind.DELETE_SNAPSHOTS, order))
                .whenComplete((done, failure) -> {
                    if (failure == null) {
                        problems.remove(part);
                        change(definition, snapshot, (edit, now) -> gone(edit, now, snapshot, node));
                    } else {
                        Problem problem = HeddleException.of(
                                        failure instanceof CompletionException && failure.getCause() != null
                                                ? failure.getCause()
                                                : failure)
                                .problem();
                        if (!problem.equals(problems.put(part, problem))) {
                            LOG.warn("{}", problem.text());
                        }
                    }
                    atWork.remove(part);
                });
    }

    private static void gone(StateEdit edit, ResourceDefinition now, Snapshot snapshot, NodeName node) {
        Snapshot less = now.snapshots().get(snapshot.name()).withoutPart(node);
        edit.put(
                less.state() == Snapshot.State.DELETING && less.parts().isEmpty()
                        ? now.withoutSnapshot(less.name())
                        : now.withSnapshot(less));
    }

    private interface Change {
        void apply(StateEdit edit, ResourceDefinition now);
    }

    /** Changes the definition, if it still has this very snapshot. */
    private void change(ResourceDefinition definition, Snapshot snapshot, Change change) {
        desk.writer()
                .change(edit -> {
                    edit.definition(definition.uuid())
                            .filter(now -> Optional.ofNullable(now.snapshots().get(snapshot.name()))
                                    .filter(seen -> seen.uuid().equals(snapshot.uuid()))
                                    .isPresent())
                            .ifPresent(now -> change.apply(edit, now));
                    return true;
                })
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        LOG.warn("snapshot {} of {} goes on later", snapshot.name(), definition.name(), failure);
                    }
                });
    }
}
