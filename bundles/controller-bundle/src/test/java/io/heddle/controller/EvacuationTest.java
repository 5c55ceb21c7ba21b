package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Role;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvacuationTest {
    private static final SortedSet<NodeName> ANY = Ordered.set(null);

    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void begin() {
        cluster = new ClusterFixture(directory).withoutTieBreakers();
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    private Set<NodeName> nodesOf(ResourceName name) {
        return cluster.definition(name).resources().keySet();
    }

    private String progress(ResourceName name, int number) {
        return cluster.service.evacuation(node(number)).getOrDefault(name, "");
    }

    private void synced(ResourceName name, int number) {
        Resource resource = cluster.definition(name).resources().get(node(number));
        resource.volumes()
                .values()
                .forEach(volume -> cluster.machine(number).disks.put(volume.uuid(), DiskState.UP_TO_DATE));
        cluster.satellites.report(node(number));
    }

    private void settled(ResourceName name) throws InterruptedException {
        eventually(name + " has content", () -> !Settlement.pending(cluster.definition(name)));
    }

    @Test
    void aReplicaGoesOnlyWhenTheOneInItsPlaceIsUpToDateAlsoAfterARestart() throws Exception {
        cluster.withNodes(4).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        settled(DB1);

        complete(cluster.service.evacuateNode(node(2), Ordered.set(List.of(node(4))), ANY));
        eventually("it is copied", () -> progress(DB1, 2).startsWith("is copied to n4"));
        cluster.restart();
        eventually("it is copied still", () -> progress(DB1, 2).startsWith("is copied to n4"));

        assertEquals(Set.of(node(1), node(2), node(4)), nodesOf(DB1));
        assertFalse(cluster.definition(DB1).resources().get(node(2)).deleting());
        synced(DB1, 4);
        eventually("n2 is empty", () -> nodesOf(DB1).equals(Set.of(node(1), node(4))));
        eventually("nothing is shown", () -> cluster.service.evacuation(node(2)).isEmpty());
        assertTrue(
                cluster.service.state().node(node(2)).flatMap(Node::evacuation).isPresent());
        complete(cluster.service.deleteNode(node(2)));
    }

    @Test
    void whatIsInUseStaysUntilItsUserHasMoved() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        settled(DB1);
        cluster.machine(2).role = Role.PRIMARY;
        cluster.satellites.report(node(2));

        complete(cluster.service.evacuateNode(node(2), ANY, ANY));
        eventually("it is copied", () -> progress(DB1, 2).startsWith("is copied to n3"));
        synced(DB1, 3);
        eventually("it waits for its user", () -> progress(DB1, 2).contains("in use here"));

        assertTrue(nodesOf(DB1).contains(node(2)));
        cluster.machine(2).role = Role.SECONDARY;
        cluster.satellites.report(node(2));
        eventually("n2 is empty", () -> nodesOf(DB1).equals(Set.of(node(1), node(3))));
    }

    @Test
    void whatCannotBeMovedIsListedWithTheReasonAndGoesOnWhenItCan() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        settled(DB1);

        complete(cluster.service.evacuateNode(node(2), ANY, ANY));
        eventually("it is said why", () -> progress(DB1, 2).contains("n1: has a replica already"));
        assertEquals(Set.of(node(1), node(2)), nodesOf(DB1));

        complete(cluster.service.createNode(cluster.nodeWish(3)));
        complete(cluster.service.createStoragePool(cluster.poolWish(3)));
        eventually("it goes on", () -> progress(DB1, 2).startsWith("is copied to n3"));
    }

    @Test
    void nothingIsPlacedOnANodeThatIsEvacuatedUntilItIsRestored() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.evacuateNode(node(2), ANY, ANY));

        HeddleException automatic = refused(ErrorCode.NOT_ENOUGH_NODES, cluster.service.autoPlace(DB1, place(3)));
        HeddleException named = refused(ErrorCode.IN_USE, cluster.service.createResources(DB1, List.of(on(2))));

        assertTrue(
                automatic.problem().why().contains("n2: is no target"),
                automatic.problem().why());
        assertTrue(named.problem().correction().contains("heddle node restore n2"));
        complete(cluster.service.restoreNode(node(2)));
        complete(cluster.service.autoPlace(DB1, place(3)));
    }

    @Test
    void aRestoredNodeKeepsWhatItHasAndTheReplicaThatIsOneTooManyIsNamed() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        settled(DB1);
        complete(cluster.service.evacuateNode(node(2), ANY, ANY));
        eventually("it is copied", () -> progress(DB1, 2).startsWith("is copied to n3"));

        Outcome outcome = complete(cluster.service.restoreNode(node(2)));

        assertTrue(
                outcome.replies().stream().anyMatch(reply -> reply.message().contains("heddle resource delete n3 db1")),
                outcome.toString());
        synced(DB1, 3);
        complete(cluster.service.autoPlace(DB1, place(3)));
        assertEquals(Set.of(node(1), node(2), node(3)), nodesOf(DB1));
        assertEquals("", progress(DB1, 2));
    }

    @Test
    void onlyAFewAreCopiedAtTheSameTime() throws Exception {
        cluster.withNodes(3);
        TreeSet<ResourceName> all = new TreeSet<>();
        for (int number = 0; number < EvacuationKeeper.AT_ONCE + 2; number++) {
            ResourceName name = new ResourceName("many" + number);
            all.add(name);
            cluster.withDefinition(name);
            complete(cluster.service.createResources(name, List.of(on(1), on(2))));
            settled(name);
        }

        complete(cluster.service.evacuateNode(node(2), ANY, ANY));
        eventually(
                "some wait",
                () -> cluster.service.evacuation(node(2)).values().stream()
                                .filter(words -> words.startsWith("waits for its turn"))
                                .count()
                        == 2);
        eventually(
                "some are copied",
                () -> cluster.service.evacuation(node(2)).values().stream()
                                .filter(words -> words.startsWith("is copied"))
                                .count()
                        == EvacuationKeeper.AT_ONCE);
        long placed =
                all.stream().filter(name -> nodesOf(name).contains(node(3))).count();
        assertEquals(EvacuationKeeper.AT_ONCE, placed);

        ResourceName first = all.first();
        synced(first, 3);
        eventually(
                "the next one follows",
                () -> all.stream()
                                .filter(name -> nodesOf(name).contains(node(3)))
                                .count()
                        == EvacuationKeeper.AT_ONCE + 1);
        eventually("the first has gone", () -> !nodesOf(first).contains(node(2)));
    }
}
