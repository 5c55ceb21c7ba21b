package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Refused;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * Nodes that are off, disks that die, and nodes that never come back, on real kernels. Two nodes with the kernel's own DRBD 8.4,
 * three with the module that DRBD_KO names. The last test takes a node from the others.
 */
@Tag("cluster")
@Tag("lab")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodesIT {
    private static final String DYING = "dying";

    private static @Nullable Lab started;
    private static @Nullable TestCluster joined;

    private final Lab lab = Optional.ofNullable(started).orElseThrow();
    private final TestCluster cluster = Optional.ofNullable(joined).orElseThrow();
    private final List<String> nodes = lab.nodes();
    private final String one = nodes.get(0);
    private final String last = nodes.get(nodes.size() - 1);

    @BeforeAll
    static void boot() {
        Skip.because(Lab.whyNot());
        Skip.longOnEight("nodes that go and disks that die take a quarter of an hour");
        Lab lab = new Lab(
                IntStream.rangeClosed(1, Lab.hasDrbd9() ? 3 : 2)
                        .mapToObj(i -> "n" + i)
                        .toList(),
                "",
                "",
                "4G 1G");
        started = lab;
        joined = TestCluster.inLab(lab, Places.newDirectory("nodes"));
        // Who has what is counted here; tie-breakers have a test of their own.
        joined.done(beans -> beans.setControllerProperty("DrbdOptions/auto-add-quorum-tiebreaker", "false"));
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
        cluster.satellites().values().forEach(Heddled::startAndWait);
        cluster.awaitOnline();
    }

    private void create(String resource, String... places) {
        cluster.done(beans -> beans.createResourceDefinition(resource, "", ""));
        cluster.done(beans -> beans.createVolumeDefinition(resource, "32M", false, -1));
        if (places.length == 0) {
            cluster.done(beans -> beans.autoPlace(resource, nodes.size(), TestCluster.POOL, ""));
        } else {
            cluster.done(beans -> beans.createResource(resource, String.join(",", places), TestCluster.POOL, false));
        }
        cluster.awaitState(resource, "UpToDate");
    }

    private void promote(String resource, String node) {
        cluster.done(beans -> beans.promoteResource(resource, node, false));
    }

    private void demote(String resource, String node) {
        cluster.done(beans -> beans.demoteResource(resource, node));
    }

    private String read(String device, String node) {
        return lab.exec(node, "dd if=" + device + " bs=512 count=1 iflag=direct status=none | tr -d '\\0'")
                .strip();
    }

    /** Writes ever larger numbers; what was acknowledged is in /root/written. */
    private void startWriting(String device, String node) {
        lab.exec(
                node,
                "rm -f /root/stop /root/written /root/failed; echo 0 >/root/written; setsid sh -c 'i=0; while [ ! -e /root/stop ];"
                        + " do i=$((i+1)); printf %-512s $i | dd of=" + device
                        + " bs=512 count=1 oflag=direct conv=fsync,notrunc status=none 2>>/root/failed || exit;"
                        + " echo $i >/root/new; mv /root/new /root/written; done; echo ended >/root/stopped'"
                        + " >/dev/null 2>&1 </dev/null &");
    }

    private int written(String node) {
        return Integer.parseInt(lab.exec(node, "cat /root/written").strip());
    }

    /** Ends the writer, and says what it wrote last; fails if a write had failed. */
    private int stopWriting(String node) {
        lab.exec(node, "rm -f /root/stopped; touch /root/stop");
        Eventually.holds(
                "the writer ends", () -> lab.run(node, "test -e /root/stopped").succeeded());
        assertEquals("", lab.exec(node, "cat /root/failed"));
        return written(node);
    }

    private void awaitMoreWritten(String node) {
        int before = written(node);
        Eventually.holds("the writer gets on", () -> written(node) > before + 2);
    }

    /** What of Heddle's is on a node: volumes, resource files, DRBD resources. */
    private String objects(String node) {
        return lab.exec(
                node,
                "lvs --noheadings -o lv_name vg0 | sed 's/ //g' | grep -v '^thin$'; "
                        + "find " + HeddledInLab.STATE + " /etc/drbd.d -name '*.res' ! -path /etc/drbd.d/heddle.res; "
                        + "drbdsetup show | grep '^resource' || true");
    }

    private void power(String node) {
        lab.powerOn(node);
        cluster.satellites().get(node).startAndWait();
    }

    private void awaitOffline(String node) {
        Eventually.holds(
                node + " is seen offline", () -> !cluster.node(node).state().equals("ONLINE"));
    }

    /** A pool of its own on a disk that can be made to fail. */
    private void newDisk(String node) {
        lab.exec(
                node,
                "s=$(blockdev --getsz /dev/ubdc); dd if=/dev/zero of=/dev/ubdc bs=1M count=8 conv=fsync status=none; "
                        + "dmsetup create dying --table \"0 $((s-2048)) linear /dev/ubdc 2048\"; "
                        + "pvcreate -qff -y /dev/mapper/dying && vgcreate -q vg1 /dev/mapper/dying"
                        + " && lvcreate -q -L 256M --thinpool thin vg1");
    }

    private void failDisk(String node) {
        lab.exec(
                node,
                "s=$(blockdev --getsz /dev/ubdc); dmsetup suspend --noflush --nolockfs dying; "
                        + "dmsetup reload dying --table \"0 $((s-2048)) error\"; dmsetup resume dying");
    }

    /** What an administrator does, or a restart: the kernel forgets the volumes of the disk that is gone. */
    private void takeDiskOut(String node) {
        lab.exec(
                node,
                "for i in 1 2 3 4; do dmsetup ls | awk '/^vg1-/ {print $1}' | xargs -r -n1 dmsetup remove 2>/dev/null; done;"
                        + " dmsetup remove dying; dmsetup ls | grep -c vg1- || true");
    }

    @Test
    @Order(1)
    void aNodeThatWasOffRemovesExactlyItsOwnWhenItIsBack() {
        create("db1");
        create("db2");
        lab.exec(last, "lvcreate -q -V 8M --thinpool vg0/thin -n somebodys");
        lab.cutPower(last);
        awaitOffline(last);

        cluster.ask(beans -> beans.deleteResourceDefinition("db1"));
        for (String node : nodes.subList(0, nodes.size() - 1)) {
            Eventually.holds("db1 is gone from " + node, () -> !objects(node).contains("db1"));
        }
        assertEquals(List.of(last), cluster.nodesOf("db1"));
        power(last);
        cluster.awaitGone("db1");

        String left = objects(last);
        assertFalse(left.contains("db1"), left);
        assertTrue(left.contains("db2_00000") && left.contains("somebodys"), left);
        cluster.awaitState("db2", "UpToDate");
        lab.exec(last, "lvremove -qy vg0/somebodys");
        cluster.done(beans -> beans.deleteResourceDefinition("db2"));
        cluster.awaitGone("db2");
    }

    @Test
    @Order(2)
    void whatWritesGoesOnWithoutTheDiskThatDiedAndTheDiskIsReplaced() {
        newDisk(one);
        cluster.done(beans -> beans.createStoragePool("LVM_THIN", one, DYING, "vg1/thin"));
        cluster.done(beans -> beans.createResourceDefinition("db3", "", ""));
        cluster.done(beans -> beans.createVolumeDefinition("db3", "32M", false, -1));
        cluster.ask(beans -> beans.createResource("db3", one, DYING, false));
        cluster.ask(beans ->
                beans.createResource("db3", String.join(",", nodes.subList(1, nodes.size())), TestCluster.POOL, false));
        cluster.awaitState("db3", "UpToDate");
        promote("db3", one);
        String device = cluster.device("db3", one);
        startWriting(device, one);
        awaitMoreWritten(one);

        failDisk(one);
        awaitMoreWritten(one);
        ResourceRow failed = cluster.awaitProblem("db3", one, "DISK_FAILED");
        awaitMoreWritten(one);

        assertEquals("Diskless", failed.state());
        assertEquals("InUse", failed.usage());
        assertTrue(failed.correction().contains("heddle resource delete " + one + " db3"), failed.correction());
        assertTrue(
                failed.correction().contains("heddle resource create " + one + " db3 -s " + DYING),
                failed.correction());
        create("db4");
        cluster.done(beans -> beans.deleteResourceDefinition("db4"));

        int written = stopWriting(one);
        demote("db3", one);
        takeDiskOut(one);
        newDisk(one);
        awaitPool(one, "Ok");
        cluster.done(beans -> beans.deleteResource("db3", one));
        cluster.ask(beans -> beans.createResource("db3", one, DYING, false));
        cluster.awaitState("db3", "UpToDate");

        promote("db3", one);
        assertEquals(Integer.toString(written), read(cluster.device("db3", one), one));
        demote("db3", one);
    }

    @Test
    @Order(3)
    void aDeadDiskHoldsADeletionOnItsOwnNodeOnlyUntilItIsAbandoned() {
        failDisk(one);
        promote("db3", one);
        lab.run(one, "dd if=/dev/zero of=" + cluster.device("db3", one) + " bs=4k count=100 oflag=direct status=none");
        demote("db3", one);
        cluster.awaitProblem("db3", one, "DISK_FAILED");
        assertEquals(
                "INVALID_INPUT",
                assertThrows(Refused.class, () -> cluster.ask(beans -> beans.abandonResource("db3", one)))
                        .code());

        cluster.ask(beans -> beans.deleteResourceDefinition("db3"));
        for (String node : nodes.subList(1, nodes.size())) {
            Eventually.holds("db3 is gone from " + node, () -> !objects(node).contains("db3"));
        }
        Eventually.nothingIsMissing(() -> cluster.resource("db3", one)
                        .filter(row -> row.state().equals("DELETING")
                                && row.correction().contains("heddle resource abandon " + one + " db3"))
                        .isPresent()
                ? Optional.empty()
                : Optional.of(cluster.resource("db3", one) + cluster.logs()));
        assertEquals(List.of(one), cluster.nodesOf("db3"));

        cluster.done(beans -> beans.abandonResource("db3", one));
        cluster.awaitGone("db3");

        assertEquals("", objects(one));
        lab.exec(
                one,
                "for i in 1 2 3 4; do dmsetup ls | awk '/^vg1-/ {print $1}' | xargs -r -n1 dmsetup remove 2>/dev/null; done; "
                        + "s=$(blockdev --getsz /dev/ubdc); dmsetup suspend --noflush --nolockfs dying; "
                        + "dmsetup reload dying --table \"0 $((s-2048)) linear /dev/ubdc 2048\"; dmsetup resume dying");
        Eventually.nothingIsMissing(() -> {
            List<String> unclaimed = cluster.node(one).unclaimed();
            return unclaimed.stream().anyMatch(line -> line.startsWith("backing volume " + DYING + "/db3_00000"))
                    ? Optional.empty()
                    : Optional.of(unclaimed + lab.exec(one, "lvs -a 2>&1"));
        });
    }

    @Test
    @Order(4)
    void aNodeIsEmptiedBelowAWriterThoughTheControllerDies() {
        String from = nodes.get(1);
        create("db5", one, from);
        if (!Lab.hasDrbd9()) {
            cluster.done(beans -> beans.evacuateNode(from, "", ""));
            Eventually.holds(
                    "it is said why it stays",
                    () -> cluster.node(from).evacuation().toString().contains(one + ": has a replica already"));
            cluster.done(beans -> beans.restoreNode(from));
            cluster.done(beans -> beans.deleteResourceDefinition("db5"));
            cluster.awaitGone("db5");
            return;
        }
        promote("db5", one);
        startWriting(cluster.device("db5", one), one);
        awaitMoreWritten(one);

        cluster.done(beans -> beans.evacuateNode(from, "", ""));
        cluster.controller().kill();
        cluster.controller().startAndWait();
        cluster.awaitOnline();
        Eventually.nothingIsMissing(() -> cluster.nodesOf("db5").equals(List.of(one, last))
                        && cluster.node(from).evacuation().isEmpty()
                ? Optional.empty()
                : Optional.of(cluster.nodesOf("db5") + " " + cluster.node(from).evacuation() + cluster.logs()));
        cluster.awaitState("db5", "UpToDate");

        assertTrue(cluster.node(from).evacuating());
        assertFalse(objects(from).contains("db5"), objects(from));
        awaitMoreWritten(one);
        int written = stopWriting(one);
        demote("db5", one);
        promote("db5", last);
        assertEquals(Integer.toString(written), read(cluster.device("db5", last), last));
        demote("db5", last);
        assertEquals(
                "IN_USE",
                assertThrows(
                                Refused.class,
                                () -> cluster.ask(beans -> beans.createResource("db5", from, TestCluster.POOL, false)))
                        .code());
        cluster.done(beans -> beans.restoreNode(from));
        cluster.done(beans -> beans.deleteResourceDefinition("db5"));
        cluster.awaitGone("db5");
    }

    @Test
    @Order(5)
    void aDiskThatHangsStallsNoOtherPool() {
        takeDiskOut(one);
        newDisk(one);
        awaitPool(one, "Ok");
        lab.exec(one, "dmsetup suspend --nolockfs dying");
        try {
            create("db6");
            promote("db6", one);
            demote("db6", one);
            cluster.done(beans -> beans.deleteResourceDefinition("db6"));
            cluster.awaitGone("db6");
            awaitPool(one, "Error");
        } finally {
            lab.exec(one, "dmsetup resume dying");
        }
        awaitPool(one, "Ok");
    }

    private void awaitPool(String node, String state) {
        Eventually.nothingIsMissing(() -> cluster.ask(ClusterMXBean::listStoragePools).stream()
                .filter(pool -> pool.pool().equals(DYING) && pool.node().equals(node))
                .filter(pool -> !pool.state().equals(state))
                .map(Object::toString)
                .findFirst());
    }

    @Test
    @Order(9)
    void aNodeThatIsGivenUpCannotRejoinAndKeepsWhatItHas() {
        create("db9");
        promote("db9", one);
        lab.exec(
                one,
                "printf %-512s before | dd of=" + cluster.device("db9", one)
                        + " bs=512 count=1 oflag=direct conv=fsync,notrunc status=none");
        Refused runs = assertThrows(Refused.class, () -> cluster.ask(beans -> beans.loseNode(last, "")));
        assertEquals("IN_USE", runs.code());
        assertTrue(runs.correction().contains("heddle node evacuate " + last), runs.correction());
        List<String> staying = nodes.subList(0, nodes.size() - 1);
        List<String> secrets = secrets(staying);
        lab.cutPower(last);
        awaitOffline(last);
        Eventually.holds(
                "DRBD sees that " + last + " is gone",
                () -> cluster.resource("db9", one).orElseThrow().connections().contains("(" + last + ")"));
        staying.forEach(node -> lab.exec(node, "dmesg -c >/dev/null"));

        cluster.done(beans -> beans.loseNode(last, ""));
        cluster.awaitState("db9", "UpToDate");

        assertEquals(staying, cluster.nodesOf("db9"));
        Eventually.nothingIsMissing(() -> {
            List<String> now = new ArrayList<>(secrets(staying));
            boolean rotated =
                    now.stream().distinct().count() == 1 && !now.get(0).equals(secrets.get(0));
            return rotated || staying.size() == 1 ? Optional.empty() : Optional.of("secrets " + now);
        });
        for (String node : staying) {
            String log = lab.exec(node, "dmesg");
            for (String peer : staying) {
                assertFalse(log.contains(peer + ": conn( Connected -> "), log);
            }
        }

        power(last);
        Eventually.nothingIsMissing(() -> {
            String status =
                    lab.run(last, "drbdadm cstate db9; drbdadm dstate db9").output();
            return status.contains("Connecting") || status.contains("WFConnection") || status.contains("StandAlone")
                    ? Optional.empty()
                    : Optional.of(status);
        });
        lab.exec(
                one,
                "printf %-512s after | dd of=" + cluster.device("db9", one)
                        + " bs=512 count=1 oflag=direct conv=fsync,notrunc status=none");
        String before = objects(last);
        assertTrue(before.contains("db9_00000") && before.contains("resource "), before);
        cluster.ask(beans -> beans.createNode(last, "", lab.address(last), 3366, "", ""));
        cluster.awaitOnline();
        Eventually.nothingIsMissing(() -> {
            String all = String.join("\n", cluster.node(last).unclaimed());
            return all.contains("resource file db9") && all.contains("node lost") ? Optional.empty() : Optional.of(all);
        });
        cluster.done(beans -> beans.createStoragePool("LVM_THIN", last, TestCluster.POOL, TestCluster.THIN_POOL));
        Eventually.nothingIsMissing(() -> {
            String all = String.join("\n", cluster.node(last).unclaimed());
            return all.contains("backing volume " + TestCluster.POOL + "/db9_00000")
                    ? Optional.empty()
                    : Optional.of(all);
        });

        assertEquals(before, objects(last));
        for (String node : staying) {
            assertFalse(
                    lab.exec(node, "drbdadm status db9 2>&1; cat /proc/drbd 2>/dev/null; true")
                            .contains(last),
                    node);
        }
        List<ReplyRow> refused = cluster.ask(beans -> beans.createResource("db9", last, TestCluster.POOL, false));
        assertNotEquals(List.of(), refused);
        Eventually.holds(
                "its old volume is not touched",
                () -> cluster.resource("db9", last).orElseThrow().problem().startsWith("FOREIGN_VOLUME"));
        assertEquals("after", read(cluster.device("db9", one), one));
    }

    private List<String> secrets(List<String> of) {
        return of.stream()
                .map(node -> lab.exec(node, "drbdsetup show db9 | grep shared-secret | sort -u"))
                .toList();
    }
}
