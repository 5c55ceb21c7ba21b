package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real {@code heddled}, started as systemd or a person would, on ports of its own. */
final class HeddledProcess implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final Process process;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private HeddledProcess(Process process) {
        this.process = process;
        Thread reader = new Thread(this::read, "output of heddled");
        reader.setDaemon(true);
        reader.start();
    }

    /**
     * Starts it with an environment of nothing but the path and the given variables.
     *
     * @param wrapper a command that runs its arguments, such as unshare; may be empty
     */
    static HeddledProcess start(List<String> wrapper, Path home, Map<String, String> environment, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(wrapper);
        command.add(home.resolve("bin/heddled").toString());
        for (String port : List.of("rest", "rest-tls", "jmx", "link", "metrics")) {
            command.add("--" + port + "-port=0");
        }
        command.add("--config=" + home.resolve("conf/heddle.conf"));
        command.add("--drbd-directory=" + Appliance.workDirectory("drbd.d"));
        command.add("--link-address=127.0.0.1");
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> all = builder.environment();
        all.keySet().retainAll(List.of("PATH", "JAVA_HOME"));
        all.putAll(environment);
        return new HeddledProcess(builder.start());
    }

    static HeddledProcess start(String... arguments) throws IOException {
        return start(List.of(), Appliance.home(), Map.of(), arguments);
    }

    /** Waits for a line in which the pattern is found; its groups tell what the line says. */
    Matcher awaitLine(String pattern) throws InterruptedException {
        Pattern wanted = Pattern.compile(pattern);
        Instant end = Instant.now().plus(LIMIT);
        synchronized (lines) {
            while (true) {
                for (String line : lines) {
                    Matcher found = wanted.matcher(line);
                    if (found.find()) {
                        return found;
                    }
                }
                long left = Duration.between(Instant.now(), end).toMillis();
                if (ended || left <= 0) {
                    return fail("No line \"" + pattern + "\" in:\n" + String.join("\n", lines));
                }
                lines.wait(left);
            }
        }
    }

    /** Waits for the line that tells that all is up; its groups are roles, bundles, failed ones, and the address. */
    Matcher awaitStart() throws InterruptedException {
        return awaitLine("runs as (.+) on node \\S+: (\\d+) bundles, (\\d+) failed, \\d+ ms(?:; (\\S+))?");
    }

    /** Sends SIGTERM. */
    void terminate() {
        // Process.destroy() would also close the output, and with it what is said at the end.
        process.toHandle().destroy();
    }

    /** Waits for the end. */
    int awaitExit() throws InterruptedException {
        if (!process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
            fail("Still running:\n" + output());
        }
        return process.exitValue();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    String output() {
        synchronized (lines) {
            return String.join("\n", lines);
        }
    }

    /** Ends it, the hard way if it has to be. */
    @Override
    public void close() {
        terminate();
        process.onExit()
                .completeOnTimeout(process, LIMIT.toSeconds(), TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
    }

    private void read() {
        try (BufferedReader reader = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                synchronized (lines) {
                    lines.add(line);
                    lines.notifyAll();
                }
            }
        } catch (IOException closed) {
            synchronized (lines) {
                lines.add("(" + closed + ")");
            }
        } finally {
            synchronized (lines) {
                ended = true;
                lines.notifyAll();
            }
        }
    }
}
