package io.heddle.controller;

import io.heddle.controller.link.LinkListener;
import io.heddle.controller.link.SatelliteLinks;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.DriverStatus;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import io.heddle.core.status.StatusDelta;
import io.heddle.core.status.VolumeStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Satellites that behave: each keeps its spec, does at once what it says, and reports. Faults are switched on by tests. All of
 * them live on one thread.
 */
final class FakeSatellites implements SatelliteLinks {
    private final LinkListener listener;
    private final ExecutorService thread = Executors.newSingleThreadExecutor();
    private final Map<NodeName, Satellite> satellites = new ConcurrentHashMap<>();
    private final Map<NodeName, Machine> machines;
    final List<SpecDelta> sent = new CopyOnWriteArrayList<>();
    final List<NodeName> wholeSpecs = new CopyOnWriteArrayList<>();
    final List<NodeAction> actions = new CopyOnWriteArrayList<>();
    final List<String> reconnected = new CopyOnWriteArrayList<>();

    FakeSatellites(LinkListener listener, Map<NodeName, Machine> machines) {
        this.listener = listener;
        this.machines = machines;
    }

    /** A machine as it is: what its satellite will see. Survives the controller. */
    static final class Machine {
        volatile boolean powered = true;
        volatile String hostName;
        volatile KernelStatus.Dialect dialect = KernelStatus.Dialect.DRBD_9;
        volatile SortedSet<String> transports = Ordered.set(null);
        volatile boolean zeroes = true;
        volatile boolean thin = true;
        volatile Bytes free = Bytes.ofMib(1024 * 100);
        volatile Set<String> brokenBackings = Set.of();
        volatile Optional<Problem> failing = Optional.empty();
        volatile Optional<Problem> refusing = Optional.empty();
        volatile Optional<Problem> holdingRemovals = Optional.empty();
        /** What keeps it from being taken down. */
        volatile Optional<Problem> inTheWay = Optional.empty();
        /** It does not take down what is to be taken down, and says nothing of it. */
        volatile boolean staysUp;

        volatile boolean silent;
        /** How its actions end. */
        volatile Function<NodeAction, CompletionStage<Void>> acts = action -> CompletableFuture.completedFuture(null);
        /** What its kernel adds to what it would see otherwise. */
        volatile BiFunction<ResourceSpec, ResourceStatus, ResourceStatus> sees = (spec, status) -> status;

        volatile boolean forgets = true;
        volatile Set<String> connectedWith = Set.of();
        volatile Role role = Role.SECONDARY;
        volatile Optional<NodeSpec> spec = Optional.empty();
        final Map<UUID, DiskState> disks = new ConcurrentHashMap<>();

        Machine(String hostName) {
            this.hostName = hostName;
        }
    }

    private final class Satellite {
        private final NodeName node;
        private final Machine machine;
        private boolean online;
        private final Map<UUID, SortedSet<Integer>> forgotten = new HashMap<>();

        Satellite(NodeName node, Machine machine) {
            this.node = node;
            this.machine = machine;
        }

        void connect(Optional<String> pin) {
            if (!machine.powered) {
                offline();
                return;
            }
            if (pin.isEmpty()) {
                listener.paired(node, "f00d" + node.key());
            }
            NodeSpec offered = whole();
            machine.spec = Optional.of(machine.spec.map(offered::keeping).orElse(offered));
            online = true;
            listener.status(node, status());
            listener.link(
                    node,
                    new LinkStatus(LinkStatus.State.ONLINE, Instant.now(), Optional.empty(), Optional.of("f00d")));
            listener.stored(node, machine.spec.get().version());
        }

        private NodeSpec whole() {
            wholeSpecs.add(node);
            return listener.spec(node);
        }

        void offline() {
            online = false;
            listener.link(
                    node,
                    new LinkStatus(
                            LinkStatus.State.OFFLINE,
                            Instant.now(),
                            Optional.of(new Problem(
                                    ErrorCode.NODE_OFFLINE, "no link", "connection refused", "switch it on")),
                            Optional.empty()));
        }

        void take(SpecDelta delta) {
            if (!online) {
                return;
            }
            NodeSpec held = machine.spec.orElseThrow();
            boolean fits = held.version().revision() == delta.base();
            NodeSpec next = fits ? held.apply(delta) : whole();
            machine.spec = Optional.of(next);
            listener.stored(node, next.version());
            if (!machine.silent) {
                if (fits && delta.pools().isPresent()) {
                    notLookedYet(delta);
                }
                report(fits ? delta : null);
            }
        }

        /** A satellite says at once that a pool is new to it, before it has looked. */
        private void notLookedYet(SpecDelta delta) {
            TreeMap<PoolName, PoolStatus> unseen = new TreeMap<>();
            delta.pools()
                    .orElseThrow()
                    .values()
                    .forEach(pool -> unseen.put(
                            pool.name(),
                            new PoolStatus(
                                    pool.name(),
                                    pool.uuid(),
                                    pool.kind(),
                                    Observation.unknown(
                                            new Problem(ErrorCode.STARTING, "not looked at", "it is new", "wait")),
                                    Ordered.map(null))));
            listener.status(
                    node,
                    new StatusDelta(
                            Instant.now(),
                            delta.version().revision(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.of(unseen),
                            List.of(),
                            Ordered.set(null),
                            Optional.empty()));
        }

        void report(@Nullable SpecDelta delta) {
            if (!online) {
                return;
            }
            if (delta == null) {
                listener.status(node, status());
                return;
            }
            listener.status(
                    node,
                    new StatusDelta(
                            Instant.now(),
                            delta.version().revision(),
                            Optional.empty(),
                            Optional.empty(),
                            delta.pools().map(this::pools),
                            delta.changed().stream().map(this::resource).toList(),
                            delta.forgotten(),
                            Optional.empty()));
        }

        NodeStatus status() {
            NodeSpec spec = machine.spec.orElseThrow();
            TreeMap<UUID, ResourceStatus> resources = new TreeMap<>();
            spec.resources().values().forEach(resource -> resources.put(resource.uuid(), resource(resource)));
            return new NodeStatus(
                    node,
                    machine.hostName,
                    "0.1.0",
                    Instant.now(),
                    spec.version().revision(),
                    new KernelStatus(
                            machine.dialect,
                            machine.dialect == KernelStatus.Dialect.DRBD_8_4 ? "8.4.11" : "9.2.18",
                            "9.22.0",
                            "6.1",
                            Optional.empty(),
                            machine.transports),
                    List.of(
                            new DriverStatus("LVM_THIN", "0.1.0", "2.03"), new DriverStatus("FILE_THIN", "0.1.0", ""),
                            new DriverStatus("ZFS", "0.1.0", ""), new DriverStatus("ZFS_THIN", "0.1.0", "")),
                    pools(spec.pools()),
                    resources,
                    List.of());
        }

        private SortedMap<PoolName, PoolStatus> pools(Map<PoolName, PoolSpec> specs) {
            TreeMap<PoolName, PoolStatus> pools = new TreeMap<>();
            specs.values().forEach(pool -> pools.put(pool.name(), pool(pool)));
            return pools;
        }

        private PoolStatus pool(PoolSpec pool) {
            Observation<PoolCapacity> seen = machine.brokenBackings.contains(pool.backing())
                    ? Observation.unknown(new Problem(
                            ErrorCode.POOL_UNUSABLE,
                            "cannot use " + pool.backing(),
                            "there is no such volume group",
                            "create it"))
                    : Observation.known(new PoolCapacity(
                            Bytes.ofMib(1024 * 100),
                            machine.free,
                            Bytes.ZERO,
                            Bytes.ofMib(4),
                            machine.thin,
                            machine.zeroes,
                            true,
                            OptionalDouble.empty(),
                            OptionalDouble.empty(),
                            List.of()));
            return new PoolStatus(pool.name(), pool.uuid(), pool.kind(), seen, Ordered.map(null));
        }

        private ResourceStatus resource(ResourceSpec spec) {
            if (spec.disposition() == Disposition.REMOVED) {
                Optional<Problem> held = machine.holdingRemovals;
                return status(
                        spec,
                        held.isPresent() ? ResourceStatus.Phase.HELD : ResourceStatus.Phase.REMOVED,
                        held,
                        List.of());
            }
            if (spec.disposition() == Disposition.HALTED && !machine.staysUp) {
                return machine.inTheWay.isPresent()
                        ? status(spec, ResourceStatus.Phase.FAILED, machine.inTheWay, spec.volumes())
                        : status(spec, ResourceStatus.Phase.READY, Optional.empty(), List.of());
            }
            if (machine.failing.isPresent()) {
                return status(spec, ResourceStatus.Phase.FAILED, machine.failing, List.of());
            }
            if (machine.refusing.isPresent()) {
                return status(spec, ResourceStatus.Phase.HELD, machine.refusing, List.of());
            }
            if (machine.forgets) {
                forgotten.put(spec.uuid(), spec.forgetNodeIds());
            }
            return machine.sees.apply(
                    spec,
                    status(
                            spec,
                            waitsForAnother(spec) ? ResourceStatus.Phase.WORKING : ResourceStatus.Phase.READY,
                            Optional.empty(),
                            spec.volumes()));
        }

        /** A first generation begins when all of its replicas are there. */
        private boolean waitsForAnother(ResourceSpec spec) {
            return spec.volumes().stream().anyMatch(this::waitsForAnother);
        }

        private boolean waitsForAnother(VolumeSpec volume) {
            return volume.firstGeneration().stream()
                    .flatMap(first -> first.replicas().stream())
                    .map(machines::get)
                    .anyMatch(other -> other.refusing.isPresent() || other.failing.isPresent());
        }

        private ResourceStatus status(
                ResourceSpec spec, ResourceStatus.Phase phase, Optional<Problem> problem, List<VolumeSpec> volumes) {
            List<VolumeStatus> shown = new ArrayList<>();
            List<DeviceStatus> devices = new ArrayList<>();
            for (VolumeSpec volume : volumes) {
                if (volume.disposition() == Disposition.REMOVED) {
                    shown.add(new VolumeStatus(
                            volume.number(),
                            volume.uuid(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty()));
                    continue;
                }
                shown.add(new VolumeStatus(
                        volume.number(),
                        volume.uuid(),
                        Optional.of("/dev/drbd" + volume.minor()),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty()));
                devices.add(new DeviceStatus(
                        volume.number(),
                        volume.minor(),
                        disk(volume),
                        spec.diskless(),
                        true,
                        volume.size(),
                        "",
                        false));
            }
            Optional<ReplicationStatus> kernel = volumes.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new ReplicationStatus(
                            spec.name().value(), machine.role, "no", true, 1, devices, connections(spec)));
            return new ResourceStatus(
                    spec.name(),
                    spec.uuid(),
                    phase,
                    machine.spec.orElseThrow().version().revision(),
                    problem,
                    List.of(),
                    shown,
                    Observation.known(kernel),
                    forgotten.getOrDefault(spec.uuid(), Ordered.set(null)),
                    Instant.now());
        }

        private List<ConnectionStatus> connections(ResourceSpec spec) {
            return spec.peers().stream()
                    .filter(peer -> machine.connectedWith.contains(peer.node().value()))
                    .map(peer -> new ConnectionStatus(
                            peer.node().value(),
                            peer.nodeId(),
                            ConnectionState.CONNECTED,
                            Role.SECONDARY,
                            true,
                            List.of()))
                    .toList();
        }

        private DiskState disk(VolumeSpec volume) {
            if (volume.backing().isEmpty()) {
                return DiskState.DISKLESS;
            }
            return machine.disks.compute(volume.uuid(), (uuid, before) -> {
                boolean fresh = volume.firstGeneration()
                                .filter(first -> first.mode() == FirstGeneration.Mode.SKIP_SYNC
                                        ? first.replicas().contains(node)
                                        : first.leader().equals(node))
                                .isPresent()
                        && !waitsForAnother(volume);
                return before == DiskState.UP_TO_DATE || fresh ? DiskState.UP_TO_DATE : DiskState.INCONSISTENT;
            });
        }
    }

    private void run(Runnable task) {
        try {
            thread.execute(task);
        } catch (RejectedExecutionException closed) {
            // the controller of this test has ended
        }
    }

    private void with(NodeName node, Consumer<Satellite> task) {
        run(() -> Optional.ofNullable(satellites.get(node)).ifPresent(task));
    }

    @Override
    public void connect(NodeName node, NetInterface address, Optional<String> pin) {
        run(() -> {
            if (!satellites.containsKey(node)) {
                Satellite made = new Satellite(node, machines.computeIfAbsent(node, name -> new Machine(name.value())));
                satellites.put(node, made);
                made.connect(pin);
            }
        });
    }

    @Override
    public void reconnect(NodeName node, Optional<Secret> code, boolean acceptOlder) {
        reconnected.add(node + " " + code.map(Secret::value).orElse("-") + " " + acceptOlder);
        with(node, satellite -> satellite.connect(Optional.empty()));
    }

    @Override
    public void disconnect(NodeName node) {
        run(() -> satellites.remove(node));
    }

    @Override
    public void send(NodeName node, SpecDelta delta) {
        sent.add(delta);
        with(node, satellite -> satellite.take(delta));
    }

    @Override
    public CompletionStage<Void> perform(NodeName node, NodeAction action) {
        if (!satellites.containsKey(node) || !machines.get(node).powered) {
            return CompletableFuture.failedFuture(
                    new HeddleException(ErrorCode.NODE_OFFLINE, "cannot act", node + " is offline", "switch it on"));
        }
        actions.add(action);
        return machines.get(node).acts.apply(action);
    }

    @Override
    public String fingerprint() {
        return "c0ffee";
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }

    /** Cuts a machine's power; the link notices. */
    void cutPower(NodeName node) {
        machines.get(node).powered = false;
        with(node, Satellite::offline);
    }

    /** Switches a machine on again; the link comes up. */
    void switchOn(NodeName node) {
        machines.get(node).powered = true;
        with(node, satellite -> satellite.connect(Optional.of("f00d" + node.key())));
    }

    /** Has a satellite report all that it sees now. */
    void report(NodeName node) {
        with(node, satellite -> satellite.report(null));
    }

    /** Has a machine look at all again. */
    void look(NodeName node) {
        with(node, satellite -> satellite.report(null));
    }
}
