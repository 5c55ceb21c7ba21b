package io.heddle.satellite;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.IoLease;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.Content;
import io.heddle.core.status.Generation;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** A replication driver over a {@link Machine}'s kernel, as honest as the recordings of the real one allow. */
final class FakeDrbd implements ReplicationDriver {
    private final Machine machine;
    final Map<UUID, IoLease> leased = new ConcurrentHashMap<>();
    /** Resources whose I/O is suspended. */
    final Set<String> suspended = ConcurrentHashMap.newKeySet();

    final AtomicInteger discards = new AtomicInteger();
    /** Whether an adjust finds the peers as StandAlone as before. */
    volatile boolean refusedByPeers;

    final AtomicInteger adjusts = new AtomicInteger();

    /** What a look at the kernel waits for. */
    volatile CompletableFuture<Void> looksAtTheKernel = CompletableFuture.completedFuture(null);

    /** How long after an adjust the events of its connections come; until then they are what they begin as, StandAlone. */
    volatile Duration connectionsAfter = Duration.ZERO;

    FakeDrbd(Machine machine) {
        this.machine = machine;
    }

    @Override
    public KernelStatus kernel() {
        looksAtTheKernel.join();
        return new KernelStatus(machine.dialect, "9.2.18", "9.22.0", "6.1.0", Optional.empty());
    }

    @Override
    public AutoCloseable watch(ReplicationListener listener) {
        ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
            Thread made = new Thread(task, "events-" + machine.name);
            made.setDaemon(true);
            return made;
        });
        ReplicationListener inOrder = new ReplicationListener() {
            @Override
            public void present(List<ReplicationStatus> all) {
                thread.execute(() -> listener.present(all));
            }

            @Override
            public void changed(ReplicationStatus resource) {
                thread.execute(() -> listener.changed(resource));
            }

            @Override
            public void gone(String resource) {
                thread.execute(() -> listener.gone(resource));
            }

            @Override
            public void unknown(Problem problem) {
                thread.execute(() -> listener.unknown(problem));
            }
        };
        synchronized (machine.world) {
            inOrder.present(machine.statuses());
            machine.listeners.add(inOrder);
        }
        return () -> {
            synchronized (machine.world) {
                machine.listeners.remove(inOrder);
            }
            thread.shutdown();
        };
    }

    @Override
    public Bytes grossSize(Bytes net, int maximumPeers) {
        return World.gross(net);
    }

    @Override
    public List<ConfiguredResource> configured() {
        return machine.configured();
    }

    @Override
    public boolean isConfigured(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        synchronized (machine.world) {
            return new Machine.ResFile(cluster, rendered(resource), Ordered.map(devices))
                    .equals(machine.files.get(resource.name().value()));
        }
    }

    @Override
    public void configure(UUID cluster, ResourceSpec resource, Map<Integer, String> devices) {
        machine.call("configure " + resource.name(), () -> {
            Machine.ResFile there = machine.files.get(resource.name().value());
            if (there != null && !there.spec().uuid().equals(resource.uuid())) {
                machine.world.violation("the file of another incarnation of " + resource.name() + " was written over");
            }
            machine.files.put(
                    resource.name().value(), new Machine.ResFile(cluster, rendered(resource), Ordered.map(devices)));
        });
    }

    /** What a file says of a spec: not what a volume waits for, or which node ids are to be forgotten. */
    private static ResourceSpec rendered(ResourceSpec spec) {
        List<VolumeSpec> volumes = new ArrayList<>();
        for (VolumeSpec volume : spec.volumes()) {
            volumes.add(new VolumeSpec(
                    volume.number(),
                    volume.uuid(),
                    volume.disposition(),
                    volume.minor(),
                    volume.size(),
                    volume.backing(),
                    Optional.empty(),
                    volume.diskOptions()));
        }
        List<PeerSpec> peers = new ArrayList<>();
        for (PeerSpec peer : spec.peers()) {
            peers.add(new PeerSpec(
                    peer.node(),
                    peer.nodeId(),
                    peer.diskless(),
                    peer.volumes(),
                    peer.paths(),
                    peer.netOptions(),
                    peer.peerDeviceOptions()));
        }
        return new ResourceSpec(
                spec.name(),
                spec.definition(),
                spec.uuid(),
                spec.disposition(),
                false,
                true,
                spec.node(),
                spec.nodeId(),
                spec.diskless(),
                spec.sharedSecret(),
                volumes,
                peers,
                Ordered.set(null),
                spec.resourceOptions(),
                false);
    }

    @Override
    public MetadataState metadata(ResourceSpec resource, int volumeNumber, String device) {
        synchronized (machine.world) {
            Machine.Disk disk = machine.diskAt(device)
                    .orElseThrow(() -> new HeddleException(
                            ErrorCode.OBSERVATION_FAILED, "cannot read " + device, "no such device", "activate it"));
            if (machine.isAttached(disk)) {
                machine.world.violation("metadata was looked for on the attached " + device);
            }
            return disk.hasMetadataAtItsEnd() ? MetadataState.PRESENT : MetadataState.ABSENT;
        }
    }

    @Override
    public void moveMetadata(ResourceSpec resource, int volumeNumber, String device, SortedSet<Bytes> formerSizes) {
        machine.call("moveMetadata " + resource.name(), () -> {
            Machine.Disk disk = machine.diskAt(device).orElseThrow();
            if (machine.isAttached(disk)) {
                machine.world.violation("metadata was moved on the attached " + device);
            }
            boolean found =
                    disk.metadata != null && (formerSizes.contains(disk.metadata.end) || disk.hasMetadataAtItsEnd());
            if (!found) {
                machine.world.violation("the metadata of " + device + " is not where it was noted to be");
                throw new HeddleException(
                        ErrorCode.METADATA_MISSING, "cannot move metadata on " + device, "none", "look at it");
            }
            disk.metadata.end = disk.size;
        });
    }

    @Override
    public Optional<Bytes> sizeInMetadata(ResourceSpec resource, int volumeNumber, String device) {
        synchronized (machine.world) {
            return machine.diskAt(device).map(disk -> disk.metadata.deviceSize).filter(size -> !size.isZero());
        }
    }

    @Override
    public void adoptMetadata(ResourceSpec resource, int volumeNumber, String device) {
        machine.call("adoptMetadata " + resource.name(), () -> {
            Machine.Disk disk = machine.diskAt(device).orElseThrow();
            if (disk.stage != Stage.RESTORED || machine.isAttached(disk)) {
                machine.world.violation("metadata was taken over on " + device + ", which is in service");
            }
            disk.metadata.leftover = false;
        });
    }

    @Override
    public void createMetadata(ResourceSpec resource, int volumeNumber, String device) {
        machine.call("createMetadata " + resource.name(), () -> {
            Machine.Disk disk = machine.diskAt(device).orElseThrow();
            if (disk.metadata != null && disk.metadata.attachedOnce) {
                machine.world.violation("metadata was created on " + device + ", which was up before");
            }
            if (disk.stage != Stage.NEW || machine.isAttached(disk)) {
                machine.world.violation("metadata was created on " + device + ", which is in service");
            }
            disk.metadata = new Machine.Metadata(disk.size);
        });
    }

    @Override
    public void adjust(ResourceSpec resource) {
        adjusts.incrementAndGet();
        String name = resource.name().value();
        machine.call("adjust " + name, () -> {
            Machine.ResFile file = machine.files.get(name);
            if (file == null) {
                throw new HeddleException(
                        ErrorCode.COMMAND_FAILED, "cannot adjust " + name, "no resources defined!", "configure it");
            }
            Machine.InKernel inKernel = machine.kernel.computeIfAbsent(name, n -> new Machine.InKernel(file.spec()));
            inKernel.spec = file.spec();
            if (!refusedByPeers) {
                inKernel.standAlone.clear();
            }
            if (!connectionsAfter.isZero()) {
                beginConnections(name, inKernel);
            }
            inKernel.volumes
                    .keySet()
                    .removeIf(number -> file.spec().volumes().stream().noneMatch(volume -> volume.number() == number));
            try {
                file.spec().volumes().forEach(volume -> attach(inKernel, volume, file));
            } finally {
                machine.world.settle(name);
            }
        });
    }

    private void beginConnections(String name, Machine.InKernel inKernel) {
        inKernel.spec.peers().forEach(peer -> inKernel.standAlone.add(peer.node()));
        CompletableFuture.delayedExecutor(connectionsAfter.toMillis(), TimeUnit.MILLISECONDS)
                .execute(() -> {
                    synchronized (machine.world) {
                        inKernel.standAlone.clear();
                        machine.world.settle(name);
                    }
                });
    }

    private void attach(Machine.InKernel inKernel, VolumeSpec volume, Machine.ResFile file) {
        Machine.Attached attached = inKernel.volumes.computeIfAbsent(volume.number(), number -> new Machine.Attached());
        if (volume.backing().isEmpty() || attached.disk != null) {
            return;
        }
        String device = file.devices().get(volume.number());
        Machine.Disk disk = machine.diskAt(device)
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.COMMAND_FAILED, "cannot attach " + device, "no such device", "activate it"));
        if (!disk.hasMetadataAtItsEnd()) {
            throw new HeddleException(
                    ErrorCode.METADATA_MISSING, "cannot attach " + device, "No valid meta data found", "look at it");
        }
        if (disk.stage == Stage.NEW) {
            machine.world.violation(device + " was attached while it was marked new");
        }
        if (disk.metadata.leftover) {
            machine.world.violation(device + " was attached with the metadata of another resource");
        }
        disk.metadata.attachedOnce = true;
        if (World.gross(volume.size()).compareTo(disk.size) > 0) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED, "cannot attach " + device, "Low.dev. smaller than requested", "grow it");
        }
        if (disk.metadata.deviceSize.compareTo(volume.size()) > 0) {
            machine.world.violation(device + " would shrink");
        }
        if (disk.metadata.fresh) {
            disk.metadata.deviceSize = volume.size();
        }
        attached.disk = disk;
        attached.asked = volume.size();
    }

    @Override
    public void down(String resource) {
        machine.call("down " + resource, () -> {
            Machine.InKernel there = machine.kernel.get(resource);
            if (there != null && there.open) {
                throw new HeddleException(
                        ErrorCode.IN_USE, "cannot take " + resource + " down", "it is open", "stop its user");
            }
            machine.kernel.remove(resource);
            machine.world.settle(resource);
        });
    }

    @Override
    public void removeConfiguration(UUID cluster, String resource, UUID incarnation) {
        machine.call("removeConfiguration " + resource, () -> {
            Machine.ResFile there = machine.files.get(resource);
            if (there != null && !there.spec().uuid().equals(incarnation)) {
                machine.world.violation("the file of another incarnation of " + resource + " was asked to go");
                return;
            }
            if (there != null && machine.kernel.containsKey(resource)) {
                machine.world.violation("the file of " + resource + " went while it was in the kernel");
            }
            machine.files.remove(resource);
        });
    }

    @Override
    public void skipInitialSync(ResourceSpec resource, int volumeNumber) {
        String name = resource.name().value();
        machine.call("skipInitialSync " + name, () -> {
            Machine.Metadata ours = attached(name, volumeNumber).metadata;
            if (!ours.fresh) {
                return;
            }
            String content = resource.definition() + "/" + volumeNumber;
            for (Machine other : machine.world.machines.values()) {
                if (other == machine || !machine.world.connected(machine, other, name)) {
                    continue;
                }
                Machine.Attached there = other.kernel.get(name).volumes.get(volumeNumber);
                if (there == null || there.disk == null) {
                    continue;
                }
                if (!there.disk.metadata.fresh) {
                    machine.world.violation(name + " was declared equal to a replica with data");
                }
                begin(there.disk.metadata, content);
            }
            begin(ours, content);
            machine.world.settle(name);
        });
    }

    @Override
    public void startInitialSync(ResourceSpec resource, int volumeNumber) {
        String name = resource.name().value();
        machine.call("startInitialSync " + name, () -> {
            Machine.Metadata ours = attached(name, volumeNumber).metadata;
            if (ours.fresh) {
                begin(ours, resource.definition() + "/" + volumeNumber);
                if (machine.dialect == KernelStatus.Dialect.DRBD_8_4) {
                    machine.kernel.get(name).role = Role.PRIMARY;
                    machine.world.settle(name);
                    machine.chaos.after("primary --force " + name);
                    machine.kernel.get(name).role = Role.SECONDARY;
                }
                machine.world.settle(name);
            }
        });
    }

    private static void begin(Machine.Metadata metadata, String content) {
        metadata.fresh = false;
        metadata.upToDate = true;
        metadata.content = content;
    }

    private Machine.Disk attached(String resource, int number) {
        Machine.InKernel there = machine.kernel.get(resource);
        Machine.Attached volume = there == null ? null : there.volumes.get(number);
        if (volume == null || volume.disk == null) {
            throw new HeddleException(ErrorCode.COMMAND_FAILED, resource, "not attached", "adjust");
        }
        return volume.disk;
    }

    @Override
    public void resize(ResourceSpec resource, int volumeNumber, Bytes net) {
        String name = resource.name().value();
        machine.call("resize " + name, () -> {
            List<Machine.Disk> replicas = new ArrayList<>(List.of(attached(name, volumeNumber)));
            machine.kernel.get(name).volumes.get(volumeNumber).asked = net;
            for (Machine other : machine.world.machines.values()) {
                if (other != machine && machine.world.connected(machine, other, name)) {
                    Machine.Attached there = other.kernel.get(name).volumes.get(volumeNumber);
                    if (there != null && there.disk != null) {
                        there.asked = net;
                        replicas.add(there.disk);
                    }
                }
            }
            if (replicas.stream().anyMatch(disk -> World.gross(net).compareTo(disk.size) > 0)) {
                throw new HeddleException(
                        ErrorCode.COMMAND_FAILED, "cannot resize " + name, "a replica has not grown", "wait");
            }
            for (Machine.Disk disk : replicas) {
                if (disk.metadata.deviceSize.compareTo(net) > 0) {
                    machine.world.violation(name + " would shrink");
                }
                boolean another = disk != replicas.get(0);
                disk.resize(net, another);
            }
            machine.world.settle(name);
        });
    }

    @Override
    public void forgetPeer(ResourceSpec resource, int nodeId) {
        machine.call("forgetPeer " + resource.name() + " " + nodeId, () -> {
            boolean isOne = resource.peers().stream().anyMatch(peer -> peer.nodeId() == nodeId);
            if (isOne) {
                machine.world.violation("a peer of " + resource.name() + " was forgotten");
            }
        });
    }

    @Override
    public void pauseSync(ResourceSpec resource, NodeName peer, int volumeNumber) {
        machine.call("pauseSync " + resource.name() + " " + peer, () -> {
            machine.syncCommands.add("pause " + peer);
            machine.world.settle(resource.name().value());
        });
    }

    @Override
    public void resumeSync(ResourceSpec resource, NodeName peer, int volumeNumber) {
        machine.call("resumeSync " + resource.name() + " " + peer, () -> {
            machine.syncCommands.add("resume " + peer);
            machine.world.settle(resource.name().value());
        });
    }

    @Override
    public void reconnect(ResourceSpec resource, NodeName peer) {
        machine.call("reconnect " + resource.name() + " " + peer, () -> {
            machine.syncCommands.add("reconnect " + peer);
            machine.world.settle(resource.name().value());
        });
    }

    @Override
    public void promote(ResourceSpec resource, boolean peerIsDead) {
        machine.call("promote " + resource.name(), () -> {
            machine.kernel.get(resource.name().value()).role = Role.PRIMARY;
            machine.world.settle(resource.name().value());
        });
    }

    @Override
    public void demote(ResourceSpec resource) {
        machine.call("demote " + resource.name(), () -> {
            machine.kernel.get(resource.name().value()).role = Role.SECONDARY;
            machine.world.settle(resource.name().value());
        });
    }

    @Override
    public Content content(ResourceSpec resource) {
        TreeMap<String, SortedMap<Integer, Generation>> all = new TreeMap<>();
        synchronized (machine.world) {
            Machine.InKernel there = machine.kernel.get(resource.name().value());
            resource.peers().forEach(peer -> {
                TreeMap<Integer, Generation> volumes = new TreeMap<>();
                there.volumes.forEach((number, attached) -> {
                    if (attached.disk != null) {
                        volumes.put(number, Machine.generation(attached.disk));
                    }
                });
                all.put(peer.node().value(), volumes);
            });
            TreeMap<Integer, Long> written = new TreeMap<>();
            there.volumes.keySet().forEach(number -> written.put(number, machine.written.get()));
            TreeMap<String, SortedMap<Integer, Bytes>> outOfSync = new TreeMap<>();
            all.forEach((peer, volumes) -> {
                TreeMap<Integer, Bytes> differs = new TreeMap<>();
                volumes.keySet().forEach(number -> differs.put(number, Bytes.ofKib(4)));
                outOfSync.put(peer, differs);
            });
            return new Content(all, outOfSync, written);
        }
    }

    @Override
    public OptionalLong written(int minor) {
        return OptionalLong.of(machine.written.get());
    }

    @Override
    public void leave(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark) {
        String name = resource.name().value();
        machine.call("leave " + name, () -> {
            requireMark(resource, mark);
            machine.kernel.get(name).standAlone.addAll(peers);
            machine.world.settle(name);
        });
    }

    private void requireMark(ResourceSpec resource, DataMark mark) {
        if (!content(resource).mark().equals(mark)) {
            throw new HeddleException(
                    ErrorCode.SPLIT_BRAIN, "did not discard", "it was written after that", "decide again");
        }
    }

    @Override
    public void discardMyData(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark) {
        String name = resource.name().value();
        machine.call("discardMyData " + name, () -> {
            Machine.InKernel there = machine.kernel.get(name);
            if (there.role == Role.PRIMARY || there.open) {
                machine.world.violation("the data of " + name + " was discarded while it was in use");
            }
            if (!there.standAlone.containsAll(peers)) {
                machine.world.violation("peers of " + name + " were not left before it was kept");
            }
            requireMark(resource, mark);
            discards.incrementAndGet();
            there.standAlone.removeAll(peers);
            there.discards.addAll(peers);
            machine.world.settle(name);
        });
    }

    @Override
    public boolean stopDiscarding(ResourceSpec resource, boolean onlyIfRefused) {
        String name = resource.name().value();
        AtomicBoolean done = new AtomicBoolean();
        machine.call("stopDiscarding " + name, () -> {
            Machine.InKernel there = machine.kernel.get(name);
            if (!onlyIfRefused || !there.standAlone.isEmpty()) {
                there.discards.clear();
                done.set(true);
            }
        });
        return done.get();
    }

    @Override
    public void connect(ResourceSpec resource, SortedSet<NodeName> peers) {
        String name = resource.name().value();
        machine.call("connect " + name, () -> {
            machine.kernel.get(name).standAlone.removeAll(peers);
            machine.world.settle(name);
        });
    }

    @Override
    public void takeOver(ResourceSpec resource, NodeName peer) {
        throw new AssertionError("no test of the satellite has paths");
    }

    @Override
    public void leaseIo(IoLease lease) {
        leased.put(lease.id(), lease);
    }

    @Override
    public void suspendIo(UUID lease) {
        suspended.addAll(leased.get(lease).resources().keySet());
    }

    @Override
    public boolean resumeIo(UUID lease) {
        IoLease held = leased.remove(lease);
        return held != null && suspended.removeAll(held.resources().keySet());
    }
}
