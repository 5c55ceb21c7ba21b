package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.POOL;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.definitionWish;
import static io.heddle.controller.ClusterFixture.done;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static io.heddle.controller.ClusterFixture.set;
import static io.heddle.controller.ClusterFixture.volumeWish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.ClusterEvent;
import io.heddle.core.cluster.ClusterEvents;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.KernelStatus;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterServiceTest {
    private static final Problem BROKEN =
            new Problem(ErrorCode.COMMAND_FAILED, "lvcreate failed", "exit 5", "look at the disk");

    @TempDir
    private Path directory;

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
    void aVolumeIsPlacedOnThreeNodesAndIsUpToDateWhenTheAnswerComes() {
        cluster.withNodes(3).withDefinition(DB1);

        Outcome outcome = complete(cluster.service.autoPlace(DB1, place(3)));

        assertEquals(6, outcome.replies().size());
        ResourceDefinition definition = cluster.definition(DB1);
        assertEquals(Set.of(node(1), node(2), node(3)), definition.resources().keySet());
        for (Resource resource : definition.resources().values()) {
            assertEquals(
                    "db1_00000",
                    resource.volumes().get(0).backing().orElseThrow().name());
            assertEquals(POOL, resource.volumes().get(0).backing().orElseThrow().pool());
        }
        assertEquals(
                List.of(0, 1, 2),
                definition.resources().values().stream()
                        .map(Resource::nodeId)
                        .sorted()
                        .toList());
    }

    @Test
    void whatWasReachedFirstIsClearedSoThatItCanNeverActAgain() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);

        complete(cluster.service.autoPlace(DB1, place(2)));

        eventually(
                "the first generation is cleared",
                () -> cluster.definition(DB1)
                        .volumeDefinitions()
                        .get(0)
                        .firstGeneration()
                        .isEmpty());
        eventually(
                "the satellites know",
                () -> spec(1).volumes().get(0).firstGeneration().isEmpty());
    }

    @Test
    void theSyncIsSkippedOnlyWhereEveryReplicaReadsAsZeros() {
        cluster.machine(2).zeroes = false;
        cluster.withNodes(3).withDefinition(DB1).withDefinition(new ResourceName("db2"));
        cluster.machine(1).silent = true;
        cluster.machine(2).silent = true;
        cluster.machine(3).silent = true;

        cluster.service.createResources(DB1, List.of(on(1), on(2)));
        cluster.service.createResources(new ResourceName("db2"), List.of(on(1), on(3)));
        complete(cluster.service.createResourceDefinition(definitionWish(new ResourceName("after"))));

        assertEquals(FirstGeneration.Mode.FULL_SYNC, first("db1").mode());
        assertEquals(node(1), first("db1").leader());
        assertEquals(FirstGeneration.Mode.SKIP_SYNC, first("db2").mode());
        assertEquals(Set.of(node(1), node(3)), first("db2").replicas());
    }

    @Test
    void aReplicaAddedLaterStartsInconsistent() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        eventually(
                "nothing is pending",
                () -> cluster.definition(DB1)
                        .volumeDefinitions()
                        .get(0)
                        .firstGeneration()
                        .isEmpty());

        complete(cluster.service.autoPlace(DB1, place(3)));

        assertTrue(cluster.definition(DB1)
                .volumeDefinitions()
                .get(0)
                .firstGeneration()
                .isEmpty());
    }

    @Test
    void aReplicaJoinsAFirstGenerationThatIsStillPending() {
        cluster.withNodes(3).withDefinition(DB1);
        cluster.machine(1).silent = true;
        cluster.machine(2).silent = true;
        cluster.machine(3).silent = true;
        cluster.service.createResources(DB1, List.of(on(1), on(2)));

        cluster.service.createResources(DB1, List.of(on(3)));
        complete(cluster.service.createResourceDefinition(definitionWish(new ResourceName("after"))));

        assertEquals(Set.of(node(1), node(2), node(3)), first("db1").replicas());
    }

    @Test
    void aDeletedDefinitionIsGoneWhenTheAnswerComes() {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));

        complete(cluster.service.deleteResourceDefinition(DB1));

        assertTrue(cluster.service.state().resourceDefinition(DB1).isEmpty());
        assertTrue(cluster.service.state().tombstones().isEmpty());
        assertTrue(cluster.service.state().definitionsOn(node(1)).isEmpty());
    }

    @Test
    void aTombstoneOfAnOfflineNodeStaysAndHoldsNobodyUp() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        cluster.satellites.cutPower(node(2));
        eventually(
                "n2 is seen offline",
                () -> cluster.service.link(node(2)).problem().isPresent());

        Outcome outcome = done(cluster.service.deleteResourceDefinition(DB1));

        Reply warning = warnings(outcome).get(0);
        assertEquals(ErrorCode.NODE_OFFLINE, warning.problem().orElseThrow().code());
        assertEquals(1, cluster.service.state().tombstones(DB1).size());
        assertEquals(
                Set.of(node(2)),
                cluster.service.state().tombstones(DB1).get(0).resources().keySet());
        cluster.satellites.switchOn(node(2));
        eventually("it is gone", () -> cluster.service.state().tombstones().isEmpty());
    }

    @Test
    void aNameCreatedAgainIsANewIncarnationBesideItsTombstone() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        ResourceDefinition old = cluster.definition(DB1);
        cluster.machine(2).holdingRemovals =
                Optional.of(new Problem(ErrorCode.HELD_BY_KEEP_RES, "held", "keep-res", "change keep-res"));
        Outcome deleted = done(cluster.service.deleteResourceDefinition(DB1));
        assertEquals(
                ErrorCode.HELD_BY_KEEP_RES,
                warnings(deleted).get(0).problem().orElseThrow().code());

        cluster.withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        ResourceDefinition renewed = cluster.definition(DB1);
        assertNotEquals(old.uuid(), renewed.uuid());
        assertNotEquals(old.sharedSecret(), renewed.sharedSecret());
        assertEquals("db1_00000", backing(renewed, 1));
        assertEquals("db1_00000_2", backing(renewed, 2));
        assertNotEquals(
                old.resources().get(node(2)).port(),
                renewed.resources().get(node(2)).port());
        assertTrue(renewed.volumeDefinitions().get(0).minor()
                != old.volumeDefinitions().get(0).minor());
    }

    @Test
    void aDeletedResourceFreesItsNodeIdOnlyWhenEveryPeerHasForgottenIt() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2), on(3))));
        cluster.machine(3).forgets = false;

        complete(cluster.service.deleteResource(DB1, node(2)));

        assertEquals(Set.of(1), cluster.definition(DB1).retiredNodeIds());
        cluster.machine(3).forgets = true;
        cluster.satellites.report(node(3));
        eventually("it is free", () -> cluster.definition(DB1).retiredNodeIds().isEmpty());
    }

    @Test
    void anOldReportOfForgettingDoesNotFreeANodeIdThatWasUsedAgain() throws Exception {
        cluster.withNodes(3).withoutTieBreakers().withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2), on(3))));
        complete(cluster.service.deleteResource(DB1, node(3)));
        eventually("it is free", () -> cluster.definition(DB1).retiredNodeIds().isEmpty());
        complete(cluster.service.createResources(DB1, List.of(on(3))));
        assertEquals(2, cluster.definition(DB1).resources().get(node(3)).nodeId());
        cluster.machine(1).silent = true;
        cluster.machine(1).forgets = false;

        complete(cluster.service.deleteResource(DB1, node(3)));

        assertEquals(Set.of(2), cluster.definition(DB1).retiredNodeIds());
    }

    @Test
    void aVolumeIsAddedGrownAndDeleted() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        complete(cluster.service.createVolumeDefinition(DB1, volumeWish(32)));
        complete(cluster.service.modifyVolumeDefinition(DB1, 1, Optional.of(Bytes.ofMib(48)), PropertyChange.NONE));

        assertEquals(
                Bytes.ofMib(48),
                cluster.definition(DB1).volumeDefinitions().get(1).size());
        assertEquals(
                "db1_00001",
                cluster.definition(DB1)
                        .resources()
                        .get(node(1))
                        .volumes()
                        .get(1)
                        .backing()
                        .orElseThrow()
                        .name());
        refused(
                ErrorCode.SHRINK_REFUSED,
                cluster.service.modifyVolumeDefinition(DB1, 1, Optional.of(Bytes.ofMib(40)), PropertyChange.NONE));

        complete(cluster.service.deleteVolumeDefinition(DB1, 1));

        assertEquals(Set.of(0), cluster.definition(DB1).volumeDefinitions().keySet());
        assertEquals(
                Set.of(0),
                cluster.definition(DB1).resources().get(node(1)).volumes().keySet());
    }

    @Test
    void deletingWhatIsAbsentSucceedsWithAWarning() {
        cluster.withNodes(1).withDefinition(DB1);

        assertAbsent(
                ErrorCode.RESOURCE_DEFINITION_NOT_FOUND,
                cluster.service.deleteResourceDefinition(new ResourceName("nosuch")));
        assertAbsent(ErrorCode.RESOURCE_NOT_FOUND, cluster.service.deleteResource(DB1, node(1)));
        assertAbsent(ErrorCode.VOLUME_DEFINITION_NOT_FOUND, cluster.service.deleteVolumeDefinition(DB1, 7));
        assertAbsent(ErrorCode.NODE_NOT_FOUND, cluster.service.deleteNode(node(9)));
        assertAbsent(ErrorCode.NODE_NOT_FOUND, cluster.service.loseNode(node(9), Set.of()));
        assertAbsent(
                ErrorCode.STORAGE_POOL_NOT_FOUND, cluster.service.deleteStoragePool(node(1), new PoolName("nosuch")));
    }

    private static void assertAbsent(ErrorCode code, CompletionStage<Outcome> stage) {
        Outcome outcome = done(stage);
        assertEquals(1, outcome.replies().size());
        assertEquals(Severity.WARNING, outcome.replies().get(0).severity());
        assertEquals(code, outcome.replies().get(0).problem().orElseThrow().code());
    }

    @Test
    void aPoolThatCannotBeUsedIsNotKept() {
        cluster.machine(1).brokenBackings = Set.of("vg0/thin");
        complete(cluster.service.createNode(cluster.nodeWish(1)));

        HeddleException failure =
                refused(ErrorCode.POOL_UNUSABLE, cluster.service.createStoragePool(cluster.poolWish(1)));

        assertTrue(failure.why().contains("no such volume group"), failure.why());
        assertTrue(cluster.service
                .state()
                .node(node(1))
                .orElseThrow()
                .storagePools()
                .isEmpty());
    }

    @Test
    void aPoolOfAnOfflineNodeIsRefused() throws Exception {
        cluster.machine(1).powered = false;
        done(cluster.service.createNode(cluster.nodeWish(1)));

        refused(ErrorCode.NODE_OFFLINE, cluster.service.createStoragePool(cluster.poolWish(1)));

        assertTrue(cluster.service
                .state()
                .node(node(1))
                .orElseThrow()
                .storagePools()
                .isEmpty());
    }

    @Test
    void aFailureOfASatelliteIsInTheFirstAnswerAndWhoWaitsForItSaysSo() {
        cluster.withNodes(2).withDefinition(DB1);
        cluster.machine(2).failing = Optional.of(BROKEN);

        Outcome outcome = done(cluster.service.autoPlace(DB1, place(2)));

        List<Problem> problems = warnings(outcome).stream()
                .map(reply -> reply.problem().orElseThrow())
                .toList();
        assertEquals(2, problems.size(), problems.toString());
        assertEquals(BROKEN.code(), problems.get(0).code());
        assertTrue(problems.get(0).why().contains("waits for the new replica on n2"), problems.toString());
        assertEquals(BROKEN, problems.get(1));
        assertEquals(
                Set.of(node(1), node(2)), cluster.definition(DB1).resources().keySet());
    }

    @Test
    void aReplicaThatWaitsForARefusedOneIsNotWaitedFor() {
        cluster.withNodes(3).withDefinition(DB1);
        Problem foreign = new Problem(
                ErrorCode.FOREIGN_VOLUME, "does not touch db1_00000", "it is somebody's", "rename or remove it");
        cluster.machine(2).refusing = Optional.of(foreign);

        Outcome outcome = done(cluster.service.autoPlace(DB1, place(3)));

        List<Problem> problems = warnings(outcome).stream()
                .map(reply -> reply.problem().orElseThrow())
                .toList();
        assertEquals(3, problems.size(), problems.toString());
        assertTrue(problems.contains(foreign), problems.toString());
        // Whoever waited for ever would have been told TIMED_OUT.
        assertTrue(
                problems.stream().allMatch(problem -> problem.code() == ErrorCode.FOREIGN_VOLUME), problems.toString());
        assertTrue(
                problems.stream()
                        .filter(problem -> !problem.equals(foreign))
                        .allMatch(problem -> problem.why().contains("waits for the new replica on n2")),
                problems.toString());
        assertEquals(0, cluster.service.openGoals());
    }

    @Test
    void aNodeWhosePortsAreUsedUpIsPassedOver() {
        cluster.withNodes(3).withoutTieBreakers();
        complete(cluster.service.modifyController(set("TcpPortAutoRange", "7100-7100")));
        ResourceName first = new ResourceName("first");
        cluster.withDefinition(first);
        complete(cluster.service.autoPlace(first, place(2)));
        assertEquals(
                Set.of(7100),
                cluster.definition(first).resources().values().stream()
                        .map(Resource::port)
                        .collect(Collectors.toSet()));

        cluster.withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(1)));
        assertEquals(Set.of(node(3)), cluster.definition(DB1).resources().keySet());

        ResourceName third = new ResourceName("third");
        cluster.withDefinition(third);
        HeddleException refusal = refused(ErrorCode.NOT_ENOUGH_NODES, cluster.service.autoPlace(third, place(1)));
        assertTrue(refusal.why().contains("n1: has no free TCP port from 7100 to 7100"), refusal.why());
        complete(cluster.service.modifyController(set("TcpPortAutoRange", "7100-7101")));
        complete(cluster.service.autoPlace(third, place(1)));
    }

    @Test
    void emptyThinVolumesSpreadOverNodesWithTheSameFreeSpace() {
        cluster.withNodes(3).withoutTieBreakers();
        for (int number = 1; number <= 3; number++) {
            ResourceName name = new ResourceName("db" + number);
            cluster.withDefinition(name);
            complete(cluster.service.autoPlace(name, place(2)));
        }

        for (int number = 1; number <= 3; number++) {
            assertEquals(2, cluster.service.state().resourcesOn(node(number)), "on " + node(number));
        }
    }

    @Test
    void aSilentSatelliteIsWaitedForUntilTheDeadline() {
        cluster.close();
        cluster = new ClusterFixture(
                directory,
                new Patience(
                        Duration.ofSeconds(8), Duration.ofMillis(500), Duration.ofSeconds(5), Duration.ofSeconds(2)));
        cluster.withNodes(2).withDefinition(DB1);
        cluster.machine(2).silent = true;

        Outcome outcome = done(cluster.service.autoPlace(DB1, place(2)));

        Problem problem = warnings(outcome).get(0).problem().orElseThrow();
        assertEquals(ErrorCode.TIMED_OUT, problem.code());
        assertTrue(problem.why().contains("n2 has not reported on it"), problem.why());
        assertEquals(0, cluster.service.openGoals());
    }

    @Test
    void whoWaitsIsAnsweredWhenTheControllerIsStopped() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        cluster.machine(2).silent = true;
        CompletionStage<Outcome> waiting = cluster.service.autoPlace(DB1, place(2));
        eventually("it waits", () -> cluster.service.openGoals() > 0);

        cluster.restart();

        Problem problem = warnings(done(waiting)).get(0).problem().orElseThrow();
        assertEquals(ErrorCode.SHUTTING_DOWN, problem.code(), problem.text());
        assertEquals(
                Set.of(node(1), node(2)), cluster.definition(DB1).resources().keySet());
    }

    @Test
    void anOfflineNodeIsAnsweredForWithinAboutASecond() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1))));
        cluster.satellites.cutPower(node(2));
        eventually(
                "n2 is seen offline",
                () -> cluster.service.link(node(2)).problem().isPresent());
        long start = System.nanoTime();

        Outcome outcome = done(cluster.service.createResources(DB1, List.of(on(2))));

        assertEquals(
                ErrorCode.NODE_OFFLINE,
                warnings(outcome).get(0).problem().orElseThrow().code());
        long millis = (System.nanoTime() - start) / 1_000_000;
        assertTrue(millis < 10_000, millis + " ms");
        cluster.satellites.switchOn(node(2));
        eventually(
                "n2 has it",
                () -> cluster.machine(2).spec.orElseThrow().resources().size() == 1);
    }

    @Test
    void drbd84TakesTwoReplicasWithADiskAndNothingElse() {
        for (int number = 1; number <= 3; number++) {
            cluster.machine(number).dialect = KernelStatus.Dialect.DRBD_8_4;
        }
        cluster.withNodes(3).withDefinition(DB1);

        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));

        HeddleException third = refused(ErrorCode.NOT_SUPPORTED, cluster.service.createResources(DB1, List.of(on(3))));
        assertTrue(third.why().contains("two nodes"), third.why());
        refused(ErrorCode.NOT_ENOUGH_NODES, cluster.service.autoPlace(DB1, place(3)));
        complete(cluster.service.deleteResource(DB1, node(2)));
        refused(ErrorCode.NOT_SUPPORTED, cluster.service.createResources(DB1, List.of(on(2, true))));
    }

    @Test
    void aMachineWithAnotherHostNameGetsNoResources() {
        cluster.machine(1).hostName = "N1.example.com";
        Outcome created = done(cluster.service.createNode(cluster.nodeWish(1)));
        assertTrue(
                warnings(created).get(0).problem().orElseThrow().why().contains("N1.example.com"), created.toString());
        complete(cluster.service.createStoragePool(cluster.poolWish(1)));
        cluster.withDefinition(DB1);

        HeddleException failure =
                refused(ErrorCode.INVALID_INPUT, cluster.service.createResources(DB1, List.of(on(1))));

        assertTrue(failure.correction().contains("N1.example.com"), failure.correction());
        refused(ErrorCode.NOT_ENOUGH_NODES, cluster.service.autoPlace(DB1, place(1)));
    }

    @Test
    void aPoolWithoutSpaceIsRefusedWithTheNumbers() {
        cluster.machine(1).thin = false;
        cluster.machine(1).free = Bytes.ofMib(32);
        cluster.withNodes(1).withDefinition(DB1);

        HeddleException failure = refused(ErrorCode.POOL_FULL, cluster.service.createResources(DB1, List.of(on(1))));

        assertTrue(failure.why().contains("32 MiB free"), failure.why());
        assertTrue(cluster.definition(DB1).resources().isEmpty());
    }

    @Test
    void resourcesOnNamedNodesAreAllMadeOrNone() {
        cluster.withNodes(2).withDefinition(DB1);

        refused(ErrorCode.NODE_NOT_FOUND, cluster.service.createResources(DB1, List.of(on(1), on(9))));
        refused(ErrorCode.INVALID_INPUT, cluster.service.createResources(DB1, List.of(on(1), on(1))));
        refused(ErrorCode.INVALID_INPUT, cluster.service.createResources(DB1, List.of(on(1, true))));

        assertTrue(cluster.definition(DB1).resources().isEmpty());
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2, true))));
        refused(ErrorCode.RESOURCE_EXISTS, cluster.service.createResources(DB1, List.of(on(1))));
        refused(ErrorCode.IN_USE, cluster.service.deleteResource(DB1, node(1)));
    }

    /** Thick and thin zvols of a dataset take their space from the same place. */
    @Test
    void oneDatasetOfZfsIsOneStoragePool() {
        cluster.withNodes(1);
        complete(cluster.service.createStoragePool(new StoragePoolCreation(
                node(1), new PoolName("thin"), DriverKind.ZFS_THIN, "tank/heddle", Ordered.map(null))));

        refused(
                ErrorCode.STORAGE_POOL_EXISTS,
                cluster.service.createStoragePool(new StoragePoolCreation(
                        node(1), new PoolName("thick"), DriverKind.ZFS, "tank/heddle", Ordered.map(null))));
    }

    @Test
    void duplicatesAndBadInputAreRefusedAndLeaveNothing() {
        cluster.withNodes(2).withDefinition(DB1);
        long revision = cluster.service.state().revision();

        refused(ErrorCode.NODE_EXISTS, cluster.service.createNode(cluster.nodeWish(1)));
        refused(ErrorCode.STORAGE_POOL_EXISTS, cluster.service.createStoragePool(cluster.poolWish(1)));
        refused(
                ErrorCode.RESOURCE_DEFINITION_EXISTS,
                cluster.service.createResourceDefinition(definitionWish(new ResourceName("DB1"))));
        refused(ErrorCode.INVALID_SIZE, cluster.service.createVolumeDefinition(DB1, volumeWish(3)));
        refused(ErrorCode.UNKNOWN_PROPERTY, cluster.service.modifyResourceDefinition(DB1, set("NoSuchProperty", "1")));
        refused(
                ErrorCode.INVALID_PROPERTY,
                cluster.service.modifyController(set("DrbdOptions/Net/max-buffers", "abc")));
        refused(ErrorCode.INVALID_PROPERTY, cluster.service.modifyStoragePool(node(1), POOL, set("PrefNic", "nosuch")));
        refused(
                ErrorCode.RESOURCE_DEFINITION_NOT_FOUND,
                cluster.service.autoPlace(new ResourceName("nosuch"), place(1)));
        refused(ErrorCode.NOT_ENOUGH_NODES, cluster.service.autoPlace(DB1, place(3)));
        refused(ErrorCode.IN_USE, cluster.service.importState(export()));

        assertEquals(revision, cluster.service.state().revision());
    }

    @Test
    void aNodeWithResourcesStaysUntilTheyAreGone() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        HeddleException failure = refused(ErrorCode.IN_USE, cluster.service.deleteNode(node(2)));
        assertTrue(failure.why().contains("db1"), failure.why());
        refused(ErrorCode.IN_USE, cluster.service.deleteStoragePool(node(2), POOL));

        complete(cluster.service.deleteResource(DB1, node(2)));
        complete(cluster.service.deleteStoragePool(node(2), POOL));
        complete(cluster.service.deleteNode(node(2)));

        assertEquals(Set.of(node(1)), cluster.service.state().nodes().keySet());
    }

    @Test
    void aNodeWithTombstonesLeavesWhenTheseAreCarriedOut() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        cluster.satellites.cutPower(node(2));
        eventually(
                "n2 is seen offline",
                () -> cluster.service.link(node(2)).problem().isPresent());
        done(cluster.service.deleteResource(DB1, node(2)));

        Outcome outcome = done(cluster.service.deleteNode(node(2)));

        assertFalse(outcome.complete());
        assertTrue(cluster.service.state().node(node(2)).orElseThrow().deleting());
        cluster.satellites.switchOn(node(2));
        eventually("n2 is gone", () -> cluster.service.state().node(node(2)).isEmpty());
    }

    @Test
    void aLostNodeCannotRejoinWithOldData() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        ResourceDefinition before = cluster.definition(DB1);
        int nodeId = before.resources().get(node(2)).nodeId();
        cluster.machine(1).forgets = false;
        refused(ErrorCode.IN_USE, cluster.service.loseNode(node(2), Set.of()));
        cluster.satellites.cutPower(node(2));
        eventually(
                "n2 is seen offline",
                () -> cluster.service.link(node(2)).problem().isPresent());

        complete(cluster.service.loseNode(node(2), Set.of()));

        ResourceDefinition after = cluster.definition(DB1);
        assertNotEquals(before.sharedSecret(), after.sharedSecret());
        assertEquals(Set.of(node(1), node(3)), after.resources().keySet());
        assertEquals(Set.of(nodeId), after.retiredNodeIds());
        assertTrue(cluster.service.state().node(node(2)).isEmpty());
        eventually(
                "the others use the new secret",
                () -> spec(1).sharedSecret().equals(after.sharedSecret())
                        && spec(1).forgetNodeIds().contains(nodeId));
    }

    @Test
    void aNodeWithTheLastGoodCopyIsGivenUpOnlyByTheWordThatNamesWhatIsLost() throws Exception {
        ResourceName alone = new ResourceName("alone");
        cluster.withNodes(3).withoutTieBreakers().withDefinition(DB1).withDefinition(alone);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        complete(cluster.service.createResources(alone, List.of(on(2))));
        eventually(
                "both have content",
                () -> !Settlement.pending(cluster.definition(DB1)) && !Settlement.pending(cluster.definition(alone)));
        for (int number : List.of(1, 2)) {
            cluster.satellites.cutPower(node(number));
            eventually(
                    "it is seen offline",
                    () -> cluster.service.link(node(number)).problem().isPresent());
        }

        HeddleException all = refused(ErrorCode.LAST_GOOD_COPY, cluster.service.loseNode(node(2), Set.of()));
        HeddleException one = refused(ErrorCode.LAST_GOOD_COPY, cluster.service.loseNode(node(2), Set.of(DB1)));

        assertTrue(
                all.problem().why().contains("alone (there is no other replica)"),
                all.problem().why());
        assertTrue(
                all.problem().why().contains("db1 (the replica on n1 is out of sight)"),
                all.problem().why());
        assertTrue(all.problem().correction().endsWith("heddle node lost n2 --losing alone,db1"));
        assertFalse(one.problem().why().contains("db1"), one.problem().why());
        assertTrue(cluster.service.state().node(node(2)).isPresent());

        Outcome outcome = done(cluster.service.loseNode(node(2), Set.of(DB1, alone)));

        assertEquals(
                List.of(ErrorCode.LAST_GOOD_COPY, ErrorCode.LAST_GOOD_COPY),
                outcome.replies().stream()
                        .flatMap(reply -> reply.problem().stream())
                        .map(Problem::code)
                        .toList());
        assertEquals(Set.of(node(1)), cluster.definition(DB1).resources().keySet());
    }

    @Test
    void aNodeWhoseDrbdOthersAreConnectedWithIsNotGivenUp() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        cluster.machine(1).connectedWith = Set.of("n2");
        cluster.satellites.report(node(1));
        cluster.satellites.cutPower(node(2));
        eventually(
                "n2 is seen offline",
                () -> cluster.service.link(node(2)).problem().isPresent());

        HeddleException refusal = refused(ErrorCode.IN_USE, cluster.service.loseNode(node(2), Set.of()));

        assertTrue(refusal.problem().why().contains("DRBD on n1 is connected with it"));
    }

    @Test
    void aSecretStaysWhereOneThatComesBackKnowsNoOther() throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2), on(3))));
        eventually("it has content", () -> !Settlement.pending(cluster.definition(DB1)));
        for (int number : List.of(2, 3)) {
            cluster.satellites.cutPower(node(number));
            eventually(
                    "it is seen offline",
                    () -> cluster.service.link(node(number)).problem().isPresent());
        }
        ResourceDefinition before = cluster.definition(DB1);

        Outcome outcome = complete(cluster.service.loseNode(node(3), Set.of()));

        assertEquals(before.sharedSecret(), cluster.definition(DB1).sharedSecret());
        assertTrue(outcome.toString().contains("n2 is out of reach"), outcome.toString());
        assertEquals(
                Set.of(node(1), node(2)), cluster.definition(DB1).resources().keySet());
    }

    @Test
    void whatWasHeldBeforeIsNoAnswerToADeletion() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        cluster.machine(2).refusing =
                Optional.of(new Problem(ErrorCode.DISK_FAILED, "no disk", "an I/O error", "replace it"));
        cluster.satellites.report(node(2));
        eventually(
                "it is shown",
                () -> cluster.service.status(node(2)).orElseThrow().resources().values().stream()
                        .anyMatch(resource -> resource.problem().isPresent()));

        complete(cluster.service.deleteResource(DB1, node(2)));
    }

    @Test
    void aLostNodeEndsDeletionsThatWaitedForIt() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        cluster.satellites.cutPower(node(2));
        eventually(
                "n2 is seen offline",
                () -> cluster.service.link(node(2)).problem().isPresent());
        done(cluster.service.deleteResourceDefinition(DB1));
        eventually(
                "n1 is through",
                () -> cluster.service.state().tombstones().stream()
                        .allMatch(left -> left.resources().keySet().equals(Set.of(node(2)))));
        assertEquals(1, cluster.service.state().tombstones().size());

        complete(cluster.service.loseNode(node(2), Set.of()));

        assertEquals(0, cluster.service.state().tombstones().size());
    }

    @Test
    void aDeletionThatWaitsForADeadDiskIsEndedByAWordOnly() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        refused(ErrorCode.INVALID_INPUT, cluster.service.abandonResource(DB1, node(2)));
        cluster.machine(2).holdingRemovals = Optional.of(
                new Problem(ErrorCode.OBSERVATION_FAILED, "cannot see it", "the disk is dead", "replace it"));
        done(cluster.service.deleteResourceDefinition(DB1));
        eventually(
                "n1 is through",
                () -> cluster.service.state().tombstones().stream()
                        .allMatch(left -> left.resources().keySet().equals(Set.of(node(2)))));
        assertEquals(1, cluster.service.state().tombstones().size());
        assertFalse(removed(2).volumes().isEmpty());

        done(cluster.service.abandonResource(DB1, node(2)));
        eventually("the node is told of no volume", () -> removed(2).volumes().isEmpty());
        cluster.machine(2).holdingRemovals = Optional.empty();
        cluster.satellites.report(node(2));

        eventually("nothing is left", () -> cluster.service.state().tombstones().isEmpty());
    }

    private ResourceSpec removed(int number) {
        return cluster.machine(number)
                .spec
                .orElseThrow()
                .resources()
                .values()
                .iterator()
                .next();
    }

    @Test
    void theLastGoodCopyOfADefinitionThatStaysIsNotAbandoned() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        eventually("it has content", () -> !Settlement.pending(cluster.definition(DB1)));
        cluster.machine(2).holdingRemovals = Optional.of(
                new Problem(ErrorCode.OBSERVATION_FAILED, "cannot see it", "the disk is dead", "replace it"));
        done(cluster.service.deleteResource(DB1, node(2)));
        cluster.satellites.cutPower(node(1));
        eventually(
                "n1 is seen offline",
                () -> cluster.service.link(node(1)).problem().isPresent());

        refused(ErrorCode.LAST_GOOD_COPY, cluster.service.abandonResource(DB1, node(2)));

        cluster.satellites.switchOn(node(1));
        eventually(
                "n1 is seen again",
                () -> cluster.service.link(node(1)).problem().isEmpty());
        done(cluster.service.abandonResource(DB1, node(2)));
        eventually("the node is told of no volume", () -> removed(2).volumes().isEmpty());
    }

    @Test
    void theLeaderOfAPendingFirstGenerationIsReplacedWhenItLeaves() {
        cluster.withNodes(2).withDefinition(DB1);
        cluster.machine(1).silent = true;
        cluster.machine(2).silent = true;
        cluster.service.createResources(DB1, List.of(on(1), on(2)));

        cluster.service.deleteResource(DB1, node(1));
        complete(cluster.service.createResourceDefinition(definitionWish(new ResourceName("after"))));

        assertEquals(node(2), first("db1").leader());
        assertEquals(Set.of(node(2)), first("db1").replicas());
    }

    @Test
    void onlyTheNodesConcernedAreTold() throws Exception {
        cluster.withNodes(3).withoutTieBreakers().withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        eventually("nothing is pending", () -> !Settlement.pending(cluster.definition(DB1)));
        complete(cluster.service.modifyResourceDefinition(DB1, set("Aux/a", "b")));
        eventually(
                "that has arrived",
                () -> cluster.machine(2).spec.orElseThrow().version().revision()
                        == cluster.service.state().revision());
        int before = cluster.satellites.sent.size();
        int whole = cluster.satellites.wholeSpecs.size();

        complete(cluster.service.modifyResourceDefinition(DB1, set("DrbdOptions/Net/max-buffers", "36k")));

        assertEquals(2, cluster.satellites.sent.size() - before);
        assertEquals(whole, cluster.satellites.wholeSpecs.size());
        assertEquals("36864", spec(1).peers().get(0).netOptions().get("max-buffers"));
    }

    @Test
    void aPropertyOfTheControllerReachesEveryResource() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        complete(cluster.service.modifyController(set("DrbdOptions/PeerDevice/c-plan-ahead", "10")));

        assertEquals("10", spec(1).peers().get(0).peerDeviceOptions().get("c-plan-ahead"));
        assertEquals("10", spec(2).peers().get(0).peerDeviceOptions().get("c-plan-ahead"));
    }

    @Test
    void whatIsSetBetweenNodesReachesBothEndsAndSurvivesARestartAndAnExport(@TempDir Path other) throws Exception {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2), on(3))));
        NodePair nodes = new NodePair(node(2), node(1));

        complete(cluster.service.modifyNodeConnection(nodes, set("DrbdOptions/Net/ping-timeout", "900ms")));
        complete(
                cluster.service.modifyResourceConnection(DB1, nodes, set("DrbdOptions/PeerDevice/c-max-rate", "100M")));
        complete(cluster.service.modifyPeerDevice(DB1, nodes, 0, set("DrbdOptions/PeerDevice/c-plan-ahead", "7")));

        for (int here : List.of(1, 2)) {
            PeerSpec peer = peer(here, 3 - here);
            assertEquals("9", peer.netOptions().get("ping-timeout"));
            assertEquals(Map.of("c-max-rate", "102400"), peer.peerDeviceOptions());
            assertEquals(Map.of("c-plan-ahead", "7"), peer.volumes().get(0).peerDeviceOptions());
            assertFalse(peer(here, 3).netOptions().containsKey("ping-timeout"));
        }
        String document = export();
        try (ClusterFixture second = new ClusterFixture(other)) {
            complete(second.service.importState(document));
            assertEquals(
                    cluster.service.state().settings(), second.service.state().settings());
            assertEquals(
                    cluster.definition(DB1).connections(),
                    second.definition(DB1).connections());
        }
        cluster.restart();
        assertEquals(
                Map.of("DrbdOptions/Net/ping-timeout", "9"),
                cluster.service.state().settings().nodeConnection(nodes));
        assertEquals(
                Map.of("DrbdOptions/PeerDevice/c-max-rate", "102400"),
                cluster.definition(DB1).connection(nodes).properties());
    }

    @Test
    void anOptionOfAGroupReachesWhatFollowsIt() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        complete(
                cluster.service.modifyResourceGroup(ResourceGroup.DEFAULT, set("DrbdOptions/Net/max-buffers", "9000")));

        assertEquals("9000", spec(1).peers().get(0).netOptions().get("max-buffers"));
        assertEquals("9000", spec(2).peers().get(0).netOptions().get("max-buffers"));
    }

    @Test
    void connectionsThatAreNotThereAreRefused() {
        cluster.withNodes(3).withoutTieBreakers().withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));
        PropertyChange change = set("DrbdOptions/Net/ping-timeout", "9");

        refused(
                ErrorCode.RESOURCE_NOT_FOUND,
                cluster.service.modifyResourceConnection(DB1, new NodePair(node(1), node(3)), change));
        refused(ErrorCode.NODE_NOT_FOUND, cluster.service.modifyNodeConnection(new NodePair(node(1), node(7)), change));
        refused(
                ErrorCode.VOLUME_DEFINITION_NOT_FOUND,
                cluster.service.modifyPeerDevice(DB1, new NodePair(node(1), node(2)), 5, PropertyChange.NONE));
        refused(
                ErrorCode.RESOURCE_GROUP_NOT_FOUND,
                cluster.service.modifyResourceGroup(new ResourceGroupName("nosuch"), change));
        refused(
                ErrorCode.INVALID_PROPERTY,
                cluster.service.modifyResourceConnection(
                        DB1, new NodePair(node(1), node(2)), set("DrbdOptions/Disk/on-io-error", "detach")));
    }

    @Test
    void whatANewConnectionTakesIsSaid() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        Outcome outcome = cluster.service
                .modifyResourceDefinition(DB1, set("DrbdOptions/Net/transport", "tcp"))
                .toCompletableFuture()
                .join();

        assertEquals(
                ErrorCode.RECONNECTS,
                warnings(outcome).get(0).problem().orElseThrow().code());
        assertTrue(
                warnings(outcome).get(0).problem().orElseThrow().what().contains("those that stand stay as they are"));
        complete(cluster.service.modifyResourceDefinition(DB1, set("DrbdOptions/Net/max-buffers", "8000")));
    }

    @Test
    void aTransportThatANodeDoesNotHaveIsRefused() {
        cluster.machine(2).transports = Ordered.set(List.of("tcp"));
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));

        refused(ErrorCode.NOT_SUPPORTED, cluster.service.modifyController(set("DrbdOptions/Net/transport", "lb-tcp")));
        refused(ErrorCode.INVALID_PROPERTY, cluster.service.modifyController(set("DrbdOptions/Net/transport", "tpc")));

        assertFalse(cluster.service.state().settings().properties().containsKey("DrbdOptions/Net/transport"));
    }

    @Test
    void whatTheDrbdOfANodeDoesNotHaveIsSaid() {
        cluster.machine(1).dialect = KernelStatus.Dialect.DRBD_8_4;
        cluster.machine(2).dialect = KernelStatus.Dialect.DRBD_8_4;
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2))));

        Outcome outcome = cluster.service
                .modifyController(set("DrbdOptions/Resource/quorum-minimum-redundancy", "2"))
                .toCompletableFuture()
                .join();

        Problem left = warnings(outcome).get(0).problem().orElseThrow();
        assertEquals(ErrorCode.NOT_SUPPORTED, left.code());
        assertEquals("kept, and left out on n1, n2", left.what());
        assertTrue(left.why().contains("does not have quorum-minimum-redundancy"), left.why());
    }

    private PeerSpec peer(int here, int there) {
        return spec(here).peers().stream()
                .filter(peer -> peer.node().equals(node(there)))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aPreferredInterfaceOfAPoolMovesTheReplicationOfAllItsResources() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        complete(cluster.service.createNetInterface(
                node(1),
                new NetInterface(new NetInterfaceName("data"), new IpAddress("10.2.0.1"), 3366, LinkEncryption.TLS),
                false));

        complete(cluster.service.modifyStoragePool(node(1), POOL, set("PrefNic", "data")));

        eventually(
                "both ends use it",
                () -> spec(1).peers().get(0).paths().get(0).local().value().equals("10.2.0.1")
                        && spec(2).peers()
                                .get(0)
                                .paths()
                                .get(0)
                                .remote()
                                .value()
                                .equals("10.2.0.1"));
        refused(ErrorCode.IN_USE, cluster.service.deleteNetInterface(node(1), new NetInterfaceName("data")));
        refused(ErrorCode.IN_USE, cluster.service.deleteNetInterface(node(1), Node.DEFAULT_INTERFACE));
    }

    private static PropertyChange namedPath(String name, String one, String other) {
        return namedPath(new NodePair(node(1), node(2)), name, one, other);
    }

    private static PropertyChange namedPath(NodePair nodes, String name, String one, String other) {
        return new PropertyChange(
                Ordered.map(Map.of(
                        "Paths/" + name + "/" + nodes.first(), one, "Paths/" + name + "/" + nodes.second(), other)),
                Ordered.set(null),
                Ordered.set(null));
    }

    @Test
    void namedPathsReachBothEndsAndTheirInterfacesAreInUse() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        for (int number : List.of(1, 2)) {
            complete(cluster.service.createNetInterface(
                    node(number),
                    new NetInterface(
                            new NetInterfaceName("data"), new IpAddress("10.2.0." + number), 3366, LinkEncryption.TLS),
                    false));
        }
        NodePair nodes = new NodePair(node(1), node(2));

        complete(cluster.service.modifyResourceConnection(DB1, nodes, namedPath("a", "default", "default")));
        complete(cluster.service.modifyResourceConnection(DB1, nodes, namedPath("b", "data", "data")));

        eventually(
                "both ends have both",
                () -> spec(1).peers().get(0).paths().size() == 2
                        && spec(2).peers().get(0).paths().size() == 2);
        refused(ErrorCode.IN_USE, cluster.service.deleteNetInterface(node(2), new NetInterfaceName("data")));
        complete(cluster.service.modifyResourceConnection(
                DB1, nodes, new PropertyChange(Ordered.map(null), Ordered.set(null), Ordered.set(List.of("Paths/b")))));
        eventually("one is gone", () -> spec(1).peers().get(0).paths().size() == 1);
        complete(cluster.service.deleteNetInterface(node(2), new NetInterfaceName("data")));
    }

    @Test
    void pathsThatCouldNotBeUsedAreRefused() {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        NodePair nodes = new NodePair(node(1), node(2));
        for (PropertyChange wrong : List.of(
                namedPath("a", "default", "nosuch"), set("Paths/a/n1", "default"), set("Paths/a/n3", "default"))) {
            refused(ErrorCode.INVALID_PROPERTY, cluster.service.modifyResourceConnection(DB1, nodes, wrong));
            refused(ErrorCode.INVALID_PROPERTY, cluster.service.modifyNodeConnection(nodes, wrong));
        }
        refused(ErrorCode.INVALID_PROPERTY, cluster.service.modifyController(set("Paths/a/n1", "default")));

        complete(cluster.service.modifyResourceConnection(DB1, nodes, namedPath("a", "default", "default")));
        HeddleException same = refused(
                ErrorCode.INVALID_PROPERTY,
                cluster.service.modifyResourceConnection(DB1, nodes, namedPath("b", "default", "default")));
        assertTrue(same.why().contains("path a joins the same addresses"), same.why());
        refused(
                ErrorCode.INVALID_PROPERTY,
                cluster.service.modifyResourceConnection(
                        DB1,
                        nodes,
                        new PropertyChange(Ordered.map(null), Ordered.set(List.of("Paths/a/n1")), Ordered.set(null))));
    }

    private static List<String> moved(Outcome outcome) {
        return outcome.replies().stream()
                .map(Reply::message)
                .filter(message -> message.contains("taken"))
                .toList();
    }

    @Test
    void whatIsToldBeforehandOfConnectionsThatGoToOtherPaths() {
        cluster.withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        for (int number : List.of(1, 2, 3)) {
            Outcome created = complete(cluster.service.createNetInterface(
                    node(number),
                    new NetInterface(
                            new NetInterfaceName("data"), new IpAddress("10.2.0." + number), 3366, LinkEncryption.TLS),
                    false));
            assertEquals(List.of(), moved(created), "nothing uses it");
        }
        List<NodeName> nodes = List.copyOf(cluster.service
                .state()
                .resourceDefinition(DB1)
                .orElseThrow()
                .resources()
                .keySet());

        String told = moved(complete(cluster.service.modifyController(set("PrefNic", "data"))))
                .get(0);
        assertTrue(told.matches("[13] connections? of 1 resource: taken to other paths, one after the other.*"), told);
        assertEquals(
                List.of(),
                moved(complete(cluster.service.modifyNode(nodes.get(0), set("PrefNic", "data")))),
                "it is so already");
        assertFalse(moved(complete(cluster.service.modifyNode(nodes.get(0), set("PrefNic", "default"))))
                .isEmpty());
        NodePair pair = new NodePair(nodes.get(0), nodes.get(1));
        assertFalse(moved(complete(
                        cluster.service.modifyResourceConnection(DB1, pair, namedPath(pair, "a", "data", "data"))))
                .isEmpty());
        assertEquals(
                List.of(),
                moved(complete(cluster.service.modifyResourceConnection(
                        DB1, pair, namedPath(pair, "b", "default", "default")))),
                "one is added, none is left");
        assertFalse(moved(complete(cluster.service.modifyNetInterface(
                        pair.first(),
                        new NetInterface(
                                new NetInterfaceName("data"), new IpAddress("10.2.0.77"), 3366, LinkEncryption.TLS),
                        false)))
                .isEmpty());
    }

    @Test
    void anAddressIsChangedAndTheNodeKnows() {
        cluster.withNodes(1);
        NetInterfaceName data = new NetInterfaceName("data");
        complete(cluster.service.createNetInterface(
                node(1), new NetInterface(data, new IpAddress("10.2.0.1"), 3366, LinkEncryption.TLS), false));
        NetInterface moved = new NetInterface(data, new IpAddress("10.2.0.9"), 3366, LinkEncryption.TLS);

        complete(cluster.service.modifyNetInterface(node(1), moved, false));
        complete(cluster.service.modifyNetInterface(node(1), moved, false));

        assertEquals(
                moved,
                cluster.service
                        .state()
                        .node(node(1))
                        .orElseThrow()
                        .netInterfaces()
                        .get(data));
        complete(cluster.service.deleteNetInterface(node(1), data));
        refused(ErrorCode.NET_INTERFACE_NOT_FOUND, cluster.service.modifyNetInterface(node(1), moved, false));
    }

    @Test
    void aRestartGoesOnWithWhatWasLeft() throws Exception {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        cluster.machine(1).silent = true;
        cluster.machine(2).silent = true;
        cluster.service.deleteResourceDefinition(DB1);
        complete(cluster.service.createResourceDefinition(definitionWish(new ResourceName("after"))));
        assertEquals(1, cluster.service.state().tombstones().size());

        cluster.restart();

        eventually(
                "the tombstone is carried out",
                () -> cluster.service.state().tombstones().isEmpty());
        assertEquals(
                "f00dn1",
                cluster.service.state().node(node(1)).orElseThrow().pin().orElseThrow());
    }

    @Test
    void whatComesRightAfterAStartWaitsForTheLinksToBeTried() {
        cluster.withNodes(2).withDefinition(DB1);

        cluster.restart();

        complete(cluster.service.autoPlace(DB1, place(2)));
        cluster.restart();
        complete(cluster.service.deleteResource(DB1, node(2)));
    }

    @Test
    void whoSubscribesIsToldInOrder() throws Exception {
        List<ClusterEvent> told = new CopyOnWriteArrayList<>();
        cluster.withNodes(1);
        ClusterEvents.Subscription subscription = cluster.service.events().subscribe(told::add);
        cluster.withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(1)));
        eventually(
                "all is told",
                () -> told.stream().anyMatch(event -> event.message().equals("db1 on n1 is READY")));
        subscription.close();

        // what befell the node before may be told a little later
        ClusterEvent first = told.stream()
                .filter(event -> event.resource().equals(Optional.of(DB1)))
                .findFirst()
                .orElseThrow();
        assertEquals(ClusterEvent.Kind.STATE_CHANGED, first.kind());
        ResourceName later = new ResourceName("later");
        cluster.withDefinition(later);
        assertTrue(told.stream().noneMatch(event -> event.resource().equals(Optional.of(later))));
    }

    @Test
    void aPropertyWithoutEffectIsKeptAndSaidToBe() {
        Outcome outcome = complete(cluster.service.modifyController(set("SearchDomain", "example.com")));

        assertEquals(2, outcome.replies().size());
        assertTrue(outcome.replies().get(1).message().contains("does not act on it"), outcome.toString());
        assertEquals(
                "example.com", cluster.service.state().settings().properties().get("SearchDomain"));
    }

    @Test
    void anExportedStateIsReadByAnEmptyController(@TempDir Path other) {
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
        String document = export();

        try (ClusterFixture second = new ClusterFixture(other)) {
            second.machines.putAll(cluster.machines);
            complete(second.service.importState(document));

            assertEquals(
                    cluster.definition(DB1).sharedSecret(),
                    second.definition(DB1).sharedSecret());
            assertEquals(
                    cluster.service.state().settings(), second.service.state().settings());
            assertEquals(
                    cluster.service.state().nodes().keySet(),
                    second.service.state().nodes().keySet());
            refused(ErrorCode.INVALID_INPUT, second.service.importState("{}"));
            refused(ErrorCode.IN_USE, second.service.importState(document));
        }
    }

    @Test
    void anActionIsDoneOnTheIncarnationThatIsThere() {
        cluster.withNodes(1).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(1)));

        complete(cluster.service.promoteResource(DB1, node(1), true));

        assertEquals(
                cluster.definition(DB1).resources().get(node(1)).uuid(),
                cluster.satellites.actions.get(0).incarnation());
        assertTrue(cluster.satellites.actions.get(0).peerIsDead());
        refused(ErrorCode.NODE_NOT_FOUND, cluster.service.promoteResource(DB1, node(7), false));
    }

    @Test
    void aCodeIsHandedToTheLinkAndNotKept() throws Exception {
        cluster.withNodes(1);

        complete(cluster.service.claimNode(node(1), Optional.of(new Secret("123-456"))));

        assertEquals(List.of("n1 123-456 false"), cluster.satellites.reconnected);
        assertFalse(export().contains("123-456"));
        assertEquals(
                "f00dn1",
                cluster.service.state().node(node(1)).orElseThrow().pin().orElseThrow());
    }

    private String export() {
        return cluster.service.exportState().toCompletableFuture().join();
    }

    private FirstGeneration first(String name) {
        return cluster.definition(new ResourceName(name))
                .volumeDefinitions()
                .get(0)
                .firstGeneration()
                .orElseThrow();
    }

    private ResourceSpec spec(int number) {
        return cluster.machine(number)
                .spec
                .orElseThrow()
                .resources()
                .get(cluster.definition(DB1).resources().get(node(number)).uuid());
    }

    private static String backing(ResourceDefinition definition, int number) {
        return definition
                .resources()
                .get(node(number))
                .volumes()
                .get(0)
                .backing()
                .orElseThrow()
                .name();
    }

    private static List<Reply> warnings(Outcome outcome) {
        List<Reply> warnings = outcome.replies().stream()
                .filter(reply -> reply.severity() == Severity.WARNING)
                .toList();
        assertFalse(warnings.isEmpty(), outcome.toString());
        return warnings;
    }
}
