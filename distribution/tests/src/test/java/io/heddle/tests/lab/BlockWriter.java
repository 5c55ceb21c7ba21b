package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;

/**
 * Writes block after block on a node of a lab, each with its number in it and flushed to the disks, until it is told to end; and
 * tells whether a node has all of them.
 */
final class BlockWriter {
    private static final int BLOCK = 512;
    /** What fits on a volume of 64 MiB. */
    private static final int BLOCKS = 131_072;

    private static final String SCRIPT = """
            n=0
            while [ ! -e /run/writer.end ] && [ $n -lt %d ]; do
              printf '%%-%ds' "block $n" >/run/writer.block
              dd if=/run/writer.block of="$1" bs=%d seek=$n count=1 oflag=direct conv=fsync,notrunc status=none || echo failed $n >&2
              n=$((n+1))
              echo $n >/run/writer.log
            done
            echo $n >/run/writer.done
            """.formatted(BLOCKS, BLOCK, BLOCK);

    private final Lab lab;
    private final TestCluster cluster;
    private final String resource;
    private final String node;

    BlockWriter(Lab lab, TestCluster cluster, String resource, String node) {
        this.lab = lab;
        this.cluster = cluster;
        this.resource = resource;
        this.node = node;
    }

    void begin() throws IOException {
        cluster.done(beans -> beans.promoteResource(resource, node, false));
        Files.writeString(lab.share().resolve("writer.sh"), SCRIPT);
        lab.exec(
                node,
                "setsid sh /share/writer.sh " + cluster.device(resource, node)
                        + " >/run/writer.errors 2>&1 </dev/null & :");
    }

    /** How many blocks are on the disks. */
    int written() {
        String count = lab.exec(node, "cat /run/writer.log 2>/dev/null || true");
        return count.isEmpty() ? 0 : Integer.parseInt(count);
    }

    /** What the writer was told when a write failed; empty if none did. */
    String errors() {
        return lab.exec(node, "cat /run/writer.errors");
    }

    /** Waits until it has got further. */
    void awaitMore(String when) {
        int enough = written() + 10;
        assertTrue(enough < BLOCKS, "the volume is too small for this test");
        Eventually.nothingIsMissing(() -> {
            int now = written();
            return now >= enough
                    ? Optional.empty()
                    : Optional.of("only " + now + " of " + enough + " blocks " + when + ": " + errors()
                            + lab.exec(
                                    node,
                                    "drbdsetup status --verbose " + resource + "; drbdsetup show " + resource
                                            + "; dmesg | tail -n 60"));
        });
        assertEquals("", errors(), when);
        System.out.println("in the lab: " + written() + " blocks, " + when);
    }

    /** Ends it, and has the node give the resource up; the number of blocks. */
    int end() {
        lab.exec(node, "touch /run/writer.end");
        Eventually.holds(
                "the writer ends",
                () -> lab.run(node, "test -e /run/writer.done").succeeded());
        int blocks = Integer.parseInt(lab.exec(node, "cat /run/writer.done"));
        assertEquals("", errors(), "what the writer was told");
        cluster.done(beans -> beans.demoteResource(resource, node));
        Eventually.nothingIsMissing(() -> cluster.resource(resource, node)
                .filter(row -> !row.usage().equals("Unused"))
                .map(Object::toString));
        System.out.println("in the lab: " + blocks + " blocks written");
        return blocks;
    }

    /** Compares what a node reads with what was written. */
    void assertAllOn(String reader, int blocks) {
        cluster.done(beans -> beans.promoteResource(resource, reader, false));
        String expected = lab.exec(
                reader,
                "n=0; while [ $n -lt " + blocks + " ]; do printf '%-" + BLOCK
                        + "s' \"block $n\"; n=$((n+1)); done | sha256sum");
        String found = lab.exec(
                reader,
                "dd if=" + cluster.device(resource, reader) + " bs=" + BLOCK + " count=" + blocks
                        + " iflag=direct status=none | sha256sum");
        assertEquals(expected, found, "what " + reader + " has");
        cluster.done(beans -> beans.demoteResource(resource, reader));
    }
}
