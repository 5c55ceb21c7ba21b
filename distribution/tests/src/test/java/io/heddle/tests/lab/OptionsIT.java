package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.HeddledInLab;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * DRBD options on real kernels, with a writer on the volume all the time: what is set by the console and by JMX is what
 * drbdsetup shows, the writer sees no error, and no connection goes. Two nodes with DRBD 8.4, three with what DRBD_KO names.
 */
@Tag("cluster")
@Tag("lab")
@TestMethodOrder(MethodOrderer.MethodName.class)
class OptionsIT {
    private static final String RESOURCE = "tuned";

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
        TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("options"));
        joined = cluster;
        cluster.create(RESOURCE, "64M", lab.nodes().size());
        cluster.awaitState(RESOURCE, "UpToDate");
        String first = lab.nodes().get(0);
        cluster.done(beans -> beans.promoteResource(RESOURCE, first, false));
        watchAndWrite(lab, first, cluster.device(RESOURCE, first));
    }

    /** What events2 tells of connections goes to a file, and a writer numbers its blocks; both until the lab ends. */
    private static void watchAndWrite(Lab lab, String node, String device) {
        lab.exec(
                node,
                "cat >/tmp/writer <<'END'\n"
                        + "i=0\n"
                        + "while :; do\n"
                        + "  i=$((i + 1))\n"
                        + "  printf %-4096s $i | dd of=" + device + " bs=4096 count=1 seek=$((i % 4096)) oflag=direct"
                        + " conv=fsync,notrunc status=none iflag=fullblock || echo failed at $i >>/tmp/writer.errors\n"
                        + "  echo $i >/tmp/writer.last.new && mv /tmp/writer.last.new /tmp/writer.last\n"
                        + "done\n"
                        + "END\n"
                        + ": >/tmp/writer.errors\n"
                        + "setsid sh /tmp/writer </dev/null >/dev/null 2>/tmp/writer.complaints &\n"
                        + "setsid sh -c 'drbdsetup events2 " + RESOURCE + " | grep --line-buffered connection:'"
                        + " </dev/null >/tmp/connections 2>&1 &\n");
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

    private long written() {
        return Long.parseLong(
                lab.exec(one, "cat /tmp/writer.last 2>/dev/null || echo 0").strip());
    }

    private void assertUndisturbed() {
        long before = written();
        Eventually.nothingIsMissing(
                () -> written() > before + 3 ? Optional.empty() : Optional.of("the writer stands at " + before));
        assertEquals(
                "",
                lab.exec(one, "cat /tmp/writer.errors /tmp/writer.complaints").strip());
        Set<String> states = new TreeSet<>();
        Matcher state = Pattern.compile("connection:(\\S+)").matcher(lab.exec(one, "cat /tmp/connections"));
        while (state.find()) {
            states.add(state.group(1));
        }
        assertEquals(Set.of("Connected"), states);
    }

    /** The values that a node's kernel has for an option, in DRBD's unit; none where DRBD's default holds. */
    private Set<String> shown(String node, String option) {
        DrbdOption meant = DrbdOptionCatalogue.named(PropertyLevel.CONTROLLER, option);
        Set<String> values = new TreeSet<>();
        Matcher line = Pattern.compile("(?m)^\\s*" + Pattern.quote(option) + "\\s+\"?([^;\"]+)\"?;")
                .matcher(lab.exec(node, "drbdsetup show " + RESOURCE));
        while (line.find()) {
            values.add(meant.normalize(line.group(1)));
        }
        return values;
    }

    private void awaitShown(String option, Set<String> values) {
        for (String node : nodes) {
            Eventually.nothingIsMissing(() -> {
                Set<String> now = shown(node, option);
                return now.equals(values)
                        ? Optional.empty()
                        : Optional.of(option + " on " + node + " is " + now + ", and not " + values);
            });
        }
    }

    private String console(int exit, String command) {
        Program.Result result = cluster.controller().console(command.split(" "));
        assertEquals(exit, result.exit(), result.toString());
        return result.output();
    }

    @Test
    void theStorysCommandsAreLive() {
        console(
                0,
                "controller drbd-options --after-sb-0pri=discard-zero-changes --after-sb-1pri=discard-secondary"
                        + " --after-sb-2pri=disconnect");
        console(0, "controller drbd-options --max-buffers=36864 --rcvbuf-size=2097152 --sndbuf-size=1048576");
        console(
                0,
                "controller drbd-options --c-fill-target=10240 --c-max-rate=737280 --c-min-rate=20480"
                        + " --c-plan-ahead=10");

        Map.of(
                        "after-sb-0pri", "discard-zero-changes",
                        "after-sb-1pri", "discard-secondary",
                        "max-buffers", "36864",
                        "rcvbuf-size", "2097152",
                        "sndbuf-size", "1048576",
                        "c-fill-target", "10240",
                        "c-max-rate", "737280",
                        "c-min-rate", "20480",
                        "c-plan-ahead", "10")
                .forEach((option, value) -> awaitShown(option, Set.of(value)));
        assertUndisturbed();
        String list = console(0, "resource drbd-options " + one + " " + RESOURCE);
        assertTrue(list.lines().anyMatch(line -> line.contains("max-buffers") && line.contains("controller")), list);
    }

    @Test
    void jconsolesEditsAreLive() {
        String controller = "io.heddle:type=DrbdOptions,level=controller";
        String definition = "io.heddle:type=DrbdOptions,level=resource-definition,name=" + RESOURCE;
        cluster.client().setAttribute(controller, "c-plan-ahead", "11");
        cluster.client().setAttribute(definition, "max-buffers", "20000");
        cluster.client().setAttribute(definition, "after-sb-0pri", "discard-least-changes");

        awaitShown("c-plan-ahead", Set.of("11"));
        awaitShown("max-buffers", Set.of("20000"));
        awaitShown("after-sb-0pri", Set.of("discard-least-changes"));

        cluster.client().setAttribute(definition, "after-sb-0pri", "");
        cluster.client().setAttribute(definition, "max-buffers", "");
        cluster.client().setAttribute(controller, "c-plan-ahead", "");

        awaitShown("c-plan-ahead", Set.of());
        assertUndisturbed();
    }

    @Test
    void theNearestLevelIsLiveAndUnset() {
        console(0, "resource-group drbd-options DfltRscGrp --ping-timeout=700ms");
        awaitShown("ping-timeout", Set.of("7"));
        console(0, "resource-definition drbd-options " + RESOURCE + " --ping-timeout 8");
        awaitShown("ping-timeout", Set.of("8"));
        console(0, "node-connection drbd-peer-options " + one + " " + other + " --ping-timeout 9");
        Eventually.nothingIsMissing(() -> shown(one, "ping-timeout").contains("9")
                ? Optional.empty()
                : Optional.of(shown(one, "ping-timeout").toString()));
        console(0, "resource drbd-peer-options " + one + " " + other + " " + RESOURCE + " --ping-timeout 10");
        Set<String> expected = nodes.size() == 2 ? Set.of("10") : Set.of("10", "8");
        Eventually.nothingIsMissing(() -> shown(one, "ping-timeout").equals(expected)
                        && shown(other, "ping-timeout").equals(expected)
                ? Optional.empty()
                : Optional.of(shown(one, "ping-timeout").toString()));
        console(
                0,
                "resource-connection drbd-peer-options " + one + " " + other + " " + RESOURCE
                        + " --volume 0 --c-delay-target=1s");
        Eventually.nothingIsMissing(() -> shown(one, "c-delay-target").isEmpty()
                        && !lab.exec(one, "cat " + file(one)).contains("c-delay-target")
                ? Optional.of("nothing of c-delay-target")
                : Optional.empty());
        console(0, "volume-definition drbd-options " + RESOURCE + " 0 --al-extents=2000");
        awaitShown("al-extents", Set.of("2000"));

        console(0, "resource drbd-peer-options " + one + " " + other + " " + RESOURCE + " --unset-ping-timeout");
        console(0, "node-connection drbd-peer-options " + one + " " + other + " --unset-ping-timeout");
        console(0, "resource-definition drbd-options " + RESOURCE + " --unset-ping-timeout");
        awaitShown("ping-timeout", Set.of("7"));
        console(0, "resource-group drbd-options DfltRscGrp --unset-ping-timeout");
        awaitShown("ping-timeout", Set.of());
        assertUndisturbed();
    }

    @Test
    void whatIsWrongIsRefusedWithWhatWouldBeRightAndNothingIsChanged() {
        Map<String, String> before = cluster.ask(ClusterMXBean::listControllerProperties);

        String range = console(1, "controller drbd-options --max-buffers=31");
        String name = console(2, "controller drbd-options --max-bufers=40");

        assertTrue(range.contains("32 to 131072"), range);
        assertTrue(name.contains("--max-buffers"), name);
        assertEquals(before, cluster.ask(ClusterMXBean::listControllerProperties));
    }

    @Test
    void aHandlerStandsInTheFileThatDrbdadmReads() {
        Program.Result set = cluster.controller()
                .console(
                        "resource-definition",
                        "drbd-options",
                        RESOURCE,
                        "--handler-split-brain=/usr/bin/logger split brain of $DRBD_RESOURCE");
        assertEquals(0, set.exit(), set.toString());

        for (String node : nodes) {
            Eventually.nothingIsMissing(() -> lab.exec(node, "drbdadm -c " + file(node) + " dump " + RESOURCE)
                            .contains("/usr/bin/logger split brain of $DRBD_RESOURCE")
                    ? Optional.empty()
                    : Optional.of("no handler on " + node));
        }
        console(0, "resource-definition drbd-options " + RESOURCE + " --unset-handler-split-brain");
        for (String node : nodes) {
            Eventually.nothingIsMissing(
                    () -> lab.exec(node, "cat " + file(node)).contains("handlers")
                            ? Optional.of("a handler on " + node)
                            : Optional.empty());
        }
        assertUndisturbed();
    }

    /** For drbdadm the default by its name is another transport, for which it would take all connections away. */
    @Test
    void whatTakesANewConnectionLeavesThoseThatStandAlone() {
        Skip.because(Lab.hasDrbd9() ? Optional.empty() : Optional.of("DRBD 8.4 has one transport"));

        // 3: done, with a warning
        String said = console(3, "resource-definition drbd-options " + RESOURCE + " --transport=tcp");
        String refused = console(1, "controller drbd-options --transport=rdma");

        assertTrue(said.contains("those that stand stay as they are"), said);
        assertTrue(refused.contains("does not have the module drbd_transport_rdma"), refused);
        // what comes after it has come to all nodes with it
        console(0, "resource-definition drbd-options " + RESOURCE + " --ping-timeout=11");
        awaitShown("ping-timeout", Set.of("11"));
        console(3, "resource-definition drbd-options " + RESOURCE + " --unset-transport --unset-ping-timeout");
        awaitShown("ping-timeout", Set.of());
        assertUndisturbed();
    }

    @Test
    void whatTheModuleDoesNotHaveIsSaidAndTheVolumeStaysUp() {
        String option = Lab.hasDrbd9() ? "--tls=yes" : "--quorum-minimum-redundancy=1";

        String said = cluster.controller()
                .console(("resource-definition drbd-options " + RESOURCE + " " + option).split(" "))
                .output();
        console(0, "resource-definition drbd-options " + RESOURCE + " --unset-" + option.replaceAll("--|=.*", ""));

        assertFalse(said.contains("ERROR"), said);
        assertEquals(!Lab.hasDrbd9(), said.contains("left out on " + String.join(", ", nodes)), said);
        cluster.awaitState(RESOURCE, "UpToDate");
        assertUndisturbed();
    }

    /** The last of these tests, since the writer's connection breaks. */
    @Test
    void whereAConnectionHasOnePathAnAddressChangesWithABreakThatIsSaidBeforehand() {
        Skip.because(
                Lab.hasDrbd9()
                        ? Optional.of("several paths for a connection, as DRBD 9 has them, are in PathsIT")
                        : Optional.empty());
        nodes.forEach(node -> cluster.done(
                beans -> beans.createNetInterface(node, "data", lab.dataAddress(node), 3366, "TLS", false)));

        String said = console(0, "controller set-property PrefNic data");

        assertTrue(said.contains("DRBD 8.4 has one path"), said);
        Set<String> data = new TreeSet<>();
        nodes.forEach(node -> data.add(lab.dataAddress(node)));
        nodes.forEach(node -> Eventually.nothingIsMissing(() -> {
            Set<String> used = addresses(node);
            return used.equals(data) ? Optional.empty() : Optional.of(node + " has " + used + ", not " + data);
        }));
        cluster.awaitState(RESOURCE, "UpToDate");
        long before = written();
        Eventually.holds("the writer goes on", () -> written() > before + 3);
        assertEquals(
                "",
                lab.exec(one, "cat /tmp/writer.errors /tmp/writer.complaints").strip());
        nodes.forEach(node -> assertEquals(
                "", lab.exec(node, "drbdadm -c " + file(node) + " --dry-run adjust " + RESOURCE), "left on " + node));

        String way = "resource-connection path create " + one + " " + other + " " + RESOURCE;
        console(0, way + " a data data");
        String refused = console(1, way + " b default default");
        assertTrue(refused.contains("where a connection has one path"), refused);
    }

    private Set<String> addresses(String node) {
        Set<String> addresses = new TreeSet<>();
        Matcher address =
                Pattern.compile("ipv4 ([0-9.]+):").matcher(lab.exec(node, "drbdsetup show " + RESOURCE + " || true"));
        while (address.find()) {
            addresses.add(address.group(1));
        }
        return addresses;
    }

    private String file(String node) {
        return lab.exec(node, "find " + HeddledInLab.STATE + " -name '" + RESOURCE + ".res'")
                .strip();
    }
}
