package io.heddle.tests.bench;

import io.heddle.core.link.NodeAction;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.Network;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.DriverStatus;
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
import io.heddle.core.status.StatusDelta;
import io.heddle.core.status.VolumeStatus;
import io.heddle.satellite.link.ControllerEnd;
import io.heddle.satellite.link.LinkServer;
import io.heddle.satellite.link.LinkServerConfig;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Consumer;

/**
 * Satellites that make nothing and report what is wanted as done, UpToDate and connected, over the real link: so a controller has
 * thousands of resources with full rows, and no disk is needed. They store nothing; they live in this process.
 */
final class StandInSatellites implements AutoCloseable {
    private final Path directory;
    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final List<LinkServer> servers = new ArrayList<>();

    StandInSatellites(Path directory) {
        this.directory = directory;
    }

    /** Starts one that any controller of this machine may claim; returns its port. */
    int start(String node) {
        LinkServerConfig config = new LinkServerConfig(
                new IpAddress("127.0.0.1"),
                0,
                LinkEncryption.TLS,
                Network.list("127.0.0.0/8"),
                node,
                node,
                "stand-in",
                LinkServerConfig.Times.DEFAULT);
        LinkServer server =
                new LinkServer(config, directory.resolve(node), new StandIn(new NodeName(node)), executor, scheduler);
        server.start();
        servers.add(server);
        return server.port();
    }

    @Override
    public void close() {
        servers.forEach(LinkServer::close);
        executor.shutdownNow();
        scheduler.shutdownNow();
    }

    private static final class StandIn implements ControllerEnd {
        private final List<Consumer<StatusDelta>> followers = new CopyOnWriteArrayList<>();
        private volatile Optional<NodeSpec> spec = Optional.empty();
        private volatile NodeStatus status;

        StandIn(NodeName node) {
            status = new NodeStatus(
                    node,
                    node.value(),
                    "stand-in",
                    Instant.now(),
                    0,
                    new KernelStatus(KernelStatus.Dialect.DRBD_9, "9.2.18", "9.33.0", "6.1.0", Optional.empty()),
                    List.of(
                            new DriverStatus("LVM_THIN", "0.1.0", "2.03.16"),
                            new DriverStatus("DRBD", "0.1.0", "9.33.0")),
                    new TreeMap<>(),
                    new TreeMap<>(),
                    List.of());
        }

        @Override
        public Optional<SpecVersion> held() {
            return spec.map(NodeSpec::version);
        }

        @Override
        public void take(NodeSpec offered) {
            spec = Optional.of(offered);
            report(offered, List.copyOf(offered.resources().values()), new TreeSet<>());
        }

        @Override
        public boolean take(SpecDelta delta) {
            if (spec.isEmpty() || spec.get().version().revision() != delta.base()) {
                return false;
            }
            NodeSpec after = spec.get().apply(delta);
            spec = Optional.of(after);
            report(after, delta.changed(), delta.forgotten());
            return true;
        }

        private void report(NodeSpec wanted, List<ResourceSpec> changed, SortedSet<UUID> gone) {
            long revision = wanted.version().revision();
            StatusDelta delta = new StatusDelta(
                    Instant.now(),
                    revision,
                    Optional.empty(),
                    Optional.empty(),
                    pools(wanted.pools()),
                    changed.stream().map(resource -> done(resource, revision)).toList(),
                    gone,
                    Optional.empty());
            status = status.apply(delta);
            followers.forEach(follower -> follower.accept(delta));
        }

        private Optional<SortedMap<PoolName, PoolStatus>> pools(SortedMap<PoolName, PoolSpec> wanted) {
            if (status.pools().keySet().equals(wanted.keySet())) {
                return Optional.empty();
            }
            SortedMap<PoolName, PoolStatus> pools = new TreeMap<>();
            wanted.forEach((name, pool) -> pools.put(
                    name,
                    new PoolStatus(
                            name,
                            pool.uuid(),
                            new DriverKind("LVM_THIN"),
                            Observation.known(new PoolCapacity(
                                    Bytes.ofMib(100_000_000),
                                    Bytes.ofMib(90_000_000),
                                    Bytes.ZERO,
                                    Bytes.ofMib(4),
                                    true,
                                    true,
                                    true,
                                    OptionalDouble.of(10),
                                    OptionalDouble.of(1),
                                    List.of())),
                            Ordered.map(null))));
            return Optional.of(pools);
        }

        private static ResourceStatus done(ResourceSpec wanted, long revision) {
            boolean removed = wanted.disposition() != Disposition.PRESENT;
            List<VolumeStatus> volumes = new ArrayList<>();
            List<DeviceStatus> devices = new ArrayList<>();
            for (VolumeSpec volume : wanted.volumes()) {
                String backing = "/dev/vg0/" + wanted.name() + "_0000" + volume.number();
                volumes.add(new VolumeStatus(
                        volume.number(),
                        volume.uuid(),
                        Optional.of("/dev/drbd" + volume.minor()),
                        Optional.of(backing),
                        Optional.of(volume.size()),
                        Optional.of(volume.size())));
                devices.add(new DeviceStatus(
                        volume.number(),
                        volume.minor(),
                        DiskState.UP_TO_DATE,
                        false,
                        true,
                        volume.size(),
                        backing,
                        false));
            }
            List<ConnectionStatus> connections =
                    wanted.peers().stream().map(StandIn::connected).toList();
            return new ResourceStatus(
                    wanted.name(),
                    wanted.uuid(),
                    removed ? ResourceStatus.Phase.REMOVED : ResourceStatus.Phase.READY,
                    revision,
                    Optional.empty(),
                    List.of(),
                    removed ? List.of() : volumes,
                    Observation.known(
                            removed
                                    ? Optional.empty()
                                    : Optional.of(new ReplicationStatus(
                                            wanted.name().value(),
                                            Role.SECONDARY,
                                            "no",
                                            true,
                                            10102,
                                            devices,
                                            connections))),
                    new TreeSet<>(),
                    Instant.now());
        }

        private static ConnectionStatus connected(PeerSpec peer) {
            return new ConnectionStatus(
                    peer.node().value(),
                    peer.nodeId(),
                    ConnectionState.CONNECTED,
                    Role.SECONDARY,
                    true,
                    peer.volumes().stream()
                            .map(volume -> new PeerVolumeStatus(
                                    volume.number(),
                                    ReplicationState.ESTABLISHED,
                                    DiskState.UP_TO_DATE,
                                    Bytes.ZERO,
                                    OptionalDouble.empty(),
                                    "no"))
                            .toList());
        }

        @Override
        public void acceptOlder() {
            spec = Optional.empty();
        }

        @Override
        public NodeStatus status() {
            return status;
        }

        @Override
        public AutoCloseable follow(Consumer<StatusDelta> listener) {
            followers.add(listener);
            return () -> followers.remove(listener);
        }

        @Override
        public CompletionStage<Void> perform(NodeAction action) {
            return CompletableFuture.completedFuture(null);
        }
    }
}
