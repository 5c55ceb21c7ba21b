package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.ResourceSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of DRBD when a connection goes over to another path. */
class TakeOverTest {
    private static final String LOOK = "drbdsetup events2 --now --timestamps --statistics db1";
    private static final String OLD = "ipv4:10.1.0.1:7000 ipv4:10.1.0.2:7000";
    private static final String NEW = "ipv4:10.2.0.1:7000 ipv4:10.2.0.2:7000";
    private static final NodeName N2 = new NodeName("n2");

    private final ScriptedRunner runner = new ScriptedRunner();
    private final ResourceSpec spec = wanted();
    private Optional<String> unreachable = Optional.empty();
    private int adjusted;

    @TempDir
    Path root;

    private TakeOver takeOver;

    @BeforeEach
    void makeTheNode() throws IOException {
        Files.createDirectories(root.resolve("proc"));
        DrbdTools tools = new DrbdTools(runner);
        KernelProbe kernel = new KernelProbe(root, tools);
        ResourceFiles files = new ResourceFiles(root.resolve("state"), root.resolve("etc"));
        Resources resources = new Resources(
                files,
                tools,
                kernel,
                new Metadata(tools, root),
                new AdjustedBefore(files, tools, kernel, root.resolve("adjusted"), AdjustedBefore.Pace.USUAL),
                Duration.ofMillis(300));
        takeOver = new TakeOver(
                resources::look,
                resource -> adjusted++,
                tools,
                path -> unreachable,
                new TakeOver.Patience(Duration.ofMillis(300), Duration.ofMinutes(10)));
    }

    private static ResourceSpec wanted() {
        ResourceSpec plain = Specs.twoNodes();
        return new ResourceSpec(
                plain.name(),
                plain.definition(),
                plain.uuid(),
                plain.disposition(),
                false,
                true,
                plain.node(),
                plain.nodeId(),
                false,
                plain.sharedSecret(),
                plain.volumes(),
                List.of(Specs.over(
                        plain.peers().get(0),
                        new PathSpec(new IpAddress("10.2.0.1"), 7000, new IpAddress("10.2.0.2"), 7000))),
                plain.forgetNodeIds(),
                plain.resourceOptions(),
                false);
    }

    private static String dump(String role, String connection, String peerRole, String... paths) {
        StringBuilder dump = new StringBuilder();
        String time = "2026-11-23T09:00:00.000000+00:00 exists ";
        dump.append(time + "resource name:db1 role:" + role + " suspended:no force-io-failures:no may_promote:yes"
                + " promotion_score:10102\n");
        dump.append(time + "connection name:db1 peer-node-id:1 conn-name:n2 connection:" + connection + " role:"
                + peerRole + "\n");
        for (String path : paths) {
            String[] part = path.split(" ");
            dump.append(time + "path name:db1 peer-node-id:1 conn-name:n2 local:" + part[0] + " peer:" + part[1]
                    + " established:" + part[2] + "\n");
        }
        return dump.append(time + "-\n").toString();
    }

    private void kernelHas(String... dumps) {
        runner.forget(LOOK);
        for (String dump : dumps) {
            runner.answer(LOOK, 0, dump, "");
        }
    }

    private static String before() {
        return dump("Primary", "Connected", "Secondary", OLD + " yes", NEW + " no");
    }

    private List<String> changes() {
        return runner.ran().stream().filter(command -> !command.equals(LOOK)).toList();
    }

    private HeddleException refused(ErrorCode code) {
        HeddleException failure = assertThrows(HeddleException.class, () -> takeOver.takeOver(spec, N2));
        assertEquals(code, failure.code(), failure.problem().text());
        return failure;
    }

    private void answers(String... commands) {
        for (String command : commands) {
            runner.answer("drbdsetup " + command, 0, "", "");
        }
    }

    @Test
    void leavesTakesTheOldPathAwayAndConnects() {
        kernelHas(
                before(),
                dump("Primary", "Connecting", "Unknown", NEW + " no"),
                dump("Primary", "Connected", "Secondary", NEW + " yes"));
        answers("disconnect db1 1", "del-path db1 1 " + OLD, "connect db1 1");

        takeOver.takeOver(spec, N2);

        assertEquals(
                List.of("drbdsetup disconnect db1 1", "drbdsetup del-path db1 1 " + OLD, "drbdsetup connect db1 1"),
                changes());
    }

    @Test
    void doesNothingWhereItIsConnectedOverAWantedPath() {
        kernelHas(dump("Primary", "Connected", "Secondary", OLD + " no", NEW + " yes"));

        takeOver.takeOver(spec, N2);

        assertEquals(List.of(), changes());
    }

    @Test
    void changesNothingWhereNoAnswerComes() {
        kernelHas(before());
        unreachable = Optional.of("no answer came over 10.2.0.1 - 10.2.0.2");

        HeddleException failure = refused(ErrorCode.PATH_NOT_ESTABLISHED);

        assertTrue(failure.why().contains("nothing was changed"), failure.why());
        assertEquals(List.of(), changes());
    }

    @Test
    void changesNothingWhereDrbdDoesNotHaveThePathYetOrBothArePrimary() {
        kernelHas(dump("Primary", "Connected", "Secondary", OLD + " yes"));
        refused(ErrorCode.OBSERVATION_FAILED);
        kernelHas(dump("Primary", "Connected", "Primary", OLD + " yes", NEW + " no"));
        refused(ErrorCode.IN_USE);
        assertEquals(List.of(), changes());
    }

    @Test
    void goesBackWhenItIsNotConnectedInTimeAndDoesNotTryAgainSoon() {
        kernelHas(before(), dump("Primary", "Connecting", "Unknown", NEW + " no"));
        answers("disconnect db1 1", "del-path db1 1 " + OLD, "connect db1 1");

        HeddleException failure = refused(ErrorCode.PATH_NOT_ESTABLISHED);

        assertTrue(failure.why().contains("goes back"), failure.why());
        assertEquals(1, adjusted, "the file has the old path");
        runner.ran().clear();
        kernelHas(before());
        refused(ErrorCode.PATH_NOT_ESTABLISHED);
        assertEquals(List.of(), changes(), "it would be apart for as long each time");
    }

    @Test
    void goesBackWhenDrbdDoesNotLetAPathGo() {
        kernelHas(before());
        answers("disconnect db1 1");
        runner.answer("drbdsetup del-path db1 1 " + OLD, 10, "", "db1: Failure: (162) Invalid configuration request\n");

        refused(ErrorCode.COMMAND_FAILED);

        assertEquals(1, adjusted);
        assertEquals(2, changes().size());
    }

    @Test
    void leavesNobodyWhereDrbdRefuses() {
        kernelHas(before());
        runner.answer(
                "drbdsetup disconnect db1 1", 17, "", "db1: State change failed: (-2) Need access to UpToDate data\n");

        assertThrows(HeddleException.class, () -> takeOver.takeOver(spec, N2));

        assertEquals(List.of("drbdsetup disconnect db1 1"), changes());
        assertEquals(0, adjusted);
    }

    @Test
    void aRefusedConnectionWasAnsweredAndAnAddressThatIsNotHereWasNot() throws IOException {
        InetAddress loopback = new IpAddress("127.0.0.1").inetAddress();
        int free;
        try (ServerSocket listening = new ServerSocket(0, 1, loopback)) {
            free = listening.getLocalPort();
            assertEquals(Optional.empty(), TakeOver.unreachable(loopback("127.0.0.2", free)));
        }
        assertEquals(Optional.empty(), TakeOver.unreachable(loopback("127.0.0.2", free)));
        assertTrue(
                TakeOver.unreachable(loopback("192.0.2.1", free)).orElseThrow().contains("192.0.2.1 - 127.0.0.1"));
    }

    private static PathSpec loopback(String local, int port) {
        return new PathSpec(new IpAddress(local), 7000, new IpAddress("127.0.0.1"), port);
    }

    @Test
    void theFileTellsItsPathsAgain() throws IOException {
        ResourceFile file =
                new ResourceFile(Files.readString(Path.of("src/test/resources/res/tie-breaker-and-paths.res")));

        assertEquals(
                Map.of(
                        "n2",
                        List.of(path("10.1.0.1", "10.1.0.2", 7001), path("fd00::1", "fd00::2", 7001)),
                        "n3",
                        List.of(path("10.1.0.1", "10.1.0.3", 7000))),
                file.paths());
    }

    private static PathSpec path(String local, String remote, int port) {
        return new PathSpec(new IpAddress(local), 7000, new IpAddress(remote), port);
    }

    @Test
    void endsOfPathsAreReadAndWritten() {
        for (String text : List.of("ipv4:10.1.0.1:7000", "ipv6:[fd00:0:0:0:0:0:0:11]:7001")) {
            assertEquals(text, Endpoint.of(text).orElseThrow().text());
        }
        assertEquals(Optional.empty(), Endpoint.of("ssocks:nonsense:7000"));
        assertEquals(Optional.empty(), Endpoint.of("nothing"));
    }
}
