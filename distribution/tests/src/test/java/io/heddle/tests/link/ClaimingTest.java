package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.NOWHERE;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.Secret;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.tests.link.LinkBench.Controller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClaimingTest {
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
    void aSatelliteIsClaimedFromANetworkThatItsConfigurationNames() throws IOException {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);

        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);

        assertEquals(server.fingerprint(), controller.listener().pins.get(N1));
        assertEquals(
                Optional.of(server.fingerprint()),
                controller.listener().last(N1).orElseThrow().fingerprint());
        String claim = Files.readString(directory.resolve("n1/claim.json"));
        assertTrue(claim.contains(controller.links().fingerprint()), claim);
        assertEquals("rw-------", permissions(directory.resolve("n1/claim.json")));
    }

    @Test
    void thePairingIsToldBeforeTheStatusAndTheStatusBeforeOnline() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);

        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);

        assertEquals(
                List.of("link n1 CONNECTING", "paired n1", "status n1", "link n1 ONLINE"),
                controller.listener().told.stream()
                        .filter(each -> !each.startsWith("stored"))
                        .toList());
    }

    @Test
    void anUnclaimedSatelliteRefusesFromElsewhereAndSaysWhatToDo() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = unclaimed();

        controller.connect(N1, address(server));
        String correction = controller
                .listener()
                .awaits(N1, State.UNCLAIMED)
                .problem()
                .orElseThrow()
                .correction();

        assertTrue(correction.startsWith("heddle node claim n1 --code"), correction);
        assertTrue(controller.listener().pins.isEmpty());
        assertTrue(end.taken.isEmpty());
        assertFalse(Files.exists(directory.resolve("n1/claim.json")));
    }

    @Test
    void aSatelliteIsClaimedWithItsCodeHoweverItIsSpelled() throws IOException {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = unclaimed();
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.UNCLAIMED);
        assertEquals("rw-------", permissions(codeFile()));

        String spelled = code().toLowerCase(Locale.ROOT).replace("-", " ");
        controller.links().reconnect(N1, Optional.of(new Secret(spelled)), false);
        controller.listener().awaits(N1, State.ONLINE);

        assertFalse(Files.exists(codeFile()), "the code is good for once");
    }

    @Test
    void aWrongCodeIsRefusedAndFiveOfThemMakeANewCode() throws IOException {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = unclaimed();
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.UNCLAIMED);
        String first = code();

        for (int i = 1; i <= 5; i++) {
            assertEquals(first, code());
            long before = refusals(controller);
            controller.links().reconnect(N1, Optional.of(new Secret("ABCD-EFGH-JKLM-NPQ" + i)), false);
            Eventually.holds(
                    () -> refusals(controller) > before,
                    () -> controller.listener().links.get(N1));
        }

        assertNotEquals(first, code());
        controller.links().reconnect(N1, Optional.of(new Secret(first)), false);
        Eventually.holds(
                () -> refusals(controller) > 5,
                () -> controller.listener().links.get(N1));
        assertFalse(Files.exists(directory.resolve("n1/claim.json")));
    }

    @Test
    void theCodeStaysTheSameOverARestart() throws IOException {
        unclaimed().close();
        String before = code();

        unclaimed();

        assertEquals(before, code());
    }

    @Test
    void aClaimOutlivesARestartAndNeedsNoNetworkThen() {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        int port = server.port();
        server.close();
        controller.listener().awaits(N1, State.OFFLINE);

        bench.satellite(N1, end, port, LinkEncryption.TLS, NOWHERE);

        controller.listener().awaits(N1, State.ONLINE);
    }

    @Test
    void whatAPowerCutLeftBesideTheClaimIsRemoved() throws IOException {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        server.close();
        Files.writeString(directory.resolve("n1/.claim.json.77.tmp"), "torn");
        Files.writeString(codeFile(), "ABCD-EFGH-JKLM-NPQR");

        bench.satellite(N1, end);

        assertFalse(Files.exists(directory.resolve("n1/.claim.json.77.tmp")));
        assertFalse(Files.exists(codeFile()), "a claimed satellite has no code");
    }

    @Test
    void aClaimThatCannotBeReadDoesNotOpenTheSatelliteToOthers() throws IOException {
        LinkServer server = bench.satellite(N1, end);
        server.close();
        Files.writeString(directory.resolve("n1/claim.json"), "{\"clusterId\":");

        HeddleException refused = assertThrows(HeddleException.class, () -> bench.satellite(N1, end));

        assertEquals(ErrorCode.FILE_FAILED, refused.code());
        assertEquals("{\"clusterId\":", Files.readString(directory.resolve("n1/claim.json")));
    }

    @Test
    void aSatelliteThatForgetsItsClaimIsUnclaimedAndHasACode() throws Exception {
        Controller controller = bench.controller("controller", version(1, 7));
        LinkServer server = bench.satellite(N1, end);
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
        int port = server.port();
        server.close();
        LinkServer again = bench.satellite(N1, end, port, LinkEncryption.TLS, NOWHERE);
        Eventually.holds(
                () -> controller.listener().count(N1, State.ONLINE) == 2,
                () -> controller.listener().links.get(N1));

        again.forgetClaim().get();

        controller.listener().awaits(N1, State.UNCLAIMED);
        controller.links().reconnect(N1, Optional.of(new Secret(code())), false);
        controller.listener().awaits(N1, State.ONLINE);
    }

    private static long refusals(Controller controller) {
        return controller.listener().links.get(N1).stream()
                .filter(status -> status.problem()
                        .map(problem -> problem.why().contains("not the one it printed"))
                        .orElse(false))
                .count();
    }

    private LinkServer unclaimed() {
        return bench.satellite(N1, end, 0, LinkEncryption.TLS, NOWHERE);
    }

    private Path codeFile() {
        return directory.resolve("n1/claim-code");
    }

    private String code() throws IOException {
        return Files.readString(codeFile()).strip();
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
