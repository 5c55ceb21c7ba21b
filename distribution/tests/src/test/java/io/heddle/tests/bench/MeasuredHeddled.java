package io.heddle.tests.bench;

import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Places;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A {@code heddled} of the built appliance, on ports of its own of the loopback address, whose costs can be read. */
final class MeasuredHeddled implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final Process process;
    private final Path log;
    private final int restPort;
    private final int linkPort;
    private final long startedAt;
    private final Thread hook = new Thread(this::kill, "end of heddled");

    private MeasuredHeddled(Process process, Path log, int restPort, int linkPort, long startedAt) {
        this.process = process;
        this.log = log;
        this.restPort = restPort;
        this.linkPort = linkPort;
        this.startedAt = startedAt;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /**
     * Starts one; returns at once.
     *
     * @param home the appliance
     * @param directory where it keeps everything
     * @param roles as heddle.conf names them
     * @param more further arguments
     */
    static MeasuredHeddled start(Path home, Path directory, String roles, String... more) {
        int restPort = Places.freePort();
        int linkPort = Places.freePort();
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/heddled").toString(),
                "--config=" + home.resolve("conf/heddle.conf"),
                "--roles=" + roles,
                "--state-directory=" + directory.resolve("state"),
                "--drbd-directory=" + directory.resolve("drbd.d"),
                "--claim-from=127.0.0.0/8",
                "--link-address=127.0.0.1",
                "--link-port=" + linkPort,
                "--rest-port=" + restPort,
                "--rest-tls-port=0",
                "--jmx-port=0",
                "--metrics-port=0"));
        command.addAll(List.of(more));
        try {
            Files.createDirectories(directory.resolve("drbd.d"));
            Path log = Files.createTempFile(directory, "log-", "");
            ProcessBuilder builder =
                    new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
            // HEDDLE_JAVA_OPTIONS to try what other options of the JVM bring.
            builder.environment().keySet().retainAll(List.of("PATH", "JAVA_HOME", "HEDDLE_JAVA_OPTIONS"));
            long now = System.nanoTime();
            return new MeasuredHeddled(builder.start(), log, restPort, linkPort, now);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    long pid() {
        return process.pid();
    }

    int restPort() {
        return restPort;
    }

    int linkPort() {
        return linkPort;
    }

    /** Seconds since it was started. */
    double age() {
        return (System.nanoTime() - startedAt) / 1e9;
    }

    /** CPU seconds of it and of the commands that it ran. */
    double cpuSeconds() {
        return Machine.cpuSeconds(process.pid());
    }

    /** What it logged. */
    String log() {
        return Machine.read(log);
    }

    /** Waits until it says that it runs. */
    MeasuredHeddled awaitUp() {
        Eventually.nothingIsMissing(LIMIT, () -> {
            if (log().contains(" runs as ")) {
                return Optional.empty();
            }
            requireAlive();
            return Optional.of("heddled is not up:\n" + log());
        });
        return this;
    }

    /** Waits until REST answers, looking every few milliseconds. */
    MeasuredHeddled awaitRest() {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (System.nanoTime() < end) {
            try (RestClient client = new RestClient(restPort)) {
                if (client.request("GET", "/v1/controller/version", "") == 200) {
                    return this;
                }
            } catch (UncheckedIOException notYet) {
                requireAlive();
            }
            Eventually.pause(Duration.ofMillis(4));
        }
        throw new AssertionError("REST does not answer:\n" + log());
    }

    private void requireAlive() {
        if (!process.isAlive()) {
            throw new AssertionError("heddled has ended by itself:\n" + log());
        }
    }

    /** Ends it as systemd does, and waits. */
    void stop() {
        process.toHandle().destroy();
        try {
            if (!process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError("heddled does not end:\n" + log());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    private void kill() {
        process.destroyForcibly();
    }

    @Override
    public void close() {
        stop();
        Runtime.getRuntime().removeShutdownHook(hook);
    }
}
