package io.heddle.launcher;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * systemd, where it started this process and waits to be told how it is: see sd_notify(3). Where it did not, telling does
 * nothing.
 *
 * <p>Java 17 has no datagram sockets for local addresses, so systemd-notify(1) tells it. That is a process of its own,
 * which the unit has to allow by {@code NotifyAccess=all}; it ends only when systemd has read what it was told.
 */
final class ServiceManager {
    private static final Logger LOG = LoggerFactory.getLogger(ServiceManager.class);
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final boolean waits;
    private final String program;

    /**
     * Finds out who started this process.
     *
     * @param program what tells systemd, {@code systemd-notify} but in tests
     */
    ServiceManager(Map<String, String> environment, String program) {
        this.waits = !environment.getOrDefault("NOTIFY_SOCKET", "").isEmpty();
        this.program = program;
    }

    /** Says that all is up, and comes back when systemd knows. */
    void ready(String status) throws InterruptedException {
        if (!waits) {
            return;
        }
        try {
            Process process = tell("READY=1", "STATUS=" + status);
            if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
                LOG.warn("systemd was not told within {} s that Heddle is up", LIMIT.toSeconds());
            } else if (process.exitValue() != 0) {
                LOG.warn(
                        "systemd cannot be told that Heddle is up: {} ended with exit code {}",
                        program,
                        process.exitValue());
            }
        } catch (IOException failure) {
            LOG.warn("systemd cannot be told that Heddle is up: {}", failure.toString());
        }
    }

    /** Says that the end has begun. Does not wait: stopping has little time, and goes on without. */
    void stopping() {
        if (waits) {
            try {
                tell("STOPPING=1", "STATUS=Stopping; volumes stay as they are");
            } catch (IOException failure) {
                LOG.warn("systemd cannot be told that Heddle stops: {}", failure.toString());
            }
        }
    }

    private Process tell(String... assignments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(assignments));
        return new ProcessBuilder(command)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.INHERIT)
                .start();
    }
}
