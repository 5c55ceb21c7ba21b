package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.core.management.SplitBrainRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Refused;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Real split brains on two nodes, with the policies of the story: what these resolve, and what is left to be resolved by hand.
 * Two replicas have no quorum, with DRBD 9 as with 8.4.
 */
@Tag("cluster")
@Tag("lab")
@TestMethodOrder(MethodOrderer.MethodName.class)
class SplitBrainIT {
    private static @Nullable Lab started;
    private static @Nullable TestCluster joined;

    private final Lab lab = Optional.ofNullable(started).orElseThrow();
    private final TestCluster cluster = Optional.ofNullable(joined).orElseThrow();
    private final String one = lab.nodes().get(0);
    private final String other = lab.nodes().get(1);

    @BeforeAll
    static void boot() {
        Skip.because(Lab.whyNot());
        Lab lab = new Lab(2);
        started = lab;
        TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("splitbrain"));
        joined = cluster;
        System.out.println(lab.exec(lab.nodes().get(0), "head -1 /proc/drbd"));
        printed(
                0,
                cluster,
                "controller drbd-options --after-sb-0pri=discard-zero-changes --after-sb-1pri=discard-secondary"
                        + " --after-sb-2pri=disconnect");
    }

    @AfterAll
    static void end() {
        if (joined != null) {
            joined.close();
        }
        if (started != null) {
            started.close();
        }
    }

    @AfterEach
    void nothingIsLeft() {
        lab.healNetwork();
        cluster.satellites().values().forEach(Heddled::startAndWait);
        for (String resource : new TreeSet<>(cluster.ask(ClusterMXBean::listResourceDefinitions).stream()
                .map(row -> row.resource())
                .toList())) {
            cluster.nodesOf(resource).forEach(node -> cluster.ask(beans -> beans.demoteResource(resource, node)));
            cluster.ask(beans -> beans.deleteResourceDefinition(resource));
            cluster.awaitGone(resource);
        }
    }

    /** DRBD 8.4 and 9 decide by the same rules, and the lab is slow. */
    private static void shortOnEight() {
        Skip.longOnEight("split brain on DRBD 8.4 beyond the first test takes minutes more");
    }

    private static String printed(int exit, TestCluster cluster, String command) {
        Program.Result result = cluster.controller().console(command.split(" "));
        System.out.println("$ heddle " + command + "\n" + result.output());
        assertEquals(exit, result.exit(), result.toString());
        return result.output();
    }

    private void promote(String resource, String node) {
        cluster.ask(beans -> beans.promoteResource(resource, node, !Lab.hasDrbd9()));
    }

    private void demote(String resource, String node) {
        cluster.done(beans -> beans.demoteResource(resource, node));
    }

    /** Writes into a block of its own, so that both sides have changes that the other lacks. */
    private void write(String resource, String node, int block, String text) {
        lab.exec(
                node,
                "printf %-4096s '" + text + "' | dd of=" + cluster.device(resource, node) + " bs=4096 count=1 seek="
                        + block + " oflag=direct conv=fsync,notrunc iflag=fullblock status=none");
    }

    private String blocks(String node, String device) {
        return lab.exec(node, "dd if=" + device + " bs=4096 count=3 iflag=direct status=none | tr -s ' \\0' ' '")
                .strip();
    }

    private String read(String resource, String node) {
        promote(resource, node);
        String content = blocks(node, cluster.device(resource, node));
        demote(resource, node);
        return content;
    }

    private void create(String resource) {
        cluster.create(resource, "64M", 2);
        cluster.awaitState(resource, "UpToDate");
        promote(resource, one);
        write(resource, one, 0, "common");
        demote(resource, one);
    }

    private void cut(String resource) {
        lab.cutNetwork(one, other);
        for (String node : lab.nodes()) {
            Eventually.holds(
                    node + " notices the cut",
                    () -> cluster.resource(resource, node)
                            .filter(row -> row.connections().startsWith("Connecting"))
                            .isPresent());
        }
    }

    /** Both sides write a block; each stays Primary or not. */
    private void diverge(String resource, String round, boolean oneStays, boolean otherStays) {
        cut(resource);
        promote(resource, one);
        write(resource, one, 1, round + " of " + one);
        if (!oneStays) {
            demote(resource, one);
        }
        promote(resource, other);
        write(resource, other, 2, round + " of " + other);
        if (!otherStays) {
            demote(resource, other);
        }
        lab.healNetwork();
    }

    private List<SplitBrainRow> rows(String resource) {
        return cluster.ask(beans -> beans.listSplitBrains(resource));
    }

    private SplitBrainRow row(String resource, String node) {
        return rows(resource).stream()
                .filter(row -> row.node().equals(node))
                .findFirst()
                .orElseThrow();
    }

    /** Waits until both sides know that they have diverged, and what each has changed. */
    private void awaitSplitBrain(String resource) {
        Eventually.nothingIsMissing(() -> {
            List<SplitBrainRow> rows = rows(resource);
            boolean shown = rows.size() == 2
                    && rows.stream()
                            .allMatch(row -> row.diverged()
                                    && row.outOfSync() > 0
                                    && !(row.watched() && row.lastWrite().isEmpty())
                                    && !row.generations().isEmpty()
                                    && row.waysOut().size() == 2);
            boolean listed = lab.nodes().stream()
                    .anyMatch(node -> cluster.resource(resource, node)
                            .filter(row -> row.problem().startsWith("SPLIT_BRAIN:")
                                    && row.state().equals("SplitBrain(UpToDate)")
                                    && row.connections().contains("split brain"))
                            .isPresent());
            return shown && listed
                    ? Optional.empty()
                    : Optional.of(rows + ", " + cluster.ask(ClusterMXBean::listResources) + "\n"
                            + lab.exec(one, "dmesg | grep -i drbd | tail -30"));
        });
    }

    private String snapshotOf(String resource, String node) {
        return lab.exec(node, "lvs --noheadings -o lv_name vg0 | grep " + resource + "_00000_discarded_ | tail -1")
                .strip();
    }

    @Test
    void aSplitBrainIsShownWithItsEvidenceAndResolvedByHandOnce() {
        create("db1");
        diverge("db1", "first", false, false);
        awaitSplitBrain("db1");
        printed(0, cluster, "resource list");
        String shown = printed(0, cluster, "resource split-brain db1");
        assertTrue(shown.contains("--discard " + one) && shown.contains("--discard " + other), shown);

        assertTrue(
                rows("db1").stream()
                        .allMatch(row -> row.watched() && !row.lastWrite().isEmpty()),
                "" + rows("db1"));

        String since = row("db1", one).since();
        Heddled satellite = cluster.satellites().get(one);
        satellite.kill();
        satellite.startAndWait();
        cluster.awaitOnline();
        awaitSplitBrain("db1");
        if (cluster.resource("db1", one).orElseThrow().problem().startsWith("SPLIT_BRAIN:")) {
            assertEquals(since, row("db1", one).since(), "a restart does not make it younger");
        }

        promote("db1", one);
        Eventually.holds(
                one + " tells that it is in use", () -> row("db1", one).role().equals("Primary"));
        Refused refused =
                assertThrows(Refused.class, () -> cluster.ask(beans -> beans.resolveSplitBrain("db1", one, false)));
        assertEquals("IN_USE", refused.code());
        demote("db1", one);
        Eventually.holds(
                one + " tells that it is at rest", () -> row("db1", one).role().equals("Secondary"));
        Refused both = assertThrows(
                Refused.class, () -> cluster.ask(beans -> beans.resolveSplitBrain("db1", one + "," + other, false)));
        assertEquals("NODE_OFFLINE", both.code());

        printed(0, cluster, "resource resolve-split-brain db1 --discard " + one);
        cluster.awaitState("db1", "UpToDate");
        assertEquals(List.of(), rows("db1"));
        assertEquals("common first of " + other, read("db1", one));
        assertEquals("common first of " + other, read("db1", other));

        String snapshot = snapshotOf("db1", one);
        String told = cluster.node(one).unclaimed().stream()
                .filter(text -> text.startsWith("safety snapshot") && text.contains(snapshot))
                .findFirst()
                .orElseThrow(
                        () -> new AssertionError(cluster.node(one).unclaimed().toString()));
        assertTrue(told.contains("lvremove vg0/" + snapshot), told);
        // as it says how to look into it
        lab.exec(one, "lvchange --activate y --ignoreactivationskip vg0/" + snapshot);
        assertEquals("common first of " + one, blocks(one, "/dev/vg0/" + snapshot));

        // what was decided once says nothing on the next one, whatever starts again
        diverge("db1", "second", false, false);
        awaitSplitBrain("db1");
        cluster.satellites().values().forEach(Heddled::kill);
        cluster.controller().kill();
        cluster.satellites().values().forEach(Heddled::startAndWait);
        cluster.controller().startAndWait();
        cluster.awaitOnline();
        awaitSplitBrain("db1");
        assertEquals(
                List.of("", ""),
                rows("db1").stream().map(SplitBrainRow::decided).toList());
        printed(0, cluster, "resource resolve-split-brain db1 --discard " + other + " --without-snapshot");
        cluster.awaitState("db1", "UpToDate");
        String expected = "common second of " + one + " first of " + other;
        assertEquals(expected, read("db1", one));
        assertEquals(expected, read("db1", other));
        lab.exec(one, "lvremove -qy vg0/" + snapshot);
    }

    @Test
    void discardZeroChangesTakesTheSideThatWrote() {
        shortOnEight();
        create("db2");
        cut("db2");
        promote("db2", one);
        // a flush makes a new generation, and changes no block
        lab.exec(one, "dd if=/dev/null of=" + cluster.device("db2", one) + " count=0 conv=fsync,notrunc status=none");
        demote("db2", one);
        promote("db2", other);
        write("db2", other, 2, "kept");
        demote("db2", other);
        lab.healNetwork();

        cluster.awaitState("db2", "UpToDate");
        assertEquals("common kept", read("db2", one));
        assertEquals("common kept", read("db2", other));
    }

    @Test
    void discardSecondaryTakesTheSideThatIsInUse() {
        shortOnEight();
        create("db3");
        diverge("db3", "kept", false, true);

        cluster.awaitState("db3", "UpToDate");
        demote("db3", other);
        assertEquals("common kept of " + other, read("db3", one));
        assertEquals("common kept of " + other, read("db3", other));
    }

    /** Has a side wait for the other one to overwrite it, which does not come. */
    private CompletableFuture<List<ReplyRow>> decidedButNotCarriedOut(String resource) {
        lab.cutNetwork(one, other);
        CompletableFuture<List<ReplyRow>> answer = CompletableFuture.supplyAsync(
                () -> cluster.ask(beans -> beans.resolveSplitBrain(resource, one, false)));
        for (String node : lab.nodes()) {
            Eventually.holds(
                    node + " waits for the other",
                    () -> row(resource, node).connection().equals("Connecting")
                            && row(resource, node).decided().contains("--withdraw"));
        }
        return answer;
    }

    @Test
    void whatIsTakenBackOrUsedAgainIsNotOverwritten() {
        shortOnEight();
        create("db5");
        diverge("db5", "first", false, false);
        awaitSplitBrain("db5");

        CompletableFuture<List<ReplyRow>> first = decidedButNotCarriedOut("db5");
        printed(0, cluster, "resource resolve-split-brain db5 --withdraw");
        Eventually.holds(
                one + " waits for nothing any more",
                () -> cluster.resource("db5", one).orElseThrow().phase().equals("READY"));
        Eventually.holds("it was asked for in vain", first::isDone);
        assertEquals("", row("db5", one).decided());
        lab.healNetwork();
        awaitSplitBrain("db5");
        assertEquals("common first of " + one, read("db5", one));
        assertEquals("common first of " + other, read("db5", other));

        CompletableFuture<List<ReplyRow>> second = decidedButNotCarriedOut("db5");
        promote("db5", one);
        write("db5", one, 1, "later of " + one);
        demote("db5", one);
        lab.healNetwork();
        Eventually.holds("it was asked for in vain", second::isDone);
        awaitSplitBrain("db5");
        Eventually.holds(
                one + " says that nothing was done",
                () -> cluster.resource("db5", one).orElseThrow().problem().contains("what was decided was not done"));
        assertEquals("common later of " + one, read("db5", one));
        lab.exec(
                one,
                "lvs --noheadings -o lv_name vg0 | grep db5_00000_discarded_ | xargs -n 1 -I {} lvremove -qy vg0/{}");
    }

    @Test
    void whereBothAreInUseTheyAreDisconnectedAndSomebodyDecides() {
        shortOnEight();
        create("db4");
        diverge("db4", "left", true, true);
        awaitSplitBrain("db4");

        demote("db4", other);
        Eventually.holds(
                other + " tells that it is at rest",
                () -> row("db4", other).role().equals("Secondary"));
        printed(0, cluster, "resource resolve-split-brain db4 --discard " + other);
        cluster.awaitState("db4", "UpToDate");
        demote("db4", one);
        assertEquals("common left of " + one, read("db4", one));
        assertEquals("common left of " + one, read("db4", other));
        lab.exec(other, "lvremove -qy vg0/" + snapshotOf("db4", other));
    }
}
