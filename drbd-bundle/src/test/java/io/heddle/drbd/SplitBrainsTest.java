package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.Content;
import io.heddle.core.status.Generation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of DRBD's tools about diverged replicas, and how their recorded answers are read. */
class SplitBrainsTest {
    private static final Map<Integer, String> DEVICES = Map.of(0, "/dev/vg0/db1_00000");
    private static final String LOOK = "drbdsetup events2 --now --timestamps --statistics db1";
    private static final String NINE = "drbd-9.2.18";
    private static final String EIGHT = "drbd-8.4.11";
    private static final SortedSet<NodeName> N2 = Ordered.set(List.of(new NodeName("n2")));
    private static final String OURS = "8D9BE58223DE6E62";
    /** As recorded: written:124215. */
    private static final DataMark DECIDED =
            new DataMark(Ordered.map(Map.of(0, OURS)), Ordered.map(Map.of(0, 124215 * 1024L)));

    private final ScriptedRunner runner = new ScriptedRunner();
    private final ResourceSpec spec = Specs.twoNodes();

    @TempDir
    Path root;

    private DrbdDriver driver;

    @BeforeEach
    void makeTheNode() throws IOException {
        Files.createDirectories(root.resolve("proc/sys/kernel"));
        Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.1.176\n");
        Files.createDirectories(root.resolve("etc/drbd.d"));
        driver =
                new DrbdDriver(runner, root, root.resolve("state"), root.resolve("etc/drbd.d"), Duration.ofMillis(300));
        runner.recorded("drbdadm --version", NINE + "/drbdadm-version");
    }

    private String drbdadm(String command) {
        return "drbdadm -c " + root.resolve("state/db1.res") + " " + command;
    }

    private void load(String version) throws IOException {
        Files.writeString(root.resolve("proc/drbd"), ScriptedRunner.text(version + "/proc-drbd-loaded.txt", ""));
        runner.recorded(LOOK, EIGHT + "/status-unknown");
        driver.configure(Specs.CLUSTER, spec, DEVICES);
        runner.ran().clear();
    }

    private void kernelHas(String dump) {
        runner.forget(LOOK).answer(LOOK, 0, dump, "");
    }

    /** Nine as it was after a real split brain of three nodes, of which the specification knows n1 and n2. */
    private void nineIsSplit() throws IOException {
        load(NINE);
        kernelHas(nine());
        runner.recorded("drbdsetup get-gi db1 1 0", NINE + "/get-gi-split-brain-n1");
    }

    private static String nine() {
        return ScriptedRunner.text(NINE + "/split-brain-standalone.n1.events2.txt", "");
    }

    private static String eight() {
        return ScriptedRunner.text(EIGHT + "/split-brain-standalone.n1.events2.txt", "");
    }

    private void eightIsSplit() throws IOException {
        load(EIGHT);
        kernelHas(eight());
        runner.recorded("drbdsetup get-gi 1000", EIGHT + "/get-gi-uptodate");
    }

    private static DataMark decidedOnEight() {
        return new DataMark(Ordered.map(Map.of(0, "9415221797FE8B4A")), Ordered.map(Map.of(0, 324409 * 1024L)));
    }

    private List<String> changes() {
        return runner.ran().stream()
                .filter(command -> !command.contains("events2") && !command.contains("get-gi"))
                .toList();
    }

    private void refused(ErrorCode code, String why, Runnable call) {
        HeddleException failure = assertThrows(HeddleException.class, call::run);

        assertEquals(code, failure.code(), failure.problem().text());
        assertTrue(failure.why().contains(why), failure.why());
        assertEquals(List.of(), changes());
    }

    @Test
    void readsGenerationsWhatDiffersAndWhatWasWritten() throws IOException {
        nineIsSplit();

        Content content = driver.content(spec);

        assertEquals(Map.of("n2", Map.of(0, new Generation(OURS, "52FCB9B2A2995A28"))), content.generations());
        assertEquals(Map.of("n2", Map.of(0, Bytes.ofKib(800))), content.outOfSync());
        assertEquals(DECIDED, content.mark());
        assertTrue(content.generations().get("n2").get(0).hasChanges());
    }

    @Test
    void readsTheSameOfTheOnePeerOfEight() throws IOException {
        eightIsSplit();

        Content content = driver.content(spec);

        assertEquals(decidedOnEight(), content.mark());
        assertEquals(Map.of("n2", Map.of(0, Bytes.ofKib(31172))), content.outOfSync());
        assertFalse(content.generations().get("n2").get(0).hasChanges());
    }

    @Test
    void aGenerationThatCannotBeReadIsNotGuessed() throws IOException {
        nineIsSplit();
        runner.forget("drbdsetup get-gi db1 1 0").recorded("drbdsetup get-gi db1 1 0", NINE + "/get-gi-diskless");

        refused(ErrorCode.OBSERVATION_FAILED, "", () -> driver.content(spec));
    }

    @Test
    void whatHasBeenLeftAlreadyIsNotLeftAgain() throws IOException {
        nineIsSplit();

        driver.leave(spec, N2, DECIDED);

        assertEquals(List.of(), changes());
    }

    @Test
    void leavesOnlyThePeersMeant() throws IOException {
        nineIsSplit();
        kernelHas(nine().replace("StandAlone", "Connecting"));
        runner.answer("drbdsetup disconnect db1 1", 0, "", "");

        driver.leave(spec, N2, DECIDED);

        assertEquals(List.of("drbdsetup disconnect db1 1"), changes());
    }

    @Test
    void discardsTowardsThePeersMeantAlone() throws IOException {
        nineIsSplit();
        runner.answer("drbdsetup connect db1 1 --discard-my-data", 0, "", "");

        driver.discardMyData(spec, N2, DECIDED);

        assertEquals(List.of("drbdsetup connect db1 1 --discard-my-data"), changes());
    }

    @Test
    void eightIsLeftAndDiscardsThroughItsFile() throws IOException {
        eightIsSplit();
        runner.answer(drbdadm("disconnect db1"), 0, "", "");
        runner.answer(drbdadm("connect --discard-my-data db1"), 0, "", "");
        kernelHas(eight().replace("StandAlone", "Connecting"));
        driver.leave(spec, N2, decidedOnEight());
        kernelHas(eight());

        driver.discardMyData(spec, N2, decidedOnEight());

        assertEquals(List.of(drbdadm("disconnect db1"), drbdadm("connect --discard-my-data db1")), changes());
    }

    /** The peer's connect makes DRBD see the split brain, and leave, between the look and the disconnect. */
    @Test
    void eightThatLeftByItselfMeanwhileIsLeft() throws IOException {
        eightIsSplit();
        kernelHas(eight().replace("StandAlone", "Connecting"));
        runner.answer(drbdadm("disconnect db1"), 10, "", """
                ??: Failure: (162) Invalid configuration request
                additional info from kernel:
                unknown connection
                Command 'drbdsetup-84 disconnect ipv4:10.95.0.11:7000 ipv4:10.95.0.12:7000' terminated with exit code 10
                """);

        driver.leave(spec, N2, decidedOnEight());

        runner.forget(drbdadm("disconnect db1"))
                .answer(drbdadm("disconnect db1"), 10, "", "db1: Failure: (158) Unknown resource");
        HeddleException other = assertThrows(HeddleException.class, () -> driver.leave(spec, N2, decidedOnEight()));
        assertEquals(ErrorCode.COMMAND_FAILED, other.code(), other.toString());
    }

    @Test
    void whatIsInUseOrWasWrittenOrIsAnotherContentIsNeitherLeftNorDiscarded() throws IOException {
        nineIsSplit();
        String[][] cases = {
            {"role:Secondary suspended", "role:Primary suspended", "IN_USE", "Primary or open"},
            {"quorum:yes", "quorum:yes open:yes", "IN_USE", "Primary or open"},
            {"connection:StandAlone role:Unknown", "connection:Connected role:Primary", "IN_USE", "a connected peer"},
            {"written:124215", "written:124219", "SPLIT_BRAIN", "127203328 bytes"},
        };
        for (String[] each : cases) {
            kernelHas(nine().replaceFirst(each[0], each[1]));
            ErrorCode code = ErrorCode.valueOf(each[2]);
            refused(
                    code,
                    each[3].contains("bytes") ? "and now it has" : each[3],
                    () -> driver.leave(spec, N2, DECIDED));
            refused(code, "", () -> driver.discardMyData(spec, N2, DECIDED));
        }
        kernelHas(nine());
        runner.forget("drbdsetup get-gi db1 1 0").recorded("drbdsetup get-gi db1 1 0", NINE + "/get-gi-split-brain-n2");
        refused(ErrorCode.SPLIT_BRAIN, "08A0E8AAF8E6BAEC", () -> driver.discardMyData(spec, N2, DECIDED));
    }

    @Test
    void nothingIsDiscardedTowardsAPeerThatWasConnectedMeanwhile() throws IOException {
        nineIsSplit();
        kernelHas(nine().replace("StandAlone", "Connecting"));

        refused(ErrorCode.SPLIT_BRAIN, "connected it again", () -> driver.discardMyData(spec, N2, DECIDED));
    }

    /** DRBD 9.2.18 forgets it neither with a disconnect nor with a plain connect. */
    @Test
    void nineForgetsThatItIsToDiscardWithTheWholeConnection() throws IOException {
        nineIsSplit();
        kernelHas(nine().replace("StandAlone", "Connecting"));
        runner.answer("drbdsetup del-peer db1 1", 0, "", "");

        assertFalse(driver.stopDiscarding(spec, true), "nothing was refused");
        assertEquals(List.of(), changes());
        assertTrue(driver.stopDiscarding(spec, false));

        assertEquals(List.of("drbdsetup del-peer db1 1"), changes());
    }

    @Test
    void aPeerThatIsConnectedByNowIsLeftAlone() throws IOException {
        nineIsSplit();
        kernelHas(nine().replace("connection:StandAlone role:Unknown", "connection:Connected role:Secondary"));

        assertTrue(driver.stopDiscarding(spec, false));

        assertEquals(List.of(), changes());
    }

    @Test
    void eightForgetsItWithADisconnect() throws IOException {
        eightIsSplit();
        kernelHas(eight().replace("StandAlone", "Connecting"));
        runner.answer(drbdadm("disconnect db1"), 0, "", "");

        assertTrue(driver.stopDiscarding(spec, false));

        assertEquals(List.of(drbdadm("disconnect db1")), changes());
    }

    @Test
    void connectsAgainToWhoWasRefusedAndToNobodyElse() throws IOException {
        nineIsSplit();
        runner.answer("drbdsetup connect db1 1", 0, "", "");
        driver.connect(spec, N2);
        kernelHas(nine().replace("StandAlone", "Connecting"));
        driver.connect(spec, N2);

        assertEquals(List.of("drbdsetup connect db1 1"), changes());
    }

    @Test
    void oneThatIsBeingConnectedAtTheSameTimeIsNoFailure() throws IOException {
        nineIsSplit();
        runner.answer(
                "drbdsetup connect db1 1",
                10,
                "",
                "db1: Failure: (125) Device has a net-config (use disconnect first)\n");

        driver.connect(spec, N2);
    }
}
