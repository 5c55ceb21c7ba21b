package io.heddle.tests.link;

import io.heddle.controller.link.SatelliteLinksConfig;
import io.heddle.controller.link.WebSocketSatelliteLinks;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Network;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.SpecVersion;
import io.heddle.satellite.link.LinkServer;
import io.heddle.satellite.link.LinkServerConfig;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** Controllers and satellites of one test, each with a directory of its own below the test's. */
final class LinkBench implements AutoCloseable {
    static final UUID CLUSTER = UUID.fromString("00000000-0000-0000-0000-0000000c1a55");
    static final NodeName N1 = new NodeName("n1");
    static final IpAddress LOOPBACK = new IpAddress("127.0.0.1");
    static final List<Network> ANYWHERE = Network.list("127.0.0.0/8,::1/128");
    static final List<Network> NOWHERE = List.of();

    private final Path directory;
    private final ExecutorService executor = Executors.newFixedThreadPool(4);
    private final ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor();
    private final List<Runnable> closing = new ArrayList<>();

    LinkBench(Path directory) {
        this.directory = directory;
    }

    /** A controller with what it was told. */
    record Controller(RecordingListener listener, WebSocketSatelliteLinks links) {
        void connect(NodeName node, NetInterface address) {
            links.connect(node, address, Optional.ofNullable(listener.pins.get(node)));
        }
    }

    /** Times that let a test see a lost link soon. */
    static SatelliteLinksConfig quick() {
        return new SatelliteLinksConfig(
                "0.1.0",
                Duration.ofSeconds(20),
                Duration.ofSeconds(30),
                Duration.ofMillis(100),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofMillis(50),
                Duration.ofMillis(200),
                Duration.ofSeconds(30));
    }

    static LinkServerConfig satelliteConfig(NodeName node, int port, LinkEncryption encryption, List<Network> from) {
        return new LinkServerConfig(
                LOOPBACK,
                port,
                encryption,
                from,
                node.value(),
                node + ".example",
                "0.1.0",
                new LinkServerConfig.Times(Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofSeconds(30)));
    }

    static SpecVersion version(long epoch, long revision) {
        return new SpecVersion(epoch, new UUID(0, epoch), revision);
    }

    Path directory(String name) {
        return directory.resolve(name);
    }

    ExecutorService executor() {
        return executor;
    }

    ScheduledExecutorService scheduler() {
        return scheduler;
    }

    Controller controller(String name, SpecVersion version) {
        return controller(name, version, quick());
    }

    Controller controller(String name, SpecVersion version, SatelliteLinksConfig config) {
        RecordingListener listener = new RecordingListener(CLUSTER, version);
        WebSocketSatelliteLinks links =
                new WebSocketSatelliteLinks(config, directory(name), listener, executor, scheduler, Clock.systemUTC());
        closing.add(links::close);
        return new Controller(listener, links);
    }

    /** A satellite that may be claimed by this machine. */
    LinkServer satellite(NodeName node, FakeSatellite end) {
        return satellite(node, end, 0, LinkEncryption.TLS, ANYWHERE);
    }

    LinkServer satellite(NodeName node, FakeSatellite end, int port, LinkEncryption encryption, List<Network> from) {
        return satellite(satelliteConfig(node, port, encryption, from), node.value(), end);
    }

    LinkServer satellite(LinkServerConfig config, String name, FakeSatellite end) {
        LinkServer server = new LinkServer(config, directory(name), end, executor, scheduler);
        server.start();
        closing.add(server::close);
        return server;
    }

    static NetInterface address(LinkServer server) {
        return address(server.port(), LinkEncryption.TLS);
    }

    static NetInterface address(int port) {
        return address(port, LinkEncryption.TLS);
    }

    static NetInterface address(int port, LinkEncryption encryption) {
        return new NetInterface(Node.DEFAULT_INTERFACE, LOOPBACK, port, encryption);
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
        executor.shutdownNow();
        scheduler.shutdownNow();
    }
}
