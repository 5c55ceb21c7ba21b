package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Role;
import java.util.Arrays;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What n1, a running Primary with a disk, may be told. Peers are written as node=disk, tie or client, with + if connected, a minus where
 * it is to leave, and ~ if DRBD has it as a tie-breaker that is not connected.
 */
class QuorumGateTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            # name                                    | in the file        | asked    | peers wanted and seen               | quorum of n1 | written                          | waits
            nothing changes                           | majority n2 n3     | majority | n2=disk+ n3=disk+                   | yes | majority n2=disk n3=disk                  | no
            whoever goes out of sight                 | majority n2 n3     | majority | n2=disk n3=disk                     | no  | majority n2=disk n3=disk                  | no
            a race of events changes nothing          | majority n2 n3     | majority | n2=disk n3=disk                     | yes | majority n2=disk n3=disk                  | no
            a tie-breaker alone holds it              | majority n2        | majority | n2=disk n3=tie+                     | yes | majority n2=disk n3=tie                   | no
            a third where both are there              | majority n2        | majority | n2=disk+ n3=tie+ n4=disk            | yes | majority n2=disk n3=tie n4=disk           | no
            a third where one is away                 | majority n2        | majority | n2=disk n3=tie+ n4=disk             | yes | majority n2=disk n3=tie                   | yes
            two where two are, the first              | majority n2        | majority | n2=disk+ n4=disk n5=disk            | yes | majority n2=disk n4=disk                  | yes
            two where two are, then the other         | majority n2 n4     | majority | n2=disk+ n4=disk+ n5=disk           | yes | majority n2=disk n4=disk n5=disk          | no
            the tie-breaker gets a disk               | majority n2        | majority | n2=disk+ n3=disk+                   | yes | majority n2=disk n3=disk                  | no
            the same where one is away                | majority n2        | majority | n2=disk n3=disk+                    | yes | majority n2=disk n3=disk                  | no
            the same where nobody is seen             | majority n2        | majority | n2=disk n3=disk~                    | no  | majority n2=disk n3=tie                   | yes
            a client gets a disk beside a tie-breaker | majority n2        | majority | n2=disk n3=tie+ n4=disk+            | yes | majority n2=disk n3=tie n4=disk           | no
            a second where a Primary is alone         | majority           | majority | n2=disk                             | yes | majority nobody                           | yes
            a second with a tie-breaker               | majority           | majority | n2=disk n3=tie+                     | yes | majority n2=disk n3=tie                   | no
            a fourth where one of three is away       | majority n2 n3     | majority | n2=disk+ n3=disk n4=disk            | yes | majority n2=disk n3=disk                  | yes
            a fourth where all are there              | majority n2 n3     | majority | n2=disk+ n3=disk+ n4=disk           | yes | majority n2=disk n3=disk n4=disk          | no
            who is cut off takes nobody in            | majority n2 n3     | majority | n2=disk n3=disk n4=disk             | no  | majority n2=disk n3=disk                  | yes
            nor of two with a tie-breaker             | majority n2        | majority | n2=disk n3=tie n4=disk              | no  | majority n2=disk n3=tie                   | yes
            all of them shall be there, at first      | all n2             | all      | n2=disk+ n3=disk                    | yes | majority n2=disk                          | yes
            then it is taken in                       | majority n2        | all      | n2=disk+ n3=disk                    | yes | majority n2=disk n3=disk                  | yes
            until it is there                         | majority n2 n3     | all      | n2=disk+ n3=disk+                   | yes | all n2=disk n3=disk                       | no
            a number stays                            | 2 n2 n3            | 2        | n2=disk+ n3=disk+ n4=disk           | yes | 2 n2=disk n3=disk n4=disk                 | no
            fewer voters, automatically               | majority n2 n3     | none     | n2=disk+ n3=disk+-                  | yes | none n2=disk n3=disk                      | no
            not for who is cut off                    | majority n2 n3     | none     | n2=disk n3=disk-                    | no  | majority n2=disk n3=disk                  | yes
            but if the administrator says so          | majority n2 n3     | off      | n2=disk n3=disk                     | no  | off n2=disk n3=disk                       | no
            one of four leaves, all there             | majority n2 n3 n4  | majority | n2=disk+ n3=disk+ n4=disk+-         | yes | majority n2=disk n3=disk n4=disk          | no
            one of four leaves, one is away           | majority n2 n3 n4  | majority | n2=disk+ n3=disk n4=disk+-          | yes | majority n2=disk n3=disk n4=disk          | yes
            a Primary stands on who leaves            | majority n2 n3     | majority | n2=disk n3=disk+- n4=tie+           | yes | majority n2=disk n3=disk n4=tie           | yes
            a Primary stands on a tie-breaker         | majority n2        | majority | n2=disk n3=tie+-                    | yes | majority n2=disk n3=tie                   | yes
            no more when the third is there           | majority n2 n4     | majority | n2=disk n3=tie+- n4=disk+           | yes | majority n2=disk n3=tie n4=disk           | no
            a replica became a client                 | majority n2 n3     | majority | n2=disk+ n3=tie+                    | yes | majority n2=disk                          | no
            it comes anew                             | majority n2        | majority | n2=disk+ n3=tie                     | yes | majority n2=disk n3=tie                   | no
            it counts where the other is away         | majority n2 n3     | majority | n2=disk n3=tie+                     | yes | majority n2=disk n3=disk                  | yes
            also when it goes for good                | majority n2 n3     | none     | n2=disk n3=tie+-                    | yes | none n2=disk n3=disk                      | yes
            one of four did                           | majority n2 n3 n4  | majority | n2=disk+ n3=disk+ n4=client+        | yes | majority n2=disk n3=disk                  | no
            one of four did, and one is away          | majority n2 n3 n4  | majority | n2=disk+ n3=disk n4=client+         | yes | majority n2=disk n3=disk n4=disk          | yes
            not where it is away itself               | majority n2 n3 n4  | majority | n2=disk+ n3=disk+ n4=client         | yes | majority n2=disk n3=disk n4=client        | no
            nor where there is none                   | majority n2 n3 n4  | majority | n2=disk n3=disk n4=client+          | no  | majority n2=disk n3=disk                  | no
            no client decides that is not told to     | majority n2        | majority | n2=disk n3=client+ n4=disk          | yes | majority n2=disk n3=client                | yes
            and not from then on                      | majority n2        | majority | n2=disk+ n3=client+ n4=disk         | yes | majority n2=disk n3=client n4=disk        | no
            raised when all are there                 | none n2            | majority | n2=disk+ n3=disk+                   | yes | majority n2=disk n3=disk                  | no
            not before                                | none n2            | majority | n2=disk+ n3=disk                    | yes | none n2=disk n3=disk                      | yes
            nor without the tie-breaker               | none n2            | majority | n2=disk+ n3=tie                     | yes | none n2=disk n3=tie                       | yes
            """)
    void theFileSaysWhatKeepsTheQuorum(
            String name, String file, String asked, String peers, String quorum, String written, String waits) {
        Bench bench = bench(file, asked, peers, quorum.equals("yes"));

        assertEquals(written, written(bench));
        assertEquals(
                waits.equals("yes"),
                !gate(bench).awaited().isEmpty(),
                () -> gate(bench).awaited().toString());
    }

    @Test
    void whoIsInUseStaysConnectedWhenItHasNoDiskAnyMore() {
        Bench bench = bench("majority n2 n3", "majority", "n2=disk+ n3=tie+", true);
        bench.role = Role.SECONDARY;
        bench.connection(new NodeName("n3"), 2, ConnectionState.CONNECTED, DiskState.DISKLESS, Role.PRIMARY);

        assertEquals("majority n2=disk n3=tie", written(bench));
    }

    @Test
    void allIsLoweredForOneThatComesAndDrbdIsToldOfItFirst() {
        Bench bench = bench("all n2", "all", "n2=disk+ n3=disk", true);
        bench.adjusted = false;

        assertEquals("all n2=disk", written(bench));
    }

    @Test
    void whoWasAwayComesUpWithTheVotersThatItKnew() {
        Bench bench = bench("majority n2", "majority", "n2=disk n4=disk", true);
        bench.inKernel = false;

        assertEquals("majority n2=disk", written(bench));
    }

    @Test
    void aReplicaThatIsAloneAndUnusedTakesTheSecondIn() {
        Bench bench = bench("majority", "majority", "n2=disk", true);
        bench.role = Role.SECONDARY;

        assertEquals("majority n2=disk", written(bench));
    }

    @Test
    void oneThatLeftCountsUntilItIsForgotten() {
        Bench bench = bench("2 n2 n3", "majority", "n2=disk+ n3=disk", true);
        bench.forget.add(9);

        // two are there, and of four that count three would have to be
        assertEquals("2 n2=disk n3=disk", written(bench));
        bench.forgotten.add(9);
        assertEquals("majority n2=disk n3=disk", written(bench));
    }

    @Test
    void oneWithoutADiskGoesByWhatItsPeersHave() {
        Bench bench = bench("majority n2", "majority", "n2=disk n3=disk n4=disk", true);
        bench.disklessHere();

        assertEquals("majority n2=disk n3=disk n4=disk", written(bench));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            a Primary may stand on it: it waits       | majority n2 n3 | n2=disk+ n3=disk+ | n2   | waits
            the tie-breaker goes with it: it waits    | majority n2    | n2=disk+          | n2   | waits
            without a Primary it goes                 | majority n2 n3 | n2=disk+ n3=disk  | none | goes
            others may have a quorum that it has not  | none n2 n3     | n2=disk+ n3=disk  | n2   | waits
            """)
    void whoLeavesTakesNoQuorumFromAPrimary(String name, String file, String peers, String primary, String expected) {
        Bench bench = bench(file, "none", peers, true);
        bench.role = Role.SECONDARY;
        bench.disposition = Disposition.REMOVED;
        if (!primary.equals("none")) {
            bench.connection(new NodeName(primary), 1, ConnectionState.CONNECTED, DiskState.UP_TO_DATE, Role.PRIMARY);
        }
        bench.record = bench.record.withRemovalApproved();

        boolean waits = bench.plan().awaitsRelease();
        assertEquals(expected.equals("waits"), waits, bench.plan().toString());
        assertEquals(
                expected.equals("goes"),
                bench.plan().steps().stream().anyMatch(step -> step instanceof Step.DownResource));
    }

    @Test
    void whoWasReleasedGoes() {
        Bench bench = bench("majority n2 n3", "none", "n2=disk+ n3=disk", true);
        bench.role = Role.SECONDARY;
        bench.disposition = Disposition.REMOVED;
        bench.record = bench.record.withRemovalApproved();
        bench.connection(Bench.N2, 1, ConnectionState.CONNECTED, DiskState.UP_TO_DATE, Role.PRIMARY);
        assertFalse(bench.plan().steps().stream().anyMatch(step -> step instanceof Step.DownResource));

        bench.released = true;

        assertTrue(bench.plan().steps().stream().anyMatch(step -> step instanceof Step.DownResource));
    }

    private static Bench bench(String file, String asked, String peers, boolean quorum) {
        Bench bench = new Bench();
        bench.role = Role.PRIMARY;
        bench.peers.clear();
        bench.connections.clear();
        String[] words = file.split(" ");
        if (!words[0].equals("none")) {
            bench.fileWithQuorum(
                    words[0], Arrays.stream(words).skip(1).map(NodeName::new).toArray(NodeName[]::new));
            bench.tieBreakersInFile(Arrays.stream(peers.split(" "))
                    .filter(text -> text.contains("~"))
                    .map(text -> Integer.parseInt(text.substring(1, 2)) - 1)
                    .toList());
        }
        if (!asked.equals("none")) {
            bench.resourceOptions = Ordered.map(Map.of(ResourceSpec.QUORUM, asked));
        }
        for (String text : peers.split(" ")) {
            NodeName node = new NodeName(text.substring(0, 2));
            int nodeId = Integer.parseInt(text.substring(1, 2)) - 1;
            boolean disk = text.contains("disk");
            bench.peer(node, nodeId, !disk);
            if (text.contains("client")) {
                bench.peers.put(
                        node, bench.peers.get(node).withNetOptions(Ordered.map(Map.of(PeerSpec.COUNTED, "no"))));
            }
            if (text.contains("-")) {
                bench.leaving(node);
            }
            boolean inKernel = Arrays.asList(words).contains(node.value()) || !disk || text.contains("~");
            if (inKernel || text.contains("+")) {
                bench.connection(
                        node,
                        nodeId,
                        text.contains("+") ? ConnectionState.CONNECTED : ConnectionState.CONNECTING,
                        disk && Arrays.asList(words).contains(node.value())
                                ? DiskState.UP_TO_DATE
                                : DiskState.DISKLESS);
            }
        }
        bench.quorum(quorum);
        return bench;
    }

    private static QuorumGate gate(Bench bench) {
        return new QuorumGate(
                bench.spec(),
                bench.dialect,
                bench.file.known().orElseThrow(),
                bench.situation().replication().known().orElseThrow(),
                bench.adjusted,
                bench.forgotten);
    }

    private static String written(Bench bench) {
        ResourceSpec spec = gate(bench).allowed();
        return spec.resourceOptions().getOrDefault(ResourceSpec.QUORUM, "none") + " "
                + (spec.peers().isEmpty()
                        ? "nobody"
                        : spec.peers().stream().map(QuorumGateTest::text).collect(Collectors.joining(" ")));
    }

    private static String text(PeerSpec peer) {
        boolean counted = !"no".equals(peer.netOptions().get(PeerSpec.COUNTED));
        return peer.node() + (!peer.diskless() ? "=disk" : counted ? "=tie" : "=client");
    }
}
