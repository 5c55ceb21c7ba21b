package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.POOL;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.refused;
import static io.heddle.controller.ClusterFixture.set;
import static io.heddle.controller.ClusterFixture.volumeWish;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.ResourceGroupChange;
import io.heddle.core.cluster.Severity;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.Spawning;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.VolumeGroup;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourceGroupTest {
    private static final ResourceGroupName VMS = new ResourceGroupName("vms");
    private static final PlacementWish AS_THE_GROUP_SAYS = PlacementWish.OPEN;

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

    private static ResourceGroupChange wish(int placeCount, List<PoolName> pools, List<NodeName> nodes) {
        return new ResourceGroupChange(
                Optional.of("disks of machines"),
                OptionalInt.of(placeCount),
                Optional.of(pools),
                Optional.of(nodes),
                Optional.empty(),
                Optional.empty(),
                PropertyChange.NONE);
    }

    private static Outcome join(CompletionStage<Outcome> stage) {
        return stage.toCompletableFuture().join();
    }

    private void defineInGroup() {
        complete(cluster.service.createResourceDefinition(
                new ResourceDefinitionCreation(DB1, Optional.of(VMS), List.of(), Ordered.map(null))));
    }

    private ResourceGroup group() {
        return cluster.service.state().resourceGroup(VMS).orElseThrow();
    }

    @Test
    void whatIsPlacedWithoutAWordIsPlacedAsItsGroupSays() {
        cluster.withNodes(4);
        complete(cluster.service.createResourceGroup(VMS, wish(3, List.of(POOL), List.of(node(1), node(3), node(4)))));
        defineInGroup();
        complete(cluster.service.createVolumeDefinition(DB1, volumeWish(64)));

        complete(cluster.service.autoPlace(DB1, AS_THE_GROUP_SAYS));

        assertEquals(
                Set.of(node(1), node(3), node(4)),
                cluster.service
                        .state()
                        .resourceDefinition(DB1)
                        .orElseThrow()
                        .resources()
                        .keySet());
    }

    private static Spawning spawning(List<Bytes> sizes, boolean partial, boolean definitionsOnly) {
        return new Spawning(DB1, sizes, partial, definitionsOnly, Ordered.map(null), PlacementWish.OPEN);
    }

    @Test
    void whatIsSpawnedHasTheVolumesOfItsGroupAndIsPlacedAsItSays() {
        cluster.withNodes(3);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(POOL), List.of(node(1), node(3)))));
        complete(cluster.service.createVolumeGroup(VMS, OptionalInt.of(2), true));
        complete(cluster.service.createVolumeGroup(VMS, OptionalInt.empty(), false));

        complete(cluster.service.spawn(VMS, spawning(List.of(Bytes.ofMib(32), Bytes.ofMib(64)), false, false)));

        ResourceDefinition made =
                cluster.service.state().resourceDefinition(DB1).orElseThrow();
        assertEquals(VMS, made.group());
        assertTrue(made.resources().get(node(2)).tieBreaker());
        assertEquals(
                List.of(node(1), node(3)),
                made.resources().values().stream()
                        .filter(Resource::keepsDisk)
                        .map(Resource::node)
                        .toList());
        assertEquals(List.of(0, 2), List.copyOf(made.volumeDefinitions().keySet()));
        assertEquals(Bytes.ofMib(32), made.volumeDefinitions().get(0).size());
        assertTrue(
                made.volumeDefinitions().get(2).size().compareTo(Bytes.ofMib(64)) < 0,
                "its size was asked for with the metadata");
    }

    @Test
    void onlyTheDefinitionsMayBeSpawnedAndMoreOrFewerVolumes() {
        cluster.withNodes(1);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(POOL), List.of())));
        complete(cluster.service.createVolumeGroup(VMS, OptionalInt.of(1), false));

        complete(cluster.service.spawn(VMS, spawning(List.of(Bytes.ofMib(8), Bytes.ofMib(16)), true, true)));

        ResourceDefinition made =
                cluster.service.state().resourceDefinition(DB1).orElseThrow();
        assertEquals(List.of(1, 2), List.copyOf(made.volumeDefinitions().keySet()));
        assertEquals(Set.of(), made.resources().keySet());
    }

    @Test
    void whatCannotBeSpawnedLeavesNothing() {
        cluster.withNodes(1);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(POOL), List.of())));
        refused(ErrorCode.INVALID_INPUT, cluster.service.spawn(VMS, spawning(List.of(Bytes.ofMib(8)), false, false)));
        complete(cluster.service.createVolumeGroup(VMS, OptionalInt.empty(), false));
        refused(ErrorCode.VOLUME_GROUP_EXISTS, cluster.service.createVolumeGroup(VMS, OptionalInt.of(0), false));
        refused(ErrorCode.VOLUME_GROUP_NOT_FOUND, cluster.service.modifyVolumeGroup(VMS, 7, true));

        refused(ErrorCode.INVALID_INPUT, cluster.service.spawn(VMS, spawning(List.of(), false, false)));
        refused(ErrorCode.INVALID_INPUT, cluster.service.spawn(VMS, spawning(List.of(), true, false)));
        refused(
                ErrorCode.NOT_ENOUGH_NODES,
                cluster.service.spawn(VMS, spawning(List.of(Bytes.ofMib(8)), false, false)));
        refused(ErrorCode.INVALID_SIZE, cluster.service.spawn(VMS, spawning(List.of(new Bytes(1024)), false, true)));
        refused(
                ErrorCode.RESOURCE_GROUP_NOT_FOUND,
                cluster.service.spawn(new ResourceGroupName("nosuch"), spawning(List.of(Bytes.ofMib(8)), false, true)));

        assertTrue(cluster.service.state().resourceDefinition(DB1).isEmpty(), "nothing of it is left");
        defineInGroup();
        refused(
                ErrorCode.RESOURCE_DEFINITION_EXISTS,
                cluster.service.spawn(VMS, spawning(List.of(Bytes.ofMib(8)), false, true)));
    }

    @Test
    void tellsTheLargestVolumeThatCanBeSpawned() {
        cluster.withNodes(3);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(POOL), List.of(node(1), node(3)))));
        complete(cluster.service.createVolumeGroup(VMS, OptionalInt.empty(), false));

        SizeReport report = cluster.service.sizes(VMS, PlacementWish.OPEN);

        assertEquals(2, report.places().size(), report.toString());
        refused(
                ErrorCode.NOT_ENOUGH_NODES,
                cluster.service.spawn(VMS, spawning(List.of(report.largest().plus(Bytes.ofKib(1))), false, false)));
        complete(cluster.service.spawn(VMS, spawning(List.of(report.largest()), false, false)));
        SizeReport none =
                cluster.service.sizes(VMS, new PlacementWish(3, false, List.of(), List.of(), List.of(), List.of()));
        assertEquals(Bytes.ZERO, none.largest());
        assertTrue(none.why().contains("n2"), none.why());
    }

    @Test
    void whatLeavesANodeGoesWhereItsGroupSays() throws Exception {
        cluster.withNodes(4);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(), List.of(node(1), node(2), node(4)))));
        defineInGroup();
        complete(cluster.service.createVolumeDefinition(DB1, volumeWish(64)));
        complete(cluster.service.autoPlace(DB1, AS_THE_GROUP_SAYS));
        eventually("it has content", () -> !Settlement.pending(cluster.definition(DB1)));

        complete(cluster.service.evacuateNode(node(1), Ordered.set(null), Ordered.set(null)));

        eventually(
                "it is copied to n4",
                () -> cluster.definition(DB1).resources().keySet().equals(Set.of(node(1), node(2), node(4))));
    }

    @Test
    void aDefinitionHasTheLayersOfItsGroupAndFollowsItsOptions() {
        cluster.withNodes(1);
        complete(cluster.service.createResourceGroup(
                VMS,
                new ResourceGroupChange(
                        Optional.empty(),
                        OptionalInt.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(List.of(Layer.STORAGE)),
                        set("DrbdOptions/Net/max-buffers", "8000"))));
        defineInGroup();

        assertEquals(
                List.of(Layer.STORAGE),
                cluster.service.state().resourceDefinition(DB1).orElseThrow().layers());
        assertEquals("8000", group().properties().get("DrbdOptions/Net/max-buffers"));
        assertEquals(PlacementRule.DEFAULT_PLACE_COUNT, group().placement().replicas());
    }

    @Test
    void aChangeTouchesWhatItNamesAndNothingElse() {
        cluster.withNodes(2);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(POOL), List.of(node(1)))));

        complete(cluster.service.modifyResourceGroup(
                VMS,
                new ResourceGroupChange(
                        Optional.empty(),
                        OptionalInt.of(3),
                        Optional.empty(),
                        Optional.of(List.of()),
                        Optional.empty(),
                        Optional.empty(),
                        PropertyChange.NONE)));

        cluster.restart();
        assertEquals("disks of machines", group().description());
        assertEquals(
                new PlacementRule(OptionalInt.of(3), List.of(POOL), List.of(), List.of(), List.of()),
                group().placement());
    }

    @Test
    void aPoolThatNoNodeHasYetIsSaid() {
        cluster.withNodes(1);

        Outcome outcome =
                join(cluster.service.createResourceGroup(VMS, wish(2, List.of(new PoolName("nosuch")), List.of())));

        assertEquals(Severity.SUCCESS, outcome.replies().get(0).severity());
        assertEquals(
                ErrorCode.STORAGE_POOL_NOT_FOUND,
                outcome.replies().get(1).problem().orElseThrow().code());
    }

    @Test
    void aGroupWithDefinitionsInItAndTheDefaultOneAreNotDeleted() {
        cluster.withNodes(1);
        complete(cluster.service.createResourceGroup(VMS, wish(2, List.of(), List.of())));
        defineInGroup();

        refused(ErrorCode.IN_USE, cluster.service.deleteResourceGroup(VMS));
        refused(ErrorCode.NOT_SUPPORTED, cluster.service.deleteResourceGroup(ResourceGroup.DEFAULT));
        refused(
                ErrorCode.RESOURCE_GROUP_EXISTS,
                cluster.service.createResourceGroup(new ResourceGroupName("VMS"), wish(2, List.of(), List.of())));
        refused(ErrorCode.INVALID_INPUT, cluster.service.modifyResourceGroup(VMS, wish(33, List.of(), List.of())));
        refused(
                ErrorCode.NODE_NOT_FOUND,
                cluster.service.modifyResourceGroup(VMS, wish(2, List.of(), List.of(node(7)))));

        complete(cluster.service.deleteResourceDefinition(DB1));
        complete(cluster.service.deleteResourceGroup(VMS));

        assertTrue(cluster.service.state().resourceGroup(VMS).isEmpty());
        assertEquals(
                Severity.WARNING,
                join(cluster.service.deleteResourceGroup(VMS)).replies().get(0).severity());
    }

    @Test
    void aRowOfAnOlderVersionHasNoRuleOfPlacement() {
        ResourceGroup read = Json.read(
                "{\"name\":\"vms\",\"uuid\":\"00000000-0000-0000-0000-000000000007\",\"description\":\"\",\"properties\":{}}",
                ResourceGroup.class);
        assertEquals(PlacementRule.NOTHING, read.placement());
        assertEquals(Map.of(), read.volumeGroups());

        ResourceGroup written = new ResourceGroup(
                VMS,
                read.uuid(),
                "",
                Ordered.map(null),
                new PlacementRule(OptionalInt.of(3), List.of(POOL), List.of(), List.of(), List.of(Layer.STORAGE)),
                Ordered.map(Map.of(1, new VolumeGroup(1, read.uuid(), true))));
        assertEquals(written, Json.read(Json.write(written), ResourceGroup.class));
    }
}
