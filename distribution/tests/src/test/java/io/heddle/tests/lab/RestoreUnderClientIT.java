package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.SnapshotRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Snapshots below writers on a node without a disk: no replica's metadata says that it was Primary, and what was in flight may be on one
 * replica and not on the other. What is restored is equal all the same.
 */
@Tag("cluster")
@Tag("lab")
class RestoreUnderClientIT {
    private static final String NAME = "client";
    private static final String SCRIPT = """
            seed=$2
            n=0
            while [ ! -e /run/client.end ]; do
              n=$((n+1))
              seed=$(( (seed * 1103515245 + 12345) % 2147483648 ))
              dd if=/dev/urandom of=$1 bs=64k count=1 seek=$((seed % 1000)) oflag=direct conv=notrunc status=none
            done
            """;

    @Test
    void replicasAreEqualWhoeverWasPrimary() throws IOException {
        Skip.because(Lab.whyNot()
                .or(() -> Lab.hasDrbd9()
                        ? Optional.empty()
                        : Optional.of("a node without a disk needs DRBD 9, which DRBD_KO names")));
        try (Lab lab = new Lab(3);
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("client"))) {
            tell(lab, cluster);
        }
    }

    private static void tell(Lab lab, TestCluster cluster) throws IOException {
        String writing = lab.nodes().get(0);
        List<String> disks = lab.nodes().subList(1, 3);
        cluster.done(beans -> beans.createResourceDefinition(NAME, "", ""));
        cluster.done(beans -> beans.createVolumeDefinition(NAME, "64M", false, -1));
        for (String node : disks) {
            printed(cluster, "resource create " + node + " " + NAME);
        }
        printed(cluster, "resource create " + writing + " " + NAME + " --diskless");
        cluster.done(beans -> beans.promoteResource(NAME, writing, false));
        Files.writeString(lab.share().resolve("client.sh"), SCRIPT);
        for (int writer = 1; writer <= 6; writer++) {
            lab.exec(
                    writing,
                    "setsid sh /share/client.sh " + cluster.device(NAME, writing) + " " + writer
                            + " >/dev/null 2>&1 </dev/null & :");
        }
        int differed = 0;
        for (int round = 1; round <= 4; round++) {
            String name = "s" + round;
            lab.exec(writing, "sleep 2");
            printed(cluster, "snapshot create " + NAME + " " + name);
            String uuid = cluster.ask(ClusterMXBean::listSnapshots).stream()
                    .filter(row -> row.snapshot().equals(name))
                    .map(SnapshotRow::uuid)
                    .findFirst()
                    .orElseThrow();
            String part = "vg0/" + NAME + "_00000_snap_" + uuid.substring(0, 8);
            List<String> kept = disks.stream()
                    .map(node -> lab.exec(
                            node, "lvchange -qq -ay -K " + part + " && " + sum(part) + "; lvchange -qq -an " + part))
                    .distinct()
                    .toList();
            differed += kept.size() - 1;
            printed(cluster, "snapshot restore " + NAME + " " + name + " " + name);
            cluster.awaitState(name, "UpToDate");
            Eventually.holds(
                    "no sync is left",
                    () -> disks.stream()
                            .allMatch(node ->
                                    lab.exec(node, "drbdsetup status " + name).contains("peer-disk:UpToDate")));
            assertEquals(
                    1,
                    disks.stream()
                            .map(node -> lab.exec(node, sum("vg0/" + name + "_00000")))
                            .distinct()
                            .count(),
                    name);
        }
        System.out.println(
                "in the lab: of 4 snapshots " + differed + " had parts that differ; all were restored equal");
        lab.exec(writing, "touch /run/client.end");
    }

    private static String sum(String volume) {
        return "dd if=/dev/" + volume + " bs=1M count=64 iflag=direct status=none | sha256sum";
    }

    private static void printed(TestCluster cluster, String command) {
        Program.Result result = cluster.controller().console(command.split(" "));
        System.out.println("$ heddle " + command + "\n" + result.output());
        assertEquals(0, result.exit(), result.toString());
    }
}
