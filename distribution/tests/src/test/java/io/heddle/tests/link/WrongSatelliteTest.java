package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.tests.link.LinkBench.Controller;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who listens where a satellite should, and is none, or one of another version. */
class WrongSatelliteTest {
    private static final String WELCOME =
            "{\"message\":\"welcome\",\"protocol\":1,\"version\":\"0.1.0\",\"hostName\":\"n1\"}";

    @TempDir
    Path directory;

    private LinkBench bench;
    private Controller controller;

    @BeforeEach
    void open() {
        bench = new LinkBench(directory);
        controller = bench.controller("controller", version(1, 7));
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aSatelliteOfAnotherVersionIsShownAsSuch() {
        LinkStatus status = answered(
                State.VERSION_MISMATCH,
                RawSatellite.text("{\"message\":\"welcome\",\"protocol\":3,\"version\":\"9.9\",\"hostName\":\"n1\"}"));

        assertEquals(
                "the controller (Heddle 0.1.0) speaks version 1 of the link, the satellite (Heddle 9.9) version 3",
                status.problem().orElseThrow().why());
    }

    @Test
    void anAnswerThatIsTooLongIsNotReadToItsEnd() {
        answered(ErrorCode.FRAME_TOO_LARGE, RawSatellite.text("x".repeat(70_000)));
    }

    @Test
    void aMessageThatIsTooLongEndsTheLinkEvenAfterTheWelcome() {
        byte[] part = RawSatellite.frame(0, false, "x".repeat(1024 * 1024));
        byte[][] frames = new byte[70][];
        frames[0] = RawSatellite.text(WELCOME);
        frames[1] = RawSatellite.frame(1, false, "x");
        for (int i = 2; i < frames.length; i++) {
            frames[i] = part;
        }

        answered(ErrorCode.FRAME_TOO_LARGE, frames);
    }

    @Test
    void nonsenseIsShownAndNotBelieved() {
        answered(ErrorCode.INVALID_INPUT, RawSatellite.text("{\"message\":\"welcome\"}"));
    }

    @Test
    void aStatusBeforeTheWelcomeIsNotBelieved() {
        answered(
                ErrorCode.OUTPUT_UNREADABLE,
                RawSatellite.text("{\"message\":\"spec-stored\",\"version\":{\"epoch\":1,\"instance\":"
                        + "\"00000000-0000-0000-0000-000000000001\",\"revision\":7}}"));
        assertTrue(controller.listener().stored.isEmpty());
    }

    @Test
    void binaryMessagesEndTheLink() {
        answered(ErrorCode.OUTPUT_UNREADABLE, RawSatellite.frame(2, true, "x"));
    }

    @Test
    void aWebServerIsNoSatellite() {
        try (RawSatellite server = new RawSatellite("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")) {
            controller.connect(N1, address(server.port(), LinkEncryption.PLAIN));

            controller.listener().awaits(N1, State.OFFLINE);
        }
    }

    @Test
    void aSatelliteThatDoesNotTellItsStatusIsNotOnline() {
        try (RawSatellite satellite = new RawSatellite(RawSatellite.text(WELCOME))) {
            controller.connect(N1, address(satellite.port(), LinkEncryption.PLAIN));

            Eventually.holds(() -> satellite.heard().contains("full-spec"), satellite::heard);
            assertEquals(0, controller.listener().count(N1, State.ONLINE));
        }
    }

    private LinkStatus answered(State state, byte[]... frames) {
        try (RawSatellite satellite = new RawSatellite(frames)) {
            controller.connect(N1, address(satellite.port(), LinkEncryption.PLAIN));
            return controller.listener().awaits(N1, state);
        }
    }

    private LinkStatus answered(ErrorCode code, byte[]... frames) {
        try (RawSatellite satellite = new RawSatellite(frames)) {
            controller.connect(N1, address(satellite.port(), LinkEncryption.PLAIN));
            return controller.listener().awaits(N1, code);
        }
    }
}
