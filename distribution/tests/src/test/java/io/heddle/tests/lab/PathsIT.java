package io.heddle.tests.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.management.ReplyRow;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Places;
import io.heddle.tests.cluster.Program;
import io.heddle.tests.cluster.Skip;
import io.heddle.tests.cluster.TestCluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Two networks between two replicas and their tie-breaker, with a writer on one of them: paths are named, one network is cut,
 * and addresses change, to good ones and to bad ones. No write fails, the quorum is never lost, and one connection is
 * down at a time.
 */
@Tag("cluster")
@Tag("lab")
class PathsIT {
    private static final String RESOURCE = "ways";

    @Test
    void noWriteFailsWhileNetworksAndAddressesChange() {
        Skip.because(Lab.whyNot()
                .or(() -> Lab.hasDrbd9()
                        ? Optional.empty()
                        : Optional.of(
                                "several paths and a path beside the one in use need DRBD 9, which DRBD_KO names")));
        try (Lab lab = new Lab(3);
                TestCluster cluster = TestCluster.inLab(lab, Places.newDirectory("paths"))) {
            try {
                new Story(lab, cluster).tell();
            } catch (AssertionError failure) {
                System.out.println(cluster.logs());
                throw failure;
            }
        }
    }

    /** In one go: to boot a lab takes longer than all of it. */
    private static final class Story {
        private final Lab lab;
        private final TestCluster cluster;
        private final String one;
        private final String other;
        private final String third;

        Story(Lab lab, TestCluster cluster) {
            this.lab = lab;
            this.cluster = cluster;
            this.one = lab.nodes().get(0);
            this.other = lab.nodes().get(1);
            this.third = lab.nodes().get(2);
        }

        void tell() {
            lab.nodes()
                    .forEach(node -> cluster.done(beans ->
                            beans.createNetInterface(node, "data", lab.dataAddress(node), 3366, "TLS", false)));
            cluster.done(beans -> beans.createResourceDefinition(RESOURCE, "", ""));
            cluster.done(beans -> beans.createVolumeDefinition(RESOURCE, "64M", false, -1));
            cluster.done(beans -> beans.createResource(RESOURCE, one + "," + other, TestCluster.POOL, false));
            cluster.done(beans -> beans.promoteResource(RESOURCE, one, false));
            awaitQuiet("at the beginning");
            begin();

            namedPathsAndACut();
            thePoolsPreferTheOtherNetwork();
            anAddressChanges();
            anAddressThatNobodyHas();
            aNetworkThatDoesNotWork();
            end();
        }

        private void namedPathsAndACut() {
            cluster.done(beans -> beans.createPath(RESOURCE, one, other, "a", "default", "default"));
            cluster.done(beans -> beans.createPath(RESOURCE, one, other, "b", "data", "data"));
            awaitQuiet("with two paths");
            assertEquals(2, pathsBetween(one, other).size(), shown(one));
            assertEquals(Set.of(lab.address(other)), established(one, other), "the second one broke nothing");
            assertUndisturbed("with two paths", 0);

            lab.cutNetwork(one, other, "main");
            awaitEstablished(one, other, lab.dataAddress(other));
            awaitQuiet("over the second network");
            lab.healNetwork();
            forgetConnections();

            List<ReplyRow> replies = cluster.done(beans -> beans.deletePath(RESOURCE, one, other, "b"));
            assertTrue(replies.toString().contains("one after the other"), replies.toString());
            awaitEstablished(one, other, lab.address(other));
            cluster.done(beans -> beans.deletePath(RESOURCE, one, other, "a"));
            awaitQuiet("over the first network again");
            assertUndisturbed("over the first network again", 1);
        }

        /** The tie-breaker has no pool. */
        private void thePoolsPreferTheOtherNetwork() {
            for (String node : List.of(one, other, third)) {
                cluster.done(beans -> beans.setStoragePoolProperty(node, TestCluster.POOL, "PrefNic", "data"));
            }
            for (String node : lab.nodes()) {
                for (String peer : lab.nodes()) {
                    if (!node.equals(peer)) {
                        awaitEstablished(node, peer, lab.dataAddress(peer));
                    }
                }
            }
            awaitQuiet("over the network of the pools");
            assertOnly(node -> Set.of(lab.dataAddress(node)));
            assertUndisturbed("over the network of the pools", 1);
        }

        private void anAddressChanges() {
            String changed = lab.dataAddress("none");
            lab.exec(one, "ip address add " + changed + "/24 dev " + card(one));

            List<ReplyRow> replies =
                    cluster.done(beans -> beans.modifyNetInterface(one, "data", changed, 3366, "TLS", false));

            assertTrue(replies.toString().contains("one after the other"), replies.toString());
            awaitEstablished(other, one, changed);
            awaitEstablished(third, one, changed);
            awaitQuiet("with another address");
            assertOnly(node -> Set.of(node.equals(one) ? changed : lab.dataAddress(node)));
            lab.exec(
                    one,
                    "echo 1 >/proc/sys/net/ipv4/conf/all/promote_secondaries; ip address del " + lab.dataAddress(one)
                            + "/24 dev " + card(one));
            assertUndisturbed("without the former address", 1);
        }

        /** A slip of the keyboard: the connections stay where they are, and it is said. */
        private void anAddressThatNobodyHas() {
            cluster.ask(beans ->
                    beans.modifyNetInterface(other, "data", lab.dataAddress("none") + "9", 3366, "TLS", false));
            String problem = cluster.awaitProblem(RESOURCE, other, "PATH_NOT_ESTABLISHED")
                    .problem();
            assertTrue(problem.contains("is not an address of this node"), problem);
            awaitWrites("with an address that nobody has");
            assertEquals(Set.of(lab.dataAddress(other)), established(one, other));

            cluster.ask(beans -> beans.modifyNetInterface(other, "data", lab.dataAddress(other), 3366, "TLS", false));
            awaitQuiet("with the right address again");
            assertUndisturbed("with the right address again", 0);
        }

        /** The address is there, and nothing comes through: no connection is left for it. */
        private void aNetworkThatDoesNotWork() {
            lab.cutNetwork(one, other, "main");
            cluster.ask(beans -> beans.createPath(RESOURCE, one, other, "a", "default", "default"));
            String problem =
                    cluster.awaitProblem(RESOURCE, one, "PATH_NOT_ESTABLISHED").problem();
            assertTrue(problem.contains("no answer came"), problem);
            assertUndisturbed("while the new path does not work", 0);

            lab.healNetwork();
            awaitEstablished(one, other, lab.address(other));
            awaitQuiet("when it works");
            assertUndisturbed("when it works", 1);
        }

        private String card(String node) {
            return lab.exec(node, "ip -o -4 address show | awk '/" + lab.dataAddress(node) + "\\// {print $2; exit}'");
        }

        private String shown(String node) {
            return lab.exec(node, "drbdsetup events2 --now " + RESOURCE);
        }

        private List<String> pathsBetween(String node, String peer) {
            return shown(node)
                    .lines()
                    .filter(line -> line.contains("path ") && line.contains("conn-name:" + peer + " "))
                    .toList();
        }

        /** Addresses of the peer that a node is connected with. */
        private Set<String> established(String node, String peer) {
            Set<String> addresses = new TreeSet<>();
            for (String line : pathsBetween(node, peer)) {
                Matcher path = Pattern.compile("peer:ipv4:([0-9.]+):\\d+ established:yes")
                        .matcher(line);
                if (path.find()) {
                    addresses.add(path.group(1));
                }
            }
            return addresses;
        }

        private void awaitEstablished(String node, String peer, String address) {
            Eventually.nothingIsMissing(() -> {
                Set<String> now = established(node, peer);
                return now.equals(Set.of(address))
                        ? Optional.empty()
                        : Optional.of(node + " reaches " + peer + " at " + now + ", not " + address + "\n" + shown(node)
                                + cluster.resource(RESOURCE, node));
            });
        }

        /** Each end of each path that DRBD has, kernel and file, and nothing is left to adjust. */
        private void assertOnly(Function<String, Set<String>> addresses) {
            Set<String> expected = new TreeSet<>();
            lab.nodes().forEach(node -> expected.addAll(addresses.apply(node)));
            for (String node : lab.nodes()) {
                for (String command : List.of("drbdsetup show ", "drbdadm dump ")) {
                    Set<String> found = new TreeSet<>();
                    Matcher address = Pattern.compile("ipv4 ([0-9.]+):").matcher(lab.exec(node, command + RESOURCE));
                    while (address.find()) {
                        found.add(address.group(1));
                    }
                    assertEquals(expected, found, command + "on " + node);
                }
                assertEquals("", lab.exec(node, "drbdadm --dry-run adjust " + RESOURCE));
            }
        }

        /** Everything is as wanted, and DRBD has it so. */
        private void awaitQuiet(String when) {
            for (String node : lab.nodes()) {
                Eventually.nothingIsMissing(() -> cluster.resource(RESOURCE, node)
                        .filter(row -> row.phase().equals("READY")
                                && row.connections().equals("Ok")
                                && List.of("UpToDate", "TieBreaker").contains(row.state()))
                        .map(row -> Optional.<String>empty())
                        .orElseGet(() -> Optional.of(
                                when + ": " + node + " is " + cluster.resource(RESOURCE, node) + shown(node))));
            }
            System.out.println("in the lab: all is as wanted " + when);
        }

        private void begin() {
            lab.exec(
                    one,
                    "cat >/tmp/writer <<'END'\n"
                            + "i=0\n"
                            + "while [ ! -e /tmp/writer.end ]; do\n"
                            + "  i=$((i + 1))\n"
                            + "  printf %-4096s $i | dd of=" + cluster.device(RESOURCE, one)
                            + " bs=4096 count=1 seek=$((i % 4096)) oflag=direct conv=fsync,notrunc status=none"
                            + " iflag=fullblock || echo failed at $i >>/tmp/writer.errors\n"
                            + "  echo $i >/tmp/writer.last.new && mv /tmp/writer.last.new /tmp/writer.last\n"
                            + "done\n"
                            + "touch /tmp/writer.done\n"
                            + "END\n"
                            + ": >/tmp/writer.errors; : >/tmp/events\n"
                            + "setsid sh /tmp/writer </dev/null >/dev/null 2>/tmp/writer.complaints &\n"
                            + "setsid sh -c 'drbdsetup events2 " + RESOURCE + " >>/tmp/events'"
                            + " </dev/null >/dev/null 2>&1 &\n");
            awaitWrites("at the beginning");
        }

        private long written() {
            return Long.parseLong(
                    lab.exec(one, "cat /tmp/writer.last 2>/dev/null || echo 0").strip());
        }

        private void awaitWrites(String when) {
            long before = written();
            Eventually.nothingIsMissing(() -> written() > before + 3
                    ? Optional.empty()
                    : Optional.of("the writer stands at " + before + " " + when));
            assertEquals(
                    "",
                    lab.exec(one, "cat /tmp/writer.errors /tmp/writer.complaints")
                            .strip(),
                    when);
            System.out.println("in the lab: " + written() + " blocks " + when);
        }

        private void forgetConnections() {
            lab.exec(one, ": >/tmp/events");
        }

        /**
         * The writer goes on, the quorum was there all the time, and as many connections of its node as said were down at a
         * time.
         */
        private void assertUndisturbed(String when, int atATime) {
            awaitWrites(when);
            Set<String> down = new TreeSet<>();
            int most = 0;
            for (String line : lab.exec(one, "cat /tmp/events").lines().toList()) {
                assertTrue(!line.contains("quorum:no"), when + ": " + line);
                Matcher state = Pattern.compile("connection name:\\S+ peer-node-id:(\\d+) .*connection:(\\S+)")
                        .matcher(line);
                if (state.find()) {
                    if (state.group(2).equals("Connected")) {
                        down.remove(state.group(1));
                    } else if (!line.startsWith("exists")) {
                        down.add(state.group(1));
                    }
                    most = Math.max(most, down.size());
                }
            }
            assertEquals(atATime, most, when + ": connections down at a time\n" + lab.exec(one, "cat /tmp/events"));
            forgetConnections();
        }

        private void end() {
            lab.exec(one, "touch /tmp/writer.end");
            Eventually.holds(
                    "the writer ends",
                    () -> lab.run(one, "test -e /tmp/writer.done").succeeded());
            long blocks = written();
            cluster.done(beans -> beans.demoteResource(RESOURCE, one));
            List<String> sums = new ArrayList<>();
            for (String node : List.of(one, other)) {
                Eventually.nothingIsMissing(() -> {
                    Program.Result promoted = lab.run(node, "drbdadm primary " + RESOURCE);
                    return promoted.succeeded() ? Optional.empty() : Optional.of(promoted.toString());
                });
                sums.add(lab.exec(
                        node,
                        "dd if=" + cluster.device(RESOURCE, node)
                                + " bs=4096 count=4096 iflag=direct status=none | sha256sum"));
                lab.exec(node, "drbdadm secondary " + RESOURCE);
            }
            assertEquals(sums.get(0), sums.get(1));
            System.out.println("in the lab: " + blocks + " blocks, no write failed, both replicas are the same");
        }
    }
}
