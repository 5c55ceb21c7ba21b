package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A replica that moves to another node below a writer, with the controller killed while it is copied; and the replica of the
 * writer's own node. At no moment the writer's node sees fewer than two UpToDate copies, and it never loses its quorum.
 */
@Tag("cluster")
@Tag("lab")
class MigrateDiskIT {
    private static final String RESOURCE = "moved";

    /** Counts the UpToDate copies that a node sees, again and again; and says when it has no quorum. */
    private static final String WATCH = """
            while [ ! -e /run/watch.end ]; do
              s=$(drbdsetup status --verbose %1$s) || continue
              case "$s" in *quorum:no*) echo lost ;; esac
              echo "$s" | grep -c 'disk:UpToDate'
            done >/run/watch.log 2>&1
            """.formatted(RESOURCE);

    @Test
    void replicasMoveBelowAWriter() throws IOException {
        Skip.because(Lab.whyNot()
                .or(() -> Lab.hasDrbd9()
                        ? Optional.empty()
                        : Optional.of("a third replica needs DRBD 9, which DRBD_KO names: 8.4 has two")));
        try (Lab lab = new Lab(3);
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("migrate"))) {
            new Story(lab, cluster).tell();
        }
    }

    /** In one go: to boot a lab takes longer than all of it. */
    private static final class Story {
        private final Lab lab;
        private final TestCluster cluster;
        private final BlockWriter writer;
        private final String one;
        private final String other;
        private final String third;

        Story(Lab lab, TestCluster cluster) {
            this.lab = lab;
            this.cluster = cluster;
            this.one = lab.nodes().get(0);
            this.other = lab.nodes().get(1);
            this.third = lab.nodes().get(2);
            this.writer = new BlockWriter(lab, cluster, RESOURCE, one);
        }

        void tell() throws IOException {
            cluster.done(beans -> beans.createResourceDefinition(RESOURCE, "", ""));
            cluster.done(beans -> beans.createVolumeDefinition(RESOURCE, "64M", false, -1));
            cluster.done(beans -> beans.createResource(RESOURCE, one + "," + other, TestCluster.POOL, false));
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
            // slow enough to be looked at
            cluster.done(
                    beans -> beans.setDrbdOptions("resource-definition/" + RESOURCE, "c-max-rate=1M c-min-rate=0"));
            writer.begin();
            Files.writeString(lab.share().resolve("watch.sh"), WATCH);
            lab.exec(one, "setsid sh /share/watch.sh </dev/null >/dev/null 2>&1 & :");

            theControllerDiesWhileItIsCopied();
            theWritersOwnGoesWhenTheWriterHasGone();
        }

        private void theControllerDiesWhileItIsCopied() {
            long begun = System.nanoTime();
            cluster.done(beans -> beans.migrateDisk(RESOURCE, third, TestCluster.POOL, other));
            Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, other)
                    .filter(row -> !row.steps().toString().contains("migration: is copied to " + third))
                    .map(Object::toString));
            cluster.controller().kill();
            writer.awaitMore("while it is copied, without a controller");
            assertTrue(hasVolume(other));
            Eventually.holds(
                    "it is copied without a controller",
                    () -> lab.exec(third, "drbdsetup status " + RESOURCE).contains("disk:UpToDate"));
            assertTrue(hasVolume(other), "nobody has said that it may go");

            cluster.controller().start();
            cluster.controller().awaitUp();
            cluster.awaitOnline();
            Eventually.holds("the backing volume on " + other + " is gone", () -> !hasVolume(other));
            awaitLayout("UpToDate", "TieBreaker", "UpToDate");
            System.out.println("in the lab: moved in " + (System.nanoTime() - begun) / 1_000_000_000 + " s");
            writer.awaitMore("with the replica moved");
            List<ReplyRow> again = cluster.done(beans -> beans.migrateDisk(RESOURCE, third, TestCluster.POOL, other));
            assertTrue(again.toString().contains("already"), again.toString());
        }

        private void theWritersOwnGoesWhenTheWriterHasGone() {
            cluster.done(beans -> beans.setDrbdOptions("resource-definition/" + RESOURCE, "c-max-rate= c-min-rate="));
            cluster.done(beans -> beans.migrateDisk(RESOURCE, other, TestCluster.POOL, one));
            Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, one)
                    .filter(row -> !row.steps().toString().contains("in use here"))
                    .map(Object::toString));
            awaitLayout("UpToDate", "UpToDate", "UpToDate");
            writer.awaitMore("with three replicas, of which one goes");
            assertTrue(hasVolume(one));
            endOfTheWatch();

            int blocks = writer.end();
            awaitLayout("TieBreaker", "UpToDate", "UpToDate");
            assertFalse(hasVolume(one));
            writer.assertAllOn(other, blocks);
            writer.assertAllOn(third, blocks);
        }

        private void endOfTheWatch() {
            lab.exec(one, "touch /run/watch.end");
            List<String> counts = lab.exec(one, "sort /run/watch.log | uniq -c")
                    .lines()
                    .map(String::strip)
                    .toList();
            System.out.println("in the lab: UpToDate copies seen, and how often: " + counts);
            List<String> seen = counts.stream()
                    .map(line -> line.substring(line.indexOf(' ') + 1))
                    .toList();
            assertEquals(List.of("2", "3"), seen);
        }

        private boolean hasVolume(String node) {
            return lab.exec(node, "lvs --noheadings -o lv_name").contains(RESOURCE + "_00000");
        }

        private void awaitLayout(String... states) {
            for (int i = 0; i < states.length; i++) {
                String node = lab.nodes().get(i);
                String state = states[i] + " Ok";
                Eventually.nothingIsMissing(() -> {
                    Optional<String> seen =
                            cluster.resource(RESOURCE, node).map(row -> row.state() + " " + row.connections());
                    return seen.equals(Optional.of(state))
                            ? Optional.empty()
                            : Optional.of(node + " is " + cluster.resource(RESOURCE, node) + "\n"
                                    + lab.exec(one, "drbdsetup status --verbose " + RESOURCE + " || true"));
                });
            }
        }
    }
}
