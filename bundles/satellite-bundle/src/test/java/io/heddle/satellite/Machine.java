package io.heddle.satellite;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Generation;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A machine's disks, which survive a power cut, and its kernel, which does not. Guarded by the world. */
final class Machine {
    /** What a test lets happen around each call of a driver. */
    interface Chaos {
        Chaos NONE = new Chaos() {};

        default void before(String call) {}

        default void after(String call) {}
    }

    static final class Pool {
        final TreeMap<String, Disk> disks = new TreeMap<>();
        boolean failing;
    }

    static final class Disk {
        final PoolName pool;
        final String name;
        final Optional<UUID> cluster;
        final Optional<UUID> volume;
        Stage stage = Stage.NEW;
        Bytes size;
        boolean active = true;

        @Nullable
        Metadata metadata;

        Disk(PoolName pool, String name, Optional<UUID> cluster, Optional<UUID> volume, Bytes size) {
            this.pool = pool;
            this.name = name;
            this.cluster = cluster;
            this.volume = volume;
            this.size = size;
        }

        String device() {
            return "/dev/" + pool + "/" + name;
        }

        boolean is(BackingIdentity identity) {
            return seen().is(identity);
        }

        boolean hasMetadataAtItsEnd() {
            return metadata != null && (metadata.leftover || metadata.end.equals(size));
        }

        /** DRBD moves its metadata to the end as soon as it looks at the disk again. */
        void resize(Bytes net, boolean becauseAnotherNodeDid) {
            Bytes oldSize = metadata.deviceSize;
            Bytes oldEnd = metadata.end;
            Metadata of = metadata;
            of.deviceSize = net;
            of.end = size;
            of.notYetOnDisk = becauseAnotherNodeDid
                    ? () -> {
                        of.deviceSize = oldSize;
                        of.end = oldEnd;
                    }
                    : null;
        }

        @Override
        public String toString() {
            return name + " of " + size
                    + (metadata == null ? "" : " with " + metadata.deviceSize + " at the end of " + metadata.end);
        }

        BackingVolume seen() {
            return new BackingVolume(
                    pool,
                    name,
                    cluster,
                    volume,
                    stage,
                    size,
                    active ? Optional.of(device()) : Optional.empty(),
                    Optional.empty(),
                    Optional.empty());
        }
    }

    static final class Metadata {
        boolean fresh = true;
        boolean upToDate;
        Bytes deviceSize = Bytes.ZERO;
        String content = "";
        /** Left by an earlier user of the space: to be wiped, and never to be attached. */
        boolean leftover;

        boolean attachedOnce;
        /** Size of the backing volume at whose end it lies. */
        Bytes end;
        /** What a power cut leaves of a resize that another node has told this one. */
        @Nullable
        Runnable notYetOnDisk;

        Metadata(Bytes end) {
            this.end = end;
        }

        /** What another resource once wrote where a volume lies now. */
        static Metadata leftover() {
            Metadata metadata = new Metadata(Bytes.ZERO);
            metadata.leftover = true;
            metadata.fresh = false;
            metadata.upToDate = true;
            metadata.deviceSize = Wish.SIZE;
            metadata.content = "somebody's";
            return metadata;
        }
    }

    /** A volume in the kernel; without a disk it is diskless. */
    static final class Attached {
        @Nullable
        Disk disk;
        /** The size that it was given, which it has when its peers have room. */
        Bytes asked = Bytes.ZERO;

        @Override
        public String toString() {
            return "asked for " + asked;
        }
    }

    static final class InKernel {
        ResourceSpec spec;
        final TreeMap<Integer, Attached> volumes = new TreeMap<>();
        final Set<NodeName> standAlone = new TreeSet<>();
        /** Peers of which DRBD said that they have diverged. */
        final Set<NodeName> splitBrain = new TreeSet<>();
        /** Peers in whose favour this side gives up its data when they connect. */
        final Set<NodeName> discards = new TreeSet<>();

        Role role = Role.SECONDARY;
        boolean open;

        InKernel(ResourceSpec spec) {
            this.spec = spec;
        }
    }

    /** A resource file, as far as it matters. */
    record ResFile(UUID cluster, ResourceSpec spec, Map<Integer, String> devices) {}

    final World world;
    final NodeName name;
    final TreeMap<PoolName, Pool> pools = new TreeMap<>();
    final TreeMap<String, ResFile> files = new TreeMap<>();
    final TreeMap<String, InKernel> kernel = new TreeMap<>();
    /** What is shown of volumes that sync, by resource and peer. */
    final Map<String, PeerVolumeStatus> syncs = new ConcurrentHashMap<>();

    /** What was asked about syncs. */
    final List<String> syncCommands = new CopyOnWriteArrayList<>();

    final List<ReplicationListener> listeners = new CopyOnWriteArrayList<>();
    KernelStatus.Dialect dialect = KernelStatus.Dialect.DRBD_9;
    boolean online = true;
    volatile Chaos chaos = Chaos.NONE;
    final AtomicLong written = new AtomicLong();
    /** Whether the next volume that is made lies where another resource's was; null when the space was never used. */
    Supplier<@Nullable Metadata> space = () -> null;

    Machine(World world, NodeName name) {
        this.world = world;
        this.name = name;
    }

    Pool pool(PoolName pool) {
        synchronized (world) {
            return pools.computeIfAbsent(pool, p -> new Pool());
        }
    }

    Optional<Disk> disk(PoolName pool, String volume) {
        synchronized (world) {
            return Optional.ofNullable(pool(pool).disks.get(volume));
        }
    }

    /** The kernel forgets all; the disks stay. */
    void losePower() {
        synchronized (world) {
            List<String> running = List.copyOf(kernel.keySet());
            kernel.clear();
            pools.values()
                    .forEach(pool -> pool.disks.values().forEach(disk -> {
                        disk.active = false;
                        if (disk.metadata != null && disk.metadata.notYetOnDisk != null) {
                            disk.metadata.notYetOnDisk.run();
                            disk.metadata.notYetOnDisk = null;
                        }
                    }));
            running.forEach(world::settle);
        }
    }

    void call(String what, Runnable effect) {
        chaos.before(what);
        synchronized (world) {
            // by now it is
            pools.values()
                    .forEach(pool -> pool.disks.values().stream()
                            .filter(disk -> disk.metadata != null)
                            .forEach(disk -> disk.metadata.notYetOnDisk = null));
            effect.run();
        }
        chaos.after(what);
    }

    Optional<Disk> diskAt(String device) {
        return pools.values().stream()
                .flatMap(pool -> pool.disks.values().stream())
                .filter(disk -> disk.active && disk.device().equals(device))
                .findFirst();
    }

    boolean isAttached(Disk disk) {
        return kernel.values().stream()
                .flatMap(resource -> resource.volumes.values().stream())
                .anyMatch(attached -> attached.disk == disk);
    }

    void tell(String resource) {
        Optional<ReplicationStatus> status = status(resource);
        for (ReplicationListener listener : listeners) {
            status.ifPresentOrElse(listener::changed, () -> listener.gone(resource));
        }
    }

    List<ReplicationStatus> statuses() {
        synchronized (world) {
            return kernel.keySet().stream()
                    .flatMap(name -> status(name).stream())
                    .toList();
        }
    }

    List<ConfiguredResource> configured() {
        synchronized (world) {
            return files.entrySet().stream()
                    .map(file -> new ConfiguredResource(
                            file.getKey(),
                            Optional.of(file.getValue().cluster()),
                            Optional.of(file.getValue().spec().uuid()),
                            file.getValue().spec().quorum(),
                            file.getValue().spec().voters(),
                            Ordered.map(null),
                            file.getValue().spec().fixedOptions(),
                            file.getValue().spec().tieBreakers()))
                    .toList();
        }
    }

    Optional<ReplicationStatus> status(String resource) {
        InKernel here = kernel.get(resource);
        if (here == null) {
            return Optional.empty();
        }
        List<DeviceStatus> devices = new ArrayList<>();
        here.volumes.forEach((number, attached) -> devices.add(device(here, number, attached)));
        List<ConnectionStatus> connections = new ArrayList<>();
        for (PeerSpec peer : here.spec.peers()) {
            connections.add(connection(here, resource, peer));
        }
        return Optional.of(new ReplicationStatus(resource, here.role, "no", true, 1, devices, connections));
    }

    private static DeviceStatus device(InKernel here, int number, Attached attached) {
        int minor = here.spec.volumes().stream()
                .filter(volume -> volume.number() == number)
                .mapToInt(VolumeSpec::minor)
                .findFirst()
                .orElse(0);
        return new DeviceStatus(
                number,
                minor,
                state(attached),
                here.spec.diskless(),
                true,
                attached.disk == null ? Bytes.ZERO : attached.disk.metadata.deviceSize,
                attached.disk == null ? "" : attached.disk.device(),
                here.open);
    }

    private static DiskState state(Attached attached) {
        if (attached.disk == null) {
            return DiskState.DISKLESS;
        }
        return attached.disk.metadata.upToDate ? DiskState.UP_TO_DATE : DiskState.INCONSISTENT;
    }

    private ConnectionStatus connection(InKernel here, String resource, PeerSpec peer) {
        Machine other = world.machines.get(peer.node());
        boolean connected = other != null && world.connected(this, other, resource);
        List<PeerVolumeStatus> volumes = new ArrayList<>();
        for (int number : here.volumes.keySet()) {
            if (connected && syncs.containsKey(resource + "/" + peer.node())) {
                volumes.add(syncs.get(resource + "/" + peer.node()));
                continue;
            }
            Attached there = connected ? other.kernel.get(resource).volumes.get(number) : null;
            volumes.add(new PeerVolumeStatus(
                    number,
                    connected ? ReplicationState.ESTABLISHED : ReplicationState.OFF,
                    there == null ? DiskState.DUNKNOWN : state(there),
                    Bytes.ZERO,
                    OptionalDouble.empty(),
                    "no"));
        }
        ConnectionState state = connected
                ? ConnectionState.CONNECTED
                : here.standAlone.contains(peer.node()) ? ConnectionState.STAND_ALONE : ConnectionState.CONNECTING;
        return new ConnectionStatus(
                peer.node().value(),
                peer.nodeId(),
                state,
                connected ? other.kernel.get(resource).role : Role.UNKNOWN,
                connected,
                volumes,
                !connected && here.splitBrain.contains(peer.node()));
    }

    /** Two disks of one content have one generation; what the peers have in common does not matter here. */
    static Generation generation(Disk disk) {
        long hash = ((long) String.valueOf(disk.metadata.content).hashCode() << 8) & 0x7FFFFFFFFFFFFFFEL;
        return new Generation(String.format(Locale.ROOT, "%016X", hash), "1111111111111110");
    }
}
