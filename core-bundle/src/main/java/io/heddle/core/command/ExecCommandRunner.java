package io.heddle.core.command;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteException;
import org.apache.commons.exec.ExecuteResultHandler;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.Executor;
import org.apache.commons.exec.LogOutputStream;
import org.apache.commons.exec.PumpStreamHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs commands with Commons Exec. */
public final class ExecCommandRunner implements CommandRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ExecCommandRunner.class);
    private static final int OUTPUT_LIMIT = 64 * 1024 * 1024;
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /** How long a killed process may take to go before it is left behind: one in uninterruptible sleep never goes. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    @Override
    public CommandResult run(Command command) {
        BoundedOutput output = new BoundedOutput();
        BoundedOutput errors = new BoundedOutput();
        InputStream input = new ByteArrayInputStream(command.input().orElse("").getBytes(StandardCharsets.UTF_8));
        PumpStreamHandler streams = new PumpStreamHandler(output, errors, input);
        streams.setStopTimeout(GRACE);
        ExecuteWatchdog watchdog =
                ExecuteWatchdog.builder().setTimeout(command.deadline()).get();
        DefaultExecutor executor =
                DefaultExecutor.builder().setExecuteStreamHandler(streams).get();
        executor.setWatchdog(watchdog);
        executor.setExitValues(null);
        long begin = System.nanoTime();
        Ending ended = new Ending();
        boolean inTime;
        try {
            executor.execute(line(command), environment(command), ended);
            inTime = ended.await(command.deadline().plus(GRACE));
        } catch (IOException e) {
            throw notStarted(command, e);
        } catch (InterruptedException e) {
            watchdog.destroyProcess();
            Thread.currentThread().interrupt();
            throw new HeddleException(
                    ErrorCode.SHUTTING_DOWN,
                    "'" + command.text() + "' was broken off",
                    "the program is being stopped",
                    "nothing to do: it is taken up again at the next start",
                    e);
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - begin);
        if (!inTime || watchdog.killedProcess()) {
            throw new HeddleException(
                    ErrorCode.COMMAND_TIMED_OUT,
                    "'" + command.text() + "' did not end in time",
                    "it was killed after " + duration.toSeconds() + " s; it printed: " + errors.tail(),
                    "see whether a device that it needs hangs (dmesg, iostat); it is tried again");
        }
        Optional<ExecuteException> failure = ended.failure();
        if (failure.isPresent() && failure.get().getExitValue() == Executor.INVALID_EXITVALUE) {
            throw notStarted(command, failure.get());
        }
        if (output.exceeded() || errors.exceeded()) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "'" + command.text() + "' printed too much",
                    "more than " + OUTPUT_LIMIT + " bytes",
                    "run it by hand and see what it prints");
        }
        CommandResult result = new CommandResult(command, ended.exitCode(), output.text(), errors.text(), duration);
        if (command.changes()) {
            LOG.info("ran '{}' exit={} in {} ms", command.text(), result.exitCode(), duration.toMillis());
        } else {
            LOG.debug("ran '{}' exit={} in {} ms", command.text(), result.exitCode(), duration.toMillis());
        }
        return result;
    }

    @Override
    public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
        BoundedOutput errors = new BoundedOutput();
        LogOutputStream output = new LogOutputStream() {
            @Override
            protected void processLine(String line, int level) {
                lines.accept(line);
            }
        };
        PumpStreamHandler streams = new PumpStreamHandler(output, errors);
        streams.setStopTimeout(GRACE);
        ExecuteWatchdog watchdog = ExecuteWatchdog.builder()
                .setTimeout(ExecuteWatchdog.INFINITE_TIMEOUT_DURATION)
                .get();
        DefaultExecutor executor =
                DefaultExecutor.builder().setExecuteStreamHandler(streams).get();
        executor.setWatchdog(watchdog);
        executor.setExitValues(null);
        long begin = System.nanoTime();
        AtomicBoolean told = new AtomicBoolean();
        ExecuteResultHandler handler = new ExecuteResultHandler() {
            @Override
            public void onProcessComplete(int exitValue) {
                if (told.compareAndSet(false, true)) {
                    ended.accept(new CommandResult(
                            command, exitValue, "", errors.text(), Duration.ofNanos(System.nanoTime() - begin)));
                }
            }

            @Override
            public void onProcessFailed(ExecuteException e) {
                onProcessComplete(e.getExitValue());
            }
        };
        try {
            executor.execute(line(command), environment(command), handler);
        } catch (IOException e) {
            throw notStarted(command, e);
        }
        return watchdog::destroyProcess;
    }

    private static CommandLine line(Command command) {
        CommandLine line = new CommandLine(command.arguments().get(0));
        // false: no quoting; each argument reaches the program as it is
        command.arguments().stream().skip(1).forEach(argument -> line.addArgument(argument, false));
        return line;
    }

    private static Map<String, String> environment(Command command) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("PATH", PATH);
        // messages are parsed, so they must be in one language whatever the service was started with
        environment.put("LC_ALL", "C");
        environment.putAll(command.environment());
        return environment;
    }

    private static HeddleException notStarted(Command command, Exception cause) {
        return new HeddleException(
                ErrorCode.COMMAND_NOT_FOUND,
                "cannot run '" + command.text() + "'",
                String.valueOf(cause.getMessage()),
                "install the package that brings " + command.arguments().get(0),
                cause);
    }

    /** How a program ended. Commons Exec's own handler looks every 50 ms only, which is longer than most commands run. */
    private static final class Ending implements ExecuteResultHandler {
        private final CountDownLatch latch = new CountDownLatch(1);
        private volatile int exitCode = Executor.INVALID_EXITVALUE;
        private volatile @Nullable ExecuteException failure;

        @Override
        public void onProcessComplete(int exitValue) {
            exitCode = exitValue;
            latch.countDown();
        }

        @Override
        public void onProcessFailed(ExecuteException e) {
            failure = e;
            onProcessComplete(e.getExitValue());
        }

        /** Whether it ended within the limit. */
        boolean await(Duration limit) throws InterruptedException {
            return latch.await(limit.toMillis(), TimeUnit.MILLISECONDS);
        }

        int exitCode() {
            return exitCode;
        }

        Optional<ExecuteException> failure() {
            return Optional.ofNullable(failure);
        }
    }

    /** Keeps what a program printed up to the limit, and goes on swallowing after it so that the program does not hang. */
    private static final class BoundedOutput extends OutputStream {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean exceeded;

        @Override
        public synchronized void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public synchronized void write(byte[] buffer, int offset, int length) {
            int room = Math.min(length, OUTPUT_LIMIT - bytes.size());
            bytes.write(buffer, offset, room);
            exceeded |= room < length;
        }

        synchronized boolean exceeded() {
            return exceeded;
        }

        synchronized String text() {
            return bytes.toString(StandardCharsets.UTF_8);
        }

        synchronized String tail() {
            String text = text().strip();
            return text.length() <= 500 ? text : "..." + text.substring(text.length() - 500);
        }
    }
}
