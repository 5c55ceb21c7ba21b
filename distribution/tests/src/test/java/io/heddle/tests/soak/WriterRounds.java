package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Refused;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One volume with a writer on its Primary, while nodes are cut off from each other, lose their power, and satellites are
 * killed. After each round all is healed and has to be UpToDate; in the end every block that was acknowledged is read from every
 * replica. The seed decides what is done and for how long.
 *
 * <p>Blocks are numbered, and no number is written twice after it was acknowledged: a writer that takes over goes on behind the
 * last one. Each block holds its number and its writer. The writers' logs are on this machine, so that they outlive the nodes.
 */
final class WriterRounds implements AutoCloseable {
    private static final String RESOURCE = "written";
    private static final int BLOCK = 4096;
    private static final int BLOCKS = 30_000;

    /** Arguments: number of the writer, first block, device. */
    private static final String WRITER = """
            n=$2
            while [ ! -e /share/end-$1 ] && [ $n -lt %d ]; do
              printf '%%-%ds' "block $n by $1" >/run/block-$1
              dd if=/run/block-$1 of="$3" bs=%d seek=$n count=1 oflag=direct conv=fsync,notrunc status=none || break
              echo $n >>/share/acknowledged-$1
              n=$((n+1))
              sleep 0.1
            done
            echo $n >/share/ended-$1
            """.formatted(BLOCKS, BLOCK, BLOCK);

    private final long seed;
    private final int rounds;
    private final Random random;
    private final Lab lab = new Lab(Lab.replicas());
    private final TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("rounds"));
    private final SortedMap<String, Integer> done = new TreeMap<>();
    /** Node of each writer, by its number less one. */
    private final List<String> writers = new ArrayList<>();

    WriterRounds(long seed, int rounds) {
        this.seed = seed;
        this.rounds = rounds;
        this.random = new Random(seed);
    }

    static String run(long seed, int rounds) {
        try (WriterRounds all = new WriterRounds(seed, rounds)) {
            return all.run();
        }
    }

    private String run() {
        try {
            Files.writeString(lab.share().resolve("writer.sh"), WRITER);
            cluster.create(RESOURCE, BLOCKS * BLOCK / 1024 + "K", lab.nodes().size());
            cluster.awaitState(RESOURCE, "UpToDate");
            Eventually.nothingIsMissing(() -> promoted(lab.nodes().get(0), false));
            begin(lab.nodes().get(0));
            for (int round = 1; round <= rounds; round++) {
                round(round);
            }
            int blocks = verify();
            return "writer (DRBD " + (Lab.hasDrbd9() ? "9" : "8.4") + ", "
                    + lab.nodes().size() + " nodes), seed " + seed
                    + ": " + rounds + " rounds " + done + "; " + writers.size() + " writers, " + blocks
                    + " blocks acknowledged, all of them on every replica; no split brain";
        } catch (IOException | AssertionError | RuntimeException wrong) {
            throw new AssertionError(
                    "seed " + seed + ", after " + done + ", writers on " + writers + ": " + wrong + "\n"
                            + cluster.logs(),
                    wrong);
        }
    }

    // What is done.

    private void round(int number) {
        String primary = writers.get(writers.size() - 1);
        List<String> others =
                lab.nodes().stream().filter(node -> !node.equals(primary)).toList();
        String other = others.get(random.nextInt(others.size()));
        Duration hold = Duration.ofMillis(2000 + random.nextInt(12_000));
        int drawn = random.nextInt(6);
        String what = switch (drawn) {
            case 0 -> "network between two cut";
            case 1 -> "Primary cut off";
            case 2 -> "power of the Primary cut";
            case 3 -> "power of another cut";
            case 4 -> "satellite of the Primary killed";
            default -> "satellite of another killed";
        };
        System.out.println("round " + number + " of " + rounds + ": " + what + ", " + hold.toMillis() + " ms");
        done.merge(what, 1, Integer::sum);
        switch (drawn) {
            case 0 -> {
                lab.cutNetwork(primary, other);
                Eventually.pause(hold);
                assertNotPromotable(other);
                lab.healNetwork();
            }
            case 1 -> {
                others.forEach(node -> lab.cutNetwork(primary, node));
                Eventually.pause(hold);
                takeOverIfAllowed(others, false);
                lab.healNetwork();
            }
            case 2 -> {
                lab.cutPower(primary);
                Eventually.pause(hold);
                takeOverIfAllowed(others, true);
                restore(primary);
            }
            case 3 -> {
                lab.cutPower(other);
                Eventually.pause(hold);
                restore(other);
            }
            default -> {
                Heddled satellite = cluster.satellites().get(drawn == 4 ? primary : other);
                satellite.kill();
                Eventually.pause(hold);
                satellite.startAndWait();
            }
        }
        calm();
    }

    private void restore(String node) {
        lab.powerOn(node);
        cluster.satellites().get(node).startAndWait();
    }

    /** All is UpToDate and connected, nobody says split brain, and somebody writes. */
    private void calm() {
        cluster.awaitOnline();
        cluster.awaitState(RESOURCE, "UpToDate");
        for (ResourceRow row : cluster.ask(ClusterMXBean::listResources)) {
            if (row.problem().contains("SPLIT_BRAIN")) {
                throw new AssertionError(row.toString());
            }
        }
        for (String node : lab.nodes()) {
            String seen = lab.exec(node, "dmesg | grep -i 'split-brain detected' || true");
            if (!seen.isEmpty()) {
                throw new AssertionError(node + ": " + seen);
            }
        }
        if (hasEnded(writers.size())) {
            String node = lab.nodes().get(random.nextInt(lab.nodes().size()));
            Eventually.nothingIsMissing(() -> promoted(node, false));
            begin(node);
        } else {
            awaitProgress(writers.size());
        }
    }

    // Who may be Primary.

    /** Tries to promote as an administrator does; what stood in the way, empty if nothing. */
    private Optional<String> promoted(String node, boolean peerIsDead) {
        try {
            cluster.ask(beans -> beans.promoteResource(RESOURCE, node, peerIsDead && !Lab.hasDrbd9()));
            return Optional.empty();
        } catch (Refused refusal) {
            return Optional.of(String.valueOf(refusal.getMessage()));
        }
    }

    /** The Primary is alive: whoever cannot see it must not become another. */
    private void assertNotPromotable(String node) {
        if (promoted(node, false).isEmpty()) {
            throw new AssertionError(node + " was promoted beside the Primary");
        }
    }

    /** With a quorum the others go on, and the Primary without one stands still; without, nobody may while it may live. */
    private void takeOverIfAllowed(List<String> others, boolean isDead) {
        if (!Lab.hasDrbd9() && !isDead) {
            others.forEach(this::assertNotPromotable);
            return;
        }
        String next = others.get(random.nextInt(others.size()));
        Eventually.nothingIsMissing(() -> promoted(next, isDead));
        begin(next);
        awaitProgress(writers.size());
    }

    // Writers.

    private void begin(String node) {
        int first = acknowledged().isEmpty() ? 0 : acknowledged().lastKey() + 1;
        if (first > BLOCKS - 500) {
            throw new AssertionError("the volume is too small for so many rounds: " + first + " of " + BLOCKS);
        }
        writers.add(node);
        int number = writers.size();
        lab.exec(
                node,
                "setsid sh /share/writer.sh " + number + " " + first + " " + cluster.device(RESOURCE, node)
                        + " >/dev/null 2>&1 </dev/null & :");
        awaitProgress(number);
    }

    private Path log(String what, int writer) {
        return lab.share().resolve(what + "-" + writer);
    }

    /** Whether a writer is gone: by itself, or with its node. */
    private boolean hasEnded(int writer) {
        return Files.exists(log("ended", writer))
                || !lab.run(writers.get(writer - 1), "pgrep -f '/share/writer[.]sh " + writer + " '")
                        .succeeded();
    }

    private List<String> lines(int writer) {
        Path file = log("acknowledged", writer);
        try {
            return Files.exists(file) ? Files.readAllLines(file, StandardCharsets.US_ASCII) : List.of();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private void awaitProgress(int writer) {
        int enough = lines(writer).size() + 5;
        Eventually.nothingIsMissing(() -> lines(writer).size() >= enough
                ? Optional.empty()
                : Optional.of("writer " + writer + " on " + writers.get(writer - 1) + " does not go on: "
                        + lab.run(writers.get(writer - 1), "drbdadm status").output()));
    }

    /** Writer of each acknowledged block. Two that acknowledge the same one have overwritten each other. */
    private SortedMap<Integer, Integer> acknowledged() {
        TreeMap<Integer, Integer> blocks = new TreeMap<>();
        for (int writer = 1; writer <= writers.size(); writer++) {
            for (String line : lines(writer)) {
                Integer before = blocks.put(Integer.valueOf(line.strip()), writer);
                if (before != null) {
                    throw new AssertionError(
                            "block " + line + " was acknowledged to writer " + before + " and to writer " + writer);
                }
            }
        }
        return blocks;
    }

    // The end.

    /** Ends the writer and reads all of it from each replica; number of blocks that were acknowledged. */
    private int verify() throws IOException {
        int last = writers.size();
        String primary = writers.get(last - 1);
        Files.writeString(log("end", last), "");
        Eventually.holds("the writer ends", () -> Files.exists(log("ended", last)));
        SortedMap<Integer, Integer> blocks = acknowledged();
        cluster.done(beans -> beans.demoteResource(RESOURCE, primary));
        for (String node : lab.nodes()) {
            Eventually.nothingIsMissing(() -> promoted(node, false));
            lab.exec(
                    node,
                    "dd if=" + cluster.device(RESOURCE, node) + " of=/share/read bs=" + BLOCK + " count="
                            + (blocks.lastKey() + 1) + " iflag=direct status=none && sync");
            byte[] read = Files.readAllBytes(lab.share().resolve("read"));
            blocks.forEach((number, writer) -> {
                String seen = new String(read, number * BLOCK, 64, StandardCharsets.US_ASCII).strip();
                if (!seen.equals("block " + number + " by " + writer)) {
                    throw new AssertionError(node + " has '" + seen + "' where 'block " + number + " by " + writer
                            + "' was acknowledged");
                }
            });
            cluster.done(beans -> beans.demoteResource(RESOURCE, node));
        }
        return blocks.size();
    }

    @Override
    public void close() {
        cluster.close();
        lab.close();
    }
}
