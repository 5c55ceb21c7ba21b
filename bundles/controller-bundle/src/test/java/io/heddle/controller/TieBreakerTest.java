package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.done;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static io.heddle.controller.ClusterFixture.set;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.plan.TieBreakers;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.KernelStatus;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tie-breakers are there when the answer comes, and in the commit that made them needed. */
class TieBreakerTest {
    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void open() {
        cluster = new ClusterFixture(directory);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void twoPlacedReplicasGetATieBreakerInTheSameCommit() {
        cluster.withNodes(3).withDefinition(DB1);
        long before = cluster.service.state().revision();

        Outcome outcome = complete(cluster.service.autoPlace(DB1, place(2)));

        assertEquals("n1=disk n2=disk n3=tie", resources());
        assertEquals(before + 1, firstRevisionWithResources(), "one commit");
        assertTrue(says(outcome, Severity.INFO, "n3 is the tie-breaker of db1"), outcome.toString());
        assertEquals("majority", spec(1).resourceOptions().get("quorum"));
        assertTrue(spec(1).peers().get(1).diskless());
    }

    private long firstRevisionWithResources() {
        return cluster.satellites.sent.stream()
                .filter(delta -> !delta.changed().isEmpty())
                .mapToLong(delta -> delta.version().revision())
                .min()
                .orElseThrow();
    }

    @Test
    void aThirdReplicaTakesItsPlace() throws Exception {
        cluster.withNodes(4).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        assertEquals("n1=disk n2=disk n3=tie", resources());

        complete(cluster.service.createResources(DB1, List.of(on(4))));

        eventually("the tie-breaker is gone", () -> resources().equals("n1=disk n2=disk n4=disk"));
        complete(cluster.service.deleteResource(DB1, node(4)));
        assertEquals("n1=disk n2=disk n3=tie", resources());
    }

    @Test
    void onItsOwnNodeItBecomesTheThirdReplicaWithTheSameNumbers() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        Resource before = cluster.definition(DB1).resources().get(node(3));

        complete(cluster.service.autoPlace(DB1, place(3)));

        assertEquals("n1=disk n2=disk n3=disk", resources());
        Resource after = cluster.definition(DB1).resources().get(node(3));
        assertEquals(before.uuid(), after.uuid());
        assertEquals(before.nodeId(), after.nodeId());
        assertEquals(before.port(), after.port());
        assertTrue(after.volumes().get(0).backing().isPresent());
        assertFalse(before.volumes().get(0).uuid().equals(after.volumes().get(0).uuid()));

        complete(cluster.service.deleteResource(DB1, node(3)));
        eventually("it is back when the replica is gone", () -> resources().equals("n1=disk n2=disk n3=tie"));
    }

    @Test
    void itKeepsItsNumbers() {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        refused(
                ErrorCode.NUMBER_TAKEN,
                cluster.service.createResources(
                        DB1,
                        List.of(new ResourceCreation(
                                node(3),
                                Optional.empty(),
                                false,
                                OptionalInt.of(9),
                                OptionalInt.empty(),
                                Ordered.map(null)))));

        assertEquals("n1=disk n2=disk n3=tie", resources());
    }

    @Test
    void aClientOnItsNodeTakesItOverAndGivesItBack() {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        complete(cluster.service.createResources(DB1, List.of(on(3, true))));
        assertEquals("n1=disk n2=disk n3=client", resources());
        assertEquals("majority", spec(1).resourceOptions().get("quorum"), "its vote decides still");

        Outcome deleted = complete(cluster.service.deleteResource(DB1, node(3)));
        assertEquals("n1=disk n2=disk n3=tie", resources());
        assertTrue(says(deleted, Severity.INFO, "n3 stays as the tie-breaker of db1"), deleted.toString());
    }

    @Test
    void whoDeletesItHasNoneAndCanHaveItBack() throws Exception {
        cluster.withNodes(4).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        Outcome deleted = complete(cluster.service.deleteResource(DB1, node(3)));

        assertTrue(says(deleted, Severity.INFO, TieBreakers.AUTOMATIC + " is false on it now"), deleted.toString());
        eventually("it is gone", () -> resources().equals("n1=disk n2=disk"));
        assertEquals("false", cluster.definition(DB1).properties().get(TieBreakers.AUTOMATIC));
        assertFalse(spec(1).resourceOptions().containsKey("quorum"));

        complete(cluster.service.modifyResourceDefinition(
                DB1,
                new PropertyChange(
                        Ordered.map(null),
                        Ordered.set(Set.of(TieBreakers.AUTOMATIC)),
                        PropertyChange.NONE.deleteNamespaces())));
        assertEquals("n1=disk n2=disk n3=tie", resources());
    }

    @Test
    void itGoesWithTheSecondReplica() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        complete(cluster.service.deleteResource(DB1, node(2)));

        eventually("both are gone", () -> resources().equals("n1=disk"));
    }

    @Test
    void itMovesWhenItsNodeIsLost() throws Exception {
        cluster.withNodes(4).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        cutPower(3);

        complete(cluster.service.loseNode(node(3), Set.of()));

        assertEquals("n1=disk n2=disk n4=tie", resources());
    }

    @Test
    void itIsInNobodysWayWhenItsNodeIsDeleted() throws Exception {
        cluster.withNodes(4).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        complete(cluster.service.deleteNode(node(3)));

        assertEquals("n1=disk n2=disk n4=tie", resources());
        eventually(
                "the node is gone", () -> cluster.service.state().node(node(3)).isEmpty());
    }

    @Test
    void whereNoNodeCanHaveOneItIsSaidAndTheFirstThatAppearsGetsIt() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);

        Outcome outcome = complete(cluster.service.autoPlace(DB1, place(2)));

        assertTrue(says(outcome, Severity.INFO, "db1 has no tie-breaker"), outcome.toString());
        assertEquals("n1=disk n2=disk", resources());
        complete(cluster.service.modifyResourceDefinition(DB1, set("Aux/a", "b")));

        complete(cluster.service.createNode(cluster.nodeWish(3)));

        eventually("it is there", () -> resources().equals("n1=disk n2=disk n3=tie"));
    }

    @Test
    void afterARestartOfTheControllerANodeThatAppearsGetsItAsWell() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        cutPower(3);
        done(cluster.service.autoPlace(DB1, place(2)));
        assertEquals("n1=disk n2=disk", resources());

        cluster.restart(() -> cluster.machine(3).powered = true);

        eventually("it is there", () -> resources().equals("n1=disk n2=disk n3=tie"));
    }

    @Test
    void aChangedRuleHoldsForAllAtOnce() {
        cluster.withNodes(3).withoutTieBreakers().withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        assertEquals("n1=disk n2=disk", resources());

        complete(cluster.service.modifyController(set(TieBreakers.AUTOMATIC, "True")));

        assertEquals("n1=disk n2=disk n3=tie", resources());
    }

    @Test
    void underTheOldModuleThereIsNoneAndNothingIsSaid() {
        for (int number = 1; number <= 3; number++) {
            cluster.machine(number).dialect = KernelStatus.Dialect.DRBD_8_4;
        }
        cluster.withNodes(3).withDefinition(DB1);

        Outcome outcome = complete(cluster.service.autoPlace(DB1, place(2)));

        assertEquals("n1=disk n2=disk", resources());
        assertFalse(outcome.toString().contains("tie-breaker"), outcome.toString());
    }

    private void cutPower(int number) throws InterruptedException {
        cluster.satellites.cutPower(node(number));
        eventually(
                "n" + number + " is seen offline",
                () -> cluster.service.link(node(number)).problem().isPresent());
    }

    private static boolean says(Outcome outcome, Severity severity, String text) {
        return outcome.replies().stream()
                .anyMatch(
                        reply -> reply.severity() == severity && reply.message().contains(text));
    }

    private ResourceSpec spec(int number) {
        return cluster.machine(number).spec.orElseThrow().resources().values().stream()
                .findFirst()
                .orElseThrow();
    }

    private String resources() {
        return cluster.definition(DB1).resources().values().stream()
                .filter(resource -> !resource.deleting())
                .map(resource -> resource.node() + "="
                        + (resource.tieBreaker() ? "tie" : resource.diskless() ? "client" : "disk"))
                .collect(Collectors.joining(" "));
    }
}
