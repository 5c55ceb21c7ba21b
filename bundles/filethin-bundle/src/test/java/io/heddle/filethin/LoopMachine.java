package io.heddle.filethin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Assumptions;

/** A machine that has loop devices, and what tests need of it. */
final class LoopMachine {
    private static final ExecCommandRunner RUNNER = new ExecCommandRunner();

    private LoopMachine() {}

    /** Skips the test, saying why, where this machine lets nobody make loop devices. */
    static void require() {
        String reason = "";
        if (!"root".equals(System.getProperty("user.name"))) {
            reason = "not root";
        } else if (!Files.exists(Path.of("/dev/loop-control"))) {
            reason = "there is no /dev/loop-control";
        } else if (!run("losetup", "--find").succeeded()) {
            reason = "losetup --find fails";
        }
        if (!reason.isEmpty()) {
            System.out.println("SKIPPED tests with loop devices: " + reason);
        }
        Assumptions.assumeTrue(reason.isEmpty(), reason);
    }

    static CommandResult run(String... arguments) {
        try {
            return RUNNER.run(Command.query(Duration.ofSeconds(60), arguments));
        } catch (HeddleException failure) {
            return new CommandResult(
                    Command.query(Duration.ofSeconds(60), arguments), 127, "", failure.why(), Duration.ZERO);
        }
    }

    /** Loop devices whose file is or was below a directory. */
    static List<LoopDevice> devicesBelow(Path directory) {
        return new LoopDevices(RUNNER, Path.of("/sys/block"))
                .all().stream()
                        .filter(device -> device.path().startsWith(directory + "/"))
                        .toList();
    }

    /** Detaches what a test has left on files below its own directory. */
    static void detachBelow(Path directory) {
        devicesBelow(directory).forEach(device -> run("losetup", "--detach", device.name()));
    }

    static PoolSpec pool(DriverKind kind, Path directory) {
        return new PoolSpec(new PoolName("files"), new UUID(0, 1), kind, directory.toString(), new TreeMap<>());
    }
}
