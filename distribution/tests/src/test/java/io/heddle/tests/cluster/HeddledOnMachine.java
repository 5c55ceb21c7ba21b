package io.heddle.tests.cluster;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A {@code heddled} on this machine, on ports and in directories of its own. */
public final class HeddledOnMachine implements Heddled {
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private static final Pattern REST = Pattern.compile(" runs as .* ms; (\\S+)");

    private final String name;
    private final Path directory;
    private final List<String> arguments;
    private final int linkPort = Places.freePort();
    private final int jmxPort = Places.freePort();
    private final Thread hook = new Thread(this::kill, "end of heddled");
    private int starts;
    private @Nullable Process process;

    private HeddledOnMachine(String name, Path directory, List<String> arguments) {
        this.name = name;
        this.directory = directory;
        this.arguments = arguments;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** A controller that keeps everything below {@code directory}. Not started yet. */
    public static HeddledOnMachine controller(Path directory) {
        return new HeddledOnMachine("controller", directory, List.of("--roles=controller"));
    }

    /** The same, with REST on a port that is known before: on one that the kernel chooses it cannot be opened to others. */
    public static HeddledOnMachine controller(Path directory, int restPort) {
        return new HeddledOnMachine("controller", directory, List.of("--roles=controller", "--rest-port=" + restPort));
    }

    /** A satellite that can be claimed by any controller of this machine. Not started yet. */
    public static HeddledOnMachine satellite(String node, Path directory) {
        return new HeddledOnMachine(
                "satellite " + node,
                directory,
                List.of("--roles=satellite", "--node-name=" + node, "--claim-from=127.0.0.0/8"));
    }

    @Override
    public String name() {
        return name;
    }

    /** Where it keeps everything. */
    public Path stateDirectory() {
        return directory.resolve("state");
    }

    /** Where drbdadm would look. */
    public Path drbdDirectory() {
        return directory.resolve("drbd.d");
    }

    public int linkPort() {
        return linkPort;
    }

    public int jmxPort() {
        return jmxPort;
    }

    @Override
    public synchronized void start() {
        if (process != null && process.isAlive()) {
            return;
        }
        Path home = Places.appliance();
        List<String> command = new ArrayList<>(List.of(
                home.resolve("bin/heddled").toString(),
                "--config=" + home.resolve("conf/heddle.conf"),
                "--state-directory=" + stateDirectory(),
                "--drbd-directory=" + drbdDirectory(),
                "--link-address=127.0.0.1",
                "--link-port=" + linkPort,
                "--jmx-port=" + jmxPort,
                "--rest-tls-port=0",
                "--metrics-port=0"));
        command.addAll(arguments);
        if (arguments.stream().noneMatch(argument -> argument.startsWith("--rest-port="))) {
            command.add("--rest-port=0");
        }
        starts++;
        try {
            Files.createDirectories(drbdDirectory());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(logFile().toFile());
            builder.environment().keySet().retainAll(List.of("PATH", "JAVA_HOME"));
            process = builder.start();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private Path logFile() {
        return directory.resolve("log-" + starts);
    }

    @Override
    public void awaitUp() {
        Eventually.nothingIsMissing(LIMIT, () -> {
            String log = log();
            if (log.contains(" runs as ")) {
                return Optional.empty();
            }
            Process started = process;
            if (started == null || !started.isAlive()) {
                throw new AssertionError(name + " has ended by itself:\n" + log);
            }
            return Optional.of(name + " is not up:\n" + log);
        });
    }

    @Override
    public synchronized void kill() {
        end(true);
    }

    /** Ends it as systemd does. */
    public synchronized void stop() {
        end(false);
    }

    private void end(boolean forcibly) {
        Process running = process;
        if (running == null) {
            return;
        }
        if (forcibly) {
            running.destroyForcibly();
        } else {
            running.toHandle().destroy();
        }
        try {
            if (!running.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new AssertionError(name + " does not end:\n" + log());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
        process = null;
    }

    @Override
    public String log() {
        try {
            return Files.exists(logFile()) ? Files.readString(logFile(), StandardCharsets.UTF_8) : "";
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Address of its REST API, if it is a controller. */
    public URI rest() {
        Matcher address = REST.matcher(log());
        if (!address.find()) {
            throw new AssertionError("no address of REST in:\n" + log());
        }
        return URI.create(address.group(1));
    }

    /** Its operations, if it is a controller. To be closed by the caller. */
    public ClusterClient client() {
        return new ClusterClient(stateDirectory(), jmxPort);
    }

    /** Runs one command of the console on it, if it is a controller. */
    public Program.Result console(String... words) {
        List<String> command =
                new ArrayList<>(List.of(Places.appliance().resolve("bin/heddle").toString()));
        command.addAll(List.of(words));
        return Program.run(
                LIMIT,
                Map.of(
                        "HEDDLE_STATE_DIRECTORY", stateDirectory().toString(),
                        "HEDDLE_JMX_PORT", Integer.toString(jmxPort)),
                command);
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        kill();
    }
}
