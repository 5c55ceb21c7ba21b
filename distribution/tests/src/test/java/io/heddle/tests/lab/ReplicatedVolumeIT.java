package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.PeerVolumeRow;
import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Refused;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A controller on this machine and a satellite in each node of a lab; a thin pool of LVM on each. Two nodes with the kernel's
 * own DRBD 8.4, three with the module that DRBD_KO names.
 */
@Tag("cluster")
@Tag("lab")
@TestMethodOrder(MethodOrderer.MethodName.class)
class ReplicatedVolumeIT {
    private static final String WITHOUT_ZEROS = "nozero";

    private static @Nullable Lab started;
    private static @Nullable TestCluster joined;

    private final Lab lab = Optional.ofNullable(started).orElseThrow();
    private final TestCluster cluster = Optional.ofNullable(joined).orElseThrow();
    private final List<String> nodes = lab.nodes();
    private final String one = nodes.get(0);
    private final String other = nodes.get(1);

    @BeforeAll
    static void boot() {
        Skip.because(Lab.whyNot());
        Lab lab = new Lab(Lab.replicas());
        started = lab;
        joined = TestCluster.inLab(lab, Places.newDirectory("lab"));
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

    @BeforeEach
    void allAreThere(TestInfo test) {
        System.out.println("in the lab: " + test.getDisplayName());
        cluster.awaitOnline();
    }

    /** What a failed test left is of no use to the next one; and deletion has to work in any state. */
    @AfterEach
    void nothingIsLeft() {
        cluster.satellites().values().forEach(Heddled::startAndWait);
        for (String resource : new TreeSet<>(cluster.ask(ClusterMXBean::listResourceDefinitions).stream()
                .map(row -> row.resource())
                .toList())) {
            cluster.ask(beans -> beans.deleteResourceDefinition(resource));
            cluster.awaitGone(resource);
        }
    }

    private void create(String resource, String size) {
        cluster.create(resource, size, nodes.size());
        cluster.awaitState(resource, "UpToDate");
    }

    /** Makes a node Primary; DRBD 9 does so by itself when the device is opened. */
    private void promote(String resource, String node) {
        cluster.done(beans -> beans.promoteResource(resource, node, false));
    }

    private void demote(String resource, String node) {
        cluster.done(beans -> beans.demoteResource(resource, node));
    }

    private void write(String resource, String node, String text) {
        lab.exec(
                node,
                "printf %-512s '" + text + "' | dd of=" + cluster.device(resource, node)
                        + " bs=512 count=1 oflag=direct conv=fsync,notrunc status=none");
    }

    private String read(String resource, String node) {
        return lab.exec(
                        node,
                        "dd if=" + cluster.device(resource, node)
                                + " bs=512 count=1 iflag=direct status=none | tr -d '\\0'")
                .strip();
    }

    /** KiB that DRBD has sent to peers from a node, since the resource is up there. */
    private long sentKibibytes(String resource, String node) {
        String numbers = Lab.hasDrbd9()
                ? "drbdsetup status --verbose --statistics " + resource + " | sed -n 's/.* sent:\\([0-9]*\\).*/\\1/p'"
                : "m=$(drbdsetup sh-status " + resource
                        + " | sed -n 's/^_minor=//p'); sed -n \"/^ *$m:/,/ns:/s/.*ns:\\([0-9]*\\).*/\\1/p\" /proc/drbd";
        return lab.exec(node, numbers).lines().mapToLong(Long::parseLong).sum();
    }

    private long sentKibibytes(String resource) {
        return nodes.stream().mapToLong(node -> sentKibibytes(resource, node)).sum();
    }

    private String hash(String node, String volume) {
        return lab.exec(node, "lvchange -ay -K vg0/" + volume + " 2>/dev/null; sha256sum </dev/vg0/" + volume);
    }

    /** What of Heddle's is on a node: volumes, resource files, DRBD resources. */
    private String objects(String node) {
        return lab.exec(
                node,
                "lvs --noheadings -o lv_name vg0 | grep -v 'thin\\|nz' | sed 's/ //g'; "
                        + "find " + HeddledInLab.STATE + " /etc/drbd.d -name '*.res' ! -path /etc/drbd.d/heddle.res; "
                        + "drbdsetup show | grep '^resource' || true");
    }

    private void power(String node) {
        lab.powerOn(node);
        Heddled satellite = cluster.satellites().get(node);
        satellite.startAndWait();
    }

    @Test
    void whatOneNodeWritesTheOthersReadAndNothingWasCopiedBefore() {
        create("db1", "64M");
        assertTrue(sentKibibytes("db1") < 1024, "new replicas on thin pools that zero are equal without a copy");

        promote("db1", one);
        write("db1", one, "written on " + one);
        demote("db1", one);
        for (String node : nodes.subList(1, nodes.size())) {
            promote("db1", node);
            assertEquals("written on " + one, read("db1", node));
            demote("db1", node);
        }
        for (String node : nodes) {
            // In sectors of 512 bytes; a device that is Secondary cannot be opened to be asked.
            String size =
                    "/sys/class/block/" + Path.of(cluster.device("db1", node)).getFileName() + "/size";
            assertEquals(Long.toString((64L << 20) / 512), lab.exec(node, "cat " + size), node);
        }
    }

    @Test
    void deletingADefinitionLeavesNothingOnAnyNode() {
        create("db2", "32M");
        nodes.forEach(node -> assertNotEquals("", objects(node)));

        cluster.done(beans -> beans.deleteResourceDefinition("db2"));
        cluster.awaitGone("db2");

        nodes.forEach(node -> assertEquals("", objects(node), node));
        nodes.forEach(node -> assertEquals(List.of(), cluster.node(node).unclaimed(), node));
    }

    @Test
    void aNameThatWasDeletedIsANewVolume() {
        create("db3", "32M");
        promote("db3", one);
        write("db3", one, "of the first");
        demote("db3", one);
        cluster.done(beans -> beans.deleteResourceDefinition("db3"));

        create("db3", "32M");
        promote("db3", one);
        assertEquals("", read("db3", one));
        demote("db3", one);
    }

    @Test
    void foreignVolumesOfTheRightNameAreRefusedAndKeepTheirBytes() {
        Map<String, String> before = new TreeMap<>();
        for (String node : nodes) {
            lab.exec(
                    node,
                    "lvcreate -q -V 40M --thinpool vg0/thin -n db4_00000 && echo precious of " + node
                            + " | dd of=/dev/vg0/db4_00000 conv=fsync,notrunc status=none");
            before.put(node, hash(node, "db4_00000"));
        }

        cluster.done(beans -> beans.createResourceDefinition("db4", "", ""));
        cluster.done(beans -> beans.createVolumeDefinition("db4", "32M", false, -1));
        List<ReplyRow> replies =
                cluster.ask(beans -> beans.createResource("db4", String.join(",", nodes), TestCluster.POOL, false));
        assertTrue(replies.stream().anyMatch(reply -> reply.severity().equals("WARNING")), replies.toString());
        for (String node : nodes) {
            cluster.awaitProblem("db4", node, "FOREIGN_VOLUME");
        }
        cluster.ask(beans -> beans.deleteResourceDefinition("db4"));
        cluster.awaitGone("db4");

        before.forEach((node, hash) -> {
            assertEquals(hash, hash(node, "db4_00000"), node);
            assertEquals("", lab.exec(node, "lvs --noheadings -o lv_tags vg0/db4_00000"));
            lab.exec(node, "lvremove -qy vg0/db4_00000");
        });
    }

    @Test
    void replicasOnAPoolThatDoesNotZeroAreCopiedAndTheReasonIsShown() {
        for (String node : nodes) {
            // What was deleted shows through in new volumes of such a pool, on each node something else.
            lab.exec(
                    node,
                    "lvs vg0/nz >/dev/null 2>&1 || lvcreate -q -Zn -L 256M --thinpool nz vg0; "
                            + "lvcreate -q -V 128M --thinpool vg0/nz -n old && dd if=/dev/urandom of=/dev/vg0/old bs=1M count=128"
                            + " conv=fsync status=none && lvremove -qy vg0/old");
            List<ReplyRow> replies =
                    cluster.ask(beans -> beans.createStoragePool("LVM_THIN", node, WITHOUT_ZEROS, "vg0/nz"));
            assertTrue(
                    replies.stream().anyMatch(reply -> reply.toString().contains("does not zero")), replies.toString());
        }

        cluster.done(beans -> beans.createResourceDefinition("db5", "", ""));
        cluster.done(beans -> beans.createVolumeDefinition("db5", "32M", false, -1));
        cluster.ask(beans -> beans.createResource("db5", String.join(",", nodes), WITHOUT_ZEROS, false));
        cluster.awaitState("db5", "UpToDate");

        long sent = sentKibibytes("db5");
        assertTrue(sent >= 32 << 10, "the whole volume is copied, not only " + sent + " KiB");
        Set<String> contents = new TreeSet<>();
        for (String node : nodes) {
            promote("db5", node);
            contents.add(lab.exec(node, "sha256sum <" + cluster.device("db5", node)));
            demote("db5", node);
        }
        assertEquals(1, contents.size(), "replicas differ: " + contents);
    }

    @Test
    void missingMetadataOfAVolumeInServiceIsShownAndNothingIsWritten() {
        create("db6", "32M");
        promote("db6", one);
        write("db6", one, "old data");
        demote("db6", one);
        Heddled satellite = cluster.satellites().get(other);
        satellite.kill();
        String file = lab.exec(other, "find " + HeddledInLab.STATE + " -name db6.res");
        lab.exec(other, "drbdadm -c " + file + " down db6 && drbdadm -c " + file + " -- --force wipe-md db6");
        String before = hash(other, "db6_00000");

        satellite.startAndWait();
        cluster.awaitProblem("db6", other, "METADATA_MISSING");

        assertEquals(before, hash(other, "db6_00000"));
        // Of two replicas the other one is no witness any more, and 8.4 has no quorum without it.
        cluster.ask(beans -> beans.promoteResource("db6", one, !Lab.hasDrbd9()));
        assertEquals("old data", read("db6", one));
        demote("db6", one);
    }

    @Test
    void aNodeThatLostItsPowerCatchesUpWhenItIsBack() {
        create("db7", "64M");
        promote("db7", one);
        write("db7", one, "before the cut");
        lab.cutPower(one);
        Eventually.holds(
                other + " notices that " + one + " is gone",
                () -> cluster.resource("db7", other)
                        .filter(row -> row.connections().contains("Connecting(" + one + ")"))
                        .isPresent());

        if (Lab.hasDrbd9()) {
            promote("db7", other);
        } else {
            Refused refusal = assertThrows(Refused.class, () -> promote("db7", other));
            assertEquals("PROMOTION_REFUSED", refusal.code());
            assertTrue(String.valueOf(refusal.getMessage()).contains("--peer-is-dead"), refusal.getMessage());
            cluster.ask(beans -> beans.promoteResource("db7", other, true));
        }
        assertEquals("before the cut", read("db7", other));
        write("db7", other, "during the cut");
        power(one);
        cluster.awaitState("db7", "UpToDate");

        demote("db7", other);
        promote("db7", one);
        assertEquals("during the cut", read("db7", one));
        demote("db7", one);
    }

    @Test
    void afterAPowerCutOfAllNodesVolumesComeUpWithoutAController() {
        create("db8", "32M");
        promote("db8", one);
        write("db8", one, "before the night");
        demote("db8", one);
        cluster.controller().kill();
        lab.cutPower(nodes.toArray(String[]::new));
        lab.powerOn(nodes.toArray(String[]::new));
        nodes.forEach(node -> cluster.satellites().get(node).start());

        Eventually.nothingIsMissing(() -> {
            Program.Result seen = lab.run(one, "drbdadm dstate db8 && drbdadm role db8");
            return seen.succeeded() && seen.output().contains("UpToDate/UpToDate")
                    ? Optional.empty()
                    : Optional.of(seen + cluster.logs());
        });

        cluster.controller().startAndWait();
        cluster.awaitOnline();
        cluster.awaitState("db8", "UpToDate");
        promote("db8", other);
        assertEquals("before the night", read("db8", other));
        demote("db8", other);
    }

    @Test
    void twoNodesThatWereCutFromEachOtherFindTogetherAgain() {
        create("db9", "64M");
        promote("db9", one);
        lab.cutNetwork(one, other);
        Eventually.holds(
                "the cut is noticed",
                () -> cluster.resource("db9", one)
                        .filter(row -> !row.connections().equals("Ok"))
                        .isPresent());
        write("db9", one, "during the cut");
        lab.healNetwork();
        cluster.awaitState("db9", "UpToDate");

        demote("db9", one);
        promote("db9", other);
        assertEquals("during the cut", read("db9", other));
        demote("db9", other);
    }

    @Test
    void moreReplicasThanThereAreNodesAreRefusedAndNothingIsLeftBehind() {
        cluster.done(beans -> beans.createResourceDefinition("db10", "", ""));
        cluster.done(beans -> beans.createVolumeDefinition("db10", "32M", false, -1));

        Refused refusal = assertThrows(
                Refused.class,
                () -> cluster.ask(beans -> beans.autoPlace("db10", nodes.size() + 1, TestCluster.POOL, "")));

        assertEquals("NOT_ENOUGH_NODES", refusal.code());
        assertEquals(List.of(), cluster.nodesOf("db10"));
        nodes.forEach(node -> assertEquals("", objects(node), node));
    }

    /** How far the sync to a node is, if one runs and DRBD has told. */
    private Optional<PeerVolumeRow> sync(String resource, String node) {
        return cluster.ask(ClusterMXBean::listVolumes).stream()
                .filter(row -> row.resource().equals(resource) && row.node().equals(node))
                .flatMap(row -> row.peers().stream())
                .filter(peer -> peer.replication().equals("SyncTarget"))
                .findFirst();
    }

    private PeerVolumeRow awaitSync(String resource, String node, Predicate<PeerVolumeRow> wanted) {
        Eventually.nothingIsMissing(() -> sync(resource, node).filter(wanted).isPresent()
                ? Optional.empty()
                : Optional.of("it is at " + cluster.resource(resource, node)));
        return sync(resource, node).orElseThrow(() -> new AssertionError("the sync has ended too soon"));
    }

    private Program.Result waitForSync(String resource, String... more) {
        return cluster.controller()
                .console(Stream.concat(Stream.of("resource", "wait-sync", resource), Stream.of(more))
                        .toArray(String[]::new));
    }

    @Test
    void aSyncShowsHowFarItIsIsWaitedForAndAStallIsShown() {
        String resource = "synced";
        // at its lowest rate DRBD 9 was seen to copy 7 MiB/s: more to copy, so that a busy machine sees it too
        int size = Lab.hasDrbd9() ? 192 : 64;
        create(resource, size + "M");
        // what was never written is not copied, but discarded, many times as fast (rs-discard-granularity)
        promote(resource, one);
        String dd = "dd if=/dev/urandom of=%s bs=1M count=%d oflag=direct";
        lab.exec(one, dd.formatted(cluster.device(resource, one), size - 4));
        demote(resource, one);
        cluster.done(beans -> beans.setControllerProperty("Sync/StallAfter", "6"));
        cluster.done(beans -> beans.setControllerProperty("Sync/StallCure", "reconnect"));
        // in KiB/s; on thin volumes DRBD 9 asks for 64 KiB where it counts 4 (make_resync_request)
        String rate = Lab.hasDrbd9() ? "64" : "1024";
        cluster.done(beans -> beans.setDrbdOptions(
                "resource-definition/" + resource, "c-plan-ahead=0 c-min-rate=0 resync-rate=" + rate));
        for (String node : List.of(one, other)) {
            Eventually.holds(
                    node + " has the slow rate",
                    () -> lab.exec(node, "drbdsetup show " + resource).contains(rate + "k;"));
        }

        lab.exec(other, "drbdadm -c " + resourceFile(other, resource) + " invalidate " + resource);
        PeerVolumeRow begun = awaitSync(resource, other, sync -> sync.secondsLeft() > 0 && sync.donePercent() >= 0);
        Program.Result tooSoon = waitForSync(resource, "--timeout", "1");
        PeerVolumeRow later = awaitSync(resource, other, sync -> sync.leftBytes() < begun.leftBytes());

        System.out.println("seen: " + begun.text() + "; then: " + later.text());
        assertTrue(begun.bytesPerSecond() > 0 && begun.bytesPerSecond() < 32 << 20, begun.toString());
        assertTrue(later.donePercent() > begun.donePercent(), () -> begun + " and then " + later);
        assertEquals(1, tooSoon.exit(), tooSoon.toString());
        assertTrue(tooSoon.output().contains("TIMED_OUT") && tooSoon.output().contains(other), tooSoon.toString());

        String source = later.peer();
        String backing =
                lab.exec(source, "ls /dev/mapper | grep ^vg0-" + resource + "_").strip();
        lab.exec(source, "dmsetup suspend --noflush --nolockfs " + backing);
        String why;
        try {
            why = cluster.awaitProblem(resource, other, "SYNC_STALLED").problem();
            Eventually.nothingIsMissing(
                    () -> cluster.satellites().get(other).log().contains("pausing and resuming")
                            ? Optional.empty()
                            : Optional.of("no try to resume it in the log"));
        } finally {
            lab.exec(source, "dmsetup resume " + backing);
        }
        // its answer may tell still that the device is suspended
        cluster.ask(beans -> beans.setDrbdOptions("resource-definition/" + resource, "resync-rate=102400"));
        Program.Result waited = waitForSync(resource, "--timeout", "240");

        assertTrue(why.contains("from " + source), why);
        assertEquals(0, waited.exit(), waited.toString());
        cluster.awaitState(resource, "UpToDate");
        assertEquals("", cluster.resource(resource, other).orElseThrow().problem(), "the stall is shown no more");
        cluster.done(beans -> beans.setControllerProperty("Sync/StallAfter", ""));
        cluster.done(beans -> beans.setControllerProperty("Sync/StallCure", ""));
    }

    private String resourceFile(String node, String resource) {
        return lab.exec(node, "find " + HeddledInLab.STATE + " -name '" + resource + ".res'")
                .strip();
    }
}
