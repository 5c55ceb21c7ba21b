package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.controller.link.SatelliteLinksConfig;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.tests.link.LinkBench.Controller;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a link does from its first to its last hour. */
class LifeTest {
    private static final NodeAction PROMOTE =
            new NodeAction(NodeAction.Kind.PROMOTE, new ResourceName("db1"), new UUID(1, 2), false);

    @TempDir
    Path directory;

    private LinkBench bench;
    private final FakeSatellite end = new FakeSatellite(N1);

    @BeforeEach
    void open() {
        bench = new LinkBench(directory);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aSatelliteThatIsRestartedIsBackByItselfAndTheSame() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        String before = server.fingerprint();
        int port = server.port();

        server.close();
        assertTrue(controller.listener().awaits(N1, State.OFFLINE).problem().isPresent());
        LinkServer again = bench.satellite(N1, end, port, LinkEncryption.TLS, LinkBench.NOWHERE);
        controller.listener().awaits(N1, State.ONLINE);

        assertEquals(before, again.fingerprint());
        assertEquals(
                1,
                controller.listener().told.stream().filter("paired n1"::equals).count());
        assertEquals(2, controller.listener().count(N1, State.ONLINE));
    }

    @Test
    void aControllerThatIsRestartedIsTheSameToItsSatellites() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        controller.links().close();

        Controller again = bench.controller("controller", version(2, 7));
        again.links().connect(N1, address(server), Optional.of(server.fingerprint()));

        again.listener().awaits(N1, State.ONLINE);
        assertEquals(controller.links().fingerprint(), again.links().fingerprint());
    }

    @Test
    void everyChangeOfTheLinkIsToldOnce() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        int port = server.port();
        server.close();
        controller.listener().awaits(N1, State.OFFLINE);
        bench.satellite(N1, end, port, LinkEncryption.TLS, LinkBench.NOWHERE);
        controller.listener().awaits(N1, State.ONLINE);

        var told = controller.listener().links.get(N1);

        for (int i = 1; i < told.size(); i++) {
            assertNotEquals(told.get(i - 1), told.get(i), told.toString());
        }
        Instant offline = told.stream()
                .filter(status -> status.state() == State.OFFLINE)
                .findFirst()
                .orElseThrow()
                .since();
        assertTrue(told.stream()
                .filter(status -> status.state() == State.OFFLINE)
                .allMatch(status -> status.since().equals(offline)));
    }

    @Test
    void aFrozenPeerIsTakenForOfflineAndFoundAgain() {
        Controller controller = bench.controller("controller", version(1, 7), patience(Duration.ofSeconds(1)));
        LinkServer server = bench.satellite(N1, end);
        try (Proxy proxy = new Proxy(server.port())) {
            controller.connect(N1, address(proxy.port()));
            controller.listener().awaits(N1, State.ONLINE);

            proxy.freeze();
            String why = controller
                    .listener()
                    .awaits(N1, State.OFFLINE)
                    .problem()
                    .orElseThrow()
                    .text();
            proxy.thaw();
            controller.listener().awaits(N1, State.ONLINE);

            assertTrue(why.contains("nothing was heard for 1000 ms") || why.contains("timed out"), why);
        }
    }

    @Test
    void anIdleLinkStaysOnline() {
        Controller controller = bench.controller("controller", version(1, 7), patience(Duration.ofSeconds(2)));
        LinkServer server = bench.satellite(N1, end);
        try (Proxy proxy = new Proxy(server.port())) {
            controller.connect(N1, address(proxy.port()));
            controller.listener().awaits(N1, State.ONLINE);
            long before = proxy.passed();

            // Each side's pings, with nothing else to say, for longer than it takes to be given up.
            Eventually.holds(() -> proxy.passed() > before + 80 * 60, proxy::passed);

            assertEquals(1, controller.listener().count(N1, State.ONLINE));
            assertEquals(0, controller.listener().count(N1, State.OFFLINE));
        }
    }

    @Test
    void whoAcceptsAConnectionAndSaysNothingIsOffline() throws IOException {
        SatelliteLinksConfig quick = LinkBench.quick();
        Controller controller = bench.controller(
                "controller",
                version(1, 7),
                new SatelliteLinksConfig(
                        quick.version(),
                        Duration.ofMillis(500),
                        quick.handshake(),
                        quick.heartbeat(),
                        quick.lostAfter(),
                        quick.stalledAfter(),
                        quick.firstRetry(),
                        quick.longestRetry(),
                        quick.action()));
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            controller.connect(N1, address(silent.getLocalPort()));

            controller.listener().awaits(N1, State.OFFLINE);
        }
    }

    @Test
    void aSatelliteThatStopsReadingDelaysNobody() {
        Controller controller = bench.controller("controller", version(1, 7), patience(Duration.ofMinutes(10)));
        NodeName slow = new NodeName("slow");
        LinkServer server = bench.satellite(N1, end);
        LinkServer slowServer = bench.satellite(slow, new FakeSatellite(slow));
        try (Proxy proxy = new Proxy(slowServer.port())) {
            controller.connect(N1, address(server));
            controller.connect(slow, address(proxy.port()));
            controller.listener().awaits(N1, State.ONLINE);
            controller.listener().awaits(slow, State.ONLINE);

            proxy.freeze();
            for (long revision = 8; revision < 500; revision++) {
                controller.listener().version = version(1, revision);
                controller.links().send(slow, SpecTest.change(revision - 1, revision, "x".repeat(100_000)));
                controller
                        .links()
                        .send(
                                N1,
                                new SpecDelta(
                                        revision - 1,
                                        version(1, revision),
                                        Optional.empty(),
                                        List.of(),
                                        new TreeSet<>()));
            }

            Eventually.holds(() -> end.held().equals(Optional.of(version(1, 499))), () -> end.held());
            assertEquals(Optional.of(State.ONLINE), controller.listener().state(slow));
        }
    }

    @Test
    void aHundredSatellitesHangOnOneClient() {
        Controller controller = bench.controller("controller", version(1, 7));
        List<NodeName> nodes = new ArrayList<>();
        List<FakeSatellite> ends = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            NodeName node = new NodeName("node" + i);
            nodes.add(node);
            ends.add(new FakeSatellite(node));
            controller.connect(node, address(bench.satellite(node, ends.get(i))));
        }
        nodes.forEach(node -> controller.listener().awaits(node, State.ONLINE));

        for (FakeSatellite each : ends) {
            each.report(FakeSatellite.change(9));
        }
        nodes.forEach(node -> controller.links().send(node, SpecTest.change(7, 8, "")));

        for (NodeName node : nodes) {
            Eventually.holds(
                    () -> controller.listener().statuses.get(node).specRevision() == 9
                            && version(1, 8).equals(controller.listener().stored.get(node)),
                    () -> node);
        }
        assertEquals(
                100, controller.listener().pins.values().stream().distinct().count());
    }

    @Test
    void twoNodesWithOneAddressAreToldSo() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        NodeName n2 = new NodeName("n2");

        controller.connect(n2, address(server));

        String why = controller
                .listener()
                .awaits(n2, ErrorCode.IN_USE)
                .problem()
                .orElseThrow()
                .why();
        assertTrue(why.contains("the address of n1"), why);
        controller.links().disconnect(N1);
        assertTrue(controller
                .listener()
                .awaits(n2, ErrorCode.IDENTITY_MISMATCH)
                .problem()
                .isPresent());
    }

    @Test
    void aNodeThatMovesToAnotherAddressIsFollowed() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        server.close();
        LinkServer moved = bench.satellite(N1, end);

        controller.connect(N1, address(moved));

        Eventually.holds(
                () -> controller.listener().count(N1, State.ONLINE) == 2,
                () -> controller.listener().links.get(N1));
        assertEquals(2, controller.listener().count(N1, State.CONNECTING));
    }

    @Test
    void nothingIsToldOfANodeThatIsNotWantedAnyMore() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        controller.links().disconnect(N1);
        Eventually.holds(() -> end.followers.isEmpty(), () -> end.followers);
        int told = controller.listener().told.size();

        end.report(FakeSatellite.change(5));
        controller.links().send(N1, SpecTest.change(7, 8, ""));
        server.close();

        assertEquals(
                ErrorCode.NODE_OFFLINE,
                failure(controller.links().perform(N1, PROMOTE)).code());
        assertEquals(told, controller.listener().told.size());
    }

    // Status.

    @Test
    void changesOfTheStatusArriveAsTheyCome() {
        Controller controller = bench.controller("controller", version(1, 7));
        online(controller, end);

        for (int i = 1; i <= 1000; i++) {
            end.report(FakeSatellite.change(i));
        }

        Eventually.holds(
                () -> controller.listener().statuses.get(N1).specRevision() == 1000,
                () -> controller.listener().statuses.get(N1));
    }

    @Test
    void changesThatAControllerDoesNotReadAreFoldedIntoOne() {
        Controller controller = bench.controller("controller", version(1, 7), patience(Duration.ofMinutes(10)));
        LinkServer server = bench.satellite(N1, end);
        try (Proxy proxy = new Proxy(server.port())) {
            controller.connect(N1, address(proxy.port()));
            controller.listener().awaits(N1, State.ONLINE);

            proxy.freeze();
            for (int i = 1; i <= 200_000; i++) {
                end.report(FakeSatellite.change(i));
            }
            proxy.thaw();

            Eventually.holds(
                    () -> controller.listener().statuses.get(N1).specRevision() == 200_000,
                    () -> controller.listener().statuses.get(N1));
            assertTrue(
                    controller.listener().changes.size() < 150_000,
                    "all were sent: " + controller.listener().changes.size());
        }
    }

    // Actions.

    @Test
    void anActionIsCarriedOutAndAnswered() {
        Controller controller = bench.controller("controller", version(1, 7));
        online(controller, end);

        controller.links().perform(N1, PROMOTE).toCompletableFuture().join();

        assertEquals(List.of(PROMOTE), end.actions);
    }

    @Test
    void anActionThatFailsIsAnsweredWithTheSatellitesProblem() {
        Controller controller = bench.controller("controller", version(1, 7));
        online(controller, end);
        HeddleException refused =
                new HeddleException(ErrorCode.IN_USE, "cannot demote db1", "it is mounted", "unmount it");
        end.performing = action -> CompletableFuture.failedFuture(refused);

        assertEquals(
                refused.problem(),
                failure(controller.links().perform(N1, PROMOTE)).problem());
    }

    @Test
    void anActionThatDoesNotEndRunsOutOfTime() {
        SatelliteLinksConfig quick = LinkBench.quick();
        Controller controller = bench.controller(
                "controller",
                version(1, 7),
                new SatelliteLinksConfig(
                        quick.version(),
                        quick.connect(),
                        quick.handshake(),
                        quick.heartbeat(),
                        quick.lostAfter(),
                        quick.stalledAfter(),
                        quick.firstRetry(),
                        quick.longestRetry(),
                        Duration.ofMillis(300)));
        online(controller, end);
        end.performing = action -> new CompletableFuture<>();

        assertEquals(
                ErrorCode.TIMED_OUT,
                failure(controller.links().perform(N1, PROMOTE)).code());
    }

    @Test
    void anActionWhoseLinkIsLostIsNotSaidToHaveFailedOrDone() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        end.performing = action -> new CompletableFuture<>();
        CompletionStage<Void> promoted = controller.links().perform(N1, PROMOTE);
        Eventually.holds(() -> !end.actions.isEmpty(), () -> end.actions);

        server.close();

        HeddleException failure = failure(promoted);
        assertEquals(ErrorCode.NODE_OFFLINE, failure.code());
        assertTrue(failure.what().contains("not known"), failure.what());
    }

    @Test
    void anActionForANodeThatIsOfflineFailsAtOnce() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = online(controller, end);
        server.close();
        controller.listener().awaits(N1, State.OFFLINE);

        assertEquals(
                ErrorCode.NODE_OFFLINE,
                failure(controller.links().perform(N1, PROMOTE)).code());
    }

    private static HeddleException failure(CompletionStage<Void> stage) {
        CompletionException failure = assertThrows(
                CompletionException.class, () -> stage.toCompletableFuture().join());
        return (HeddleException) failure.getCause();
    }

    private LinkServer online(Controller controller, FakeSatellite satellite) {
        LinkServer server = bench.satellite(N1, satellite);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        return server;
    }

    private static SatelliteLinksConfig patience(Duration lostAfter) {
        SatelliteLinksConfig quick = LinkBench.quick();
        return new SatelliteLinksConfig(
                quick.version(),
                quick.connect(),
                quick.handshake(),
                quick.heartbeat(),
                lostAfter,
                Duration.ofMinutes(10),
                quick.firstRetry(),
                quick.longestRetry(),
                quick.action());
    }
}
