package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Disks that come and go below a writer: of another node, over a power cut, of the last good copy, and of the writer's own node.
 * What was written and flushed is there in the end, and no write failed.
 */
@Tag("cluster")
@Tag("lab")
class ToggleDiskIT {
    private static final String RESOURCE = "toggled";

    @Test
    void disksComeAndGoBelowAWriter() throws IOException {
        Skip.because(Lab.whyNot()
                .or(() -> Lab.hasDrbd9()
                        ? Optional.empty()
                        : Optional.of("replicas without a disk need DRBD 9, which DRBD_KO names: 8.4 has none")));
        try (Lab lab = new Lab(3);
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("toggle"))) {
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
            cluster.create(RESOURCE, "64M", 3);
            awaitLayout("UpToDate", "UpToDate", "UpToDate");
            writer.begin();
            writer.awaitMore("at the beginning");

            theThirdGivesItsDiskUpAndGetsOne();
            overAPowerCut();
            theLastGoodCopyStays();
            end();
        }

        private void theThirdGivesItsDiskUpAndGetsOne() {
            cluster.done(beans -> beans.toggleDisk(RESOURCE, third, "", true));
            awaitLayout("UpToDate", "UpToDate", "Diskless");
            awaitNoVolume(third);
            awaitClient(third);
            awaitQuorum("majority");
            writer.awaitMore("with two disks and a client");

            cluster.done(beans -> beans.toggleDisk(RESOURCE, third, TestCluster.POOL, false));
            awaitLayout("UpToDate", "UpToDate", "UpToDate");
            assertTrue(hasVolume(third));
            awaitQuorum("majority");
            writer.awaitMore("with three disks again");
            List<ReplyRow> again = cluster.done(beans -> beans.toggleDisk(RESOURCE, third, TestCluster.POOL, false));
            assertTrue(again.toString().contains("already"), again.toString());
        }

        private void overAPowerCut() {
            lab.cutPower(third);
            awaitConnection(one, "Connecting(" + third + ")");
            cluster.ask(beans -> beans.toggleDisk(RESOURCE, third, "", true));
            writer.awaitMore("while a node that is to give its disk up is away");
            power(third);
            awaitLayout("UpToDate", "UpToDate", "Diskless");
            awaitNoVolume(third);
            awaitClient(third);
        }

        /** The other is away: the writer's own disk is the last good one. When it is back, the writer goes on without. */
        private void theLastGoodCopyStays() {
            lab.cutPower(other);
            awaitConnection(one, "Connecting(" + other + ")");
            cluster.ask(beans -> beans.toggleDisk(RESOURCE, one, "", true));
            cluster.awaitProblem(RESOURCE, one, "LAST_GOOD_COPY");
            assertTrue(hasVolume(one));
            assertTrue(status().contains("disk:UpToDate"), status());
            writer.awaitMore("with the last good copy");

            power(other);
            awaitLayout("Diskless", "UpToDate", "Diskless");
            awaitNoVolume(one);
            writer.awaitMore("without a disk of its own");

            cluster.done(beans -> beans.toggleDisk(RESOURCE, one, TestCluster.POOL, false));
            awaitLayout("UpToDate", "UpToDate", "Diskless");
            writer.awaitMore("with a disk of its own again");
        }

        private boolean hasVolume(String node) {
            return lab.exec(node, "lvs --noheadings -o lv_name").contains(RESOURCE + "_00000");
        }

        /** The writer's node takes it for a client: until then it counts as a replica, and for a moment not at all. */
        private void awaitClient(String node) {
            Eventually.nothingIsMissing(() -> {
                String seen = lab.exec(
                        one, "drbdsetup status --verbose " + RESOURCE + " | grep -A3 '^  " + node + " ' || true");
                return seen.contains("connection:Connected") && seen.contains("peer-client:yes")
                        ? Optional.empty()
                        : Optional.of(node + " is no client to " + one + ": " + seen);
            });
        }

        private void awaitNoVolume(String node) {
            Eventually.holds("the backing volume on " + node + " is gone", () -> !hasVolume(node));
        }

        private void power(String node) {
            lab.powerOn(node);
            cluster.satellites().get(node).startAndWait();
            cluster.awaitOnline();
        }

        private String status() {
            return lab.exec(one, "drbdsetup status --verbose " + RESOURCE);
        }

        private void awaitConnection(String node, String connections) {
            Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, node)
                    .filter(row -> !row.connections().contains(connections))
                    .map(Object::toString));
        }

        private void awaitQuorum(String value) {
            String option = "drbdsetup show --show-defaults " + RESOURCE
                    + " | sed -n 's/^[[:space:]]*quorum[[:space:]][[:space:]]*\\([a-z0-9]*\\);.*/\\1/p'";
            Eventually.nothingIsMissing(() -> {
                String told = lab.exec(one, option);
                return told.equals(value) ? Optional.empty() : Optional.of("quorum " + told + ", not " + value);
            });
        }

        private void awaitLayout(String... states) {
            for (int i = 0; i < states.length; i++) {
                String node = lab.nodes().get(i);
                String state = states[i];
                Eventually.nothingIsMissing(() -> {
                    Optional<String> seen = cluster.resource(RESOURCE, node)
                            .map(row -> row.state() + " " + row.connections() + " " + row.phase());
                    return seen.equals(Optional.of(state + " Ok READY"))
                            ? Optional.empty()
                            : Optional.of(node + " is " + cluster.resource(RESOURCE, node) + "\n" + status());
                });
            }
        }

        private void end() {
            int blocks = writer.end();
            for (String node : List.of(one, other)) {
                writer.assertAllOn(node, blocks);
            }
        }
    }
}
