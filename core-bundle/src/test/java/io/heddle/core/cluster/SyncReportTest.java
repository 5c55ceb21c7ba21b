package io.heddle.core.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import io.heddle.core.status.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SyncReportTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final ResourceName DB1 = new ResourceName("db1");
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");

    private final Map<NodeName, UUID> resources = Map.of(N1, UUID.randomUUID(), N2, UUID.randomUUID());
    private final Map<NodeName, DiskState> disks =
            new HashMap<>(Map.of(N1, DiskState.UP_TO_DATE, N2, DiskState.UP_TO_DATE));
    private final Map<NodeName, ReplicationState> replication = new HashMap<>();
    private final Set<NodeName> offline = new HashSet<>();
    private ConnectionState connection = ConnectionState.CONNECTED;
    private Optional<FirstGeneration> first = Optional.empty();
    private Optional<Problem> held = Optional.empty();

    private SyncReport report() {
        return SyncReport.of(new View(), DB1, Optional.empty());
    }

    @Test
    void nothingIsMissingWhereAllAreUpToDate() {
        assertEquals(new SyncReport(DB1, true, List.of(), Optional.empty()), report());
    }

    @Test
    void aSyncThatRunsIsMissingWithItsProgressAndNothingStandsAgainstIt() {
        disks.put(N2, DiskState.INCONSISTENT);
        replication.put(N2, ReplicationState.SYNC_TARGET);

        SyncReport report = report();

        assertFalse(report.inSync());
        assertEquals(List.of("n2: SyncTarget from n1: 42 %, 118 MiB/s, 1 m 20 s left"), report.missing());
        assertEquals(Optional.empty(), report.problem());
        assertTrue(SyncReport.of(new View(), DB1, Optional.of(N1)).inSync());
        assertFalse(SyncReport.of(new View(), DB1, Optional.of(N2)).inSync());
    }

    @Test
    void whereNoReplicaIsUpToDateItCannotComeTrue() {
        disks.put(N1, DiskState.OUTDATED);
        disks.put(N2, DiskState.INCONSISTENT);

        assertEquals(Optional.of(ErrorCode.SYNC_IMPOSSIBLE), report().problem().map(Problem::code));
        assertEquals(2, report().missing().size());
    }

    @Test
    void aReplicaThatNobodySeesMayBeTheGoodOne() {
        disks.put(N2, DiskState.INCONSISTENT);
        offline.add(N1);

        SyncReport report = report();

        assertEquals(Optional.empty(), report.problem());
        assertEquals(List.of("n1: not known, since the node is offline", "n2: Inconsistent"), report.missing());
    }

    @Test
    void theFirstGenerationIsStillToCome() {
        disks.put(N1, DiskState.INCONSISTENT);
        disks.put(N2, DiskState.INCONSISTENT);
        first = Optional.of(new FirstGeneration(FirstGeneration.Mode.SKIP_SYNC, N1, Ordered.set(Set.of(N1, N2))));

        assertEquals(Optional.empty(), report().problem());
        assertFalse(report().inSync());
    }

    @Test
    void oneThatStandsAloneTowardsTheGoodOneIsNotSynced() {
        disks.put(N2, DiskState.OUTDATED);
        connection = ConnectionState.STAND_ALONE;

        Problem problem = report().problem().orElseThrow();

        assertEquals(ErrorCode.SYNC_IMPOSSIBLE, problem.code());
        assertTrue(problem.why().contains("n2 stands alone towards n1"), problem.text());
    }

    @Test
    void whatASatelliteHoldsStandsAgainstIt() {
        disks.put(N2, DiskState.DISKLESS);
        held = Optional.of(new Problem(ErrorCode.METADATA_MISSING, "what", "why", "correction"));

        assertEquals(held, report().problem());
    }

    @Test
    void whatIsNotThereIsNotWaitedFor() {
        assertEquals(
                ErrorCode.RESOURCE_DEFINITION_NOT_FOUND,
                assertThrows(
                                HeddleException.class,
                                () -> SyncReport.of(new View(), new ResourceName("db2"), Optional.empty()))
                        .code());
        assertEquals(
                ErrorCode.RESOURCE_NOT_FOUND,
                assertThrows(
                                HeddleException.class,
                                () -> SyncReport.of(new View(), DB1, Optional.of(new NodeName("n3"))))
                        .code());
    }

    private final class View implements ClusterView {
        @Override
        public ClusterState state() {
            StateEdit edit = new StateEdit(
                    ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null))), new NumberCursor());
            edit.put(node(N1));
            edit.put(node(N2));
            edit.put(new ResourceDefinition(
                    DB1,
                    UUID.randomUUID(),
                    ResourceGroup.DEFAULT,
                    List.of(Layer.DRBD, Layer.STORAGE),
                    new Secret("s"),
                    Ordered.map(Map.of(
                            0,
                            new VolumeDefinition(
                                    0, UUID.randomUUID(), Bytes.ofMib(64), 1000, Ordered.map(null), first, false))),
                    Ordered.map(Map.of(N1, resource(N1, 0), N2, resource(N2, 1))),
                    Ordered.set(null),
                    Ordered.map(null),
                    false,
                    NOW));
            return edit.finish(7);
        }

        private Node node(NodeName name) {
            NetInterface link =
                    new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress("10.1.0.1"), 3366, LinkEncryption.TLS);
            return new Node(
                    name,
                    UUID.randomUUID(),
                    NodeType.SATELLITE,
                    Ordered.map(Map.of(link.name(), link)),
                    link.name(),
                    Ordered.map(null),
                    Ordered.map(null),
                    Optional.empty(),
                    false,
                    NOW);
        }

        private Resource resource(NodeName node, int nodeId) {
            Backing backing = new Backing(new PoolName("pool"), "db1_00000", 7);
            return new Resource(
                    node,
                    resources.get(node),
                    nodeId,
                    7000,
                    false,
                    false,
                    Ordered.map(Map.of(0, new Volume(0, UUID.randomUUID(), Optional.of(backing)))),
                    Ordered.map(null),
                    false,
                    NOW);
        }

        @Override
        public Optional<NodeStatus> status(NodeName node) {
            TreeMap<UUID, ResourceStatus> seen = new TreeMap<>();
            seen.put(resources.get(node), seen(node));
            return Optional.of(new NodeStatus(
                    node,
                    node.value(),
                    "0.1.0",
                    NOW,
                    7,
                    new KernelStatus(KernelStatus.Dialect.DRBD_9, "9.2.18", "9.22.0", "6.1", Optional.empty()),
                    List.of(),
                    Ordered.map(null),
                    seen,
                    List.of()));
        }

        private ResourceStatus seen(NodeName node) {
            NodeName peer = node.equals(N1) ? N2 : N1;
            ReplicationState state = replication.getOrDefault(node, ReplicationState.ESTABLISHED);
            Optional<SyncProgress> progress = state == ReplicationState.ESTABLISHED
                    ? Optional.empty()
                    : Optional.of(new SyncProgress(
                            Optional.of(Bytes.ofMib(118 * 80)), OptionalLong.of(118L << 20), Optional.empty()));
            PeerVolumeStatus volume = new PeerVolumeStatus(
                    0, state, disks.get(peer), Bytes.ZERO, OptionalDouble.of(42.9), "no", progress);
            ReplicationStatus drbd = new ReplicationStatus(
                    "db1",
                    Role.SECONDARY,
                    "no",
                    true,
                    1,
                    List.of(new DeviceStatus(0, 1000, disks.get(node), false, true, Bytes.ofMib(64), "/dev/x", false)),
                    List.of(new ConnectionStatus(peer.value(), 1, connection, Role.SECONDARY, true, List.of(volume))));
            boolean stopped = node.equals(N2) && held.isPresent();
            return new ResourceStatus(
                    DB1,
                    resources.get(node),
                    stopped ? ResourceStatus.Phase.HELD : ResourceStatus.Phase.READY,
                    7,
                    stopped ? held : Optional.empty(),
                    List.of(),
                    List.of(),
                    Observation.known(Optional.of(drbd)),
                    Ordered.set(null),
                    NOW);
        }

        @Override
        public LinkStatus link(NodeName node) {
            return new LinkStatus(
                    offline.contains(node) ? LinkStatus.State.OFFLINE : LinkStatus.State.ONLINE,
                    NOW,
                    Optional.empty(),
                    Optional.empty());
        }

        @Override
        public SortedMap<ResourceName, String> evacuation(NodeName node) {
            return Ordered.map(null);
        }

        @Override
        public SizeReport sizes(ResourceGroupName group, PlacementWish asked) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ControllerStatus controller() {
            throw new UnsupportedOperationException();
        }
    }

    @Test
    void durationsHaveTheirTwoLargestUnits() {
        assertEquals("0 s", SyncStates.time(Duration.ZERO));
        assertEquals("59 s", SyncStates.time(Duration.ofSeconds(59)));
        assertEquals("1 m 20 s", SyncStates.time(Duration.ofSeconds(80)));
        assertEquals("2 h", SyncStates.time(Duration.ofSeconds(7201)));
        assertEquals("3 d 4 h", SyncStates.time(Duration.ofHours(76)));
        assertEquals("512 B/s", SyncStates.rate(OptionalLong.of(512)));
        assertEquals("11.9 MiB/s", SyncStates.rate(OptionalLong.of(12_500_000)));
        assertEquals("", SyncStates.rate(OptionalLong.empty()));
    }
}
