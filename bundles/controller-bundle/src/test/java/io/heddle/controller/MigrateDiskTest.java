package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.POOL;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.done;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MigrateDiskTest {
    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void twoReplicasAndATieBreaker() throws Exception {
        cluster = new ClusterFixture(directory);
        cluster.withNodes(4).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        eventually("it has content", () -> !Settlement.pending(cluster.definition(DB1)));
        eventually("n3 is the tie-breaker", () -> resources().equals("n1=disk n2=disk n3=tie"));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private Resource resource(int number) {
        return cluster.definition(DB1).resources().get(node(number));
    }

    private String resources() {
        return cluster.definition(DB1).resources().values().stream()
                .map(known -> known.node()
                        + (known.deleting()
                                ? "=leaving"
                                : known.diskless() ? known.tieBreaker() ? "=tie" : "=client" : "=disk"))
                .collect(Collectors.joining(" "));
    }

    private String progress(int number) {
        return cluster.service.evacuation(node(number)).getOrDefault(DB1, "");
    }

    private Outcome migrate(int to, int from) {
        return complete(cluster.service.migrateDisk(DB1, node(to), node(from), Optional.of(POOL)));
    }

    private HeddleException notMigrated(ErrorCode code, int to, int from) {
        return refused(code, cluster.service.migrateDisk(DB1, node(to), node(from), Optional.of(POOL)));
    }

    private void synced(int number) {
        resource(number)
                .volumes()
                .values()
                .forEach(volume -> cluster.machine(number).disks.put(volume.uuid(), DiskState.UP_TO_DATE));
        cluster.satellites.report(node(number));
    }

    @Test
    void theReplicaGoesOnlyWhenTheNewOneIsUpToDateAlsoAfterARestart() throws Exception {
        Outcome outcome = migrate(3, 2);

        assertTrue(outcome.toString().contains("the replica on node n2 goes when the one on n3 is UpToDate"));
        eventually("it is copied", () -> progress(2).startsWith("is copied to n3"));
        cluster.restart();
        eventually("it is copied still", () -> progress(2).startsWith("is copied to n3"));
        assertEquals("n1=disk n2=disk n3=disk", resources());
        assertEquals(
                Optional.empty(),
                cluster.service.state().node(node(2)).orElseThrow().evacuation());

        synced(3);

        // n2 is free then, and becomes the tie-breaker where n4 was not sooner
        eventually(
                "the one on n2 is gone",
                () -> Set.of("n1=disk n2=tie n3=disk", "n1=disk n3=disk n4=tie").contains(resources()));
        eventually("nothing is shown", () -> cluster.service.evacuation(node(2)).isEmpty());
        assertTrue(migrate(3, 2).toString().contains("already"));
    }

    @Test
    void whatIsInUseStaysUntilItsUserHasMoved() throws Exception {
        cluster.machine(2).role = Role.PRIMARY;
        cluster.satellites.report(node(2));

        migrate(3, 2);
        synced(3);
        eventually("it waits for its user", () -> progress(2).contains("in use here"));
        assertEquals("n1=disk n2=disk n3=disk", resources());

        cluster.machine(2).role = Role.SECONDARY;
        cluster.satellites.report(node(2));
        eventually(
                "the one on n2 is gone",
                () -> resource(2) == null || resource(2).diskless());
    }

    @Test
    void askedTwiceItIsDoneOnce() {
        migrate(3, 2);
        Resource before = resource(3);

        assertTrue(migrate(3, 2).toString().contains("already"));
        assertEquals(before, resource(3));
        HeddleException elsewhere = notMigrated(ErrorCode.RESOURCE_NOT_FOUND, 4, 2);
        assertTrue(
                elsewhere.problem().text().contains("n4"), elsewhere.problem().text());
        complete(cluster.service.createResources(DB1, List.of(on(4, true))));
        assertTrue(notMigrated(ErrorCode.INVALID_INPUT, 4, 2).why().contains("moved to n3 already"));
    }

    @Test
    void itEndsWithTheNewDiskAndIsNotTakenUpAgain() throws Exception {
        migrate(3, 2);
        eventually("it is copied", () -> progress(2).startsWith("is copied to n3"));

        complete(cluster.service.toggleDisk(DB1, node(3), true, Optional.empty()));
        eventually("n3 has none", () -> resource(3).diskless());
        assertTrue(resource(2).replacement().isEmpty());
        complete(cluster.service.toggleDisk(DB1, node(3), false, Optional.of(POOL)));
        synced(3);

        eventually("nothing is shown", () -> cluster.service.evacuation(node(2)).isEmpty());
        assertEquals("n1=disk n2=disk n3=disk", resources());
    }

    @Test
    void itEndsAlsoWhereTheNewReplicaIsDeletedOrItsNodeLost() throws Exception {
        migrate(3, 2);
        done(cluster.service.deleteResource(DB1, node(3)));
        eventually("n2 stays", () -> resource(2).replacement().isEmpty());
        eventually("n3 has none", () -> resource(3) == null || resource(3).diskless());
        assertTrue(resource(2).keepsDisk());

        complete(cluster.service.createResources(DB1, List.of(on(4, true))));
        migrate(4, 2);
        cluster.satellites.cutPower(node(4));
        eventually(
                "n4 is seen offline",
                () -> cluster.service.link(node(4)).problem().isPresent());
        complete(cluster.service.loseNode(node(4), Set.of()));
        assertTrue(resource(2).replacement().isEmpty());
        assertTrue(resource(2).keepsDisk());
    }

    @Test
    void ofAnEvacuationAndOfAMoveThereIsOneMark() throws Exception {
        migrate(3, 2);
        complete(cluster.service.evacuateNode(node(2), Ordered.set(null), Ordered.set(null)));
        eventually("it goes on with the same", () -> progress(2).startsWith("is copied to n3"));
        assertEquals("n1=disk n2=disk n3=disk", resources());

        complete(cluster.service.restoreNode(node(2)));
        synced(3);

        assertTrue(resource(2).replacement().isEmpty());
        assertFalse(resource(2).deleting());
        assertEquals("", progress(2));
    }

    @Test
    void whatWouldBeOneReplicaLessIsRefused() {
        complete(cluster.service.toggleDisk(DB1, node(3), false, Optional.of(POOL)));

        HeddleException refusal = notMigrated(ErrorCode.INVALID_INPUT, 3, 2);

        assertTrue(refusal.why().contains("one replica less"), refusal.why());
        assertEquals("n1=disk n2=disk n3=disk", resources());
    }

    @Test
    void whatIsNotThereCannotBeMoved() {
        notMigrated(ErrorCode.INVALID_INPUT, 3, 3);
        notMigrated(ErrorCode.NODE_NOT_FOUND, 3, 9);
        notMigrated(ErrorCode.RESOURCE_NOT_FOUND, 3, 4);
        complete(cluster.service.createResources(DB1, List.of(on(4, true))));
        assertTrue(notMigrated(ErrorCode.INVALID_INPUT, 3, 4).why().contains("no disk there"));
        assertTrue(resource(3).diskless());
    }
}
