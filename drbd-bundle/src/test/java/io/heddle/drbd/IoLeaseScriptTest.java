package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that holds a lease, with a drbdsetup that has its state in files. */
class IoLeaseScriptTest {
    private static final String SCRIPT = "src/main/resources/io/heddle/drbd/io-lease.sh";
    private static final String DRBDSETUP = """
            #!/bin/sh
            cd "$(dirname "$0")"
            case $1 in
            events2)
                [ -e state-$3 ] || exit 10
                echo "exists resource name:$3 role:Primary suspended:$(cat state-$3) write-ordering:flush"
                echo "exists device name:$3 volume:0 minor:1000 al-suspended:no blocked:upper" ;;
            resume-io)
                echo $2 >> resumed
                for state in state-*; do [ $(cat minor-${state#state-}) = $2 ] && echo no > $state; done
                true ;;
            esac
            """;

    @TempDir
    Path bin;

    private Path lease;
    private final List<Process> started = new ArrayList<>();

    @BeforeEach
    void makeDrbdsetup() throws IOException {
        Path drbdsetup = Files.writeString(bin.resolve("drbdsetup"), DRBDSETUP);
        Files.setPosixFilePermissions(drbdsetup, PosixFilePermissions.fromString("rwx------"));
        lease = Files.writeString(bin.resolve("one.lease"), "");
    }

    @AfterEach
    void endWhatIsLeft() {
        started.forEach(Process::destroyForcibly);
    }

    private void suspended(String resource, int minor, String reasons) throws IOException {
        Files.writeString(bin.resolve("minor-" + resource), minor + "\n");
        Files.writeString(bin.resolve("state-" + resource), reasons + "\n");
    }

    private Process hold(int seconds, String... resources) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "sh", Path.of(SCRIPT).toAbsolutePath().toString(), lease.toString(), Integer.toString(seconds)));
        command.addAll(List.of(resources));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().merge("PATH", bin.toString(), (path, first) -> first + ":" + path);
        Process process = builder.start();
        started.add(process);
        BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        assertEquals("holding", output.readLine());
        return process;
    }

    private void ends(Process process) throws InterruptedException {
        assertTrue(process.waitFor(60, TimeUnit.SECONDS), "it ends");
        assertFalse(Files.exists(lease), "the record is gone");
    }

    private List<String> resumed() throws IOException {
        Path path = bin.resolve("resumed");
        return Files.exists(path) ? Files.readAllLines(path) : List.of();
    }

    @Test
    void resumesAllOfItsResourcesAtTheDeadline() throws IOException, InterruptedException {
        suspended("db1", 1000, "user");
        suspended("db2", 1001, "user");

        ends(hold(1, "db1:1000", "db2:1001"));

        assertEquals(List.of("1000", "1001"), resumed());
    }

    @Test
    void resumesNothingWhereItWasToldThatAllIsDone() throws IOException, InterruptedException {
        suspended("db1", 1000, "user");
        Process process = hold(1, "db1:1000");

        Files.delete(lease);
        ends(process);

        assertEquals(List.of(), resumed());
    }

    @Test
    void resumesAtOnceWhenItIsToEnd() throws IOException, InterruptedException {
        suspended("db1", 1000, "user");
        Process process = hold(3600, "db1:1000");

        process.destroy();
        ends(process);

        assertEquals(List.of("1000"), resumed());
    }

    @Test
    void leavesALostQuorumAloneUntilItIsBackAndResumesNothingTwice() throws IOException, InterruptedException {
        suspended("db1", 1000, "user,quorum");
        suspended("db2", 1001, "user");
        suspended("db3", 1002, "quorum");
        Process process = hold(0, "db1:1000", "db2:1001", "db3:1002");

        assertFalse(process.waitFor(3, TimeUnit.SECONDS), "it waits for the quorum");
        assertEquals(List.of("1001"), resumed());
        suspended("db2", 1001, "user");
        suspended("db1", 1000, "user");
        ends(process);

        assertEquals(List.of("1001", "1000"), resumed());
    }

    @Test
    void aResourceThatIsGoneHoldsNothingUp() throws IOException, InterruptedException {
        ends(hold(0, "db9:1048575"));

        assertEquals(List.of(), resumed());
    }
}
