package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.RunningCommand;
import io.heddle.core.driver.IoLease;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SuspendedIoTest {
    private static final UUID ID = UUID.fromString("00000000-0000-0000-0000-00000000000a");

    /** A kernel that suspends and resumes, and a shell that holds leases unless it is told not to. */
    private static final class Machine implements CommandRunner {
        private final Map<String, String> reasons = new TreeMap<>(Map.of("db1", "no", "db2", "no"));
        private final List<String> ran = new ArrayList<>();
        private String holder = "holding\n";
        private String refused = "";
        private int looks;

        @Override
        public CommandResult run(Command command) {
            String text = command.text();
            ran.add(text.startsWith("setsid") ? "hold " + text.replaceFirst(".*\\.lease ", "") : text);
            if (text.startsWith("setsid")) {
                assertTrue(Files.exists(Path.of(command.arguments().get(3))), "the script is there");
                assertTrue(
                        Files.exists(Path.of(command.arguments().get(4))), "the record is there before anything else");
                return result(command, 0, holder);
            }
            if (text.equals(refused)) {
                return result(command, 10, "");
            }
            String minor = command.arguments().get(2);
            reasons.put(
                    minor.equals("1000") ? "db1" : "db2",
                    command.arguments().get(1).equals("resume-io") ? "no" : "user");
            return result(command, 0, "");
        }

        private CommandResult result(Command command, int code, String output) {
            return new CommandResult(command, code, output, "", Duration.ZERO);
        }

        @Override
        public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
            throw new AssertionError("nothing is started");
        }

        Map<String, ReplicationStatus> look(Set<String> names) {
            looks++;
            Map<String, ReplicationStatus> seen = new TreeMap<>();
            names.forEach(name -> seen.put(
                    name,
                    new ReplicationStatus(
                            name, Role.PRIMARY, String.valueOf(reasons.get(name)), false, 0, List.of(), List.of())));
            return seen;
        }
    }

    @TempDir
    Path root;

    private final Machine machine = new Machine();
    private SuspendedIo io;

    @BeforeEach
    void start() throws IOException {
        Files.createDirectories(root.resolve("proc/sys/kernel/random"));
        Files.writeString(root.resolve("proc/sys/kernel/random/boot_id"), "boot-1\n");
        Files.writeString(root.resolve("proc/uptime"), "1234.56 99.00\n");
        io = newIo();
    }

    private SuspendedIo newIo() {
        DrbdTools tools = new DrbdTools(machine);
        return new SuspendedIo(
                machine::look, tools, new IoLeases(machine, new KernelProbe(root, tools), root.resolve("leases")));
    }

    private static IoLease lease(String... resources) {
        Map<String, Integer> minors = new TreeMap<>();
        for (String resource : resources) {
            minors.put(resource, resource.equals("db1") ? 1000 : 1001);
        }
        return new IoLease(ID, Ordered.map(minors), Duration.ofSeconds(20));
    }

    private List<Path> records() throws IOException {
        try (Stream<Path> files = Files.list(root.resolve("leases"))) {
            return files.filter(file -> file.toString().endsWith(".lease")).toList();
        }
    }

    private static ErrorCode refusal(Runnable call) {
        return assertThrows(HeddleException.class, call::run).code();
    }

    @Test
    void suspendsUnderALeaseThatIsHeldBeforeAndResumes() throws IOException {
        io.lease(lease("db1", "db2"));
        assertEquals(List.of("hold 20 db1:1000 db2:1001"), machine.ran);
        assertTrue(Files.readString(records().get(0)).contains("boot boot-1\nowner "));
        assertTrue(Files.readString(records().get(0))
                .contains("\ndeadline 1254560\nresource db1 1000\nresource db2 1001\n"));
        machine.ran.clear();

        io.suspend(ID);
        machine.looks = 0;
        assertTrue(io.resume(ID));

        assertEquals(1, machine.looks, "for both of them");
        assertEquals(
                List.of(
                        "drbdsetup suspend-io 1000",
                        "drbdsetup suspend-io 1001",
                        "drbdsetup resume-io 1000",
                        "drbdsetup resume-io 1001"),
                machine.ran);
        assertEquals(List.of(), records());
        assertFalse(io.resume(ID));
    }

    @Test
    void whatSomebodyElseHasSuspendedIsNotLeasedAndNotResumed() throws IOException {
        machine.reasons.put("db2", "user");

        assertEquals(ErrorCode.IO_SUSPENDED, refusal(() -> io.lease(lease("db1", "db2"))));
        assertEquals(ErrorCode.IO_SUSPENDED, refusal(() -> io.suspend(ID)));
        assertFalse(io.resume(ID));

        assertEquals(List.of(), machine.ran);
    }

    @Test
    void aLeaseThatNobodyHoldsSuspendsNothing() throws IOException {
        machine.holder = "";

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> io.lease(lease("db1"))));
        assertEquals(ErrorCode.IO_SUSPENDED, refusal(() -> io.suspend(ID)));

        assertEquals(List.of(), records());
    }

    @Test
    void oneThatCannotBeSuspendedHasTheOthersResumed() throws IOException {
        machine.refused = "drbdsetup suspend-io 1001";
        io.lease(lease("db1", "db2"));

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> io.suspend(ID)));

        assertEquals("no", machine.reasons.get("db1"));
        assertEquals(List.of(), records());
    }

    @Test
    void oneThatCannotBeResumedDoesNotKeepTheOthersAndStaysOnRecord() throws IOException {
        machine.refused = "drbdsetup resume-io 1000";
        io.lease(lease("db1", "db2"));
        io.suspend(ID);

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> io.resume(ID)));

        assertEquals("no", machine.reasons.get("db2"));
        assertEquals(1, records().size());
    }

    @Test
    void aQuorumFreezeIsLeftToTheProcessThatHoldsTheLease() throws IOException {
        io.lease(lease("db1", "db2"));
        io.suspend(ID);
        machine.reasons.put("db1", "user,quorum");
        machine.ran.clear();

        assertTrue(io.resume(ID), "it was suspended all the time");

        assertEquals(List.of("drbdsetup resume-io 1001"), machine.ran);
        assertEquals(1, records().size());
    }

    @Test
    void tellsThatSomebodyHasResumedIt() throws IOException {
        io.lease(lease("db1", "db2"));
        io.suspend(ID);
        machine.reasons.put("db1", "no");

        assertFalse(io.resume(ID));

        assertEquals(List.of(), records());
    }

    @Test
    void theSameResourceIsNotLeasedTwice() {
        io.lease(lease("db1"));

        assertEquals(ErrorCode.IO_SUSPENDED, refusal(() -> io.lease(lease("db1"))));
    }

    @Test
    void whatAnotherProcessLeftIsResumedAtTheStartUnlessTheMachineWasStartedSince() throws IOException {
        io.lease(lease("db1"));
        io.suspend(ID);
        Path record = records().get(0);
        machine.ran.clear();

        newIo().resumeLeftovers();
        assertEquals(List.of(), machine.ran, "its own are held");

        Files.writeString(record, Files.readString(record).replaceFirst("owner .*", "owner 1-1"));
        newIo().resumeLeftovers();
        assertEquals(List.of("hold 0 db1:1000"), machine.ran);

        machine.ran.clear();
        Files.writeString(root.resolve("proc/sys/kernel/random/boot_id"), "boot-2\n");
        newIo().resumeLeftovers();
        assertEquals(List.of(), machine.ran);
        assertEquals(List.of(), records());
    }

    @Test
    void aRecordThatCannotBeReadDoesNotKeepOthersFromBeingResumed() throws IOException {
        io.lease(lease("db1"));
        Path record = records().get(0);
        Files.writeString(record, Files.readString(record).replaceFirst("owner .*", "owner 1-1"));
        Files.writeString(root.resolve("leases/" + new UUID(0, 0) + ".lease"), "torn");
        machine.ran.clear();

        newIo().resumeLeftovers();

        assertEquals(List.of("hold 0 db1:1000"), machine.ran);
    }
}
