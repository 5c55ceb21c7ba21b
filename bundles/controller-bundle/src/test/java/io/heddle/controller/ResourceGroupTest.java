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
import io.heddle.core.error.ErrorCode;
import io.heddle.core.json.Json;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import java.nio.file.Path;
import java.util.List;
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
    private static final PlacementWish AS_THE_GROUP_SAYS =
            new PlacementWish(0, false, List.of(), List.of(), List.of(), List.of());

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

        ResourceGroup written = new ResourceGroup(
                VMS,
                read.uuid(),
                "",
                Ordered.map(null),
                new PlacementRule(OptionalInt.of(3), List.of(POOL), List.of(), List.of(), List.of(Layer.STORAGE)));
        assertEquals(written, Json.read(Json.write(written), ResourceGroup.class));
    }
}
