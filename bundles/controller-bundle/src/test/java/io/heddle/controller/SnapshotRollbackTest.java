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
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.ResourceSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotRollbackTest {
    private static final SnapshotName S1 = new SnapshotName("s1");

    @TempDir
    Path directory;

    private ClusterFixture cluster;
    private ResourceDefinition before;

    @BeforeEach
    void takeASnapshot() throws InterruptedException {
        cluster = new ClusterFixture(directory).withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        eventually(
                "there is a tie-breaker",
                () -> cluster.definition(DB1).resources().size() == 3);
        eventually("all is settled", () -> !Settlement.pending(cluster.definition(DB1)));
        complete(cluster.service.createSnapshots(List.of(new SnapshotCreation(DB1, S1, Ordered.map(null)))));
        before = cluster.definition(DB1);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private CompletionStage<Outcome> rollBack() {
        return cluster.service.rollBack(DB1, S1);
    }

    private Optional<Snapshot> snapshot() {
        return Optional.ofNullable(cluster.definition(DB1).snapshots().get(S1));
    }

    /** What the satellite of a node was told last of the incarnation. */
    private Optional<Disposition> told(int number, UUID resource) {
        return cluster.machine(number)
                .spec
                .map(spec -> spec.resources().get(resource))
                .map(ResourceSpec::disposition);
    }

    @Test
    void anotherIncarnationTakesItsPlaceAndTheSnapshotStays() throws Exception {
        for (int round = 0; round < 2; round++) {
            ResourceDefinition last = cluster.definition(DB1);

            complete(rollBack());

            ResourceDefinition now = cluster.definition(DB1);
            assertNotEquals(last.uuid(), now.uuid());
            assertNotEquals(last.sharedSecret(), now.sharedSecret());
            assertEquals(last.resources().keySet(), now.resources().keySet());
            assertEquals(
                    last.volumeDefinitions().get(0).minor(),
                    now.volumeDefinitions().get(0).minor());
            for (Resource resource : now.resources().values()) {
                Resource there = last.resources().get(resource.node());
                assertEquals(there.tieBreaker(), resource.tieBreaker());
                assertEquals(there.properties(), resource.properties());
                if (!resource.diskless()) {
                    assertEquals(before.resources().get(resource.node()).nodeId(), resource.nodeId());
                    assertNotEquals(
                            there.volumes().get(0).backing(),
                            resource.volumes().get(0).backing());
                }
            }
            assertEquals(Optional.empty(), snapshot().orElseThrow().rollback());
            eventually(
                    "the old one is gone",
                    () -> cluster.service.state().tombstones().isEmpty());
            assertTrue(cluster.service
                    .state()
                    .minorInUse(now.volumeDefinitions().get(0).minor()));
            eventually("all is settled", () -> !Settlement.pending(cluster.definition(DB1)));
        }
        complete(cluster.service.deleteSnapshot(DB1, S1));
        complete(cluster.service.deleteResourceDefinition(DB1));
    }

    @Test
    void nobodyGetsAnythingNewBeforeAllHaveTakenItDown() throws Exception {
        cluster.machine(2).staysUp = true;

        rollBack();

        eventually(
                "it is halted",
                () -> before.resources().values().stream()
                        .allMatch(resource ->
                                told(number(resource), resource.uuid()).equals(Optional.of(Disposition.HALTED))));
        refused(ErrorCode.IN_USE, rollBack());
        refused(ErrorCode.IN_USE, cluster.service.deleteSnapshot(DB1, S1));
        Thread.sleep(1500);
        assertEquals(before.uuid(), cluster.definition(DB1).uuid());

        cluster.restart();
        Thread.sleep(1500);
        assertEquals(before.uuid(), cluster.definition(DB1).uuid());
        assertTrue(snapshot().orElseThrow().rollback().isPresent());
        cluster.machine(2).staysUp = false;
        cluster.satellites.cutPower(node(2));
        cluster.satellites.switchOn(node(2));

        eventually("it has gone back", () -> !cluster.definition(DB1).uuid().equals(before.uuid()));
    }

    private static int number(Resource resource) {
        return Integer.parseInt(resource.node().value().substring(1));
    }

    @Test
    void oneThatIsUsedAgainStaysAsItIs() throws Exception {
        cluster.machine(1).inTheWay =
                Optional.of(new Problem(ErrorCode.IN_USE, "cannot take db1 down", "mount has it open", "umount"));

        Outcome outcome = done(rollBack());

        assertFalse(outcome.complete(), outcome.toString());
        assertEquals(before.uuid(), cluster.definition(DB1).uuid());
        assertEquals(Optional.empty(), snapshot().orElseThrow().rollback());
        eventually(
                "it comes up again",
                () -> before.resources().values().stream()
                        .allMatch(resource ->
                                told(number(resource), resource.uuid()).equals(Optional.of(Disposition.PRESENT))));
    }

    @Test
    void refusesWhatCannotBeAndChangesNothing() throws Exception {
        long revision = cluster.service.state().revision();
        refused(ErrorCode.SNAPSHOT_NOT_FOUND, cluster.service.rollBack(DB1, new SnapshotName("s2")));
        cluster.machine(2).acts = action -> action.kind() == NodeAction.Kind.CHECK_ROLLBACK
                ? CompletableFuture.failedFuture(
                        new HeddleException(ErrorCode.IN_USE, "cannot roll db1 back", "it is in use", "stop it"))
                : CompletableFuture.completedFuture(null);
        refused(ErrorCode.IN_USE, rollBack());
        cluster.machine(2).acts = action -> CompletableFuture.completedFuture(null);
        assertEquals(revision, cluster.service.state().revision());

        complete(cluster.service.modifyResourceDefinition(DB1, ClusterFixture.set(OwnVolume.PROPERTY, "true")));
        refused(ErrorCode.IN_USE, rollBack());
        complete(cluster.service.modifyResourceDefinition(DB1, ClusterFixture.set(OwnVolume.PROPERTY, "false")));
        complete(cluster.service.createVolumeDefinition(DB1, ClusterFixture.volumeWish(64)));
        refused(ErrorCode.NOT_SUPPORTED, rollBack());
        complete(cluster.service.deleteVolumeDefinition(DB1, 1));
        complete(cluster.service.modifyVolumeDefinition(DB1, 0, Optional.of(Bytes.ofMib(128)), PropertyChange.NONE));
        cluster.satellites.cutPower(node(3));
        eventually(
                "n3 is offline",
                () -> !cluster.service.link(node(3)).state().name().equals("ONLINE"));
        refused(ErrorCode.NODE_OFFLINE, rollBack());
        cluster.satellites.switchOn(node(3));
        eventually(
                "n3 is back", () -> cluster.service.link(node(3)).state().name().equals("ONLINE"));

        complete(rollBack());

        assertEquals(
                Bytes.ofMib(128),
                cluster.definition(DB1).volumeDefinitions().get(0).size(),
                "it grows again when it is back");
    }
}
