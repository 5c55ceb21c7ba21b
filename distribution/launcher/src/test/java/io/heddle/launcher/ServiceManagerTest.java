package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServiceManagerTest {
    private static final Map<String, String> STARTED_BY_SYSTEMD = Map.of("NOTIFY_SOCKET", "/run/systemd/notify");
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Path told;

    @BeforeEach
    void nothingIsToldYet() {
        told = directory.resolve("told");
    }

    @Test
    void systemdKnowsThatHeddleIsUpWhenReadyComesBack() throws Exception {
        new ServiceManager(STARTED_BY_SYSTEMD, program(0)).ready("runs as satellite");

        assertEquals(List.of("READY=1", "STATUS=runs as satellite"), Files.readAllLines(told));
    }

    @Test
    void systemdIsToldThatTheEndHasBegun() throws Exception {
        new ServiceManager(STARTED_BY_SYSTEMD, program(0)).stopping();

        Instant end = Instant.now().plus(LIMIT);
        while (!Files.exists(told) && Instant.now().isBefore(end)) {
            Thread.onSpinWait();
        }
        assertEquals("STOPPING=1", Files.readAllLines(told).get(0));
    }

    @Test
    void nobodyIsToldWhereSystemdDoesNotWait() throws Exception {
        ServiceManager nobody = new ServiceManager(Map.of(), program(0));

        nobody.ready("runs");
        nobody.stopping();

        assertFalse(Files.exists(told));
    }

    @Test
    void heddleRunsOnWhereSystemdCannotBeTold() throws Exception {
        new ServiceManager(STARTED_BY_SYSTEMD, program(1)).ready("runs");
        assertTrue(Files.exists(told));

        ServiceManager absent = new ServiceManager(
                STARTED_BY_SYSTEMD, directory.resolve("absent").toString());
        absent.ready("runs");
        absent.stopping();
    }

    /** Takes the place of systemd-notify: keeps its arguments, one a line, in a file that is there as a whole or not at all. */
    private String program(int exitCode) throws IOException {
        Path program = Files.writeString(
                directory.resolve("notify"),
                "#!/bin/sh\nprintf '%s\\n' \"$@\" >" + told + ".new && mv " + told + ".new " + told + "\nexit "
                        + exitCode + "\n");
        assertTrue(program.toFile().setExecutable(true));
        return program.toString();
    }
}
