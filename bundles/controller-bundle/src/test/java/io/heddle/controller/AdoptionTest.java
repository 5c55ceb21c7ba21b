package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.POOL;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Unclaimed;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class AdoptionTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");

    private final StatusBoard board = new StatusBoard(Clock.systemUTC());
    private final ResourceDefinition wantedOnce =
            definition(UUID.randomUUID(), Ordered.map(Map.of(N1, resource(N1, 0), N2, resource(N2, 1))));
    /** As it was before it had a replica on n2. */
    private final ResourceDefinition alone = definition(
            wantedOnce.uuid(), Ordered.map(Map.of(N1, wantedOnce.resources().get(N1))));

    private final ClusterState before = state(Optional.of(wantedOnce));

    private static ResourceDefinition definition(UUID uuid, SortedMap<NodeName, Resource> resources) {
        return new ResourceDefinition(
                DB1,
                uuid,
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("t0psecret"),
                Ordered.map(Map.of(
                        0,
                        new VolumeDefinition(
                                0,
                                UUID.randomUUID(),
                                Bytes.ofMib(64),
                                1003,
                                Ordered.map(null),
                                Optional.empty(),
                                false))),
                resources,
                Ordered.set(null),
                Ordered.map(null),
                false,
                NOW);
    }

    private static Resource resource(NodeName node, int nodeId) {
        return new Resource(
                node,
                UUID.randomUUID(),
                nodeId,
                7004 + nodeId,
                false,
                false,
                Ordered.map(
                        Map.of(0, new Volume(0, UUID.randomUUID(), Optional.of(new Backing(POOL, "db1_00000", 7))))),
                Ordered.map(null),
                false,
                NOW);
    }

    private static Node node(NodeName name, String address) {
        NetInterface link = new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress(address), 3366, LinkEncryption.TLS);
        return new Node(
                name,
                UUID.randomUUID(),
                NodeType.SATELLITE,
                Ordered.map(Map.of(link.name(), link)),
                link.name(),
                Ordered.map(Map.of(
                        POOL,
                        new StoragePool(POOL, UUID.randomUUID(), DriverKind.LVM_THIN, "vg0/thin", Ordered.map(null)))),
                Ordered.map(null),
                Optional.empty(),
                false,
                NOW);
    }

    private static ClusterState state(Optional<ResourceDefinition> definition) {
        StateEdit edit = new StateEdit(
                ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null))), new NumberCursor());
        edit.put(new ResourceGroup(ResourceGroup.DEFAULT, UUID.randomUUID(), "", Ordered.map(null)));
        edit.put(node(N1, "10.1.0.11"));
        edit.put(node(N2, "10.1.0.12"));
        definition.ifPresent(edit::put);
        return edit.finish(7);
    }

    private ResourceSpec former(NodeName node) {
        return SpecBuilder.resource(before, wantedOnce, node).orElseThrow();
    }

    private void reports(NodeName node) {
        ResourceSpec former = former(node);
        board.link(node, new LinkStatus(LinkStatus.State.ONLINE, NOW, Optional.empty(), Optional.empty()));
        board.report(
                node,
                new NodeStatus(
                        node,
                        node.value(),
                        "0.1.0",
                        NOW,
                        7,
                        new KernelStatus(KernelStatus.Dialect.DRBD_9, "9.2.18", "9.22.0", "6.1", Optional.empty()),
                        List.of(),
                        Ordered.map(null),
                        Ordered.map(null),
                        List.of(new Unclaimed(
                                Unclaimed.RESOURCE, "db1", "why", Optional.of(former.uuid()), Optional.of(former)))));
    }

    private ClusterState adopt(ClusterState state, NodeName... without) {
        StateEdit edit = new StateEdit(state, new NumberCursor());
        edit.put(new Adoption(edit, board, DB1, Set.of(without), NOW).adopted());
        return edit.finish(8);
    }

    private HeddleException refused(ErrorCode code, ClusterState state, NodeName... without) {
        HeddleException refusal = assertThrows(HeddleException.class, () -> adopt(state, without));
        assertEquals(code, refusal.code(), refusal.problem().text());
        return refusal;
    }

    @Test
    void whatIsTakenBackIsWantedExactlyAsItWas() {
        reports(N1);
        reports(N2);

        ClusterState after = adopt(state(Optional.empty()));

        ResourceDefinition again = after.resourceDefinition(DB1).orElseThrow();
        assertEquals(wantedOnce.uuid(), again.uuid());
        for (NodeName node : List.of(N1, N2)) {
            assertEquals(former(node), SpecBuilder.resource(after, again, node).orElseThrow());
        }
    }

    @Test
    void aResourceIsAddedToTheDefinitionThatIsStillWanted() {
        reports(N2);

        ClusterState after = adopt(state(Optional.of(alone)));

        ResourceDefinition again = after.resourceDefinition(DB1).orElseThrow();
        assertEquals(Set.of(N1, N2), again.resources().keySet());
        assertEquals(former(N2), SpecBuilder.resource(after, again, N2).orElseThrow());
    }

    @Test
    void aReplicaThatIsNotSeenIsNotForgotten() {
        reports(N1);

        HeddleException refusal = refused(ErrorCode.NODE_OFFLINE, state(Optional.empty()));

        assertTrue(
                refusal.correction().contains("--without n2"), refusal.problem().text());
        assertEquals(
                Set.of(N1),
                adopt(state(Optional.empty()), N2)
                        .resourceDefinition(DB1)
                        .orElseThrow()
                        .resources()
                        .keySet());
    }

    @Test
    void nothingIsTakenOfWhatNobodyKept() {
        refused(ErrorCode.RESOURCE_NOT_FOUND, state(Optional.empty()));
    }

    @Test
    void aTombstoneIsNotCancelled() {
        reports(N1);
        reports(N2);

        refused(ErrorCode.BEING_DELETED, state(Optional.of(alone.markedDeleting())));
    }

    @Test
    void anotherResourceOfTheNameStaysWhatItIs() {
        reports(N1);
        reports(N2);

        refused(ErrorCode.RESOURCE_NOT_FOUND, state(Optional.of(definition(UUID.randomUUID(), Ordered.map(null)))));
    }

    @Test
    void oneThatWasGivenUpDoesNotRejoin() {
        reports(N2);

        refused(ErrorCode.IDENTITY_MISMATCH, state(Optional.of(alone.withSharedSecret(new Secret("another")))));
    }

    @Test
    void oneWhoseNodeIdWasRetiredDoesNotRejoin() {
        reports(N2);

        refused(ErrorCode.IDENTITY_MISMATCH, state(Optional.of(wantedOnce.withoutResource(N2))));
    }

    @Test
    void aVolumeOfAnotherSizeIsNotTaken() {
        reports(N2);

        refused(
                ErrorCode.IDENTITY_MISMATCH,
                state(Optional.of(alone.withVolumeDefinition(
                        alone.volumeDefinitions().get(0).withSize(Bytes.ofMib(128))))));
    }

    @Test
    void aNodeIdThatIsAnothersNowIsNotTaken() {
        reports(N2);
        NodeName n3 = new NodeName("n3");

        StateEdit edit = new StateEdit(state(Optional.of(alone)), new NumberCursor());
        edit.put(node(n3, "10.1.0.13"));
        edit.put(edit.requireDefinition(DB1).withResource(resource(n3, 1)));

        refused(ErrorCode.NUMBER_TAKEN, edit.finish(8));
    }
}
