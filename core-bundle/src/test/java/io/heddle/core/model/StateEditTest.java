package io.heddle.core.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class StateEditTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private final NumberCursor cursor = new NumberCursor();
    private ClusterState state = ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null)));

    @Test
    void aNameIsOneInAnyCase() {
        put(definition("Db1"));

        HeddleException failure = assertThrows(HeddleException.class, () -> put(definition("dB1")));

        assertEquals(ErrorCode.RESOURCE_DEFINITION_EXISTS, failure.code());
        assertEquals(
                "Db1",
                state.resourceDefinition(new ResourceName("DB1"))
                        .orElseThrow()
                        .name()
                        .value());
    }

    @Test
    void aDeletedNameMayBeCreatedAgainBesideItsTombstone() {
        ResourceDefinition old = definition("db1").withResource(resource(N1, 0, 7000));
        put(old);
        put(old.markedDeleting());
        ResourceDefinition renewed = definition("db1");

        put(renewed);

        assertEquals(renewed, state.resourceDefinition(new ResourceName("db1")).orElseThrow());
        assertEquals(List.of(old.markedDeleting()), List.copyOf(state.tombstones()));
        assertEquals(List.of(old.markedDeleting()), state.tombstones(new ResourceName("DB1")));
        assertEquals(Set.of(old.uuid()), state.definitionsOn(N1));
        StateEdit edit = edit();
        edit.remove(old);
        assertEquals(List.of(), edit.state().tombstones(new ResourceName("db1")));
    }

    @Test
    void whatLeavesANodeIsFoundByTheNode() {
        ResourceDefinition moving = moving();
        put(moving);
        put(definition("db2").withResource(resource(N1, 0, 7001)));
        assertEquals(Set.of(moving.uuid()), state.definitionsLeaving(N1));
        assertEquals(Set.of(), state.definitionsLeaving(N2));

        put(moving.markedDeleting());
        assertEquals(Set.of(moving.uuid()), state.definitionsLeaving(N1));

        put(moving.markedDeleting().withoutResource(N1));
        assertEquals(Set.of(), state.definitionsLeaving(N1));
    }

    @Test
    void aReplicaThatStaysAfterAllIsNoLongerLeaving() {
        ResourceDefinition moving = moving();
        put(moving);

        put(moving.withoutResource(N2));

        assertEquals(Set.of(), state.definitionsLeaving(N1));
        assertEquals(Set.of(moving.uuid()), state.definitionsOn(N1));
    }

    /** A replica on n2 takes the place of the one on n1. */
    private static ResourceDefinition moving() {
        SortedMap<Integer, Volume> none = Ordered.map(null);
        SortedMap<String, String> unset = Ordered.map(null);
        Resource coming = new Resource(N2, UUID.randomUUID(), 1, 7002, false, false, none, unset, false, Instant.EPOCH);
        Resource going = new Resource(N1, UUID.randomUUID(), 0, 7000, false, false, none, unset, false, Instant.EPOCH);
        return definition("db1").withResource(coming).withResource(going.withReplacement(Optional.of(N2)));
    }

    @Test
    void aTombstoneIsNeverCancelled() {
        ResourceDefinition old = definition("db1");
        put(old.markedDeleting());

        HeddleException failure = assertThrows(HeddleException.class, () -> put(old));

        assertEquals(ErrorCode.BEING_DELETED, failure.code());
    }

    @Test
    void whatIsSetBetweenNodesGoesWithEither() {
        NodePair nodes = new NodePair(N2, N1);
        StateEdit edit = edit();
        edit.put(state.settings().withNodeConnection(nodes, Ordered.map(Map.of("Aux/a", "1"))));
        assertEquals(Set.of(nodes), edit.state().settings().nodeConnections().keySet());

        NetInterface link =
                new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress("10.1.0.2"), 3366, LinkEncryption.TLS);
        edit.remove(new Node(
                N2,
                UUID.randomUUID(),
                NodeType.SATELLITE,
                Ordered.map(Map.of(link.name(), link)),
                link.name(),
                Ordered.map(null),
                Ordered.map(null),
                Optional.empty(),
                false,
                Instant.EPOCH));

        assertEquals(Map.of(), edit.state().settings().nodeConnections());
        assertTrue(edit.rows().get(RowKey.CLUSTER).isPresent());
    }

    @Test
    void twoNodesAreAPairInAnyOrderAndCase() {
        assertEquals(new NodePair(N1, N2), new NodePair(new NodeName("N2"), N1));
        assertEquals(new NodePair(N1, N2), NodePair.parse("n2/n1"));
        assertEquals(
                ErrorCode.INVALID_INPUT,
                assertThrows(HeddleException.class, () -> new NodePair(N1, new NodeName("N1")))
                        .code());
        assertEquals(
                ErrorCode.INVALID_INPUT,
                assertThrows(HeddleException.class, () -> NodePair.parse("n1")).code());
    }

    @Test
    void aFailedEditLeavesTheStateAsItWas() {
        put(definition("db1"));
        ClusterState before = state;

        assertThrows(HeddleException.class, () -> put(definition("db1")));

        assertEquals(before, state);
        assertEquals(1, state.resourceDefinitions().size());
    }

    @Test
    void numbersInUseAreNotHandedOutAndFreedOnesNotAtOnce() {
        int first = edit().allocateMinor();
        ResourceDefinition definition = definition("db1").withVolumeDefinition(volume(first));
        put(definition);
        StateEdit edit = edit();
        edit.remove(definition);

        int next = edit.allocateMinor();

        assertNotEquals(first, next);
        assertFalse(edit.state().minorInUse(first));
    }

    @Test
    void portsOfTombstonesStayTaken() {
        ResourceDefinition old = definition("db1").withResource(resource(N1, 0, 7000));
        put(old);
        put(old.markedDeleting());

        assertTrue(state.portInUse(N1, 7000));
        assertEquals(7001, edit().allocatePort(N1));
        assertEquals(7000, edit().allocatePort(N2));
    }

    @Test
    void numbersAreHandedOutFromTheRangesOfTheController() {
        assertEquals(1000, edit().allocateMinor());
        assertEquals(7000, edit().allocatePort(N1));

        setRanges("MinorNrAutoRange", "5000-5001", "TcpPortAutoRange", "6000-6000");
        assertEquals(5000, edit().allocateMinor());
        put(definition("db1").withVolumeDefinition(volume(5001)).withResource(resource(N1, 0, 6000)));
        assertEquals(5000, edit().allocateMinor());
        assertFalse(state.hasFreePort(N1));
        assertTrue(state.hasFreePort(N2));
        HeddleException failure = assertThrows(HeddleException.class, () -> edit().allocatePort(N1));
        assertEquals(ErrorCode.NUMBERS_EXHAUSTED, failure.code());
        assertTrue(failure.why().contains("6000 to 6000"), failure.why());
        assertTrue(failure.correction().contains("TcpPortAutoRange"), failure.correction());

        setRanges("MinorNrAutoRange", "10-11", "TcpPortAutoRange", "6000-6001");
        assertEquals(10, edit().allocateMinor());
        assertTrue(state.hasFreePort(N1));
        assertEquals(6001, edit().allocatePort(N1));
    }

    private void setRanges(String... properties) {
        StateEdit edit = edit();
        edit.put(edit.state()
                .settings()
                .withProperties(Ordered.map(Map.of(properties[0], properties[1], properties[2], properties[3]))));
        state = edit.finish(state.revision() + 1);
    }

    @Test
    void aNodeIdIsRetiredUntilItsPeersHaveForgottenIt() {
        ResourceDefinition definition =
                definition("db1").withResource(resource(N1, 0, 7000)).withResource(resource(N2, 1, 7000));

        ResourceDefinition without = definition.withoutResource(N1);

        assertEquals(2, StateEdit.freeNodeId(without));
        assertEquals(0, StateEdit.freeNodeId(without.withoutRetiredNodeId(0)));
        assertTrue(without.withoutResource(N2).retiredNodeIds().isEmpty());
    }

    @Test
    void whenAllNumbersAreTakenItSaysSo() {
        ResourceDefinition definition = definition("db1");
        for (int id = 0; id <= Numbers.MAXIMUM_NODE_ID; id++) {
            definition = definition.withResource(resource(new NodeName("n" + id), id, 7000));
        }
        ResourceDefinition full = definition;

        HeddleException failure = assertThrows(HeddleException.class, () -> StateEdit.freeNodeId(full));

        assertEquals(ErrorCode.NUMBERS_EXHAUSTED, failure.code());
    }

    @Test
    void aChangedMapSharesAndKeepsTheOrderOfItsKeys() {
        SortedMap<Integer, String> before = Ordered.map(Map.of(3, "c", 1, "a"));

        SortedMap<Integer, String> after = Ordered.changed(before, Set.of(1), Map.of(2, "b"));

        assertEquals(List.of(2, 3), List.copyOf(after.keySet()));
        assertEquals(List.of(1, 3), List.copyOf(before.keySet()));
        assertSame(after, Ordered.map(after));
    }

    private StateEdit edit() {
        return new StateEdit(state, cursor);
    }

    private void put(ResourceDefinition definition) {
        StateEdit edit = edit();
        edit.put(definition);
        state = edit.finish(state.revision() + 1);
    }

    private static ResourceDefinition definition(String name) {
        return new ResourceDefinition(
                new ResourceName(name),
                UUID.randomUUID(),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("x"),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
    }

    private static VolumeDefinition volume(int minor) {
        return new VolumeDefinition(
                0, UUID.randomUUID(), Bytes.ofMib(64), minor, Ordered.map(null), Optional.empty(), false);
    }

    private static Resource resource(NodeName node, int nodeId, int port) {
        return new Resource(
                node,
                UUID.randomUUID(),
                nodeId,
                port,
                true,
                false,
                Ordered.map(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
    }
}
