package io.heddle.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
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
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
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
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import io.heddle.core.status.SyncProgress;
import io.heddle.core.status.VolumeStatus;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.exporter.common.TextFormat;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MetricsTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final PoolName POOL = new PoolName("drbdpool");
    private static final PoolName BROKEN = new PoolName("broken");
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final UUID ON_N1 = UUID.randomUUID();
    private static final UUID ON_N2 = UUID.randomUUID();

    private final ClusterState state = state();
    private double donePercent = 12.5;

    @Test
    void existingDashboardsFindTheirSeries() throws IOException {
        Set<String> lines = clusterLines();

        assertContains(lines, "linstor_info{version=\"0.1.0\",} 1.0");
        assertContains(
                lines,
                "linstor_node_state{address=\"10.1.0.11\",encryption=\"TLS\",port=\"3366\",node=\"n1\",nodetype=\"SATELLITE\",} 2.0");
        assertContains(
                lines,
                "linstor_node_state{address=\"10.1.0.12\",encryption=\"TLS\",port=\"3366\",node=\"n2\",nodetype=\"SATELLITE\",} 0.0");
        assertContains(lines, "linstor_resource_definition_count 1.0");
        assertContains(
                lines, "linstor_resource_definition_resource_count{name=\"db1\",resource_group=\"DfltRscGrp\",} 2.0");
        assertContains(
                lines,
                "linstor_volume_definition_size_bytes{name=\"db1\",volume_number=\"0\",resource_group=\"DfltRscGrp\",} 6.7108864E7");
        assertContains(lines, "linstor_resource_state{name=\"db1\",node=\"n1\",} 1.0");
        assertContains(
                lines,
                "linstor_volume_state{resource=\"db1\",node=\"n1\",volume=\"0\",device_path=\"/dev/drbd1000\",storage_pool=\"drbdpool\",} 5.0");
        assertContains(
                lines,
                "linstor_storage_pool_capacity_free_bytes{storage_pool=\"drbdpool\",node=\"n1\",driver=\"LVM_THIN\",backing_pool=\"pve/thin\",} 1048576.0");
    }

    @Test
    void whatIsNotKnownIsNoZero() throws IOException {
        Set<String> lines = clusterLines();

        assertContains(
                lines,
                "linstor_storage_pool_capacity_free_bytes{storage_pool=\"broken\",node=\"n1\",driver=\"LVM\",backing_pool=\"gone\",} NaN");
        assertContains(
                lines,
                "linstor_storage_pool_error_count{storage_pool=\"broken\",node=\"n1\",driver=\"LVM\",backing_pool=\"gone\",} 1.0");
        assertContains(lines, "linstor_resource_state{name=\"db1\",node=\"n2\",} -1.0");
        assertContains(lines, "heddle_volume_state{resource=\"db1\",node=\"n2\",volume=\"0\",state=\"Unknown\",} 1.0");
    }

    @Test
    void aSyncMakesNoNewSeriesForEachPercent() throws IOException {
        Set<String> before = names(clusterLines());
        donePercent = 13.5;

        assertEquals(before, names(clusterLines()));
        assertContains(
                clusterLines(),
                "heddle_volume_state{resource=\"db1\",node=\"n1\",volume=\"0\",state=\"SyncTarget\",} 1.0");
    }

    @Test
    void aSyncHasItsRateAndTheTimeThatIsLeft() throws IOException {
        Families families = new Families();
        NodeMetrics.collect(nodeStatus(), families);
        Set<String> own = lines(families);
        Set<String> cluster = clusterLines();

        assertContains(
                own, "heddle_peerdevice_sync_bytes_per_second{name=\"db1\",conn_name=\"n2\",volume=\"0\",} 512.0");
        assertContains(own, "heddle_peerdevice_sync_stalled{name=\"db1\",conn_name=\"n2\",volume=\"0\",} 0.0");
        String labels = "{resource=\"db1\",node=\"n1\",peer=\"n2\",volume=\"0\",}";
        assertContains(cluster, "heddle_sync_left_bytes" + labels + " 1024.0");
        assertContains(cluster, "heddle_sync_bytes_per_second" + labels + " 512.0");
        assertContains(cluster, "heddle_sync_seconds_left" + labels + " 2.0");
        assertContains(cluster, "heddle_sync_done_percent" + labels + " 12.5");
        assertContains(cluster, "heddle_sync_stalled" + labels + " 0.0");
    }

    @Test
    void theNodesOwnDrbdShowsAsDrbdReactorShowsIt() throws IOException {
        Families families = new Families();
        NodeMetrics.collect(nodeStatus(), families);
        Set<String> lines = lines(families);

        assertContains(lines, "drbd_resource_role{name=\"db1\",drbd_resource_role=\"Primary\",} 1.0");
        assertContains(lines, "drbd_resource_role{name=\"db1\",drbd_resource_role=\"Secondary\",} 0.0");
        assertContains(
                lines,
                "drbd_device_state{name=\"db1\",volume=\"0\",minor=\"1000\",drbd_device_state=\"Inconsistent\",} 1.0");
        assertContains(
                lines,
                "drbd_connection_state{name=\"db1\",conn_name=\"n2\",peer_node_id=\"1\",drbd_connection_state=\"Connected\",} 1.0");
        assertContains(
                lines,
                "drbd_peerdevice_outofsync_bytes{name=\"db1\",conn_name=\"n2\",peer_node_id=\"1\",volume=\"0\",} 1024.0");
        assertTrue(lines.stream().noneMatch(line -> line.contains("Unrecognised")));
    }

    @Test
    void noSecretIsInAScrape() throws IOException {
        assertFalse(clusterLines().toString().contains("t0psecret"));
    }

    private static void assertContains(Set<String> lines, String line) {
        assertTrue(lines.contains(line), () -> line + " is not in\n" + String.join("\n", lines));
    }

    private static Set<String> names(Set<String> lines) {
        return lines.stream().map(line -> line.replaceAll(" [^ ]*$", "")).collect(Collectors.toSet());
    }

    private Set<String> clusterLines() throws IOException {
        Families families = new Families();
        ClusterMetrics.collect(new View(), families);
        return lines(families);
    }

    private static Set<String> lines(Families families) throws IOException {
        CollectorRegistry registry = new CollectorRegistry();
        registry.register(new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                return families.samples();
            }
        });
        StringWriter text = new StringWriter();
        TextFormat.write004(text, registry.metricFamilySamples());
        return text.toString().lines().filter(line -> !line.startsWith("#")).collect(Collectors.toSet());
    }

    private final class View implements ClusterView {
        @Override
        public ClusterState state() {
            return state;
        }

        @Override
        public Optional<NodeStatus> status(NodeName node) {
            return node.equals(N1) ? Optional.of(nodeStatus()) : Optional.empty();
        }

        @Override
        public LinkStatus link(NodeName node) {
            return new LinkStatus(
                    node.equals(N1) ? LinkStatus.State.ONLINE : LinkStatus.State.OFFLINE,
                    NOW,
                    Optional.empty(),
                    Optional.empty());
        }

        @Override
        public SortedMap<ResourceName, String> evacuation(NodeName node) {
            return new TreeMap<>();
        }

        @Override
        public SizeReport sizes(ResourceGroupName group, PlacementWish asked) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ControllerStatus controller() {
            return new ControllerStatus("0.1.0", 3, UUID.randomUUID(), NOW, "ab", List.of());
        }
    }

    private static ClusterState state() {
        StateEdit edit = new StateEdit(
                ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null))), new NumberCursor());
        edit.put(node(N1, "10.1.0.11"));
        edit.put(node(N2, "10.1.0.12"));
        edit.put(new ResourceDefinition(
                new ResourceName("db1"),
                UUID.randomUUID(),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("t0psecret"),
                Ordered.map(Map.of(
                        0,
                        new VolumeDefinition(
                                0,
                                UUID.randomUUID(),
                                Bytes.ofMib(64),
                                1000,
                                Ordered.map(null),
                                Optional.empty(),
                                false))),
                Ordered.map(Map.of(N1, resource(N1, ON_N1, 0), N2, resource(N2, ON_N2, 1))),
                Ordered.set(null),
                Ordered.map(null),
                false,
                NOW));
        return edit.finish(7);
    }

    private static Node node(NodeName name, String address) {
        NetInterface link = new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress(address), 3366, LinkEncryption.TLS);
        Map<PoolName, StoragePool> pools = name.equals(N1)
                ? Map.of(
                        POOL,
                        new StoragePool(POOL, UUID.randomUUID(), DriverKind.LVM_THIN, "pve/thin", Ordered.map(null)),
                        BROKEN,
                        new StoragePool(BROKEN, UUID.randomUUID(), DriverKind.LVM, "gone", Ordered.map(null)))
                : Map.of();
        return new Node(
                name,
                UUID.randomUUID(),
                NodeType.SATELLITE,
                Ordered.map(Map.of(link.name(), link)),
                link.name(),
                Ordered.map(pools),
                Ordered.map(null),
                Optional.empty(),
                false,
                NOW);
    }

    private static Resource resource(NodeName node, UUID uuid, int nodeId) {
        return new Resource(
                node,
                uuid,
                nodeId,
                7000,
                false,
                false,
                Ordered.map(
                        Map.of(0, new Volume(0, UUID.randomUUID(), Optional.of(new Backing(POOL, "db1_00000", 7))))),
                Ordered.map(null),
                false,
                NOW);
    }

    private NodeStatus nodeStatus() {
        PoolCapacity capacity = new PoolCapacity(
                Bytes.ofMib(2),
                Bytes.ofMib(1),
                Bytes.ofMib(64),
                Bytes.ofKib(64),
                true,
                true,
                true,
                OptionalDouble.of(50),
                OptionalDouble.of(10),
                List.of());
        Problem problem = new Problem(ErrorCode.POOL_UNUSABLE, "what", "why", "correction");
        ReplicationStatus replication = new ReplicationStatus(
                "db1",
                Role.PRIMARY,
                "no",
                true,
                10101,
                List.of(new DeviceStatus(
                        0, 1000, DiskState.INCONSISTENT, false, true, Bytes.ofMib(64), "/dev/pve/db1_00000", true)),
                List.of(new ConnectionStatus(
                        "n2",
                        1,
                        ConnectionState.CONNECTED,
                        Role.SECONDARY,
                        true,
                        List.of(new PeerVolumeStatus(
                                0,
                                ReplicationState.SYNC_TARGET,
                                DiskState.UP_TO_DATE,
                                Bytes.ofKib(1),
                                OptionalDouble.of(donePercent),
                                "no",
                                Optional.of(new SyncProgress(
                                        Optional.of(Bytes.ofKib(1)), OptionalLong.of(512), Optional.empty())))))));
        ResourceStatus resource = new ResourceStatus(
                new ResourceName("db1"),
                ON_N1,
                ResourceStatus.Phase.READY,
                7,
                Optional.empty(),
                List.of(),
                List.of(new VolumeStatus(
                        0,
                        UUID.randomUUID(),
                        Optional.of("/dev/drbd1000"),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty())),
                Observation.known(Optional.of(replication)),
                Ordered.set(null),
                NOW);
        return new NodeStatus(
                N1,
                "n1",
                "0.1.0",
                NOW,
                7,
                new KernelStatus(KernelStatus.Dialect.DRBD_9, "9.2.18", "9.22.0", "6.1.0", Optional.empty()),
                List.of(),
                Ordered.map(Map.of(
                        POOL,
                        new PoolStatus(
                                POOL,
                                UUID.randomUUID(),
                                DriverKind.LVM_THIN,
                                Observation.known(capacity),
                                Ordered.map(null)),
                        BROKEN,
                        new PoolStatus(
                                BROKEN,
                                UUID.randomUUID(),
                                DriverKind.LVM,
                                Observation.unknown(problem),
                                Ordered.map(null)))),
                Ordered.map(Map.of(ON_N1, resource)),
                List.of());
    }
}
