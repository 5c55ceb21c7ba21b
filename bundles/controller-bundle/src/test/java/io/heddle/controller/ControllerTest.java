package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.definitionWish;
import static io.heddle.controller.ClusterFixture.done;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.controller.link.SatelliteLinksConfig;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.LinkStatus;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ControllerTest {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final SatelliteLinksConfig LINKS = SatelliteLinksConfig.standard("0.1.0");

    @TempDir
    private Path directory;

    @Test
    void aControllerThatMovesIsTheSameOneWithAHigherEpoch() {
        ControllerStatus first;
        try (Controller controller = Controller.open(directory, LINKS, DEADLINE)) {
            first = controller.service().controller();
            complete(controller.service().createResourceDefinition(definitionWish(DB1)));
        }

        try (Controller controller = Controller.open(directory, LINKS, DEADLINE)) {
            ControllerStatus second = controller.service().controller();

            assertEquals(first.fingerprint(), second.fingerprint());
            assertTrue(second.epoch() > first.epoch());
            assertNotEquals(first.instance(), second.instance());
            assertTrue(controller.service().state().resourceDefinition(DB1).isPresent());
        }
    }

    @Test
    void aSecondControllerOnTheSameDirectoryIsRefused() {
        try (Controller controller = Controller.open(directory, LINKS, DEADLINE)) {
            HeddleException failure =
                    assertThrows(HeddleException.class, () -> Controller.open(directory, LINKS, DEADLINE));

            assertEquals(ErrorCode.STORE_LOCKED, failure.code());
            complete(controller.service().createResourceDefinition(definitionWish(DB1)));
        }
    }

    @Test
    void aNodeWhoseSatelliteDoesNotListenIsRegisteredWithAWarning() throws IOException {
        int closedPort;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closedPort = socket.getLocalPort();
        }
        NodeName name = new NodeName("n1");
        try (Controller controller = Controller.open(directory, LINKS, DEADLINE)) {
            Outcome outcome = done(controller
                    .service()
                    .createNode(new NodeCreation(
                            name,
                            NodeType.SATELLITE,
                            List.of(new NetInterface(
                                    Node.DEFAULT_INTERFACE,
                                    new IpAddress("127.0.0.1"),
                                    closedPort,
                                    LinkEncryption.TLS)),
                            Ordered.map(null),
                            Optional.empty())));

            assertEquals(Severity.SUCCESS, outcome.replies().get(0).severity());
            assertEquals(Severity.WARNING, outcome.replies().get(1).severity());
            assertEquals(
                    LinkStatus.State.OFFLINE, controller.service().link(name).state());
        }
    }
}
