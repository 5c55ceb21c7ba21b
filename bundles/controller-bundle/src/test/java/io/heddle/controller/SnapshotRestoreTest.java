package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.cluster.SnapshotRestoration;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.model.VolumeSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SnapshotRestoreTest {
    private static final SnapshotName S1 = new SnapshotName("s1");
    private static final ResourceName OLD = new ResourceName("old");

    @TempDir
    Path directory;

    private ClusterFixture cluster;
    private Snapshot taken;

    @BeforeEach
    void takeASnapshot() throws InterruptedException {
        cluster = new ClusterFixture(directory).withNodes(3).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(3)));
        eventually("all is settled", () -> !Settlement.pending(cluster.definition(DB1)));
        complete(cluster.service.createSnapshots(List.of(new SnapshotCreation(DB1, S1, Ordered.map(null)))));
        taken = cluster.definition(DB1).snapshots().get(S1);
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private CompletionStage<Outcome> restore(ResourceName target, boolean create, NodeName... nodes) {
        return cluster.service.restoreSnapshot(
                new SnapshotRestoration(DB1, S1, target, create, List.of(nodes), Ordered.map(null)));
    }

    @Test
    void eachPartIsClonedWithTheNodeIdThatItsMetadataKnows() throws Exception {
        ResourceDefinition origin = cluster.definition(DB1);

        complete(restore(OLD, true));

        ResourceDefinition restored = cluster.definition(OLD);
        assertNotEquals(origin.uuid(), restored.uuid());
        assertNotEquals(origin.sharedSecret(), restored.sharedSecret());
        assertEquals(origin.properties(), restored.properties());
        VolumeDefinition volume = restored.volumeDefinitions().get(0);
        assertEquals(origin.volumeDefinitions().get(0).size(), volume.size());
        assertNotEquals(origin.volumeDefinitions().get(0).minor(), volume.minor());
        assertEquals(Optional.empty(), volume.firstGeneration());
        for (Resource resource : restored.resources().values()) {
            Resource there = origin.resources().get(resource.node());
            assertEquals(there.nodeId(), resource.nodeId());
            assertNotEquals(there.port(), resource.port());
            Volume own = resource.volumes().get(0);
            assertNotEquals(there.volumes().get(0).uuid(), own.uuid());
            assertEquals("old_00000", own.backing().orElseThrow().name());
        }
        eventually("they are in service", () -> !Settlement.pending(cluster.definition(OLD)));
        complete(cluster.service.deleteSnapshot(DB1, S1));
    }

    @Test
    void oneReplicaLeadsAndTheSnapshotStaysUntilAllAreInService() throws Exception {
        cluster.machine(2).silent = true;

        CompletionStage<Outcome> under = restore(OLD, true);

        eventually(
                "it is wanted",
                () -> cluster.service.state().resourceDefinition(OLD).isPresent());
        List<VolumeSource> sources = cluster.definition(OLD).resources().values().stream()
                .flatMap(resource -> resource.volumes().get(0).source().stream())
                .toList();
        assertTrue(sources.stream().allMatch(source -> source.snapshot().equals(taken.uuid())));
        assertTrue(sources.stream().filter(VolumeSource::leads).count() <= 1);
        HeddleException used = refused(ErrorCode.IN_USE, cluster.service.deleteSnapshot(DB1, S1));
        assertTrue(used.why().contains("old"), used.why());
        cluster.machine(2).silent = false;
        assertFalse(under.toCompletableFuture().isCompletedExceptionally());
    }

    @Test
    void onSomeNodesTheNodeIdsOfTheOthersAreNotGivenToAnybodyElse() throws Exception {
        complete(restore(OLD, true, node(1), node(3)));

        ResourceDefinition restored = cluster.definition(OLD);
        assertEquals(
                new TreeSet<>(List.of(node(1), node(3))),
                new TreeSet<>(restored.resources().values().stream()
                        .filter(resource -> !resource.diskless())
                        .map(Resource::node)
                        .toList()));
        int left = cluster.definition(DB1).resources().get(node(2)).nodeId();
        assertTrue(
                restored.resources().values().stream().noneMatch(resource -> resource.nodeId() == left),
                restored.toString());
    }

    @Test
    void clientsMakeTheDefinitionFirst() throws Exception {
        complete(cluster.service.createResourceDefinition(ClusterFixture.definitionWish(OLD)));

        complete(cluster.service.restoreVolumeDefinitions(DB1, S1, OLD));
        refused(ErrorCode.VOLUME_DEFINITION_EXISTS, cluster.service.restoreVolumeDefinitions(DB1, S1, OLD));
        refused(ErrorCode.RESOURCE_DEFINITION_EXISTS, restore(OLD, true));
        complete(restore(OLD, false));

        assertEquals(3, cluster.definition(OLD).resources().size());
        refused(ErrorCode.RESOURCE_EXISTS, restore(OLD, false));
    }

    @Test
    void refusesWhatCannotBeAndChangesNothing() throws Exception {
        refused(ErrorCode.RESOURCE_DEFINITION_NOT_FOUND, restore(OLD, false));
        refused(
                ErrorCode.SNAPSHOT_NOT_FOUND,
                cluster.service.restoreSnapshot(
                        new SnapshotRestoration(DB1, new SnapshotName("s2"), OLD, true, List.of(), Ordered.map(null))));
        refused(ErrorCode.INVALID_INPUT, restore(OLD, true, new NodeName("n9")));
        PoolName pool = taken.parts().get(node(1)).get(0).pool();
        refused(
                ErrorCode.NOT_SUPPORTED,
                cluster.service.restoreSnapshot(new SnapshotRestoration(
                        DB1, S1, OLD, true, List.of(), Ordered.map(Map.of(pool, new PoolName("other"))))));
        cluster.satellites.cutPower(node(3));
        eventually(
                "n3 is offline",
                () -> !cluster.service.link(node(3)).state().name().equals("ONLINE"));
        HeddleException offline = refused(ErrorCode.NODE_OFFLINE, restore(OLD, true));
        assertTrue(offline.correction().contains("others"), offline.correction());
        assertTrue(cluster.service.state().resourceDefinition(OLD).isEmpty());
        complete(restore(OLD, true, node(1), node(2)));
    }
}
