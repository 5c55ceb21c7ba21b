package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.tests.cluster.BundleJar;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The DRBD driver is taken away, brought back and updated on the node whose volume is in use, as an administrator does it: by the
 * folder {@code deploy/}. That node's appliance has no DRBD driver of its own.
 */
@Tag("cluster")
@Tag("lab")
class DriverSwapIT {
    private static final String RESOURCE = "swap";
    private static final int BLOCK = 4096;
    /** A little less than what fits on the volume. */
    private static final int BLOCKS = 16_000;

    private static final String DEPLOYED = HeddledInLab.STATE + "/deploy/drbd.jar";

    /** Writes block after block, each with its number in it and flushed to the disks of both nodes, until it is told to end. */
    private static final String WRITER = """
            n=0
            while [ ! -e /run/writer.end ] && [ $n -lt %d ]; do
              printf '%%-%ds' "block $n" >/run/writer.block
              dd if=/run/writer.block of="$1" bs=%d seek=$n count=1 oflag=direct conv=fsync,notrunc status=none || echo failed $n >&2
              n=$((n+1))
              read up rest </proc/uptime
              echo "$n $up" >>/run/writer.log
            done
            echo $n >/run/writer.done
            """.formatted(BLOCKS, BLOCK, BLOCK);

    @Test
    void theDriverOfAVolumeInUseIsTakenAwayAndUpdatedAndNoWriteFails() throws IOException {
        Skip.because(Lab.whyNot());
        Path work = Places.newDirectory("swap");
        Path home = work.resolve("home");
        Path jar = withoutDrbd(home);
        try (Lab lab = new Lab(Lab.replicas())) {
            String one = lab.nodes().get(0);
            lab.exec(one, "mkdir -p " + HeddledInLab.STATE + "/deploy");
            deploy(lab, one, Files.readAllBytes(jar));
            try (TestCluster cluster = TestCluster.inLab(lab, work.resolve("cluster"), Map.of(one, home))) {
                swap(lab, cluster, one, jar);
            }
        }
    }

    private static void swap(Lab lab, TestCluster cluster, String one, Path jar) throws IOException {
        String other = lab.nodes().get(1);
        cluster.create(RESOURCE, "64M", lab.nodes().size());
        cluster.awaitState(RESOURCE, "UpToDate");
        cluster.done(beans -> beans.promoteResource(RESOURCE, one, false));
        begin(lab, cluster, one);
        awaitWrites(lab, one);

        lab.exec(one, "rm " + DEPLOYED);
        cluster.awaitProblem(RESOURCE, one, "DRIVER_ABSENT");
        assertEquals(List.of(), drivers(cluster, one), "drivers of DRBD");
        awaitWrites(lab, one);
        assertServes(lab, one);
        assertEquals(
                "",
                cluster.resource(RESOURCE, other).orElseThrow().problem(),
                "nothing is wrong on the node that has its driver");

        deploy(lab, one, Files.readAllBytes(jar));
        awaitServed(cluster, one, "0.1.0");
        awaitWrites(lab, one);

        deploy(lab, one, BundleJar.withVersion(jar, "0.1.1"));
        awaitServed(cluster, one, "0.1.1");
        awaitWrites(lab, one);
        assertServes(lab, one);

        end(lab, cluster, one, other);
    }

    /** The writer, and a witness of all that happens to DRBD on its node. */
    private static void begin(Lab lab, TestCluster cluster, String node) throws IOException {
        Files.writeString(lab.share().resolve("writer.sh"), WRITER);
        lab.exec(
                node,
                "setsid drbdsetup events2 >/run/events.log 2>&1 </dev/null & echo $! >/run/events.pid; "
                        + "setsid sh /share/writer.sh " + cluster.device(RESOURCE, node)
                        + " >/run/writer.errors 2>&1 </dev/null & :");
    }

    private static int written(Lab lab, String node) {
        String count = lab.exec(node, "tail -n 1 /run/writer.log 2>/dev/null || true");
        return count.isEmpty() ? 0 : Integer.parseInt(count.split(" ", 2)[0]);
    }

    private static void awaitWrites(Lab lab, String node) {
        int enough = written(lab, node) + 20;
        assertTrue(enough < BLOCKS, "the volume is too small for this test");
        Eventually.nothingIsMissing(() -> {
            int now = written(lab, node);
            return now >= enough
                    ? Optional.empty()
                    : Optional.of(
                            "only " + now + " of " + enough + " blocks: " + lab.exec(node, "cat /run/writer.errors"));
        });
    }

    /** Whatever Heddle knows of it. */
    private static void assertServes(Lab lab, String node) {
        String states = lab.exec(node, "drbdadm cstate " + RESOURCE + "; drbdadm role " + RESOURCE);
        List<String> connections = states.lines()
                .filter(line -> !line.contains("Primary") && !line.contains("Secondary"))
                .toList();
        assertEquals(List.of("Connected"), connections.stream().distinct().toList(), states);
        assertTrue(states.contains("Primary"), states);
    }

    private static List<String> drivers(TestCluster cluster, String node) {
        return cluster.node(node).drivers().stream()
                .filter(driver -> driver.startsWith("DRBD"))
                .toList();
    }

    /** Brings a driver as a careful administrator does: whole, under its name, or not at all. */
    private static void deploy(Lab lab, String node, byte[] jar) throws IOException {
        Files.write(lab.share().resolve("drbd.jar"), jar);
        lab.exec(
                node,
                "cp /share/drbd.jar " + HeddledInLab.STATE + "/new && mv " + HeddledInLab.STATE + "/new " + DEPLOYED);
    }

    /** The driver of this version is there, and what it tells is shown. */
    private static void awaitServed(TestCluster cluster, String node, String version) {
        Eventually.nothingIsMissing(() -> {
            List<String> there = drivers(cluster, node);
            return there.equals(List.of("DRBD " + version)) ? Optional.empty() : Optional.of("drivers " + there);
        });
        cluster.awaitState(RESOURCE, "UpToDate");
        Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, node)
                .filter(row -> !row.problem().isEmpty() || !row.usage().equals("InUse"))
                .map(Object::toString));
    }

    private static void end(Lab lab, TestCluster cluster, String one, String other) {
        lab.exec(one, "touch /run/writer.end");
        Eventually.holds(
                "the writer ends",
                () -> lab.run(one, "test -e /run/writer.done").succeeded());
        int blocks = Integer.parseInt(lab.exec(one, "cat /run/writer.done"));
        assertEquals("", lab.exec(one, "cat /run/writer.errors"), "what the writer was told");
        String longest =
                lab.exec(one, "awk 'NR>1 {g=$2-b; if (g>m) m=g} {b=$2} END {printf \"%.2f\", m}' /run/writer.log");
        System.out.println(
                "in the lab: " + blocks + " blocks written, the longest pause between two " + longest + " s");
        assertNotEquals(
                "0", lab.exec(one, "grep -c 'connection:Connected' /run/events.log || :"), "the witness saw nothing");
        assertEquals(
                "",
                lab.exec(
                        one,
                        "kill -0 $(cat /run/events.pid) || echo the witness has ended; "
                                + "grep 'connection:' /run/events.log | grep -v 'connection:Connected'; "
                                + "grep '^destroy' /run/events.log; "
                                + "grep 'disk:' /run/events.log | grep -v 'disk:UpToDate'; :"),
                "all that befell DRBD");

        cluster.done(beans -> beans.demoteResource(RESOURCE, one));
        Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, one)
                .filter(row -> !row.usage().equals("Unused"))
                .map(Object::toString));
        cluster.done(beans -> beans.promoteResource(RESOURCE, other, false));
        String expected = lab.exec(
                other,
                "n=0; while [ $n -lt " + blocks + " ]; do printf '%-" + BLOCK + "s' \"block $n\"; n=$((n+1)); done"
                        + " | sha256sum");
        assertEquals(
                expected,
                lab.exec(
                        other,
                        "dd if=" + cluster.device(RESOURCE, other) + " bs=" + BLOCK + " count=" + blocks
                                + " iflag=direct status=none | sha256sum"),
                "what the other node has");
        cluster.done(beans -> beans.demoteResource(RESOURCE, other));
    }

    /** Makes an appliance without a DRBD driver; tells where the driver's jar is. */
    private static Path withoutDrbd(Path home) throws IOException {
        Places.copy(Places.appliance(), home);
        Path jar;
        try (Stream<Path> jars = Files.list(home.resolve("bundles/50-satellite"))) {
            jar = jars.filter(file -> String.valueOf(file.getFileName()).startsWith("drbd-bundle-"))
                    .findFirst()
                    .orElseThrow();
        }
        Path kept = home.resolveSibling("drbd.jar");
        Files.move(jar, kept);
        Program.run(
                        Duration.ofMinutes(5),
                        Map.of(),
                        List.of(home.resolve("bin/heddle-cds").toString()))
                .printed();
        return kept;
    }
}
