package io.heddle.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PathStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** db1 on three nodes; n1 is to replicate over network 2 and not 1 any more. */
class PathMovesTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final NodeName N3 = new NodeName("n3");
    private static final List<NodeName> NODES = List.of(N1, N2, N3);

    private final Map<NodeName, Role> roles =
            new HashMap<>(Map.of(N1, Role.SECONDARY, N2, Role.SECONDARY, N3, Role.SECONDARY));
    private final Map<NodeName, Boolean> reporting = new HashMap<>(Map.of(N1, true, N2, true, N3, true));
    /** By pair: networks of n1's address, the established one first; for n2 and n3 always 1. */
    private final Map<NodePair, List<Integer>> paths = new HashMap<>();

    private final Map<NodePair, ConnectionState> states = new HashMap<>();
    private boolean n2HasTheNewPath = true;
    private boolean syncing;

    private ResourceDefinition definition = definition();
    private ClusterState state = state();

    PathMovesTest() {
        paths.put(new NodePair(N1, N2), List.of(1, 2));
        paths.put(new NodePair(N1, N3), List.of(1, 2));
        paths.put(new NodePair(N2, N3), List.of(1));
    }

    private void decide() {
        PathMoves moves = new PathMoves(state, (node, uuid) -> status(node));
        if (moves.pending(definition)) {
            definition = moves.decide(definition);
        }
    }

    private List<String> words() {
        List<String> words = new ArrayList<>();
        for (NodeName node : NODES) {
            SpecBuilder.resource(state, definition, node).orElseThrow().peers().stream()
                    .filter(PeerSpec::takesOver)
                    .forEach(peer -> words.add(node + " with " + peer.node()));
        }
        return words;
    }

    @Test
    void oneConnectionAfterTheOtherGetsTheWord() {
        decide();
        assertEquals(List.of("n1 with n2"), words());
        decide();
        assertEquals(List.of("n1 with n2"), words(), "the other waits");

        states.put(new NodePair(N1, N2), ConnectionState.CONNECTING);
        decide();
        assertEquals(List.of(), words(), "under way, and the other still waits");

        states.clear();
        paths.put(new NodePair(N1, N2), List.of(2));
        decide();
        assertEquals(List.of("n1 with n3"), words());

        paths.put(new NodePair(N1, N3), List.of(2, 1));
        decide();
        assertEquals(List.of(), words());
        assertTrue(definition.connections().isEmpty(), "nothing is left of it");
    }

    @Test
    void thePrimaryTakesOver() {
        roles.put(N2, Role.PRIMARY);
        decide();
        assertEquals(List.of("n2 with n1"), words());

        roles.put(N2, Role.SECONDARY);
        roles.put(N1, Role.PRIMARY);
        decide();
        assertEquals(List.of("n1 with n2"), words());
    }

    @Test
    void whoDoesNotHaveTheNewPathYetIsWaitedFor() {
        n2HasTheNewPath = false;
        decide();
        assertEquals(List.of("n1 with n3"), words());
    }

    @Test
    void nothingIsLeftWhileAnotherConnectionIsDownOrSyncsOrANodeIsSilent() {
        states.put(new NodePair(N2, N3), ConnectionState.CONNECTING);
        decide();
        assertEquals(List.of(), words());

        states.clear();
        syncing = true;
        decide();
        assertEquals(List.of(), words());

        syncing = false;
        reporting.put(N3, false);
        decide();
        assertEquals(List.of(), words());

        reporting.put(N3, true);
        decide();
        assertEquals(List.of("n1 with n2"), words());
    }

    @Test
    void aWordSaysNothingAboutOtherPathsThanThoseItNames() {
        decide();
        ResourceDefinition worded = definition;
        edit(3);

        assertEquals(List.of(), words());
        decide();
        assertEquals(List.of(), words());
        assertFalse(definition.equals(worded));
    }

    @Test
    void aWordThatMeansNothingIsTakenBack() {
        decide();
        edit(1);

        decide();

        assertTrue(definition.connections().isEmpty());
        assertFalse(new PathMoves(state, (node, uuid) -> Optional.empty()).pending(definition));
    }

    private Optional<ResourceStatus> status(NodeName node) {
        if (!reporting.get(node)) {
            return Optional.empty();
        }
        List<ConnectionStatus> connections = new ArrayList<>();
        for (NodeName peer : NODES) {
            if (!peer.equals(node)) {
                connections.add(connection(node, peer));
            }
        }
        Resource resource = definition.resources().get(node);
        return Optional.of(new ResourceStatus(
                new ResourceName("db1"),
                resource.uuid(),
                Phase.WORKING,
                1,
                Optional.empty(),
                List.of(),
                List.of(),
                Observation.known(Optional.of(
                        new ReplicationStatus("db1", roles.get(node), "no", true, 1, List.of(), connections))),
                Ordered.set(null),
                Instant.EPOCH));
    }

    private ConnectionStatus connection(NodeName node, NodeName peer) {
        NodePair pair = new NodePair(node, peer);
        ConnectionState connection = states.getOrDefault(pair, ConnectionState.CONNECTED);
        boolean connected = connection == ConnectionState.CONNECTED;
        List<PathStatus> seen = new ArrayList<>();
        for (int network : paths.get(pair)) {
            seen.add(new PathStatus(
                    address(node, network), 7000, address(peer, network), 7000, connected && seen.isEmpty()));
        }
        if (!n2HasTheNewPath && node.equals(N2)) {
            seen.removeIf(path -> path.remote().equals(address(N1, 2)));
        }
        ReplicationState replication = syncing && pair.equals(new NodePair(N2, N3))
                ? ReplicationState.SYNC_SOURCE
                : ReplicationState.ESTABLISHED;
        return new ConnectionStatus(
                        peer.value(),
                        NODES.indexOf(peer),
                        connection,
                        connected ? roles.get(peer) : Role.UNKNOWN,
                        connected,
                        List.of(new PeerVolumeStatus(
                                0, replication, DiskState.UP_TO_DATE, Bytes.ZERO, OptionalDouble.empty(), "no")))
                .withPaths(seen);
    }

    private static IpAddress address(NodeName node, int network) {
        int number = NODES.indexOf(node) + 1;
        return new IpAddress("10." + (node.equals(N1) ? network : 1) + ".0." + number);
    }

    private void edit(int network) {
        StateEdit edit = new StateEdit(state, new NumberCursor());
        edit.put(node(N1, network));
        state = edit.finish(state.revision() + 1);
    }

    private static ClusterState state() {
        StateEdit edit = new StateEdit(
                ClusterState.empty(new ClusterSettings(new UUID(0, 7), Ordered.map(null))), new NumberCursor());
        edit.put(new ResourceGroup(ResourceGroup.DEFAULT, new UUID(0, 2), "", Ordered.map(null)));
        edit.put(node(N1, 2));
        edit.put(node(N2, 1));
        edit.put(node(N3, 1));
        return edit.finish(1);
    }

    private static Node node(NodeName name, int network) {
        NetInterface only = new NetInterface(
                new NetInterfaceName(Node.DEFAULT_INTERFACE.value()), address(name, network), 3366, LinkEncryption.TLS);
        return new Node(
                name,
                new UUID(1, NODES.indexOf(name)),
                NodeType.SATELLITE,
                Ordered.map(Map.of(only.name(), only)),
                only.name(),
                Ordered.map(null),
                Ordered.map(null),
                Optional.empty(),
                false,
                Instant.EPOCH);
    }

    private static ResourceDefinition definition() {
        ResourceDefinition made = new ResourceDefinition(
                new ResourceName("db1"),
                new UUID(0, 8),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("s"),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
        for (int id = 0; id < NODES.size(); id++) {
            made = made.withResource(new Resource(
                    NODES.get(id),
                    new UUID(2, id),
                    id,
                    7000,
                    false,
                    false,
                    Ordered.map(null),
                    Ordered.map(null),
                    false,
                    Instant.EPOCH));
        }
        return made;
    }
}
