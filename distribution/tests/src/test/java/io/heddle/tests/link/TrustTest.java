package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.identity.Identity;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.satellite.link.LinkServerConfig;
import io.heddle.tests.link.LinkBench.Controller;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustTest {
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
    void aSatelliteWithAnotherKeyThanThePinnedOneIsNotSpokenTo() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        String pin = Identity.loadOrCreate(bench.directory("other"), "other").fingerprint();

        controller.links().connect(N1, address(server), Optional.of(pin));
        Problem problem =
                controller.listener().awaits(N1, State.REFUSED).problem().orElseThrow();

        assertEquals(ErrorCode.IDENTITY_MISMATCH, problem.code());
        assertTrue(problem.why().contains(pin), problem.why());
        assertTrue(problem.why().contains(server.fingerprint()), problem.why());
        assertTrue(end.taken.isEmpty());
    }

    @Test
    void aNodeThatWasInstalledAnewIsNotTakenForTheOldOne() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        int port = server.port();
        server.close();

        LinkServerConfig config = LinkBench.satelliteConfig(N1, port, LinkEncryption.TLS, LinkBench.ANYWHERE);
        LinkServer anew = bench.satellite(config, "installed-anew", new FakeSatellite(N1));

        assertEquals(
                Optional.of(anew.fingerprint()),
                controller.listener().awaits(N1, State.REFUSED).fingerprint());
    }

    @Test
    void anotherPinIsObeyedEvenAtASatelliteThatWasConnectedBefore() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);

        controller.links().connect(N1, address(server), Optional.of("00".repeat(32)));
        controller.listener().awaits(N1, State.REFUSED);
        controller.links().connect(N1, address(server), Optional.empty());
        controller.listener().awaits(N1, State.ONLINE);

        assertEquals(server.fingerprint(), controller.listener().pins.get(N1));
    }

    @Test
    void connectingWithTheSameValuesAgainChangesNothing() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        int told = controller.listener().links.get(N1).size();

        controller.connect(N1, address(server));
        controller.links().connect(N1, address(server), Optional.of(server.fingerprint()));
        end.report(FakeSatellite.change(5));

        Eventually.holds(() -> controller.listener().changes.size() == 1, () -> controller.listener().told);
        assertEquals(told, controller.listener().links.get(N1).size());
    }

    @Test
    void aControllerWithAnotherKeyIsRefusedWhateverItSays() {
        Controller owner = bench.controller("controller", version(1, 7));
        Controller stranger = bench.controller("stranger", version(9, 9));
        LinkServer server = bench.satellite(N1, end);
        owner.connect(N1, address(server));
        owner.listener().awaits(N1, State.ONLINE);

        stranger.connect(N1, address(server));
        Problem problem =
                stranger.listener().awaits(N1, State.REFUSED).problem().orElseThrow();
        stranger.links().reconnect(N1, Optional.empty(), true);
        Eventually.holds(
                () -> stranger.listener().count(N1, State.REFUSED) > 1,
                () -> stranger.listener().links.get(N1));

        assertEquals(ErrorCode.IDENTITY_MISMATCH, problem.code());
        assertTrue(problem.correction().contains("claim.json"), problem.correction());
        assertEquals(Optional.of(State.ONLINE), owner.listener().state(N1));
        assertEquals(1, owner.listener().count(N1, State.ONLINE));
    }

    @Test
    void anotherClusterIsRefusedEvenWithTheRightKey() {
        Controller owner = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        owner.connect(N1, address(server));
        owner.listener().awaits(N1, State.ONLINE);
        Controller other = bench.controller("controller", version(1, 7));
        other.listener().clusterId = UUID.randomUUID();

        other.connect(N1, address(server));

        other.listener().awaits(N1, ErrorCode.IDENTITY_MISMATCH);
        assertEquals(1, owner.listener().count(N1, State.ONLINE));
    }

    @Test
    void aSatelliteDoesNotTakeTheNameOfAnotherNode() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        controller.links().disconnect(N1);

        NodeName n2 = new NodeName("n2");
        controller.connect(n2, address(server));

        assertTrue(controller
                .listener()
                .awaits(n2, ErrorCode.IDENTITY_MISMATCH)
                .problem()
                .orElseThrow()
                .why()
                .contains("it is node n1"));
    }

    @Test
    void keysAreCheckedOverAnIpv6AddressAsWell() {
        Controller controller = bench.controller("controller", version(1, 7));
        IpAddress loopback = new IpAddress("::1");
        LinkServerConfig v4 = LinkBench.satelliteConfig(N1, 0, LinkEncryption.TLS, LinkBench.ANYWHERE);
        LinkServer server = bench.satellite(
                new LinkServerConfig(
                        loopback,
                        0,
                        LinkEncryption.TLS,
                        v4.claimFrom(),
                        v4.nodeName(),
                        v4.hostName(),
                        v4.version(),
                        v4.times()),
                "n1",
                end);

        controller.connect(N1, new NetInterface(Node.DEFAULT_INTERFACE, loopback, server.port(), LinkEncryption.TLS));

        controller.listener().awaits(N1, State.ONLINE);
        assertEquals(server.fingerprint(), controller.listener().pins.get(N1));
    }
}
