package io.heddle.core.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceConnection;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import io.heddle.core.status.VolumeStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JsonTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("N2");
    private static final PoolName POOL = new PoolName("drbdpool");
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00.123Z");
    private static final SpecVersion VERSION = new SpecVersion(3, UUID.randomUUID(), 42);

    @Test
    void aNodeComesBackAsItWas() {
        NetInterface address =
                new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress("fd00::0:11"), 3366, LinkEncryption.TLS);
        Node node = new Node(
                N1,
                UUID.randomUUID(),
                NodeType.SATELLITE,
                Ordered.map(Map.of(address.name(), address)),
                address.name(),
                Ordered.map(Map.of(
                        POOL,
                        new StoragePool(
                                POOL,
                                UUID.randomUUID(),
                                DriverKind.LVM_THIN,
                                "pve/drbdpool",
                                Ordered.map(Map.of("PrefNic", "data"))))),
                Ordered.map(Map.of("Aux/rack", "7")),
                Optional.of("ab12"),
                false,
                NOW);

        assertRoundTrip(node, Node.class);
    }

    @Test
    void aResourceDefinitionComesBackAsItWas() {
        assertRoundTrip(definition(), ResourceDefinition.class);
        assertRoundTrip(
                definition()
                        .withConnection(
                                new NodePair(N2, N1),
                                ResourceConnection.NOTHING
                                        .withProperties(Ordered.map(Map.of("DrbdOptions/Net/protocol", "A")))
                                        .withPeerDevice(
                                                0, Ordered.map(Map.of("DrbdOptions/PeerDevice/c-plan-ahead", "5")))),
                ResourceDefinition.class);
    }

    @Test
    void whatIsSetBetweenNodesComesBackAsItWas() {
        assertRoundTrip(
                new ClusterSettings(UUID.randomUUID(), Ordered.map(null))
                        .withNodeConnection(new NodePair(N2, N1), Ordered.map(Map.of("DrbdOptions/Net/protocol", "A"))),
                ClusterSettings.class);
    }

    @Test
    void aFieldOfANewerVersionDoesNotStopTheReader() {
        String document =
                Json.write(new ResourceGroup(ResourceGroup.DEFAULT, UUID.randomUUID(), "", Ordered.map(null)));

        ResourceGroup group =
                Json.read(document.replaceFirst("\\{", "{\"fromTheFuture\":{\"a\":[1]},"), ResourceGroup.class);

        assertEquals(ResourceGroup.DEFAULT, group.name());
    }

    @Test
    void everyLinkMessageComesBackAsItWas() {
        Problem problem = new Problem(ErrorCode.POOL_FULL, "what", "why", "correction");
        NodeSpec spec = spec();
        NodeStatus status = status(problem);
        List<LinkMessage> messages = List.of(
                new LinkMessage.Hello(
                        1, "0.1.0", UUID.randomUUID(), N1, VERSION, Optional.of(new Secret("123456")), false),
                new LinkMessage.Welcome(1, "0.1.0", "n1", Optional.empty()),
                new LinkMessage.Refused(problem),
                new LinkMessage.FullSpec(spec),
                new LinkMessage.Delta(new SpecDelta(
                        41,
                        VERSION,
                        Optional.of(spec.pools()),
                        List.copyOf(spec.resources().values()),
                        Ordered.set(Set.of(UUID.randomUUID())))),
                new LinkMessage.FullStatus(status),
                new LinkMessage.Ping(7));

        for (LinkMessage message : messages) {
            assertRoundTrip(message, LinkMessage.class);
        }
    }

    @Test
    void aSecretShowsInJsonOnly() {
        Secret secret = new Secret("s3cr3t");

        assertEquals("\"s3cr3t\"", Json.write(secret));
        assertFalse(definition().toString().contains("t0psecret"));
    }

    @Test
    void aBrokenDocumentIsRefusedWithoutQuotingIt() {
        HeddleException failure = assertThrows(
                HeddleException.class, () -> Json.read("{\"sharedSecret\": \"s3cr3t\", nonsense", ResourceGroup.class));

        assertEquals(ErrorCode.INVALID_INPUT, failure.code());
        assertFalse(failure.why().contains("s3cr3t"), failure.why());
    }

    @Test
    void aNameThatIsNotAllowedIsTheErrorOfTheName() {
        HeddleException failure = assertThrows(
                HeddleException.class, () -> Json.read("{\"name\":\"a b\",\"description\":\"\"}", ResourceGroup.class));

        assertEquals(ErrorCode.INVALID_NAME, failure.code());
        assertTrue(failure.what().contains("a b"));
    }

    private static <T> void assertRoundTrip(T value, Class<T> type) {
        assertEquals(value, Json.read(Json.write(value), type));
    }

    private static ResourceDefinition definition() {
        Resource resource = new Resource(
                N1,
                UUID.randomUUID(),
                0,
                7000,
                false,
                false,
                Ordered.map(
                        Map.of(0, new Volume(0, UUID.randomUUID(), Optional.of(new Backing(POOL, "db1_00000", 7))))),
                Ordered.map(null),
                false,
                NOW);
        VolumeDefinition volume = new VolumeDefinition(
                0,
                UUID.randomUUID(),
                Bytes.ofMib(64),
                1000,
                Ordered.map(null),
                Optional.of(new FirstGeneration(FirstGeneration.Mode.SKIP_SYNC, N1, Ordered.set(Set.of(N1, N2)))),
                false);
        return new ResourceDefinition(
                new ResourceName("vm-100-disk-1"),
                UUID.randomUUID(),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("t0psecret"),
                Ordered.map(Map.of(0, volume)),
                Ordered.map(Map.of(N1, resource)),
                Ordered.set(Set.of(3)),
                Ordered.map(Map.of("DrbdOptions/Net/max-buffers", "8000")),
                false,
                NOW);
    }

    private static NodeSpec spec() {
        VolumeSpec volume = new VolumeSpec(
                0,
                UUID.randomUUID(),
                Disposition.PRESENT,
                1000,
                Bytes.ofMib(64),
                Optional.of(new Backing(POOL, "db1_00000", 7)),
                Optional.empty(),
                Ordered.map(Map.of("on-io-error", "detach")));
        PeerSpec peer = new PeerSpec(
                N2,
                1,
                false,
                List.of(new PeerVolumeSpec(0, 1000, false)),
                List.of(new PathSpec(new IpAddress("10.2.0.11"), 7000, new IpAddress("10.2.0.12"), 7001)),
                Ordered.map(Map.of("protocol", "C")),
                Ordered.map(null));
        ResourceSpec resource = new ResourceSpec(
                new ResourceName("db1"),
                UUID.randomUUID(),
                UUID.randomUUID(),
                Disposition.PRESENT,
                false,
                true,
                N1,
                0,
                false,
                new Secret("t0psecret"),
                List.of(volume),
                List.of(peer),
                Ordered.set(Set.of(4)),
                Ordered.map(Map.of("quorum", "majority")),
                false);
        return new NodeSpec(
                UUID.randomUUID(),
                N1,
                VERSION,
                Ordered.map(Map.of(
                        POOL,
                        new PoolSpec(POOL, UUID.randomUUID(), DriverKind.LVM_THIN, "pve/thin", Ordered.map(null)))),
                Ordered.map(Map.of(resource.uuid(), resource)),
                Ordered.set(Set.of(new UUID(8, 8))));
    }

    private static NodeStatus status(Problem problem) {
        ReplicationStatus replication = new ReplicationStatus(
                "db1",
                Role.PRIMARY,
                "no",
                true,
                10101,
                List.of(new DeviceStatus(
                        0, 1000, DiskState.UP_TO_DATE, false, true, Bytes.ofMib(64), "/dev/vg/db1_00000", true)),
                List.of(new ConnectionStatus(
                        "n2",
                        1,
                        ConnectionState.CONNECTED,
                        Role.SECONDARY,
                        true,
                        List.of(new PeerVolumeStatus(
                                0,
                                ReplicationState.SYNC_SOURCE,
                                DiskState.INCONSISTENT,
                                Bytes.ofKib(1),
                                OptionalDouble.of(12.5),
                                "no")))));
        ResourceStatus resource = new ResourceStatus(
                new ResourceName("db1"),
                UUID.randomUUID(),
                ResourceStatus.Phase.HELD,
                42,
                Optional.of(problem),
                List.of("create metadata of volume 0"),
                List.of(new VolumeStatus(
                        0,
                        UUID.randomUUID(),
                        Optional.of("/dev/drbd1000"),
                        Optional.of("/dev/vg/db1_00000"),
                        Optional.of(Bytes.ofMib(65)),
                        Optional.empty())),
                Observation.known(Optional.of(replication)),
                Ordered.set(Set.of(4)),
                NOW);
        PoolCapacity capacity = new PoolCapacity(
                Bytes.ofMib(1000),
                Bytes.ofMib(900),
                Bytes.ofMib(2000),
                Bytes.ofKib(64),
                true,
                true,
                true,
                OptionalDouble.of(10),
                OptionalDouble.empty(),
                List.of());
        return new NodeStatus(
                N1,
                "n1",
                "0.1.0",
                NOW,
                42,
                new KernelStatus(KernelStatus.Dialect.DRBD_9, "9.2.18", "9.22.0", "6.1.0", Optional.empty()),
                List.of(),
                Ordered.map(Map.of(
                        POOL,
                        new PoolStatus(
                                POOL,
                                UUID.randomUUID(),
                                DriverKind.LVM_THIN,
                                Observation.known(capacity),
                                Ordered.map(Map.of("db1_00000_snap_00000007", Bytes.ofMib(3)))),
                        new PoolName("broken"),
                        new PoolStatus(
                                new PoolName("broken"),
                                UUID.randomUUID(),
                                DriverKind.ZFS,
                                Observation.unknown(problem),
                                Ordered.map(null)))),
                Ordered.map(Map.of(resource.uuid(), resource)),
                List.of());
    }
}
