package io.heddle.tests.cluster;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A lab of real kernels, linked to this machine; {@code distribution/lab/umlab} does the work. */
public final class Lab implements AutoCloseable {
    private static final Duration BOOT = Duration.ofMinutes(6);
    private static final int PLACES = 8;

    private final Path directory;
    private final Map<String, String> environment;
    private final int nodes;
    private final FileChannel lock;
    private final Thread hook = new Thread(this::wipe, "end of the lab");

    /**
     * Boots a lab, on the first place of this machine that no other run has. What an earlier run left there is wiped first.
     *
     * @param nodes how many
     */
    public Lab(int nodes) {
        this.nodes = nodes;
        int place = 0;
        FileChannel free = lock(place);
        while (free == null) {
            place++;
            free = lock(place);
        }
        this.lock = free;
        this.directory = directory(place);
        // Networks of its own for each place: all of them are linked to this machine.
        this.environment = Map.of(
                "UMLAB_DIR",
                directory.toString(),
                "UMLAB_NS",
                "heddle-lab-" + place,
                "UMLAB_SUBNET",
                "10." + (93 + 2 * place) + ".0",
                "UMLAB_DATA_SUBNET",
                "10." + (94 + 2 * place) + ".0",
                "UMLAB_MEM",
                "768M");
        wipe();
        Runtime.getRuntime().addShutdownHook(hook);
        umlab(BOOT, "up", Integer.toString(nodes)).printed();
        umlab(BOOT, "link").printed();
    }

    private static Path directory(int place) {
        return Path.of("/var/tmp/heddle-lab-" + place);
    }

    /** The lock of a place, which ends with this process; null if another run has it. */
    private static @Nullable FileChannel lock(int place) {
        if (place >= PLACES) {
            throw new AssertionError("as many runs as " + PLACES + " have a lab on this machine");
        }
        try {
            FileChannel channel = FileChannel.open(
                    Path.of(directory(place) + ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (tryLock(channel)) {
                return channel;
            }
            channel.close();
            return null;
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static boolean tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException oursAlready) {
            return false;
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
