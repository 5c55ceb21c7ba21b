package io.heddle.tests.cluster;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Programs of the machine that tests run to their end. */
public final class Program {
    private Program() {}

    /**
     * A program that has ended.
     *
     * @param command how it was called
     * @param exit its exit code
     * @param output what it printed, errors too
     */
    public record Result(String command, int exit, String output) {
        /** What it printed. Fails unless it succeeded. */
        public String printed() {
            if (exit != 0) {
                throw new AssertionError(this);
            }
            return output.strip();
        }

        /** Whether it succeeded. */
        public boolean succeeded() {
            return exit == 0;
        }

        @Override
        public String toString() {
            return command + " ended with " + exit + ":\n" + output;
        }
    }

    /** Runs a program; fails when it has not ended within the limit. */
    public static Result run(Duration limit, Map<String, String> environment, List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
        builder.environment().putAll(environment);
        try {
            Process process = builder.start();
            CompletableFuture<String> output = CompletableFuture.supplyAsync(() -> read(process));
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("still running after " + limit.toSeconds() + " s: " + command);
            }
            // What it left in the background may hold its output open for ever.
            String printed = output.completeOnTimeout("", 10, TimeUnit.SECONDS).join();
            return new Result(String.join(" ", command), process.exitValue(), printed);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    /** Runs a program within a minute. */
    public static Result run(String... command) {
        return run(Duration.ofSeconds(60), Map.of(), List.of(command));
    }

    private static String read(Process process) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            process.getInputStream().transferTo(bytes);
        } catch (IOException ended) {
            bytes.writeBytes(("(" + ended.getMessage() + ")").getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
