package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.VolumeSource;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * One resource on node n1, wanted and found, to be changed by a test. It begins in service: db1 with volume 0 of 64 MiB, UpToDate
 * here and on the connected peer n2.
 */
final class Bench {
    static final UUID CLUSTER = new UUID(0, 1);
    static final UUID RESOURCE = new UUID(0, 2);
    static final UUID STRANGER = new UUID(0, 99);
    static final PoolName POOL = new PoolName("fast");
    static final ResourceName DB1 = new ResourceName("db1");
    static final NodeName N1 = new NodeName("n1");
    static final NodeName N2 = new NodeName("n2");
    static final NodeName N3 = new NodeName("n3");
    static final Bytes SIZE = Bytes.ofMib(64);
    static final Bytes GROSS = Bytes.ofMib(68);
    static final Problem FAILED_LOOK =
            new Problem(ErrorCode.COMMAND_TIMED_OUT, "'lvs' did not end in time", "it was killed", "see dmesg");

    Disposition disposition = Disposition.PRESENT;
    boolean definitionDeleted;
    boolean replicated = true;
    boolean diskless;
    boolean replacesOlder;
    boolean released;
    boolean confirmed = true;
    boolean keep;
    boolean adjusted = true;
    boolean fileCurrent = true;
    int nodeId;
    SortedMap<String, String> resourceOptions = Ordered.map(null);
    Dialect dialect = Dialect.DRBD_9;
    Role role = Role.SECONDARY;
    ResourceRecord record = ResourceRecord.NOTHING;
    Observation<Optional<ConfiguredResource>> file = ours();
    Observation<Optional<ReplicationStatus>> replication = Observation.known(Optional.empty());
    final TreeMap<Integer, VolumeSpec> volumes = new TreeMap<>();
    final TreeMap<NodeName, PeerSpec> peers = new TreeMap<>();
    final TreeMap<PoolName, PoolSpec> pools = new TreeMap<>();
    final TreeMap<Integer, Observation<Optional<BackingVolume>>> backings = new TreeMap<>();
    final TreeMap<Integer, Observation<Bytes>> backingSizes = new TreeMap<>();
    final TreeMap<Integer, Observation<MetadataState>> metadata = new TreeMap<>();
    final TreeMap<Integer, Bytes> sizesInMetadata = new TreeMap<>();
    final TreeMap<Integer, DeviceStatus> devices = new TreeMap<>();
    final TreeMap<NodeName, ConnectionStatus> connections = new TreeMap<>();
    final TreeSet<Integer> forget = new TreeSet<>();
    final TreeSet<Integer> forgotten = new TreeSet<>();
    boolean inKernel = true;

    Bench() {
        pools.put(POOL, new PoolSpec(POOL, new UUID(0, 3), DriverKind.LVM_THIN, "vg/thin", Ordered.map(null)));
        volume(0);
        peer(N2, 1, false);
        backing(0, Stage.READY, GROSS);
        made(0, SIZE);
        device(0, DiskState.UP_TO_DATE, SIZE);
        connected(N2, 1, DiskState.UP_TO_DATE);
    }

    /** As the moment a controller has just asked for it: nothing is there. */
    static Bench fresh() {
        Bench bench = new Bench();
        bench.backings.put(0, Observation.known(Optional.empty()));
        bench.record = ResourceRecord.NOTHING;
        bench.file = Observation.known(Optional.empty());
        bench.fileCurrent = false;
        bench.adjusted = false;
        bench.inKernel = false;
        bench.devices.clear();
        bench.connections.clear();
        return bench;
    }

    /** As after a reboot: the disks have all, the kernel nothing, and no controller was seen. */
    static Bench rebooted() {
        Bench bench = new Bench();
        bench.adjusted = false;
        bench.inKernel = false;
        bench.confirmed = false;
        bench.devices.clear();
        bench.connections.clear();
        bench.metadata.put(0, Observation.known(MetadataState.PRESENT));
        return bench;
    }

    Plan plan() {
        return Planner.plan(spec(), pools, situation());
    }

    ResourceSpec spec() {
        return new ResourceSpec(
                DB1,
                new UUID(0, 4),
                RESOURCE,
                disposition,
                definitionDeleted,
                replicated,
                N1,
                nodeId,
                diskless,
                new Secret("s"),
                List.copyOf(volumes.values()),
                List.copyOf(peers.values()),
                forget,
                resourceOptions,
                Ordered.map(null),
                replacesOlder,
                released);
    }

    ResourceSituation situation() {
        Observation<Optional<ReplicationStatus>> seen = replication.unknown().isPresent()
                ? replication
                : Observation.known(
                        inKernel
                                ? Optional.of(new ReplicationStatus(
                                        "db1",
                                        role,
                                        "no",
                                        true,
                                        1,
                                        List.copyOf(devices.values()),
                                        List.copyOf(connections.values())))
                                : Optional.empty());
        return new ResourceSituation(
                CLUSTER,
                confirmed,
                keep,
                new KernelStatus(dialect, "9.2.18", "9.22.0", "6.1.0", Optional.empty()),
                record,
                backings,
                backingSizes,
                file,
                Observation.known(fileCurrent),
                adjusted,
                seen,
                metadata,
                sizesInMetadata,
                forgotten);
    }

    static UUID replica(int number) {
        return new UUID(7, number);
    }

    static Observation<Optional<ConfiguredResource>> ours() {
        return Observation.known(Optional.of(new ConfiguredResource(
                "db1", Optional.of(CLUSTER), Optional.of(RESOURCE), Optional.empty(), Ordered.set(null))));
    }

    /** A third replica, on n3, and the quorum that goes with it. */
    void thirdReplicaWithQuorum() {
        peer(N3, 2, false);
        resourceOptions = Ordered.map(new TreeMap<>(Map.of("quorum", "majority")));
    }

    void fileWithQuorum() {
        fileWithQuorum(
                "majority",
                peers.values().stream()
                        .filter(peer -> !peer.diskless())
                        .map(PeerSpec::node)
                        .toArray(NodeName[]::new));
    }

    /** The file as it was written with a quorum and these peers with disks. */
    void fileWithQuorum(String value, NodeName... voters) {
        TreeSet<Integer> nodeIds = new TreeSet<>();
        for (NodeName voter : voters) {
            nodeIds.add(
                    peers.containsKey(voter)
                            ? peers.get(voter).nodeId()
                            : Integer.parseInt(voter.value().substring(1)) - 1);
        }
        file = Observation.known(Optional.of(new ConfiguredResource(
                "db1", Optional.of(CLUSTER), Optional.of(RESOURCE), Optional.of(value), nodeIds)));
    }

    /** The same file with these node ids as tie-breakers. */
    void tieBreakersInFile(List<Integer> nodeIds) {
        ConfiguredResource known = file.known().flatMap(found -> found).orElseThrow();
        file = Observation.known(Optional.of(new ConfiguredResource(
                known.name(),
                known.cluster(),
                known.resource(),
                known.quorum(),
                known.voters(),
                known.paths(),
                known.fixed(),
                Ordered.set(nodeIds))));
    }

    void fileOf(UUID cluster, UUID incarnation) {
        file = Observation.known(Optional.of(new ConfiguredResource(
                "db1", Optional.of(cluster), Optional.of(incarnation), Optional.empty(), Ordered.set(null))));
    }

    void volume(int number) {
        volume(number, Disposition.PRESENT, SIZE, Optional.empty());
        backingSizes.put(number, Observation.known(GROSS));
    }

    void volume(int number, Disposition wanted, Bytes size, Optional<FirstGeneration> generation) {
        volumes.put(
                number,
                new VolumeSpec(
                        number,
                        replica(number),
                        wanted,
                        1000 + number,
                        size,
                        diskless ? Optional.empty() : Optional.of(new Backing(POOL, "db1_0000" + number, 7)),
                        generation,
                        Ordered.map(null)));
    }

    /** It is to be cloned from a snapshot. */
    void ofSnapshot(int number) {
        VolumeSpec plain = volumes.get(number);
        volumes.put(
                number,
                new VolumeSpec(
                        number,
                        plain.uuid(),
                        plain.disposition(),
                        plain.minor(),
                        plain.size(),
                        plain.backing(),
                        plain.firstGeneration(),
                        plain.diskOptions(),
                        Optional.of(new VolumeSource(new UUID(8, 8), new UUID(9, number), "old_00000", true))));
    }

    void disklessHere() {
        diskless = true;
        volume(0, Disposition.PRESENT, SIZE, Optional.empty());
        backings.clear();
        record = ResourceRecord.NOTHING;
    }

    void firstGeneration(FirstGeneration.Mode mode, NodeName leader, NodeName... replicas) {
        volume(
                0,
                Disposition.PRESENT,
                SIZE,
                Optional.of(new FirstGeneration(mode, leader, Ordered.set(Set.of(replicas)))));
    }

    /** The controller asks for 128 MiB. */
    void askForGrowth() {
        volume(0, Disposition.PRESENT, Bytes.ofMib(128), Optional.empty());
        backingSizes.put(0, Observation.known(Bytes.ofMib(132)));
    }

    void peer(NodeName node, int id, boolean withoutDisk) {
        List<PeerVolumeSpec> theirs = new ArrayList<>();
        volumes.keySet().forEach(number -> theirs.add(new PeerVolumeSpec(number, 1000 + number, withoutDisk)));
        peers.put(
                node,
                new PeerSpec(
                        node,
                        id,
                        withoutDisk,
                        theirs,
                        List.of(new PathSpec(new IpAddress("10.0.0.1"), 7000, new IpAddress("10.0.0.2"), 7000)),
                        Ordered.map(null),
                        Ordered.map(null)));
    }

    void leaving(NodeName node) {
        PeerSpec peer = peers.get(node);
        peers.put(
                node,
                new PeerSpec(
                        node,
                        peer.nodeId(),
                        peer.diskless(),
                        peer.volumes(),
                        peer.paths(),
                        peer.netOptions(),
                        peer.peerDeviceOptions(),
                        true));
    }

    void backing(int number, Stage stage, Bytes size) {
        backing(number, stage, size, Optional.of("/dev/vg/db1_0000" + number));
    }

    void backing(int number, Stage stage, Bytes size, Optional<String> device) {
        backings.put(
                number,
                Observation.known(Optional.of(new BackingVolume(
                        POOL,
                        "db1_0000" + number,
                        Optional.of(CLUSTER),
                        Optional.of(replica(number)),
                        stage,
                        size,
                        device,
                        Optional.empty(),
                        Optional.empty()))));
    }

    void foreignBacking(int number, Optional<UUID> cluster, Optional<UUID> volume) {
        backings.put(
                number,
                Observation.known(Optional.of(new BackingVolume(
                        POOL,
                        "db1_0000" + number,
                        cluster,
                        volume,
                        Stage.READY,
                        GROSS,
                        Optional.of("/dev/vg/db1_0000" + number),
                        Optional.empty(),
                        Optional.empty()))));
    }

    /** This node has noted that it makes the volume. */
    void begun(int number) {
        record = record.with(replica(number), MadeVolume.settled(Dialect.NONE, SIZE, false));
    }

    /** DRBD 8.4 is loaded, and made what there is. */
    void loadEight() {
        dialect = Dialect.DRBD_8_4;
        record = record.with(replica(0), MadeVolume.settled(dialect, SIZE, true));
    }

    void made(int number, Bytes size) {
        record = record.with(replica(number), MadeVolume.settled(Dialect.DRBD_9, size, true));
    }

    void device(int number, DiskState disk, Bytes size) {
        devices.put(
                number,
                new DeviceStatus(
                        number,
                        1000 + number,
                        disk,
                        false,
                        true,
                        size,
                        disk == DiskState.DISKLESS ? "" : "/dev/vg/db1_0000" + number,
                        false));
    }

    void connected(NodeName node, int id, DiskState disk) {
        connection(node, id, ConnectionState.CONNECTED, disk);
    }

    void connection(NodeName node, int id, ConnectionState state, DiskState disk) {
        connection(node, id, state, disk, state == ConnectionState.CONNECTED ? Role.SECONDARY : Role.UNKNOWN);
    }

    /** Whether DRBD has quorum here. */
    void quorum(boolean there) {
        devices.replaceAll((number, device) -> new DeviceStatus(
                number,
                device.minor(),
                device.disk(),
                device.client(),
                there,
                device.size(),
                device.backingDevice(),
                device.open()));
    }

    void connection(NodeName node, int id, ConnectionState state, DiskState disk, Role peerRole) {
        List<PeerVolumeStatus> theirs = new ArrayList<>();
        volumes.keySet()
                .forEach(number -> theirs.add(new PeerVolumeStatus(
                        number,
                        state == ConnectionState.CONNECTED ? ReplicationState.ESTABLISHED : ReplicationState.OFF,
                        disk,
                        Bytes.ZERO,
                        OptionalDouble.empty(),
                        "no")));
        connections.put(
                node,
                new ConnectionStatus(node.value(), id, state, peerRole, state == ConnectionState.CONNECTED, theirs));
    }

    static List<String> kinds(Plan plan) {
        return plan.steps().stream()
                .map(step -> step.getClass().getSimpleName())
                .toList();
    }
}
