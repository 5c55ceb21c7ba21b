package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * What an administrator types from the first node to the first volume, and back again, word for word, through the console
 * program: three nodes pve1, pve2 and pve3 at 10.1.0.11 to 13, with a second network 10.2.0.0, and the controller on another machine.
 * Each test goes on where the one before it ended.
 */
@Tag("cluster")
@Tag("lab")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StoryIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String VOLUME = "vm-100-disk-1";
    private static final String DRBD_TOOLS =
            "drbdadm status 2>&1; echo ended with $?; echo ----; drbdadm dump all 2>&1; echo ended with $?";
    private static final List<String> NODES = List.of("pve1", "pve2", "pve3");
    private static final Pattern ADDRESS = Pattern.compile("([0-9]+\\.[0-9]+\\.[0-9]+)\\.[0-9]+:([0-9]+)");

    /** DRBD 8.4 knows two replicas. */
    private static final int REPLICAS = Lab.replicas();

    private static final int REST_PORT = Places.freePort();

    private static @Nullable Lab booted;
    private static @Nullable HeddledOnMachine running;
    private static final List<Heddled> SATELLITES = new ArrayList<>();

    private final Lab lab = Optional.ofNullable(booted).orElseThrow();
    private final HeddledOnMachine controller = Optional.ofNullable(running).orElseThrow();
    private final String main = lab.network().replaceFirst("\\.0/24$", "");
    private final String data = lab.dataAddress("pve1").replaceFirst("\\.[0-9]+$", "");

    @BeforeAll
    static void boot() {
        Skip.because(Lab.whyNot());
        Places.makeClassArchive();
        HeddledOnMachine controller = HeddledOnMachine.controller(Places.newDirectory("story"), REST_PORT);
        running = controller;
        Lab lab = new Lab(NODES, "10.1.0", "10.2.0", "801G");
        booted = lab;
        controller.start();
        NODES.forEach(node -> SATELLITES.add(new HeddledInLab(lab, node, Places.appliance())));
        SATELLITES.forEach(Heddled::start);
        controller.awaitUp();
        SATELLITES.forEach(Heddled::awaitUp);
    }

    @AfterAll
    static void end() {
        if (running != null) {
            running.close();
        }
        if (booted != null) {
            booted.close();
        }
    }

    /** A line as the story has it; on a machine that is itself in one of these networks they have other numbers. */
    private String line(String story) {
        return story.replace("10.1.0.0/16", main + ".0/16")
                .replace("10.1.0.", main + ".")
                .replace("10.2.0.", data + ".");
    }

    /** What a command printed that has to succeed, with nothing left to be done. */
    private String typed(String story) {
        Program.Result result = type(story);
        if (!result.succeeded()) {
            throw new AssertionError(result + logs());
        }
        return result.output();
    }

    private Program.Result type(String story) {
        String line = line(story);
        System.out.println("$ " + line);
        assertTrue(line.startsWith("heddle "), line);
        return controller.console(line.substring("heddle ".length()).split(" "));
    }

    private String logs() {
        StringBuilder text = new StringBuilder(controller.log());
        SATELLITES.forEach(satellite ->
                text.append("---- ").append(satellite.name()).append('\n').append(satellite.log()));
        return text.toString();
    }

    /** What a list command shows with {@code -m}. */
    private List<JsonNode> json(String story) {
        String printed = typed(story.replaceFirst("^heddle ", "heddle -m "));
        try {
            List<JsonNode> rows = new ArrayList<>();
            JSON.readTree(printed).forEach(rows::add);
            return rows;
        } catch (JsonProcessingException wrong) {
            throw new AssertionError(printed, wrong);
        }
    }

    /** The rows of the table that a list command prints, each by the titles of the columns. */
    private List<SortedMap<String, String>> table(String story) {
        List<List<String>> lines = typed(story)
                .lines()
                .filter(line -> line.startsWith("│"))
                .map(line -> Stream.of(line.substring(1).split("│"))
                        .map(String::strip)
                        .toList())
                .toList();
        List<SortedMap<String, String>> rows = new ArrayList<>();
        for (List<String> cells : lines.subList(1, lines.size())) {
            if (!cells.get(0).isEmpty()) {
                rows.add(new TreeMap<>());
            }
            for (int column = 0; column < cells.size(); column++) {
                if (!cells.get(column).isEmpty()) {
                    rows.get(rows.size() - 1)
                            .merge(lines.get(0).get(column), cells.get(column), (above, below) -> above + " " + below);
                }
            }
        }
        return rows;
    }

    private static List<String> column(String title, List<SortedMap<String, String>> rows) {
        return rows.stream().map(row -> row.getOrDefault(title, "")).toList();
    }

    private static List<String> field(String name, List<JsonNode> rows) {
        return rows.stream().map(row -> row.path(name).asText()).toList();
    }

    /** What a node's program gets when it asks for the nodes over REST; empty if nobody listens. */
    private String askedFrom(String node) {
        Program.Result answer = lab.run(
                node,
                "exec 3<>/dev/tcp/" + lab.address("machine") + "/" + REST_PORT
                        + " && printf 'GET /v1/nodes HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3");
        assertTrue(answer.succeeded() || answer.output().contains("Connection refused"), answer.toString());
        return answer.succeeded() ? answer.output() : "";
    }

    /** The standard tools work beside Heddle, and tell what Heddle tells. */
    private void assertDrbdAgrees() {
        List<JsonNode> resources = json("heddle resource list");
        for (String node : NODES) {
            List<JsonNode> here = resources.stream()
                    .filter(row -> row.path("node").asText().equals(node))
                    .toList();
            String seen = lab.exec(node, DRBD_TOOLS);
            String status = seen.substring(0, seen.indexOf("----"));
            String dump = seen.substring(seen.indexOf("----"));
            assertEquals(field("resource", here), words("(?m)^(\\S+) role:", status), seen);
            assertEquals(field("resource", here), words("(?m)^resource \"?([^\\s\"]+)\"? \\{", dump), seen);
            assertTrue(here.isEmpty() ? saysNone(status) : seen.matches("(?s).* 0\\n----.* 0"), seen);
            for (JsonNode resource : here) {
                String role = resource.path("usage").asText().equals("InUse") ? "Primary" : "Secondary";
                assertTrue(status.contains(resource.path("resource").asText() + " role:" + role), seen);
                assertEquals(List.of(disk(resource)), words("(?m)^  disk:(\\S+)", status), seen);
                assertEquals("Ok", resource.path("connections").asText());
                List<String> peers = resources.stream()
                        .filter(row -> row.path("resource").equals(resource.path("resource"))
                                && !row.path("node").asText().equals(node))
                        .map(StoryIT::disk)
                        .sorted()
                        .toList();
                assertEquals(peers, words("peer-disk:(\\S+)", status), seen);
                // A replica that is alone listens nowhere.
                if (!peers.isEmpty()) {
                    Set<String> own = new TreeSet<>();
                    resources.stream()
                            .filter(row -> row.path("resource").equals(resource.path("resource")))
                            .forEach(row -> own.add(row.path("port").asText()));
                    assertEquals(own, ports(dump), seen);
                }
            }
        }
    }

    /** With DRBD 8.4 loaded drbdadm takes it for a mistake that there is no resource. */
    private static boolean saysNone(String status) {
        return status.contains("No currently configured DRBD found") || status.contains("no resources defined!");
    }

    private static List<String> words(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(found -> found.group(1))
                .sorted()
                .toList();
    }

    private static Set<String> ports(String text) {
        Set<String> ports = new TreeSet<>();
        Matcher address = ADDRESS.matcher(text);
        while (address.find()) {
            ports.add(address.group(2));
        }
        return ports;
    }

    private static Set<String> networks(String text) {
        Set<String> networks = new TreeSet<>();
        Matcher address = ADDRESS.matcher(text);
        while (address.find()) {
            networks.add(address.group(1));
        }
        return networks;
    }

    private List<String> nodesOfTheVolume() {
        return field("node", json("heddle resource list"));
    }

    @Test
    @Order(1)
    void restIsHeardByTheNodesOnceItIsOpenedToTheirNetwork() {
        assertEquals("", askedFrom("pve1"));

        typed("heddle controller rest open 10.1.0.0/16 --role operator");

        Eventually.nothingIsMissing(() -> {
            String answer = askedFrom("pve1");
            return answer.matches("(?s)HTTP/1\\.1 200 .*\\[\\s*\\]\\s*") ? Optional.empty() : Optional.of(answer);
        });
        assertEquals(
                List.of(line("10.1.0.0/16") + " operator"),
                table("heddle controller rest list").stream()
                        .map(row -> row.get("Network") + " " + row.get("Role"))
                        .toList());
    }

    @Test
    @Order(2)
    void nodesWithTwoNetworksAreIntroduced() {
        // their links may come later than the answers, on a slow machine
        type("heddle node create pve1 10.1.0.11");
        type("heddle node create pve2 10.1.0.12");
        type("heddle node create pve3 10.1.0.13");
        Eventually.nothingIsMissing(
                () -> field("state", json("heddle node list")).equals(List.of("ONLINE", "ONLINE", "ONLINE"))
                        ? Optional.empty()
                        : Optional.of(typed("heddle node list") + logs()));
        typed("heddle node interface create pve1 data 10.2.0.11");
        typed("heddle node interface create pve2 data 10.2.0.12");
        typed("heddle node interface create pve3 data 10.2.0.13");

        List<SortedMap<String, String>> table = table("heddle node list");
        assertEquals(NODES, column("Node", table));
        assertEquals(List.of("SATELLITE", "SATELLITE", "SATELLITE"), column("Type", table));
        assertEquals(List.of("ONLINE", "ONLINE", "ONLINE"), column("State", table));
        assertTrue(column("Addresses", table).get(0).contains(lab.address("pve1") + ":3366 (TLS)"), table.toString());
        List<JsonNode> rows = json("heddle node list");
        assertEquals(NODES, field("node", rows));
        assertEquals(NODES, field("hostName", rows));
        assertEquals(List.of("ONLINE", "ONLINE", "ONLINE"), field("state", rows));
        assertTrue(
                rows.get(0).path("replication").asText().startsWith(Lab.hasDrbd9() ? "DRBD 9." : "DRBD 8.4."),
                rows.toString());
        assertTrue(askedFrom("pve2").contains("pve3"), "REST tells the same");
        assertEquals(
                List.of(lab.dataAddress("pve2")),
                table("heddle node interface list pve2").stream()
                        .filter(row -> "data".equals(row.get("Name")))
                        .map(row -> row.get("Address"))
                        .toList());
    }

    @Test
    @Order(3)
    void thinPoolsAreRegisteredAndPreferTheSecondNetwork() {
        lab.onAll(node -> lab.exec(node, "vgcreate pve /dev/ubda && lvcreate -L 800G --thinpool drbdpool pve"));
        typed("heddle storage-pool create lvmthin pve1 drbdpool pve/drbdpool");
        typed("heddle storage-pool create lvmthin pve2 drbdpool pve/drbdpool");
        typed("heddle storage-pool create lvmthin pve3 drbdpool pve/drbdpool");
        typed("heddle storage-pool set-property pve1 drbdpool PrefNic data");
        typed("heddle storage-pool set-property pve2 drbdpool PrefNic data");
        typed("heddle storage-pool set-property pve3 drbdpool PrefNic data");

        List<SortedMap<String, String>> table = table("heddle storage-pool list");
        assertEquals(NODES, column("Node", table));
        for (SortedMap<String, String> row : table) {
            assertEquals("drbdpool", row.get("StoragePool"));
            assertEquals("LVM_THIN", row.get("Driver"));
            assertEquals("pve/drbdpool", row.get("PoolName"));
            assertEquals("800 GiB", row.get("Free"));
            assertEquals("800 GiB", row.get("Total"));
            assertEquals("yes", row.get("Snapshots"));
            assertEquals("Ok", row.get("State"));
        }
        for (JsonNode row : json("heddle storage-pool list")) {
            assertEquals(800L << 30, row.path("totalBytes").asLong());
            assertEquals(800L << 30, row.path("freeBytes").asLong());
            assertEquals("data", row.path("properties").path("PrefNic").asText());
        }
    }

    @Test
    @Order(4)
    void aVolumeIsReplicatedOverTheSecondNetworkWithoutCopyingZeros() {
        typed("heddle resource-definition create vm-100-disk-1");
        typed("heddle volume-definition create vm-100-disk-1 4G");
        if (REPLICAS < 3) {
            Program.Result refused = type("heddle resource create vm-100-disk-1 --auto-place 3 -s drbdpool");
            assertEquals(1, refused.exit(), refused.toString());
            assertTrue(refused.output().contains("8.4"), refused.toString());
        }
        typed("heddle resource create vm-100-disk-1 --auto-place " + REPLICAS + " -s drbdpool");

        Eventually.nothingIsMissing(() -> {
            List<JsonNode> rows = json("heddle resource list");
            return rows.size() == REPLICAS
                            && rows.stream()
                                    .allMatch(row -> row.path("state").asText().equals("UpToDate")
                                            && row.path("connections").asText().equals("Ok"))
                    ? Optional.empty()
                    : Optional.of(rows + logs());
        });
        List<SortedMap<String, String>> table = table("heddle resource list");
        assertEquals(REPLICAS, table.size());
        for (SortedMap<String, String> row : table) {
            assertEquals(VOLUME, row.get("Resource"));
            assertTrue(NODES.contains(row.get("Node")), row.toString());
            assertTrue(Integer.parseInt(row.get("Port")) > 0, row.toString());
            assertEquals("Unused", row.get("Usage"));
            assertEquals("UpToDate", row.get("State"));
        }
        assertDrbdAgrees();
        for (String node : nodesOfTheVolume()) {
            String status = lab.exec(node, "drbdsetup status --verbose --statistics " + VOLUME);
            assertEquals(Set.of("0"), Set.copyOf(words("received:([0-9]+)", status)), status);
            assertEquals(Set.of("0"), Set.copyOf(words("sent:([0-9]+)", status)), status);
            assertEquals(Set.of("0"), Set.copyOf(words("out-of-sync:([0-9]+)", status)), status);
            assertEquals(List.of(Long.toString(4L << 20)), words(" size:([0-9]+)", status), status);
            assertEquals(Set.of(data), networks(lab.exec(node, "drbdsetup show " + VOLUME)));
            assertEquals(Set.of(data), networks(lab.exec(node, "drbdadm dump " + VOLUME)));
            String link = lab.exec(node, "readlink -f /dev/drbd/by-res/vm-100-disk-1/0");
            assertTrue(link.matches("/dev/drbd[0-9]+"), link);
        }
    }

    @Test
    @Order(5)
    void aReplicaIsDeletedAndTheOthersGoOn() {
        String gone = nodesOfTheVolume().get(0);

        typed("heddle resource delete " + gone + " vm-100-disk-1");

        if (Lab.hasDrbd9()) {
            // two replicas are left, and the third node decides between them
            awaitTieBreaker(gone);
            assertFalse(ofTheVolume(gone).contains(VOLUME + "_"), "its backing volume is gone");
        } else {
            awaitGone(gone);
            assertEquals("", ofTheVolume(gone));
            assertFalse(nodesOfTheVolume().contains(gone));
        }
        assertDrbdAgrees();
    }

    private void awaitTieBreaker(String node) {
        Eventually.nothingIsMissing(() -> {
            List<JsonNode> rows = json("heddle resource list");
            boolean there = rows.stream()
                            .filter(row -> row.path("node").asText().equals(node))
                            .anyMatch(row -> row.path("state").asText().equals("TieBreaker"))
                    && rows.stream()
                            .allMatch(row -> row.path("connections").asText().equals("Ok"));
            return there ? Optional.empty() : Optional.of(rows + logs());
        });
    }

    /** DRBD's word for a state of the list. */
    private static String disk(JsonNode resource) {
        String state = resource.path("state").asText();
        return state.equals("TieBreaker") ? "Diskless" : state;
    }

    private void awaitGone(String node) {
        Eventually.nothingIsMissing(() -> {
            List<JsonNode> rows = json("heddle resource list");
            return field("node", rows).contains(node)
                            || rows.stream()
                                    .anyMatch(row ->
                                            !row.path("connections").asText().equals("Ok"))
                    ? Optional.of(rows + logs())
                    : Optional.empty();
        });
    }

    /** What there is of the volume on a node: a logical volume, a resource file, a DRBD resource and devices. */
    private String ofTheVolume(String node) {
        return lab.exec(
                node,
                "lvs --noheadings -o lv_name pve | sed 's/ //g' | grep -v '^drbdpool$'; "
                        + "find " + HeddledInLab.STATE + " /etc/drbd.d -name '*.res' ! -path /etc/drbd.d/heddle.res; "
                        + "drbdsetup show | grep '^resource'; ls -d /sys/block/drbd* /dev/drbd/by-res/* 2>/dev/null; true");
    }

    @Test
    @Order(6)
    void theVolumeIsDeletedAndNothingOfItIsLeft() {
        typed("heddle volume-definition delete vm-100-disk-1 0");
        assertEquals(List.of(), json("heddle volume-definition list"));
        assertEquals(
                List.of(),
                NODES.stream()
                        .map(node -> lab.exec(node, "lvs --noheadings -o lv_name pve | grep -v ' drbdpool *$' || true"))
                        .filter(volumes -> !volumes.isEmpty())
                        .toList());
        typed("heddle resource-definition delete vm-100-disk-1");

        assertEquals(List.of(), json("heddle resource-definition list"));
        assertEquals(List.of(), json("heddle resource list"));
        for (String node : NODES) {
            assertEquals("", ofTheVolume(node), node);
            assertTrue(saysNone(lab.exec(node, DRBD_TOOLS)), node);
        }
        assertEquals(
                List.of("[]", "[]", "[]"),
                json("heddle node list").stream()
                        .map(row -> row.path("unclaimed").toString())
                        .toList());
    }

    @Test
    @Order(7)
    void poolsAndNodesAreTakenBackAndTheThinPoolsStay() {
        typed("heddle storage-pool delete pve1 drbdpool");
        typed("heddle storage-pool delete pve2 drbdpool");
        typed("heddle storage-pool delete pve3 drbdpool");
        assertEquals(List.of(), json("heddle storage-pool list"));
        for (String node : NODES) {
            assertEquals("drbdpool", lab.exec(node, "lvs --noheadings -o lv_name pve"));
        }
        typed("heddle node interface delete pve1 data");
        typed("heddle node interface delete pve2 data");
        typed("heddle node interface delete pve3 data");
        typed("heddle node delete pve1");
        typed("heddle node delete pve2");
        typed("heddle node delete pve3");
        assertEquals(List.of(), json("heddle node list"));

        typed("heddle controller rest close 10.1.0.0/16");
        Eventually.holds("REST is closed to the nodes", () -> askedFrom("pve1").isEmpty());
    }
}
