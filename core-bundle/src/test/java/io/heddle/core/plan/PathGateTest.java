package io.heddle.core.plan;

import static io.heddle.core.plan.Bench.kinds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PathStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PathGateTest {
    private static final int OLD = 1;
    private static final int NEW = 2;
    private static final int NEWER = 3;

    private final Bench bench = new Bench();
    private Set<IpAddress> absent = Set.of();

    private static PathSpec path(int network, int peer) {
        return new PathSpec(
                new IpAddress("10." + network + ".0.1"), 7000, new IpAddress("10." + network + ".0." + peer), 7000);
    }

    private void wanted(NodeName node, int... networks) {
        List<PathSpec> paths = new ArrayList<>();
        for (int network : networks) {
            paths.add(path(network, number(node)));
        }
        bench.peers.put(node, bench.peers.get(node).withPaths(paths));
    }

    /** The word of the controller. */
    private void takesOver(NodeName node) {
        bench.peers.put(node, bench.peers.get(node).takingOver());
    }

    private static int number(NodeName node) {
        return Integer.parseInt(node.value().substring(1));
    }

    /** What DRBD has; the first is established if it is connected. */
    private void inKernel(NodeName node, ConnectionState state, Role role, int... networks) {
        bench.connection(node, number(node) - 1, state, DiskState.UP_TO_DATE, role);
        List<PathStatus> paths = new ArrayList<>();
        for (int network : networks) {
            PathSpec path = path(network, number(node));
            paths.add(new PathStatus(
                    path.local(), 7000, path.remote(), 7000, state == ConnectionState.CONNECTED && paths.isEmpty()));
        }
        bench.connections.put(node, bench.connections.get(node).withPaths(paths));
    }

    private void connected(NodeName node, int... networks) {
        inKernel(node, ConnectionState.CONNECTED, Role.SECONDARY, networks);
    }

    private ResourceSituation situation() {
        return bench.situation().withAbsentAddresses(Ordered.set(absent));
    }

    private List<PathSpec> configured(NodeName node) {
        return Planner.file(bench.spec(), bench.pools, situation()).orElseThrow().resource().peers().stream()
                .filter(peer -> peer.node().equals(node))
                .map(PeerSpec::paths)
                .findFirst()
                .orElseThrow();
    }

    private Plan plan() {
        return Planner.plan(bench.spec(), bench.pools, situation());
    }

    private static List<PathSpec> over(NodeName node, int... networks) {
        List<PathSpec> paths = new ArrayList<>();
        for (int network : networks) {
            paths.add(path(network, number(node)));
        }
        return paths;
    }

    @Test
    void thePathInUseStaysBesideTheOneThatIsWanted() {
        wanted(Bench.N2, NEW);
        connected(Bench.N2, OLD);

        assertEquals(over(Bench.N2, NEW, OLD), configured(Bench.N2));
        assertTrue(
                plan().waiting().get(0).contains("over 10.2.0.1 - 10.2.0.2 instead of 10.1.0.1 - 10.1.0.2"),
                plan().toString());
        assertEquals(List.of(), plan().steps());
    }

    @Test
    void itGoesWhenTheTwoAreConnectedOverTheWantedOne() {
        wanted(Bench.N2, NEW);
        connected(Bench.N2, NEW, OLD);

        assertEquals(over(Bench.N2, NEW), configured(Bench.N2));
        assertEquals(List.of(), plan().waiting());
    }

    @Test
    void itStaysWhileTheyAreNotConnectedSinceThePeerMayKnowNoOther() {
        wanted(Bench.N2, NEWER);
        inKernel(Bench.N2, ConnectionState.CONNECTING, Role.UNKNOWN, OLD, NEW);

        assertEquals(over(Bench.N2, NEWER, OLD, NEW), configured(Bench.N2));
        assertTrue(plan().converged(), "a peer that is away holds nothing up");
    }

    @Test
    void anAddressThatThisNodeHasNoMoreDoesNotKeepDrbdFromConnecting() {
        wanted(Bench.N2, NEW);
        absent = Set.of(new IpAddress("10.1.0.1"));
        inKernel(Bench.N2, ConnectionState.CONNECTING, Role.UNKNOWN, OLD, NEW);
        assertEquals(over(Bench.N2, NEW), configured(Bench.N2));

        connected(Bench.N2, OLD, NEW);
        assertEquals(over(Bench.N2, NEW, OLD), configured(Bench.N2), "DRBD would refuse to let it go");
        assertEquals(
                Set.of(new IpAddress("10.1.0.1"), new IpAddress("10.2.0.1")),
                Planner.addressesInDoubt(bench.spec(), bench.pools, situation()));
    }

    @Test
    void anAddressThatThisNodeDoesNotHaveYetIsNotGivenToDrbdWhereItHasAnother() {
        wanted(Bench.N2, NEW);
        absent = Set.of(new IpAddress("10.2.0.1"));
        connected(Bench.N2, OLD);

        assertEquals(over(Bench.N2, OLD), configured(Bench.N2));
        assertEquals(ErrorCode.PATH_NOT_ESTABLISHED, plan().held().orElseThrow().code());
        assertTrue(plan().held().orElseThrow().why().contains("10.2.0.1 is not an address of this node"));

        absent = Set.of(new IpAddress("10.2.0.1"), new IpAddress("10.1.0.1"));
        inKernel(Bench.N2, ConnectionState.CONNECTING, Role.UNKNOWN, OLD);
        assertEquals(over(Bench.N2, NEW), configured(Bench.N2), "there is none, so DRBD has what is wanted");
    }

    @Test
    void ofSeveralPathsTheOneWhoseAddressIsGoneDoesNotHoldUpTheOther() {
        wanted(Bench.N2, OLD, NEW);
        absent = Set.of(new IpAddress("10.1.0.1"));
        inKernel(Bench.N2, ConnectionState.CONNECTING, Role.UNKNOWN, OLD, NEW);

        assertEquals(over(Bench.N2, NEW), configured(Bench.N2));

        absent = Set.of();
        connected(Bench.N2, NEW);
        assertEquals(over(Bench.N2, OLD, NEW), configured(Bench.N2), "it is there again");
    }

    @Test
    void whatWasCutShortOnItsWayGetsItsFormerPathBack() {
        wanted(Bench.N2, NEW);
        inKernel(Bench.N2, ConnectionState.CONNECTING, Role.UNKNOWN, NEW);
        bench.file = Observation.known(bench.file
                .known()
                .flatMap(found -> found)
                .map(file -> new ConfiguredResource(
                        file.name(),
                        file.cluster(),
                        file.resource(),
                        file.quorum(),
                        file.voters(),
                        Ordered.map(Map.of("n2", over(Bench.N2, NEW, OLD))))));

        assertEquals(over(Bench.N2, NEW, OLD), configured(Bench.N2));

        connected(Bench.N2, NEW);
        assertEquals(over(Bench.N2, NEW), configured(Bench.N2));
    }

    @Test
    void aConnectionWithoutAChoiceIsLeftAlone() {
        wanted(Bench.N2, OLD);
        connected(Bench.N2, OLD);
        absent = Set.of(new IpAddress("10.1.0.1"));

        assertEquals(Set.of(), Planner.addressesInDoubt(bench.spec(), bench.pools, situation()));
        assertEquals(over(Bench.N2, OLD), configured(Bench.N2));
        assertTrue(plan().converged());
    }

    @Test
    void anAddressThatAnotherPeerHasNowIsLeftToIt() {
        bench.peer(Bench.N3, 2, false);
        wanted(Bench.N2, NEW);
        bench.peers.put(Bench.N3, bench.peers.get(Bench.N3).withPaths(over(Bench.N2, OLD)));
        inKernel(Bench.N2, ConnectionState.CONNECTING, Role.UNKNOWN, OLD);

        assertEquals(over(Bench.N2, NEW), configured(Bench.N2));
    }

    @Test
    void onTheControllersWordTheConnectionIsTakenOver() {
        wanted(Bench.N2, NEW);
        connected(Bench.N2, OLD, NEW);
        assertEquals(List.of(), kinds(plan()), "the peer may not have it yet");

        takesOver(Bench.N2);

        assertEquals(List.of("TakeOver"), kinds(plan()));
        assertEquals(
                List.of("take the connection of db1 with n2 over to 10.2.0.1 - 10.2.0.2"),
                plan().steps().stream().map(StepText::of).toList());
        bench.confirmed = false;
        assertEquals(List.of(), kinds(plan()), "a word from before the boot is none");
        bench.confirmed = true;
        bench.fileCurrent = false;
        assertEquals(List.of("ConfigureResource", "AdjustResource"), kinds(plan()), "DRBD has it first");
        bench.fileCurrent = true;
        wanted(Bench.N2, NEW, OLD);
        assertEquals(List.of(), kinds(plan()), "the one in use is wanted");
    }

    private void assertWaits(String why) {
        Plan plan = plan();
        assertEquals(List.of(), plan.steps(), why);
        assertTrue(plan.waiting().get(0).contains(why), plan.waiting().toString());
    }

    @Test
    void nobodyIsLeftForAMomentWhoIsNeeded() {
        wanted(Bench.N2, NEW);
        takesOver(Bench.N2);
        bench.role = Role.PRIMARY;
        inKernel(Bench.N2, ConnectionState.CONNECTED, Role.PRIMARY, OLD, NEW);
        assertWaits("both are Primary");

        connected(Bench.N2, OLD, NEW);
        assertEquals(List.of("TakeOver"), kinds(plan()));
        bench.device(0, DiskState.INCONSISTENT, Bench.SIZE);
        assertWaits("has its data from there");

        bench.device(0, DiskState.UP_TO_DATE, Bench.SIZE);
        bench.connections.put(
                Bench.N2,
                bench.connections
                        .get(Bench.N2)
                        .withVolumes(bench.connections.get(Bench.N2).volumes().stream()
                                .map(volume -> new PeerVolumeStatus(
                                        volume.number(),
                                        ReplicationState.SYNC_SOURCE,
                                        volume.peerDisk(),
                                        volume.outOfSync(),
                                        OptionalDouble.empty(),
                                        volume.resyncSuspended()))
                                .toList()));
        assertWaits("a sync is running");

        bench.role = Role.SECONDARY;
        inKernel(Bench.N2, ConnectionState.CONNECTED, Role.PRIMARY, OLD, NEW);
        assertWaits("n2 is Primary, and takes it over itself");
    }

    @Test
    void aPrimaryKeepsItsQuorum() {
        bench.thirdReplicaWithQuorum();
        bench.fileWithQuorum();
        bench.role = Role.PRIMARY;
        wanted(Bench.N2, NEW);
        wanted(Bench.N3, OLD);
        takesOver(Bench.N2);
        connected(Bench.N2, OLD, NEW);
        inKernel(Bench.N3, ConnectionState.CONNECTING, Role.UNKNOWN, OLD);
        assertWaits("would lose its quorum");

        connected(Bench.N3, OLD);
        assertEquals(List.of("TakeOver"), kinds(plan()));

        bench.role = Role.SECONDARY;
        inKernel(Bench.N3, ConnectionState.CONNECTING, Role.UNKNOWN, OLD);
        assertEquals(List.of("TakeOver"), kinds(plan()), "nobody writes here");
    }

    @Test
    void aPrimaryWithTheTieBreakerKeepsItsQuorum() {
        bench.peer(Bench.N3, 2, true);
        bench.resourceOptions = Ordered.map(Map.of("quorum", "majority"));
        bench.fileWithQuorum();
        bench.role = Role.PRIMARY;
        wanted(Bench.N2, NEW);
        wanted(Bench.N3, NEW);
        takesOver(Bench.N2);
        connected(Bench.N2, OLD, NEW);
        connected(Bench.N3, OLD, NEW);
        assertEquals(List.of("TakeOver"), kinds(plan()));

        inKernel(Bench.N3, ConnectionState.CONNECTING, Role.UNKNOWN, OLD, NEW);
        assertWaits("would lose its quorum");
    }

    @Test
    void aPrimaryWithoutADiskKeepsAReplicaThatIsUpToDate() {
        bench.disklessHere();
        bench.device(0, DiskState.DISKLESS, Bench.SIZE);
        bench.peer(Bench.N3, 2, false);
        bench.role = Role.PRIMARY;
        wanted(Bench.N2, NEW);
        wanted(Bench.N3, OLD);
        takesOver(Bench.N2);
        connected(Bench.N2, OLD, NEW);
        inKernel(Bench.N3, ConnectionState.CONNECTING, Role.UNKNOWN, OLD);
        assertWaits("has its data from there");

        connected(Bench.N3, OLD);
        assertEquals(List.of("TakeOver"), kinds(plan()));
    }
}
