package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.SnapshotRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Snapshots of two resources below a writer that writes each number to the one and then to the other: what was kept on every node
 * is of one moment. A satellite that is killed while I/O is suspended leaves nothing suspended and nothing behind. With DRBD 9 that is; with
 * DRBD 8.4 what is in use is refused.
 */
@Tag("cluster")
@Tag("lab")
class SnapshotIT {
    private static final String FIRST = "first";
    private static final String SECOND = "second";
    private static final String SCRIPT = """
            n=0
            while [ ! -e /run/pair.end ]; do
              n=$((n+1))
              for device in "$1" "$2"; do
                printf '%-4096s' "$n" >/run/pair.block
                dd if=/run/pair.block of=$device bs=4096 count=1 oflag=direct conv=fsync,notrunc status=none || echo failed $n >&2
              done
              echo $n >/run/pair.log
            done
            touch /run/pair.done
            """;

    @Test
    void whatIsKeptOfTwoResourcesIsOfOneMoment() throws IOException {
        Skip.because(Lab.whyNot());
        try (Lab lab = new Lab(Lab.replicas());
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("snapshot"))) {
            new Story(lab, cluster).tell();
        }
    }

    /** In one go: to boot a lab takes longer than all of it. */
    private static final class Story {
        private final Lab lab;
        private final TestCluster cluster;
        private final String writing;

        Story(Lab lab, TestCluster cluster) {
            this.lab = lab;
            this.cluster = cluster;
            this.writing = lab.nodes().get(0);
        }

        void tell() throws IOException {
            if (!Lab.hasDrbd9()) {
                whatIsInUseIsRefused();
                return;
            }
            for (String resource : List.of(FIRST, SECOND)) {
                cluster.create(resource, "64M", Lab.replicas());
                cluster.awaitState(resource, "UpToDate");
                cluster.done(beans -> beans.promoteResource(resource, writing, false));
            }
            write();
            awaitMore("at the beginning");

            for (int round = 1; round <= 2; round++) {
                String name = "s" + round;
                printed(0, "snapshot create-multiple " + FIRST + " " + SECOND + " --snapshot " + name);
                awaitMore("after snapshot " + name);
                assertOfOneMoment(name);
            }
            theTwoAreRestoredTogether();
            printed(10, "snapshot create " + FIRST + " s1");
            printed(10, "resource-definition delete " + FIRST);
            aSatelliteIsKilledMeanwhile();
            aRestoreIsInterrupted();
            printed(10, "snapshot rollback " + FIRST + " s1");
            awaitMore("in the end");
            theWriterEnds();
            theTwoGoBack();
            printed(0, "snapshot list");

            for (SnapshotRow row : cluster.ask(ClusterMXBean::listSnapshots)) {
                printed(0, "snapshot delete " + row.resource() + " " + row.snapshot());
            }
            assertEquals(List.of(), cluster.ask(ClusterMXBean::listSnapshots));
            lab.nodes().forEach(node -> assertEquals("", kept(node)));
            cluster.controller()
                    .log()
                    .lines()
                    .filter(line -> line.contains("I/O was suspended for"))
                    .forEach(line -> System.out.println("in the lab: " + line));
        }

        /** DRBD 8.4 might never end a write that is under way when I/O is suspended. */
        private void whatIsInUseIsRefused() {
            cluster.create(FIRST, "64M", Lab.replicas());
            cluster.awaitState(FIRST, "UpToDate");
            put(7);
            cluster.done(beans -> beans.promoteResource(FIRST, writing, false));
            printed(10, "snapshot create " + FIRST + " s1");
            assertEquals("", lab.nodes().stream().map(this::kept).collect(Collectors.joining()));
            cluster.done(beans -> beans.demoteResource(FIRST, writing));

            printed(0, "snapshot create " + FIRST + " s1");
            put(8);
            printed(0, "snapshot restore " + FIRST + " s1 " + FIRST + "-old");
            cluster.awaitState(FIRST + "-old", "UpToDate");

            for (String node : lab.nodes()) {
                assertEquals(7, content(node, FIRST + "-old"));
                assertEquals(8, content(node, FIRST));
            }
            printed(0, "resource-definition delete " + FIRST + "-old");
            printed(0, "snapshot delete " + FIRST + " s1");
            lab.nodes().forEach(node -> assertEquals("", kept(node)));
        }

        private void put(int number) {
            cluster.done(beans -> beans.promoteResource(FIRST, writing, false));
            lab.exec(
                    writing,
                    "printf '%-4096s' " + number + " | dd of=" + cluster.device(FIRST, writing)
                            + " bs=4096 count=1 iflag=fullblock oflag=direct conv=fsync,notrunc status=none");
            cluster.done(beans -> beans.demoteResource(FIRST, writing));
        }

        /** Both parts of each pair are as after a power cut of all nodes: every replica of each is equal, and the first is not behind. */
        private void theTwoAreRestoredTogether() {
            printed(10, "snapshot restore " + FIRST + " nosuch other");
            printed(10, "snapshot restore " + FIRST + " s2 " + SECOND);
            for (String resource : List.of(FIRST, SECOND)) {
                printed(0, "snapshot restore " + resource + " s2 " + resource + "-old");
                cluster.awaitState(resource + "-old", "UpToDate");
            }
            assertRestored("-old", lab.nodes());
            int first = content(lab.nodes().get(0), FIRST + "-old");
            int second = content(lab.nodes().get(0), SECOND + "-old");
            System.out.println("in the lab: restored are " + first + " and " + second);
            assertTrue(first >= second && first - second <= 1, "torn: " + first + " and " + second);
            awaitMore("after a snapshot was restored");
        }

        private void assertRestored(String ending, List<String> nodes) {
            for (String resource : List.of(FIRST, SECOND)) {
                assertEquals(
                        1,
                        nodes.stream()
                                .map(node -> sum(node, resource + ending))
                                .distinct()
                                .count(),
                        resource + ending + " differs");
            }
        }

        private String sum(String node, String resource) {
            return lab.exec(
                    node, "dd if=/dev/vg0/" + resource + "_00000 bs=1M count=64 iflag=direct status=none | sha256sum");
        }

        private int content(String node, String resource) {
            return Integer.parseInt(lab.exec(
                            node,
                            "dd if=/dev/vg0/" + resource
                                    + "_00000 bs=4096 count=1 iflag=direct status=none | tr -d ' \\0'")
                    .strip());
        }

        private void aSatelliteIsKilledMeanwhile() {
            Heddled killed = Optional.ofNullable(
                            cluster.satellites().get(lab.nodes().get(1)))
                    .orElseThrow();
            Thread taking = new Thread(() ->
                    cluster.controller().console("snapshot", "create-multiple", FIRST, SECOND, "--snapshot", "killed"));
            taking.start();
            Eventually.holds(
                    "I/O is suspended", () -> suspended(lab.nodes().get(1)).contains("user"));
            killed.kill();
            Eventually.nothingIsMissing(() -> lab.nodes().stream()
                    .filter(node -> suspended(node).contains("user"))
                    .map(node -> "I/O is suspended on " + node)
                    .findFirst());
            killed.startAndWait();
            try {
                taking.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            cluster.awaitOnline();
            Eventually.nothingIsMissing(() -> cluster.ask(ClusterMXBean::listSnapshots).stream()
                    .filter(row -> row.snapshot().equals("killed"))
                    .filter(row ->
                            !row.state().equals("FAILED") || !row.remaining().isEmpty())
                    .map(Object::toString)
                    .findFirst());
            lab.nodes().forEach(node -> assertEquals(4, kept(node).lines().count(), kept(node)));
            awaitMore("after a satellite was killed");
        }

        private void theWriterEnds() {
            lab.exec(writing, "touch /run/pair.end");
            Eventually.holds(
                    "the writer ends",
                    () -> lab.run(writing, "test -e /run/pair.done").succeeded());
            assertEquals("", lab.exec(writing, "cat /run/pair.errors"));
            for (String resource : List.of(FIRST, SECOND)) {
                cluster.done(beans -> beans.demoteResource(resource, writing));
            }
        }

        /** To the later snapshot, to the earlier, and to the later again, whatever ends meanwhile. */
        private void theTwoGoBack() {
            int last = written();
            for (String resource : List.of(FIRST, SECOND)) {
                printed(0, "snapshot rollback " + resource + " s2");
            }
            int later = assertWentBack(last);
            String node = lab.nodes().get(1);
            Heddled satellite =
                    Optional.ofNullable(cluster.satellites().get(node)).orElseThrow();
            int earlier = interruptedOnTheWayTo("s1", later, () -> {
                satellite.kill();
                satellite.startAndWait();
            });
            interruptedOnTheWayTo("s2", last, () -> {
                cluster.controller().kill();
                cluster.controller().startAndWait();
            });
            assertEquals(earlier, interruptedOnTheWayTo("s1", later, () -> {
                lab.cutPower(node);
                lab.powerOn(node);
                satellite.startAndWait();
            }));
        }

        private int interruptedOnTheWayTo(String snapshot, int below, Runnable interruption) {
            List<Thread> under = new ArrayList<>();
            for (String resource : List.of(FIRST, SECOND)) {
                Thread each =
                        new Thread(() -> cluster.controller().console("snapshot", "rollback", resource, snapshot));
                each.start();
                under.add(each);
            }
            Eventually.holds(
                    "one is down",
                    () -> lab.exec(lab.nodes().get(1), "drbdsetup status | grep -cE '^(first|second) ' || true")
                                    .strip()
                                    .compareTo("2")
                            < 0);
            interruption.run();
            for (Thread each : under) {
                try {
                    each.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            cluster.awaitOnline();
            return assertWentBack(below);
        }

        /** All that is left of each is what the snapshot kept, the same on all nodes. */
        private int assertWentBack(int below) {
            for (String resource : List.of(FIRST, SECOND)) {
                cluster.awaitState(resource, "UpToDate");
                Eventually.nothingIsMissing(() -> lab.nodes().stream()
                        .filter(node -> backings(node, resource).lines().count() != 1)
                        .map(node -> "the former " + resource + " is not gone from " + node + ": "
                                + backings(node, resource))
                        .findFirst());
                assertEquals(
                        1,
                        lab.nodes().stream()
                                .map(node -> lab.exec(
                                        node,
                                        "dd if=/dev/vg0/" + backings(node, resource)
                                                + " bs=1M count=64 iflag=direct status=none | sha256sum"))
                                .distinct()
                                .count(),
                        resource + " differs");
            }
            int first = contentOf(FIRST);
            int second = contentOf(SECOND);
            System.out.println("in the lab: back at " + first + " and " + second);
            assertTrue(first >= second && first - second <= 1 && first < below, "torn: " + first + " and " + second);
            return first;
        }

        private int contentOf(String resource) {
            String node = lab.nodes().get(0);
            return Integer.parseInt(lab.exec(
                            node,
                            "dd if=/dev/vg0/" + backings(node, resource)
                                    + " bs=4096 count=1 iflag=direct status=none | tr -d ' \\0'")
                    .strip());
        }

        private String backings(String node, String resource) {
            return lab.exec(
                            node,
                            "lvs --noheadings -o name -S 'lv_name=~\"^" + resource
                                    + "_00000(_[0-9]+)?$\"' vg0 | tr -d ' '")
                    .strip();
        }

        /** Wherever a restore is broken off, the replicas come up equal, and the origin goes on being written. */
        private void aRestoreIsInterrupted() {
            String node = lab.nodes().get(1);
            Heddled satellite =
                    Optional.ofNullable(cluster.satellites().get(node)).orElseThrow();
            interrupted("-a", node, () -> {
                satellite.kill();
                satellite.startAndWait();
            });
            interrupted("-b", node, () -> {
                cluster.controller().kill();
                cluster.controller().startAndWait();
            });
            interrupted("-c", node, () -> {
                lab.cutPower(node);
                lab.powerOn(node);
                satellite.startAndWait();
            });
            for (String ending : List.of("-a", "-b", "-c", "-old")) {
                for (String resource : List.of(FIRST, SECOND)) {
                    if (!ending.equals("-old") || resource.equals(FIRST)) {
                        printed(0, "resource-definition delete " + resource + ending);
                    }
                }
            }
            lab.nodes()
                    .forEach(each -> assertEquals(
                            3,
                            lab.exec(each, "lvs --noheadings -o name -S 'lv_name=~_00000$' vg0")
                                    .lines()
                                    .count()));
            awaitMore("after restores were interrupted");
        }

        private void interrupted(String ending, String node, Runnable interruption) {
            List<Thread> restoring = new ArrayList<>();
            for (String resource : List.of(FIRST, SECOND)) {
                Thread each = new Thread(
                        () -> cluster.controller().console("snapshot", "restore", resource, "s1", resource + ending));
                each.start();
                restoring.add(each);
            }
            Eventually.holds(
                    "a part is cloned",
                    () -> !lab.exec(node, "lvs --noheadings -o name -S 'lv_name=~" + ending + "_00000$' vg0")
                            .isBlank());
            interruption.run();
            cluster.awaitOnline();
            for (Thread each : restoring) {
                try {
                    each.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            for (String resource : List.of(FIRST, SECOND)) {
                // one whose word did not reach the controller any more was not given
                if (cluster.nodesOf(resource + ending).isEmpty()) {
                    printed(0, "snapshot restore " + resource + " s1 " + resource + ending);
                }
                cluster.awaitState(resource + ending, "UpToDate");
                cluster.awaitState(resource, "UpToDate");
            }
            assertRestored(ending, lab.nodes());
            awaitMore("after " + ending);
        }

        private String suspended(String node) {
            return lab.exec(
                    node, "drbdsetup events2 --now | sed -n 's/.*exists resource .* suspended:\\([^ ]*\\).*/\\1/p'");
        }

        private String kept(String node) {
            return lab.exec(node, "lvs --noheadings -o name -S 'lv_name=~_snap_' vg0 2>/dev/null || true")
                    .strip();
        }

        private String printed(int exit, String command) {
            Program.Result result = cluster.controller().console(command.split(" "));
            System.out.println("$ heddle " + command + "\n" + result.output());
            assertEquals(exit == 0, result.exit() == 0, result.toString());
            return result.output();
        }

        private void write() throws IOException {
            Files.writeString(lab.share().resolve("pair.sh"), SCRIPT);
            lab.exec(
                    writing,
                    "setsid sh /share/pair.sh " + cluster.device(FIRST, writing) + " " + cluster.device(SECOND, writing)
                            + " >/run/pair.errors 2>&1 </dev/null & :");
        }

        private int written() {
            String count = lab.exec(writing, "cat /run/pair.log 2>/dev/null || true");
            return count.isEmpty() ? 0 : Integer.parseInt(count);
        }

        private void awaitMore(String when) {
            int enough = written() + 5;
            Eventually.nothingIsMissing(() -> written() >= enough
                    ? Optional.empty()
                    : Optional.of("the writer does not come forward " + when + ": "
                            + lab.exec(writing, "drbdsetup status --verbose")));
            assertEquals("", lab.exec(writing, "cat /run/pair.errors"), when);
        }

        private void assertOfOneMoment(String name) {
            List<Integer> first = new ArrayList<>();
            List<Integer> second = new ArrayList<>();
            for (String node : lab.nodes()) {
                first.add(number(node, FIRST, name));
                second.add(number(node, SECOND, name));
            }
            System.out.println("in the lab: " + name + " has " + first + " and " + second);
            int most = first.stream().max(Integer::compare).orElseThrow();
            for (int n : first) {
                for (int m : second) {
                    assertTrue(n >= m && n - m <= 1, name + " is torn: " + first + " and " + second);
                }
            }
            assertTrue(most > 0 && most < written(), "the writer went on");
        }

        private int number(String node, String resource, String name) {
            SnapshotRow row = cluster.ask(ClusterMXBean::listSnapshots).stream()
                    .filter(each ->
                            each.resource().equals(resource) && each.snapshot().equals(name))
                    .findFirst()
                    .orElseThrow();
            assertEquals("READY", row.state());
            assertFalse(row.nodes().isEmpty());
            String volume = "vg0/" + resource + "_00000_snap_" + row.uuid().substring(0, 8);
            return Integer.parseInt(lab.exec(
                            node,
                            "lvchange -qq -ay -K " + volume + " && dd if=/dev/" + volume
                                    + " bs=4096 count=1 iflag=direct status=none | tr -d ' \\0'; lvchange -qq -an "
                                    + volume)
                    .strip());
        }
    }
}
