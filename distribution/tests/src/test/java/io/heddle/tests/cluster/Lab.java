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
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A lab of real kernels, linked to this machine; {@code distribution/lab/umlab} does the work. Its nodes have any names. */
public final class Lab implements AutoCloseable {
    private static final Duration BOOT = Duration.ofMinutes(6);
    private static final int PLACES = 8;

    private final Path directory;
    private final Map<String, String> environment;
    private final List<String> names;
    private final String main;
    private final String data;
    private final FileChannel lock;
    private final Thread hook = new Thread(this::wipe, "end of the lab");

    /**
     * Boots a lab of n1, n2 and so on, on the first place of this machine that no other run has. What an earlier run left there
     * is wiped first.
     *
     * @param nodes how many
     */
    public Lab(int nodes) {
        this(IntStream.rangeClosed(1, nodes).mapToObj(i -> "n" + i).toList(), "", "", "4G");
    }

    /**
     * Boots a lab, as above.
     *
     * @param names of the nodes, which are their host names
     * @param main the first three numbers of the addresses on the main network; others if this machine has a route there
     * @param data the same of the data network
     * @param disk size of each node's disk, which takes no space until it is written
     */
    public Lab(List<String> names, String main, String data, String disk) {
        this.names = List.copyOf(names);
        int place = 0;
        FileChannel free = lock(place);
        while (free == null) {
            place++;
            free = lock(place);
        }
        this.lock = free;
        this.directory = directory(place);
        // Networks of its own for each place: all of them are linked to this machine.
        boolean asWished = !main.isEmpty() && isFree(main) && isFree(data);
        this.main = asWished ? main : "10." + (93 + 2 * place) + ".0";
        this.data = asWished ? data : "10." + (94 + 2 * place) + ".0";
        this.environment = Map.of(
                "UMLAB_DIR",
                directory.toString(),
                "UMLAB_NS",
                "heddle-lab-" + place,
                "UMLAB_SUBNET",
                this.main,
                "UMLAB_DATA_SUBNET",
                this.data,
                "UMLAB_DISK",
                disk,
                "UMLAB_MEM",
                "768M");
        wipe();
        Runtime.getRuntime().addShutdownHook(hook);
        umlab(BOOT, "up", Integer.toString(names.size())).printed();
        umlab(BOOT, "link").printed();
        names.forEach(this::baptise);
    }

    /** Whether this machine has no route into a network, other than the one to everywhere. */
    private static boolean isFree(String subnet) {
        String network = subnet + ".0/24";
        return Program.run("ip", "-4", "route", "show", "root", network)
                        .printed()
                        .isEmpty()
                && Program.run("ip", "-4", "route", "show", "match", network)
                        .printed()
                        .lines()
                        .allMatch(route -> route.startsWith("default"));
    }

    /** The lab calls its nodes n1 to n9; a host name is as the one who boots it wants it, and is forgotten at the next boot. */
    private void baptise(String name) {
        if (!name.equals(numbered(name))) {
            exec(name, "hostname " + name);
        }
    }

    private String numbered(String name) {
        int index = names.indexOf(name);
        return index < 0 ? name : "n" + (index + 1);
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

    /** How many replicas the DRBD of a lab takes in these tests: as many as nodes with DRBD 9, two with 8.4. */
    public static int replicas() {
        return hasDrbd9() ? 3 : 2;
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
        return names;
    }

    /** Address of a node on the main network, or of this machine in the lab ({@code machine}). */
    public String address(String node) {
        return main + (node.equals("machine") ? ".2" : ".1" + (names.indexOf(node) + 1));
    }

    /** Address of a node on the data network. */
    public String dataAddress(String node) {
        return data + ".1" + (names.indexOf(node) + 1);
    }

    /** What all addresses of the main network are in, this machine's among them. */
    public String network() {
        return main + ".0/24";
    }

    /** What the nodes see as {@code /share}. */
    public Path share() {
        return directory.resolve("share");
    }

    /** Runs a script of the shell in a node. */
    public Program.Result run(String node, String script) {
        return umlab(Duration.ofMinutes(3), "exec", numbered(node), script);
    }

    /** Runs a script that has to succeed. */
    public String exec(String node, String script) {
        return run(node, script).printed();
    }

    /** Does something with each node, with all of them at the same time. */
    public void onAll(Consumer<String> action) {
        CompletableFuture.allOf(nodes().stream()
                        .map(node -> CompletableFuture.runAsync(() -> action.accept(node)))
                        .toArray(CompletableFuture[]::new))
                .join();
    }

    /** Cuts the power of nodes. */
    public void cutPower(String... nodes) {
        umlab(BOOT, with("kill", nodes)).printed();
    }

    /** Boots nodes again. */
    public void powerOn(String... nodes) {
        umlab(BOOT, with("start", nodes)).printed();
        List.of(nodes).forEach(this::baptise);
    }

    /** Nothing passes between two nodes from now on. */
    public void cutNetwork(String one, String other) {
        umlab(BOOT, "cut", numbered(one), numbered(other)).printed();
    }

    /** Nothing passes between two nodes on one of the networks, {@code main} or {@code data}. */
    public void cutNetwork(String one, String other, String network) {
        umlab(BOOT, "cut", numbered(one), numbered(other), "--network", network).printed();
    }

    /** Undoes all cuts of the network. */
    public void healNetwork() {
        umlab(BOOT, "heal").printed();
    }

    private String[] with(String first, String... nodes) {
        return Stream.concat(Stream.of(first), Stream.of(nodes).map(this::numbered))
                .toArray(String[]::new);
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
