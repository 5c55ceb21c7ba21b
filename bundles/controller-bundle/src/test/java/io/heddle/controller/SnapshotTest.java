package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.done;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotTest {
    private static final SnapshotName S1 = new SnapshotName("s1");
    private static final ResourceName LOG = new ResourceName("log");

    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void placeTwoResources() throws InterruptedException {
        cluster = new ClusterFixture(directory).withNodes(3).withDefinition(DB1).withDefinition(LOG);
        complete(cluster.service.autoPlace(DB1, place(3)));
        complete(cluster.service.autoPlace(LOG, place(3)));
        eventually(
                "nothing is committed by itself any more",
                () -> Stream.of(DB1, LOG).noneMatch(name -> Settlement.pending(cluster.definition(name))));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private CompletionStage<Outcome> take(ResourceName... resources) {
        return cluster.service.createSnapshots(Stream.of(resources)
                .map(name -> new SnapshotCreation(name, S1, Ordered.map(null)))
                .toList());
    }

    private Optional<Snapshot> snapshot(ResourceName name) {
        return Optional.ofNullable(cluster.definition(name).snapshots().get(S1));
    }

    private boolean has(ResourceName name, Snapshot.State state) {
        return snapshot(name).filter(found -> found.state() == state).isPresent();
    }

    private List<NodeAction.Kind> steps() {
        return cluster.satellites.actions.stream().map(NodeAction::kind).toList();
    }

    private void fails(int node, NodeAction.Kind step) {
        cluster.machine(node).acts = action -> action.kind() == step
                ? CompletableFuture.failedFuture(new HeddleException(
                        ErrorCode.IO_SUSPENDED, "cannot go on on n" + node, "so it is", "try again"))
                : CompletableFuture.completedFuture(null);
    }

    @Test
    void takesSeveralTogetherInStepsOfAllNodesAndWritesNothingWhileIoIsSuspended() {
        Set<Long> revisions = new TreeSet<>();
        for (int number = 1; number <= 3; number++) {
            cluster.machine(number).acts = action -> {
                if (action.kind() != NodeAction.Kind.PREPARE_SNAPSHOTS) {
                    revisions.add(cluster.service.state().revision());
                }
                return CompletableFuture.completedFuture(null);
            };
        }

        complete(take(DB1, LOG));

        assertEquals(
                List.of(
                        NodeAction.Kind.PREPARE_SNAPSHOTS,
                        NodeAction.Kind.PREPARE_SNAPSHOTS,
                        NodeAction.Kind.PREPARE_SNAPSHOTS,
                        NodeAction.Kind.SUSPEND_IO,
                        NodeAction.Kind.SUSPEND_IO,
                        NodeAction.Kind.SUSPEND_IO,
                        NodeAction.Kind.TAKE_SNAPSHOTS,
                        NodeAction.Kind.TAKE_SNAPSHOTS,
                        NodeAction.Kind.TAKE_SNAPSHOTS,
                        NodeAction.Kind.RESUME_IO,
                        NodeAction.Kind.RESUME_IO,
                        NodeAction.Kind.RESUME_IO),
                steps());
        assertEquals(1, revisions.size(), "nothing was committed meanwhile");
        assertTrue(has(DB1, Snapshot.State.READY) && has(LOG, Snapshot.State.READY));
        Snapshot taken = snapshot(DB1).orElseThrow();
        assertEquals(List.of(node(1), node(2), node(3)), taken.nodes());
        assertEquals(
                2,
                cluster.satellites
                        .actions
                        .get(0)
                        .snapshots()
                        .orElseThrow()
                        .parts()
                        .size());

        cluster.restart();
        assertEquals(Optional.of(taken), snapshot(DB1));
        assertFalse(steps().contains(NodeAction.Kind.DELETE_SNAPSHOTS));
    }

    @Test
    void whatANodeRefusesBeforehandChangesNothing() {
        fails(2, NodeAction.Kind.PREPARE_SNAPSHOTS);
        long revision = cluster.service.state().revision();

        refused(ErrorCode.IO_SUSPENDED, take(DB1, LOG));

        assertEquals(revision, cluster.service.state().revision());
        assertFalse(steps().contains(NodeAction.Kind.SUSPEND_IO));
        assertEquals(
                3,
                steps().stream()
                        .filter(step -> step == NodeAction.Kind.RESUME_IO)
                        .count(),
                "no lease is left");
    }

    @Test
    void oneThatANodeDidNotTakeInTimeDoesNotCountAndItsPartsGo() throws Exception {
        for (NodeAction.Kind step :
                List.of(NodeAction.Kind.SUSPEND_IO, NodeAction.Kind.TAKE_SNAPSHOTS, NodeAction.Kind.RESUME_IO)) {
            cluster.satellites.actions.clear();
            fails(2, step);

            refused(ErrorCode.IO_SUSPENDED, take(DB1, LOG));

            assertEquals(step != NodeAction.Kind.SUSPEND_IO, steps().contains(NodeAction.Kind.TAKE_SNAPSHOTS));
            assertEquals(
                    3,
                    steps().stream()
                            .filter(each -> each == NodeAction.Kind.RESUME_IO)
                            .count());
            eventually(
                    "the parts are gone",
                    () -> Stream.of(DB1, LOG)
                            .allMatch(name -> snapshot(name)
                                    .filter(found -> found.parts().isEmpty())
                                    .isPresent()));
            assertTrue(has(DB1, Snapshot.State.FAILED) && has(LOG, Snapshot.State.FAILED));
            assertEquals(
                    "n2: IO_SUSPENDED: cannot go on on n2: so it is (try again)",
                    snapshot(LOG).orElseThrow().failure().orElseThrow());
            refused(ErrorCode.SNAPSHOT_EXISTS, take(DB1));
            complete(cluster.service.deleteSnapshot(DB1, S1));
            complete(cluster.service.deleteSnapshot(LOG, S1));
            assertTrue(snapshot(DB1).isEmpty());
        }
    }

    @Test
    void whatAnEarlierStartWasTakingDoesNotCount() throws Exception {
        cluster.machine(3).acts = action -> action.kind() == NodeAction.Kind.TAKE_SNAPSHOTS
                ? new CompletableFuture<>()
                : CompletableFuture.completedFuture(null);
        CompletionStage<Outcome> lost = take(DB1);
        eventually("it is being taken", () -> steps().contains(NodeAction.Kind.TAKE_SNAPSHOTS));
        refused(ErrorCode.IN_USE, cluster.service.deleteSnapshot(DB1, S1));

        cluster.restart();

        eventually(
                "it has failed, and its parts are gone",
                () -> has(DB1, Snapshot.State.FAILED)
                        && snapshot(DB1).orElseThrow().parts().isEmpty());
        assertFalse(lost.toCompletableFuture().isDone()
                && !lost.toCompletableFuture().isCompletedExceptionally());
    }

    @Test
    void deletingWaitsForANodeThatIsOffline() throws Exception {
        complete(take(DB1));
        cluster.satellites.cutPower(node(3));
        eventually(
                "n3 is offline",
                () -> !cluster.service.link(node(3)).state().name().equals("ONLINE"));

        Outcome outcome = done(cluster.service.deleteSnapshot(DB1, S1));

        assertFalse(outcome.complete(), outcome.toString());
        eventually(
                "two are gone",
                () -> snapshot(DB1)
                        .filter(found -> found.parts().keySet().equals(Set.<NodeName>of(node(3))))
                        .isPresent());
        refused(ErrorCode.NODE_OFFLINE, take(LOG));
        refused(ErrorCode.BEING_DELETED, take(DB1));
        cluster.satellites.switchOn(node(3));
        eventually("all is gone", () -> snapshot(DB1).isEmpty());
    }

    @Test
    void refusesWhatCannotBeAndSaysTheWayOut() {
        refused(ErrorCode.RESOURCE_DEFINITION_NOT_FOUND, take(new ResourceName("nosuch")));
        refused(ErrorCode.INVALID_INPUT, take(DB1, DB1));
        refused(ErrorCode.INVALID_INPUT, take());
        complete(take(DB1));

        refused(ErrorCode.SNAPSHOT_EXISTS, take(DB1));
        HeddleException used = refused(ErrorCode.IN_USE, cluster.service.deleteResourceDefinition(DB1));
        assertTrue(used.correction().contains("snapshot delete db1 s1"), used.correction());
        refused(
                ErrorCode.SNAPSHOT_NOT_FOUND,
                cluster.service.modifySnapshot(DB1, new SnapshotName("s2"), ClusterFixture.set("Aux/why", "upgrade")));
        refused(
                ErrorCode.NOT_SUPPORTED,
                cluster.service.modifySnapshot(DB1, S1, ClusterFixture.set("PrefNic", "default")));
        complete(cluster.service.modifySnapshot(DB1, S1, ClusterFixture.set("Aux/why", "upgrade")));
        assertEquals("upgrade", snapshot(DB1).orElseThrow().properties().get("Aux/why"));
        done(cluster.service.deleteSnapshot(DB1, new SnapshotName("s2")));

        complete(cluster.service.deleteSnapshot(DB1, S1));
        complete(cluster.service.deleteResourceDefinition(DB1));
    }
}
