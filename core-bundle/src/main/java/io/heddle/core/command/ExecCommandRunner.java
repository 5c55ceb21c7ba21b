package io.heddle.core.command;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.commons.exec.CommandLine;
import org.apache.commons.exec.DefaultExecutor;
import org.apache.commons.exec.ExecuteException;
import org.apache.commons.exec.ExecuteResultHandler;
import org.apache.commons.exec.ExecuteWatchdog;
import org.apache.commons.exec.LogOutputStream;
import org.apache.commons.exec.PumpStreamHandler;
import org.apache.commons.exec.launcher.CommandLauncher;
import org.apache.commons.exec.launcher.CommandLauncherFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs commands with Commons Exec; the threads that read what they print are its own, and are used again. */
public final class ExecCommandRunner implements CommandRunner {
    private static final Logger LOG = LoggerFactory.getLogger(ExecCommandRunner.class);
    private static final int OUTPUT_LIMIT = 64 * 1024 * 1024;
    private static final String PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    /** How long a killed process may take to go before it is left behind: one in uninterruptible sleep never goes. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final CommandLauncher LAUNCHER = CommandLauncherFactory.createVMLauncher();
    private static final Path HERE = Path.of(".");

    /**
     * Read what commands print. Kept for a minute: Commons Exec makes five threads for each command, which cost more than the command
     * where a page fault is dear.
     */
    private static final ExecutorService PUMPS = new ThreadPoolExecutor(
            0, Integer.MAX_VALUE, 60, TimeUnit.SECONDS, new SynchronousQueue<>(), ExecCommandRunner::thread);

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "heddle-command-output");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public CommandResult run(Command command) {
        long begin = System.nanoTime();
        Process process;
        try {
            process = LAUNCHER.exec(line(command), environment(command), HERE);
        } catch (IOException e) {
            throw notStarted(command, e);
        }
        BoundedOutput output = new BoundedOutput();
        BoundedOutput errors = new BoundedOutput();
        Future<?> pumpedOutput = PUMPS.submit(() -> pump(process.getInputStream(), output));
        Future<?> pumpedErrors = PUMPS.submit(() -> pump(process.getErrorStream(), errors));
        boolean inTime;
        try {
            feed(process, command.input());
            inTime = process.waitFor(command.deadline().toNanos(), TimeUnit.NANOSECONDS);
            if (!inTime) {
                process.destroy();
                // one in uninterruptible sleep is left behind
                var unused = process.waitFor(GRACE.toNanos(), TimeUnit.NANOSECONDS);
            }
            // what it has started may hold its pipes open for ever
            long end = System.nanoTime() + GRACE.toNanos();
            await(pumpedOutput, process.getInputStream(), end);
            await(pumpedErrors, process.getErrorStream(), end);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            throw new HeddleException(
                    ErrorCode.SHUTTING_DOWN,
                    "'" + command.text() + "' was broken off",
                    "the program is being stopped",
                    "nothing to do: it is taken up again at the next start",
                    e);
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - begin);
        if (!inTime) {
            throw new HeddleException(
                    ErrorCode.COMMAND_TIMED_OUT,
                    "'" + command.text() + "' did not end in time",
                    "it was killed after " + duration.toSeconds() + " s; it printed: " + errors.tail(),
                    "see whether a device that it needs hangs (dmesg, iostat); it is tried again");
        }
        if (output.exceeded() || errors.exceeded()) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "'" + command.text() + "' printed too much",
                    "more than " + OUTPUT_LIMIT + " bytes",
                    "run it by hand and see what it prints");
        }
        CommandResult result = new CommandResult(command, process.exitValue(), output.text(), errors.text(), duration);
        if (command.changes()) {
            LOG.info("ran '{}' exit={} in {} ms", command.text(), result.exitCode(), duration.toMillis());
        } else {
            LOG.debug("ran '{}' exit={} in {} ms", command.text(), result.exitCode(), duration.toMillis());
        }
        return result;
    }

    private static void pump(InputStream from, BoundedOutput to) {
        byte[] buffer = new byte[8192];
        try (from) {
            for (int read = from.read(buffer); read >= 0; read = from.read(buffer)) {
                to.write(buffer, 0, read);
            }
        } catch (IOException closed) {
            LOG.trace("the output of a command has ended", closed);
        }
    }

    private static void feed(Process process, Optional<String> input) {
        OutputStream stdin = process.getOutputStream();
        if (input.isEmpty()) {
            close(stdin);
        } else {
            PUMPS.execute(() -> {
                try (stdin) {
                    stdin.write(input.get().getBytes(StandardCharsets.UTF_8));
                } catch (IOException ended) {
                    LOG.trace("a command has ended before it read all of its input", ended);
                }
            });
        }
    }

    private static void await(Future<?> pumped, InputStream from, long end) throws InterruptedException {
        try {
            pumped.get(Math.max(0, end - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException held) {
            close(from);
        } catch (ExecutionException fault) {
            throw new IllegalStateException(fault.getCause());
        }
    }

    private static void close(Closeable stream) {
        try {
            stream.close();
        } catch (IOException ended) {
            LOG.trace("a stream of a command was closed already", ended);
        }
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
