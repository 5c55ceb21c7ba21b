package io.heddle.tests.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A lab of real kernels, linked to this machine; {@code distribution/lab/umlab} does the work. */
public final class Lab implements AutoCloseable {
    private static final Duration BOOT = Duration.ofMinutes(6);

    private final Path directory;
    private final Map<String, String> environment;
    private final int nodes;
    private final FileChannel lock;
    private final Thread hook = new Thread(this::wipe, "end of the lab");

    /**
     * Boots a lab. One that an earlier run of the same name left behind is wiped first.
     *
     * @param name distinguishes it from others on this machine
     * @param network first three numbers of its main network, so that two linked labs do not meet
     * @param dataNetwork the same of its data network
     * @param nodes how many
     */
    public Lab(String name, String network, String dataNetwork, int nodes) {
        this.directory = Path.of("/var/tmp/heddle-" + name);
        this.environment = Map.of(
                "UMLAB_DIR",
                directory.toString(),
                "UMLAB_NS",
                "heddle-" + name,
                "UMLAB_SUBNET",
                network,
                "UMLAB_DATA_SUBNET",
                dataNetwork,
                "UMLAB_MEM",
                "768M");
        this.nodes = nodes;
        this.lock = lock(directory.resolveSibling("heddle-" + name + ".lock"));
        wipe();
        Runtime.getRuntime().addShutdownHook(hook);
        umlab(BOOT, "up", Integer.toString(nodes)).printed();
        umlab(BOOT, "link").printed();
    }

    private static FileChannel lock(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                throw new AssertionError("another run has the lab of " + file);
            }
            return channel;
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Why this machine cannot run a lab; empty if it can. */
    public static Optional<String> whyNot() {
        Program.Result check = Program.run(
                Duration.ofMinutes(2),
                Map.of(),
                List.of(Places.lab().resolve("umlab").toString(), "check"));
        return check.succeeded() ? Optional.empty() : Optional.of(check.output().strip());
    }

    /** Whether a DRBD 9 module was given, in place of the kernel's own 8.4. */
    public static boolean hasDrbd9() {
        return !System.getenv().getOrDefault("DRBD_KO", "").isEmpty();
    }

    private Program.Result umlab(Duration limit, String... arguments) {
        List<String> command =
                new ArrayList<>(List.of(Places.lab().resolve("umlab").toString()));
        command.addAll(List.of(arguments));
        return Program.run(limit, environment, command);
    }

    /** Names of the nodes. */
    public List<String> nodes() {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= nodes; i++) {
            names.add("n" + i);
        }
        return names;
    }

    /** Address of a node, or of this machine in the lab ({@code machine}). */
    public String address(String node) {
        return umlab(BOOT, "ip", node).printed();
    }

    /** What the nodes see as {@code /share}. */
    public Path share() {
        return directory.resolve("share");
    }

    /** Runs a script of the shell in a node. */
    public Program.Result run(String node, String script) {
        return umlab(Duration.ofMinutes(3), "exec", node, script);
    }

    /** Runs a script that has to succeed. */
    public String exec(String node, String script) {
        return run(node, script).printed();
    }

    /** Cuts the power of nodes. */
    public void cutPower(String... names) {
        umlab(BOOT, with("kill", names)).printed();
    }

    /** Boots nodes again. */
    public void powerOn(String... names) {
        umlab(BOOT, with("start", names)).printed();
    }

    /** Nothing passes between two nodes from now on. */
    public void cutNetwork(String one, String other) {
        umlab(BOOT, "cut", one, other).printed();
    }

    /** Undoes all cuts of the network. */
    public void healNetwork() {
        umlab(BOOT, "heal").printed();
    }

    private static String[] with(String first, String... others) {
        List<String> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(others));
        return all.toArray(String[]::new);
    }

    private void wipe() {
        if (Files.exists(directory)) {
            umlab(BOOT, "down", "--wipe");
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        wipe();
        try {
            lock.close();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
