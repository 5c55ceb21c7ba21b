package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two replicas and the tie-breaker that comes with them, with a writer on one of them: nodes lose their power, a third replica
 * comes and goes. What was written and flushed is there in the end, and no write failed.
 */
@Tag("cluster")
@Tag("lab")
class QuorumIT {
    private static final String RESOURCE = "votes";

    @Test
    void noWriteFailsWhileVotersComeAndGo() throws IOException {
        Skip.because(Lab.whyNot()
                .or(() -> Lab.hasDrbd9()
                        ? Optional.empty()
                        : Optional.of("quorum needs DRBD 9, which DRBD_KO names: 8.4 has none")));
        try (Lab lab = new Lab(3);
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("quorum"))) {
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
            List<ReplyRow> replies =
                    cluster.done(beans -> beans.createResource(RESOURCE, one + "," + other, TestCluster.POOL, false));
            assertTrue(replies.toString().contains(third + " is the tie-breaker"), replies.toString());
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
            awaitQuorum("majority");
            writer.begin();
            writer.awaitMore("at the beginning");

            withoutTheOther();
            withoutAnybody();
            aThirdReplicaComesAndGoes();
            aThirdReplicaComesWhileTheOtherIsAway();
            aClientTakesItOver();
            int blocks = writer.end();
            writer.assertAllOn(other, blocks);
        }

        private void withoutTheOther() {
            lab.cutPower(other);
            awaitConnection(one, "Connecting(" + other + ")");
            writer.awaitMore("with the tie-breaker in sight");
            assertEquals("yes", quorum(), "with the tie-breaker in sight");
            power(other);
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
        }

        /**
         * The tie-breaker goes first: the other one, if it goes first, is known to have no quorum from then on, and DRBD 9.2
         * does not count it any more.
         */
        private void withoutAnybody() {
            lab.cutPower(third);
            awaitConnection(one, "Connecting(" + third + ")");
            writer.awaitMore("with the other in sight");
            lab.cutPower(other);
            Eventually.holds("the quorum is lost", () -> quorum().equals("no"));
            Eventually.holds("the writer waits", () -> status().contains("suspended:quorum"));
            int stopped = writer.written();
            Eventually.pause(Duration.ofSeconds(5));
            assertTrue(writer.written() <= stopped + 1, "nothing is written without a quorum");
            assertEquals("", writer.errors());

            power(other, third);
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
            writer.awaitMore("with all in sight again");
        }

        private void aThirdReplicaComesAndGoes() {
            cluster.done(beans -> beans.createResource(RESOURCE, third, TestCluster.POOL, false));
            awaitLayout("UpToDate", "UpToDate", "UpToDate");
            awaitQuorum("majority");
            writer.awaitMore("with three replicas");

            cluster.done(beans -> beans.deleteResource(RESOURCE, third));
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
            awaitQuorum("majority");
            writer.awaitMore("with a tie-breaker again");
        }

        /** The one that was a tie-breaker: while it gets its disk there is nobody but the Primary. */
        private void aThirdReplicaComesWhileTheOtherIsAway() {
            lab.cutPower(other);
            awaitConnection(one, "Connecting(" + other + ")");
            writer.awaitMore("before the third replica comes");

            cluster.done(beans -> beans.createResource(RESOURCE, third, TestCluster.POOL, false));
            Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, third)
                    .filter(row -> !row.state().equals("UpToDate"))
                    .map(Object::toString));
            awaitQuorum("majority");
            writer.awaitMore("with the third replica in the other's place");
            assertEquals("yes", quorum());

            comeBackByWhatItKnew();
            awaitLayout("UpToDate", "UpToDate", "UpToDate");
            cluster.done(beans -> beans.deleteResource(RESOURCE, third));
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
            writer.awaitMore("with a tie-breaker once more");
        }

        /**
         * Nobody tells it that the tie-breaker has a disk now, so DRBD refuses that one: "configured to be diskless but presents
         * UpToDate" (receive_state, 9.2.18), and stays StandAlone.
         */
        private void comeBackByWhatItKnew() {
            cluster.controller().kill();
            lab.powerOn(other);
            cluster.satellites().get(other).startAndWait();
            Eventually.nothingIsMissing(() -> {
                String seen = lab.exec(other, "drbdsetup status " + RESOURCE + " 2>&1 || true");
                return seen.contains(third + " connection:StandAlone") ? Optional.empty() : Optional.of(seen);
            });
            cluster.controller().startAndWait();
            cluster.awaitOnline();
        }

        private void aClientTakesItOver() {
            cluster.done(beans -> beans.createResource(RESOURCE, third, "", true));
            awaitLayout("UpToDate", "UpToDate", "Diskless");
            writer.awaitMore("with a client");
            cluster.done(beans -> beans.deleteResource(RESOURCE, third));
            awaitLayout("UpToDate", "UpToDate", "TieBreaker");
            writer.awaitMore("with a tie-breaker in its place");

            cluster.done(beans -> beans.deleteResource(RESOURCE, third));
            Eventually.holds(
                    "the tie-breaker is gone", () -> cluster.nodesOf(RESOURCE).equals(List.of(one, other)));
            awaitQuorum("off");
            writer.awaitMore("with nobody else");
        }

        private void power(String... nodes) {
            lab.powerOn(nodes);
            for (String node : nodes) {
                Heddled satellite = cluster.satellites().get(node);
                satellite.startAndWait();
            }
            cluster.awaitOnline();
        }

        private String status() {
            return lab.exec(one, "drbdsetup status --verbose " + RESOURCE);
        }

        /** Of the device on the writer's node. */
        private String quorum() {
            return lab.exec(
                    one,
                    "drbdsetup status --verbose " + RESOURCE
                            + " | sed -n 's/.* quorum:\\([a-z]*\\).*/\\1/p' | head -n 1");
        }

        private void awaitConnection(String node, String connections) {
            Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, node)
                    .filter(row -> !row.connections().contains(connections))
                    .map(Object::toString));
        }

        /** What DRBD itself was told on the nodes with a disk that are on. */
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
    }
}
