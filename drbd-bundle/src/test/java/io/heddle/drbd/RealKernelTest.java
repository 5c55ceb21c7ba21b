package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The driver against real kernels: in two nodes of a lab of its own, with DRBD 8.4, or 9 if {@code DRBD_KO} names its module. */
@Tag("lab")
@Timeout(900)
class RealKernelTest {
    private static final String UMLAB =
            Path.of("../distribution/lab/umlab").toAbsolutePath().toString();
    /** What 64 and 128 MiB take with metadata for 7 peers. */
    private static final String BACKING = "65588k";

    private static final String GROWN_BACKING = "131192k";
    private static final String TWICE_GROWN_BACKING = "196796k";

    private static Optional<Path> lab = Optional.empty();

    private final Map<String, Node> nodes = new TreeMap<>();

    @BeforeAll
    static void bootNodes() throws IOException {
        String reason = reasonToSkip();
        if (!reason.isEmpty()) {
            System.out.println("SKIPPED tests with the real DRBD: " + reason);
        }
        assumeTrue(reason.isEmpty(), reason);
        lab = Optional.of(Files.createTempDirectory(Path.of("/var/tmp"), "heddle-drbd-"));
        output("up", "2");
        copyClassPath(lab.get().resolve("share/drbd-test"));
    }

    @AfterAll
    static void takeThemAway() throws IOException {
        if (lab.isPresent()) {
            output("down", "--wipe");
            Files.deleteIfExists(lab.get());
        }
    }

    private static String reasonToSkip() throws IOException {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "not root";
        }
        Process check =
                new ProcessBuilder(UMLAB, "check").redirectErrorStream(true).start();
        check.getOutputStream().close();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        return check.onExit().join().exitValue() == 0 ? "" : said.strip();
    }

    /** A {@link LabNode} that runs on a node. */
    private static final class Node {
        private final String name;
        private final Process process;
        private final PrintStream calls;
        private final BufferedReader answers;

        /** On a node where there is nothing. */
        static Node fresh(String name) throws IOException {
            run(
                    name,
                    "drbdsetup down db1; rm -rf /var/lib/heddle; modprobe loop; losetup -D; rm -f /var/lib/db1.img;"
                            + " truncate -s " + BACKING + " /var/lib/db1.img && losetup /dev/loop0 /var/lib/db1.img");
            return new Node(name);
        }

        private Node(String name) throws IOException {
            this.name = name;
            String network = output("ip", name).strip().replaceFirst("\\.[0-9]+$", "");
            process = umlab(
                            "exec",
                            name,
                            "exec java -XX:TieredStopAtLevel=1 -cp '/share/drbd-test:/share/drbd-test/*' "
                                    + LabNode.class.getName() + " " + name + " " + network + " /dev/loop0")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            calls = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
            answers = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        }

        String ask(String call) throws IOException {
            calls.println(call);
            return answer(call);
        }

        String answer(String call) throws IOException {
            String answer = answers.readLine();
            System.out.println("[" + name + "] " + call + ": " + answer);
            assertTrue(answer != null, () -> name + " ended at " + call);
            return answer;
        }

        void done(String... doneCalls) throws IOException {
            for (String call : doneCalls) {
                String answer = ask(call);
                assertTrue(answer.startsWith("ok "), answer);
            }
        }

        void refused(String call, String code) throws IOException {
            assertTrue(ask(call).startsWith("failed " + code + ":"), call);
        }

        void await(String what, Predicate<String> status) throws IOException, InterruptedException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(180);
            String seen = ask("status");
            while (!status.test(seen)) {
                assertTrue(System.nanoTime() < deadline, what + " never was on " + name + ": " + seen);
                TimeUnit.MILLISECONDS.sleep(500);
                seen = ask("status");
            }
        }
    }

    @BeforeEach
    void startBothNodes() throws IOException {
        for (String name : List.of("n1", "n2")) {
            nodes.put(name, Node.fresh(name));
        }
    }

    @AfterEach
    void endThem() throws InterruptedException {
        for (Node node : nodes.values()) {
            node.calls.close();
            assertTrue(node.process.waitFor(60, TimeUnit.SECONDS), "the driver ends with its node's input");
        }
    }

    @Test
    void aReplicatedDeviceFromItsMakingToItsEnd() throws IOException, InterruptedException {
        Node n1 = nodes.get("n1");
        Node n2 = nodes.get("n2");
        boolean eight = n1.ask("kernel").contains("dialect=DRBD_8_4");
        for (Node node : nodes.values()) {
            node.done("configure");
            assertEquals("ok ABSENT", node.ask("metadata"));
            node.refused("adjust", "METADATA_MISSING");
            node.done("create-md");
            assertEquals("ok PRESENT", node.ask("metadata"));
            node.done("adjust", "adjust");
            assertTrue(node.ask("configured").contains("current=true"));
        }
        n1.await("both connected", seen -> seen.contains("state=CONNECTED"));
        n1.refused("promote", "PROMOTION_REFUSED");

        n1.done("skip");
        for (Node node : nodes.values()) {
            node.await(
                    "UpToDate without a copy",
                    seen -> seen.contains("disk=UP_TO_DATE")
                            && seen.contains("peerDisk=UP_TO_DATE")
                            && seen.contains("size=64 MiB"));
        }
        n2.done("skip", "sync");

        n1.done("promote");
        n2.refused("promote", "IN_USE");
        run("n1", "mkfs.ext4 -q /dev/drbd1000 && mkdir -p /mnt/db1 && mount /dev/drbd1000 /mnt/db1");
        n1.refused("down", "IN_USE");
        n1.refused("demote", "IN_USE");

        run("n1", "truncate -s " + GROWN_BACKING + " /var/lib/db1.img && losetup -c /dev/loop0");
        n1.done("size 131072", "configure", "adjust");
        n1.refused("resize", "COMMAND_FAILED");
        run("n2", "truncate -s " + GROWN_BACKING + " /var/lib/db1.img && losetup -c /dev/loop0");
        n2.done("size 131072", "configure", "adjust");
        n1.done("resize");
        for (Node node : nodes.values()) {
            node.await("grown", seen -> seen.contains("size=128 MiB"));
            node.done("adjust");
            node.await("grown for good", seen -> seen.contains("size=128 MiB"));
        }
        n1.done("size 65536", "configure");
        n1.refused("adjust", "SHRINK_REFUSED");
        n1.refused("resize", "SHRINK_REFUSED");
        n1.done("size 131072", "configure", "adjust");
        n1.await("all copied", seen -> seen.contains("peerDisk=UP_TO_DATE") && seen.contains("outOfSync=0 B"));

        growWhileDown(n2);
        n1.await("all copied again", seen -> seen.contains("peerDisk=UP_TO_DATE") && seen.contains("outOfSync=0 B"));

        run("n1", "umount /mnt/db1");
        n1.done("demote");
        n2.done("down");
        n1.await("alone", seen -> !seen.contains("state=CONNECTED"));
        if (eight) {
            n1.refused("promote", "PROMOTION_REFUSED");
            n1.done("promote-peer-is-dead", "demote");
        } else {
            n1.done("promote", "demote");
        }
        n1.done("nodes n1", "configure", "adjust", "forget 1", "forget 1", "promote", "demote", "down", "down");
        n1.done("remove", "remove");
        n1.await("gone", seen -> seen.equals("ok present {}"));
        assertEquals("ok [] current=false", n1.ask("configured"));
    }

    /** As after a power cut between the growth of a backing volume and the resize; a first growth has left a superblock. */
    private static void growWhileDown(Node node) throws IOException, InterruptedException {
        node.done("down");
        run(node.name, "truncate -s " + TWICE_GROWN_BACKING + " /var/lib/db1.img && losetup -c /dev/loop0");
        run(node.name, "printf '67162112\\t/dev/loop0\\n' > /var/lib/drbd/drbd-minor-1000.lkbd");
        node.refused("size-in-metadata", "METADATA_MISSING");
        node.refused("adjust", "METADATA_MISSING");

        node.done("move-md 65588 131192", "move-md 65588 131192");
        assertEquals("ok Optional[128 MiB]", node.ask("size-in-metadata"));
        // When it connects, DRBD takes the least of both sizes for what it was given. An adjust that goes by what was
        // there before would grow the device to what the peer's backing volume holds.
        output("cut", "n1", "n2");
        node.done("size 196608", "configure", "adjust");
        assertTrue(output("exec", node.name, "drbdsetup show db1").contains("393216s"), "it has not met its peer");
        node.calls.println("adjust-late 262144s");
        output("heal");
        assertEquals("ok adjust-late", node.answer("adjust-late"));
        node.await(
                "UpToDate with the size that its peer has",
                seen -> seen.contains(" disk=UP_TO_DATE")
                        && seen.contains("size=128 MiB")
                        && seen.contains("state=CONNECTED")
                        && seen.contains("replication=ESTABLISHED"));
        node.done("adjust", "ping-int 5", "configure", "adjust");
        String shown = output("exec", node.name, "drbdsetup show db1");
        assertTrue(shown.matches("(?s).*\\sping-int\\s+5;.*"), shown);
        node.done("size 131072", "configure", "adjust");
    }

    @Test
    void suspendedIoIsResumedWhateverEndsAndNobodyElsesIs() throws IOException, InterruptedException {
        Node n1 = nodes.get("n1");
        Node n2 = nodes.get("n2");
        boolean nine = n1.ask("kernel").contains("dialect=DRBD_9,");
        for (Node node : List.of(n1, n2)) {
            node.done("configure", "create-md", "adjust");
        }
        n1.await("both connected", seen -> seen.contains("state=CONNECTED"));
        n1.done("skip");
        n1.await("UpToDate", seen -> seen.contains("peerDisk=UP_TO_DATE"));
        n1.done("promote");

        // told
        n1.done("lease 60", "suspend");
        suspended("n1", "user");
        n1.refused("lease 60", "IO_SUSPENDED");
        run("n1", "dd if=/dev/zero of=/dev/drbd1000 bs=4k count=1 oflag=direct >/var/lib/dd.out 2>&1 </dev/null & :");
        run("n1", "sleep 1; ! grep -q copied /var/lib/dd.out");
        assertEquals("ok true", n1.ask("resume"));
        suspended("n1", "no");
        run("n1", "for i in $(seq 60); do grep -q copied /var/lib/dd.out && exit; sleep 1; done; exit 1");
        assertEquals("", output("exec", "n1", "ls /var/lib/heddle/satellite/drbd/io-leases | grep -v sh$ || :"));

        // nobody tells, and the deadline is over
        n1.done("lease 2", "suspend");
        suspended("n1", "user");
        awaitSuspended("n1", "no");
        assertEquals("ok false", n1.ask("resume"));

        // an administrator has suspended it: not ours to resume, however a lease ends
        n1.done("lease 60", "suspend");
        assertEquals("ok true", n1.ask("resume"));
        run("n1", "drbdsetup suspend-io 1000");
        n1.refused("lease 60", "IO_SUSPENDED");
        n1.refused("suspend", "IO_SUSPENDED");
        assertEquals("ok false", n1.ask("resume"));
        suspended("n1", "user");
        run("n1", "drbdsetup resume-io 1000");

        // the satellite is killed
        n1.done("lease 8", "suspend");
        Node second = killed(n1);
        suspended("n1", "user");
        awaitSuspended("n1", "no");

        // both are killed: the next satellite's start resumes, its own second driver does not
        second.done("lease 600", "suspend", "leftovers");
        suspended("n1", "user");
        run("n1", "pkill -KILL -f [i]o-lease.sh");
        Node third = killed(second);
        suspended("n1", "user");
        third.done("leftovers");
        awaitSuspended("n1", "no");
        run(
                "n1",
                "for i in $(seq 30); do ls /var/lib/heddle/satellite/drbd/io-leases | grep -q lease$ || exit 0; sleep 1; done; exit 1");

        if (nine) {
            // the quorum is lost besides: it is resumed when that is back
            run("n1", "drbdsetup resource-options db1 --quorum=all --on-no-quorum=suspend-io");
            third.done("lease 3", "suspend");
            output("cut", "n1", "n2");
            awaitSuspended("n1", "user,quorum");
            assertEquals("ok true", third.ask("resume"));
            run("n1", "sleep 5");
            suspended("n1", "user,quorum");
            output("heal");
            awaitSuspended("n1", "no");
        }
        third.done("demote", "down");
        n2.done("down");
    }

    /** Kills the satellite of a node, and puts another in its place. */
    private Node killed(Node node) throws IOException, InterruptedException {
        run(node.name, "pkill -KILL -f [i]o.heddle.drbd.LabNode");
        assertTrue(node.process.waitFor(60, TimeUnit.SECONDS), "it was killed");
        Node next = new Node(node.name);
        nodes.put(node.name, next);
        return next;
    }

    private static void suspended(String node, String reasons) throws IOException {
        assertEquals(reasons, reasons(node));
    }

    private static void awaitSuspended(String node, String reasons) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!reasons(node).equals(reasons)) {
            assertTrue(System.nanoTime() < deadline, "suspended for " + reasons(node) + " and never for " + reasons);
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private static String reasons(String node) throws IOException {
        return output(
                        "exec",
                        node,
                        "drbdsetup events2 --now db1 | sed -n 's/.*resource .* suspended:\\([^ ]*\\).*/\\1/p'")
                .strip();
    }

    private static void run(String node, String command) throws IOException {
        output("exec", node, command);
    }

    private static String output(String... arguments) throws IOException {
        Process process = umlab(arguments).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            assertEquals(0, process.waitFor(), () -> String.join(" ", arguments) + ": " + output);
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
        return output;
    }

    private static ProcessBuilder umlab(String... arguments) {
        List<String> command = new ArrayList<>(List.of(UMLAB));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("UMLAB_DIR", lab.orElseThrow().toString());
        builder.environment()
                .put("UMLAB_NS", "heddle-drbd-" + ProcessHandle.current().pid());
        return builder;
    }

    /** The nodes see the machine's file system without its home and temporary directories, but share one of the lab's. */
    private static void copyClassPath(Path share) throws IOException {
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path source = Path.of(entry);
            try (Stream<Path> files = Files.walk(source)) {
                files.filter(Files::isRegularFile).forEach(file -> {
                    Path target = Files.isRegularFile(source)
                            ? share.resolve(source.getFileName().toString())
                            : share.resolve(source.relativize(file).toString());
                    try {
                        Files.createDirectories(target.getParent());
                        Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }
}
