package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** A file as a block device, for the real drbdmeta. */
record LoopDevice(String path) implements AutoCloseable {
    /** A minor that no DRBD of a test machine has. */
    static final int MINOR = 1_048_000;

    private static final Duration DEADLINE = Duration.ofMinutes(1);
    private static final CommandRunner RUNNER = new ExecCommandRunner();

    /** Skips the test, with the reason, where drbdmeta or loop devices are not to be had. */
    static void assumeUsable() {
        boolean drbdmeta = Files.isExecutable(Path.of("/usr/sbin/drbdmeta"));
        boolean root = "root".equals(System.getProperty("user.name"));
        boolean loop = Files.isWritable(Path.of("/dev/loop-control"));
        String reason = (drbdmeta ? "" : "drbdmeta is not installed; ")
                + (root ? "" : "not root; ")
                + (loop ? "" : "no loop devices; ");
        if (!reason.isEmpty()) {
            System.out.println("skipped: needs the real drbdmeta: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
    }

    static LoopDevice of(Path file) {
        CommandResult result = RUNNER.run(Command.change(
                DEADLINE, "losetup", "--find", "--show", file.toAbsolutePath().toString()));
        assertTrue(result.succeeded(), result::explanation);
        return new LoopDevice(result.output().strip());
    }

    @Override
    public void close() {
        CommandResult result = RUNNER.run(Command.change(DEADLINE, "losetup", "--detach", path));
        assertTrue(result.succeeded(), result::explanation);
    }
}
