package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A node whose resources were made under DRBD 9 boots into a kernel that has 8.4 only. */
@Tag("cluster")
@Tag("lab")
class OlderModuleIT {
    private static final String RESOURCE = "made-under-nine";

    @Test
    void whatWasMadeUnderDrbd9IsNotTouchedUnder84AndServedAgainUnderDrbd9() throws IOException {
        Skip.because(Lab.whyNot());
        Skip.because(
                Lab.hasDrbd9()
                        ? Optional.empty()
                        : Optional.of("the resources have to be made under DRBD 9, and no module was given (DRBD_KO)"));
        try (Lab lab = new Lab(2);
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("older-module"))) {
            String node = lab.nodes().get(0);
            Heddled satellite = cluster.satellites().get(node);
            cluster.create(RESOURCE, "64M", 2);
            cluster.awaitState(RESOURCE, "UpToDate");
            String device = cluster.device(RESOURCE, node);
            String written = lab.exec(
                    node,
                    "dd if=/dev/urandom of=" + device
                            + " bs=1M count=8 oflag=direct conv=fsync status=none && head -c 8M " + device
                            + " | sha256sum");

            Path modules = lab.share().resolve(".drbd");
            Path away = lab.share().resolve(".drbd-away");
            lab.cutPower(node);
            Files.move(modules, away);
            lab.powerOn(node);
            String version = lab.exec(node, "head -n 1 /proc/drbd");
            assertTrue(version.startsWith("version: 8.4"), version);
            String before = backing(lab, node);
            satellite.startAndWait();

            ResourceRow row = cluster.awaitProblem(RESOURCE, node, "MODULE_TOO_OLD");
            assertTrue(row.correction().contains("load a DRBD 9 module"), row.toString());
            assertTrue(
                    cluster.node(node).replication().startsWith("DRBD 8.4"),
                    cluster.node(node).toString());
            assertEquals("", lab.exec(node, "drbdsetup show"), "DRBD 8.4 has nothing of it");
            assertEquals(before, backing(lab, node), "the backing volume, with its metadata");

            lab.cutPower(node);
            Files.move(away, modules);
            lab.powerOn(node);
            satellite.startAndWait();
            cluster.awaitOnline();
            cluster.awaitState(RESOURCE, "UpToDate");
            assertEquals(written, lab.exec(node, "head -c 8M " + device + " | sha256sum"));
        }
    }

    private static String backing(Lab lab, String node) {
        return lab.exec(
                node, "lvs --noheadings -o lv_name,lv_size,lv_tags vg0; sha256sum </dev/vg0/" + RESOURCE + "_00000");
    }
}
