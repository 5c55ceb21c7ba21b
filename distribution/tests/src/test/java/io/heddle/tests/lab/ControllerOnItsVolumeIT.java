package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Heddled;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.HeddledOnMachine;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The controller moves onto a volume that it manages, and is started by whoever is promoted: what
 * {@code distribution/docs/controller-volume.md} tells. Each test goes on where the one before it ended.
 */
@Tag("cluster")
@Tag("lab")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ControllerOnItsVolumeIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OWN = "vm-100-disk-1";
    private static final String OTHER = "vm-101-disk-1";
    private static final String LATER = "vm-102-disk-1";
    private static final String DEVICE = "/dev/drbd/by-res/" + OWN + "/0";
    private static final String PLACE = "/srv/heddle";

    private static final HeddledOnMachine OLD_PLACE =
            HeddledOnMachine.controller(Places.newDirectory("controller-volume"));
    private static final List<Heddled> SATELLITES = new ArrayList<>();
    private static @Nullable Lab booted;
    /** Where the controller was promoted last. */
    private static String home = "";

    private static @Nullable HeddledInLab moved;

    private final Lab lab = Optional.ofNullable(booted).orElseThrow();

    @BeforeAll
    static void boot() {
        Skip.because(Lab.whyNot());
        Places.makeClassArchive();
        Lab lab = new Lab(3);
        booted = lab;
        OLD_PLACE.start();
        lab.nodes()
                .forEach(node -> SATELLITES.add(new HeddledInLab(lab, node, Places.appliance(), "--keep-res=vm-100")));
        SATELLITES.forEach(Heddled::start);
        OLD_PLACE.awaitUp();
        SATELLITES.forEach(Heddled::awaitUp);
    }

    @AfterAll
    static void end() {
        OLD_PLACE.close();
        if (booted != null) {
            booted.close();
        }
    }

    private String logs() {
        StringBuilder text = new StringBuilder();
        Optional.ofNullable(moved).ifPresent(controller -> text.append(controller.log()));
        SATELLITES.forEach(satellite ->
                text.append("---- ").append(satellite.name()).append('\n').append(satellite.log()));
        return text.toString();
    }

    private Program.Result type(String words) {
        return Optional.ofNullable(moved)
                .map(controller -> controller.console(words))
                .orElseGet(() -> OLD_PLACE.console(words.split(" ")));
    }

    private String typed(String words) {
        Program.Result result = type(words);
        if (!result.succeeded()) {
            throw new AssertionError(result + logs());
        }
        return result.output();
    }

    private static List<JsonNode> rows(String printed) {
        try {
            List<JsonNode> rows = new ArrayList<>();
            JSON.readTree(printed).forEach(rows::add);
            return rows;
        } catch (JsonProcessingException wrong) {
            throw new AssertionError(printed, wrong);
        }
    }

    private List<JsonNode> resources(String name) {
        return rows(typed("-m resource list")).stream()
                .filter(row -> row.path("resource").asText().equals(name))
                .toList();
    }

    private List<String> nodesOf(String name) {
        return resources(name).stream().map(row -> row.path("node").asText()).toList();
    }

    private void awaitUpToDate(String... names) {
        Eventually.nothingIsMissing(() -> {
            List<JsonNode> all = rows(typed("-m resource list"));
            for (String name : names) {
                List<JsonNode> rows = all.stream()
                        .filter(row -> row.path("resource").asText().equals(name))
                        .toList();
                boolean well = rows.size() == Lab.replicas()
                        && rows.stream()
                                .allMatch(row -> row.path("state").asText().equals("UpToDate")
                                        && row.path("connections").asText().equals("Ok"));
                if (!well) {
                    return Optional.of(name + ": " + rows + logs());
                }
            }
            return Optional.empty();
        });
    }

    private void awaitOnline() {
        Eventually.nothingIsMissing(() -> rows(typed("-m node list")).stream()
                .filter(row -> !row.path("state").asText().equals("ONLINE"))
                .map(row -> row + logs())
                .findFirst());
    }

    private void create(String name, String size) {
        typed("resource-definition create " + name);
        typed("volume-definition create " + name + " " + size);
        typed("resource create " + name + " --auto-place " + Lab.replicas() + " -s drbdpool");
    }

    /** What a cluster manager does where it wants the controller: the volume, the file system, the program. */
    private void promote(String node) {
        lab.exec(node, "drbdadm primary " + OWN + " && mkdir -p " + PLACE + " && mount " + DEVICE + " " + PLACE);
        HeddledInLab controller = HeddledInLab.controller(lab, node, Places.appliance(), PLACE);
        controller.startAndWait();
        moved = controller;
        home = node;
    }

    private SortedMap<String, String> onNodes(Function<String, String> look) {
        SortedMap<String, String> seen = new TreeMap<>();
        lab.nodes().forEach(node -> seen.put(node, look.apply(node)));
        return seen;
    }

    /** Logical volumes with their tags, resource files and resources of DRBD, on each node. */
    private SortedMap<String, String> volumes() {
        return onNodes(node -> lab.exec(
                node,
                "lvs --noheadings -o lv_name,lv_size,lv_tags vg0; find " + HeddledInLab.STATE
                        + " -name '*.res' | sort; drbdsetup show | grep '^resource' | sort"));
    }

    @Test
    @Order(1)
    void theControllersStateIsMovedOntoAVolumeThatItMade() {
        lab.onAll(node -> lab.exec(node, "vgcreate vg0 /dev/ubda && lvcreate -L 2G --thinpool drbdpool vg0"));
        // their links may come later than the answers, on a slow machine
        lab.nodes().forEach(node -> type("node create " + node + " " + lab.address(node)));
        awaitOnline();
        lab.nodes().forEach(node -> typed("storage-pool create lvmthin " + node + " drbdpool vg0/drbdpool"));
        create(OWN, "256M");
        awaitUpToDate(OWN);
        if (Lab.hasDrbd9()) {
            typed("resource-definition drbd-options " + OWN + " --auto-promote=no --on-no-quorum=io-error");
        }
        String first = nodesOf(OWN).get(0);

        OLD_PLACE.stop();
        // the disk of the container that it lived in
        Path disk = lab.share().resolve("disk");
        Program.run("truncate", "-s", "100M", disk.toString()).printed();
        Program.run("mkfs.ext4", "-q", "-d", OLD_PLACE.stateDirectory().toString(), disk.toString())
                .printed();
        lab.exec(
                first,
                "drbdadm primary " + OWN + " && dd if=/share/disk of=" + DEVICE + " bs=4M conv=fsync && e2fsck -f -p "
                        + DEVICE + " && resize2fs " + DEVICE + " && drbdadm secondary " + OWN);
        promote(first);

        awaitOnline();
        awaitUpToDate(OWN);
        HeddledInLab controller = Optional.ofNullable(moved).orElseThrow();
        assertTrue(controller.log().contains("The controller's state lies on " + OWN), controller.log());
    }

    @Test
    @Order(2)
    void itsOwnVolumeIsNotDeletedByIt() {
        SortedMap<String, String> before = volumes();

        for (String words : List.of("resource-definition delete " + OWN, "volume-definition delete " + OWN + " 0")) {
            Program.Result refused = type(words);
            assertEquals(1, refused.exit(), refused.toString());
            assertTrue(refused.output().contains("the controller's own state lies on " + OWN), refused.toString());
        }

        assertEquals(before, volumes());
        awaitUpToDate(OWN);
    }

    @Test
    @Order(3)
    void afterAPowerCutOfEverythingTheSatellitesBringItUpAndItStartsWhereItIsPromoted() {
        create(OTHER, "64M");
        awaitUpToDate(OTHER, OWN);
        SortedMap<String, String> before = volumes();
        String second = nodesOf(OWN).stream()
                .filter(node -> !node.equals(home))
                .findFirst()
                .orElseThrow();

        lab.cutPower(lab.nodes().toArray(String[]::new));
        lab.powerOn(lab.nodes().toArray(String[]::new));
        SATELLITES.forEach(Heddled::startAndWait);
        Eventually.nothingIsMissing(() -> {
            String status = lab.run(second, "drbdadm status " + OWN).output();
            boolean whole = status.contains(" disk:UpToDate") && !status.matches("(?s).*(onnect|nconsistent).*");
            return whole ? Optional.empty() : Optional.of(status + logs());
        });
        promote(second);

        awaitOnline();
        awaitUpToDate(OWN, OTHER);
        assertEquals(before, volumes(), "nothing is removed, nothing is made");
    }

    @Test
    @Order(4)
    void theOldPlaceStartedByMistakeIsRefusedAndHarmsNothing() {
        SortedMap<String, String> before = volumes();

        OLD_PLACE.startAndWait();
        Eventually.nothingIsMissing(
                () -> rows(OLD_PLACE.console("-m", "node", "list").printed()).stream()
                        .filter(row -> !row.toString().contains("STALE_CONTROLLER"))
                        .map(JsonNode::toString)
                        .findFirst());
        Program.Result deleted = OLD_PLACE.console("resource-definition", "delete", OWN);
        assertTrue(!deleted.succeeded() || deleted.output().contains("WARNING"), deleted.toString());
        create(LATER, "64M");

        awaitUpToDate(OWN, OTHER, LATER);
        awaitOnline();
        OLD_PLACE.stop();
        typed("resource-definition delete " + LATER);
        assertEquals(before, volumes(), "what the old place wanted is nowhere");
        awaitUpToDate(OWN, OTHER);
    }
}
