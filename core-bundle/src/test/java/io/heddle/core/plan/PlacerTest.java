package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NumberRange;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolCapacity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlacerTest {
    private static final Problem BROKEN =
            new Problem(ErrorCode.POOL_UNUSABLE, "cannot look at vg0", "vgs said no", "repair it");

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            the biggest free first              | 2 | n1=10 n2=30 n3=20 | n2/fast n3/fast
            names decide between equals         | 2 | n3=10 n2=10 n1=10 | n1/fast n2/fast
            what is there counts                | 3 | n1=10 n2=30 n3=20+ | n2/fast n1/fast
            nothing is left to do               | 1 | n1=10 n2=30 n3=20+ | ''
            the better pool of a node           | 1 | n1=10,20 n2=15,5  | n1/slow
            fewer resources between equals      | 2 | n1=10*3 n2=10*1 n3=10*2 | n2/fast n3/fast
            free space before fewer resources   | 1 | n1=10*0 n2=20*9    | n2/fast
            a full pool is passed over          | 2 | n1=3 n2=5 n3=30   | n3/fast n2/fast
            """)
    void choosesPools(String name, int count, String nodes, String expected) {
        List<Placer.NodeFacts> facts =
                Arrays.stream(nodes.split(" ")).map(PlacerTest::parsed).toList();
        List<NodeName> diskful = Arrays.stream(nodes.split(" "))
                .filter(text -> text.endsWith("+"))
                .map(text -> new NodeName(text.substring(0, 2)))
                .toList();

        List<Placer.Placement> placed = Placer.place(request(count, diskful, List.of()), facts);

        assertEquals(
                expected,
                String.join(
                        " ",
                        placed.stream()
                                .map(placement -> placement.node() + "/" + placement.pool())
                                .toList()));
    }

    @Test
    void theOrderOfTheFactsDoesNotMatter() {
        List<Placer.NodeFacts> facts = new ArrayList<>(List.of(node("n1", 10), node("n2", 10), node("n3", 20)));
        List<Placer.Placement> first = Placer.place(request(2, List.of(), List.of()), facts);
        facts.add(facts.remove(0));

        assertEquals(first, Placer.place(request(2, List.of(), List.of()), facts));
    }

    @Test
    void aNodeWhosePortsAreUsedUpIsPassedOver() {
        List<Placer.NodeFacts> facts = List.of(
                used(node("n1", 30), 2, Optional.of(new NumberRange(7000, 7001))), node("n2", 10), node("n3", 20));

        List<Placer.Placement> placed = Placer.place(request(2, List.of(), List.of()), facts);

        assertEquals(
                List.of(new NodeName("n3"), new NodeName("n2")),
                placed.stream().map(Placer.Placement::node).toList());
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                refusal("it has no satellite", with(n -> facts(n, false, false, true)), "n2: runs no satellite"),
                refusal("it is leaving", with(n -> facts(n, true, true, true)), "n2: is being deleted"),
                refusal("it is no target", with(n -> facts(n, true, false, false)), "AutoplaceTarget"),
                refusal("it is offline", with(n -> linked(n, LinkStatus.State.OFFLINE)), "n2: is offline"),
                refusal("it is unclaimed", with(n -> linked(n, LinkStatus.State.UNCLAIMED)), "n2: is unclaimed"),
                refusal("its host name differs", with(n -> named(n, "N2")), "n2: calls itself N2"),
                refusal("it has no DRBD", with(n -> dialect(n, Dialect.NONE)), "n2: has no DRBD: modprobe failed"),
                refusal(
                        "its ports are used up",
                        with(n -> used(n, 1000, Optional.of(new NumberRange(7000, 7999)))),
                        "n2: has no free TCP port from 7000 to 7999 (TcpPortAutoRange)"),
                refusal("it has no such pool", with(n -> pools(n)), "n2: has no storage pool fast"),
                refusal(
                        "its pool is unusable",
                        with(n -> pools(n, pool("fast", Optional.of(Observation.unknown(BROKEN)), 20))),
                        "n2: pool fast is unusable: vgs said no"),
                refusal(
                        "its pool was not seen",
                        with(n -> pools(n, pool("fast", Optional.empty(), 20))),
                        "n2: pool fast was not seen yet"),
                refusal(
                        "its pool is too small",
                        with(n -> pools(n, thick("fast", 3))),
                        "n2: pool fast has 3 GiB free and 4."),
                refusal(
                        "its thin pool is full",
                        with(n -> pools(n, thin("fast", 10, 0, 50, 20))),
                        "n2: thin pool fast is full"),
                refusal(
                        "its thin pool promises too much",
                        with(n -> pools(n, thin("fast", 10, 5, 17, 2))),
                        "n2: thin pool fast has 17 GiB provisioned, and 4."));
    }

    @ParameterizedTest(name = "a node is refused because {0}")
    @MethodSource("refusals")
    void aNodeIsRefusedWithItsReason(String name, UnaryOperator<Placer.NodeFacts> change, String why) {
        List<Placer.NodeFacts> facts = List.of(node("n1", 10), change.apply(node("n2", 10)));
        Placer.Request request = new Placer.Request(
                new ResourceName("db1"),
                true,
                List.of(Bytes.parse("4G")),
                7,
                Ordered.set(null),
                Ordered.set(null),
                new PlacementWish(2, false, List.of(new PoolName("fast")), List.of(), List.of(), List.of()));

        HeddleException failure = assertThrows(HeddleException.class, () -> Placer.place(request, facts));

        assertEquals(ErrorCode.NOT_ENOUGH_NODES, failure.code());
        assertTrue(failure.why().contains(why), failure.why());
        assertTrue(failure.why().contains("n1 could take one"), failure.why());
    }

    @Test
    void aWishForNodesAndKindsIsKept() {
        List<Placer.NodeFacts> facts = List.of(node("n1", 10), node("n2", 20), node("n3", 30));
        PlacementWish wish = new PlacementWish(
                2,
                false,
                List.of(),
                List.of(new NodeName("n1"), new NodeName("n3")),
                List.of(new NodeName("n3")),
                List.of(DriverKind.ZFS));

        HeddleException failure =
                assertThrows(HeddleException.class, () -> Placer.place(request(wish, List.of(), List.of()), facts));

        assertTrue(failure.why().contains("n1: pool fast is of kind LVM"), failure.why());
        assertTrue(failure.why().contains("n2: is not among the nodes asked for"), failure.why());
        assertTrue(failure.why().contains("n3: is excluded"), failure.why());
    }

    @Test
    void aNodeThatHasItIsNeverChosenAgain() {
        List<Placer.NodeFacts> facts = List.of(node("n1", 10), node("n2", 20), node("n3", 30));

        HeddleException failure = assertThrows(
                HeddleException.class,
                () -> Placer.place(
                        request(3, List.of(new NodeName("n2")), List.of(new NodeName("n2"), new NodeName("n3"))),
                        facts));

        assertTrue(failure.why().contains("n2: has a replica already"), failure.why());
        assertTrue(failure.why().contains("n3: has db1 already"), failure.why());
        assertTrue(failure.why().startsWith("2 more needed"), failure.why());
    }

    @Test
    void additionalReplicasAreCountedOnTopOfThoseThere() {
        List<Placer.NodeFacts> facts = List.of(node("n1", 10), node("n2", 20), node("n3", 30));
        PlacementWish wish = new PlacementWish(1, true, List.of(), List.of(), List.of(), List.of());

        List<Placer.Placement> placed =
                Placer.place(request(wish, List.of(new NodeName("n3")), List.of(new NodeName("n3"))), facts);

        assertEquals(List.of(new Placer.Placement(new NodeName("n2"), new PoolName("fast"))), placed);
    }

    @Test
    void drbd84TakesTwoReplicasAndNoThird() {
        List<Placer.NodeFacts> facts = Stream.of(node("n1", 10), node("n2", 20), node("n3", 30))
                .map(node -> dialect(node, Dialect.DRBD_8_4))
                .toList();

        assertEquals(2, Placer.place(request(2, List.of(), List.of()), facts).size());
        HeddleException failure =
                assertThrows(HeddleException.class, () -> Placer.place(request(3, List.of(), List.of()), facts));

        assertTrue(failure.why().contains("n1: runs DRBD 8.4, which has two replicas at most"), failure.why());
    }

    @Test
    void replicasOfOneResourceSpeakOneDialect() {
        List<Placer.NodeFacts> facts = List.of(
                dialect(node("n1", 10), Dialect.DRBD_8_4), node("n2", 5), dialect(node("n3", 30), Dialect.DRBD_8_4));

        assertEquals(
                List.of(new NodeName("n3"), new NodeName("n1")),
                Placer.place(request(2, List.of(), List.of()), facts).stream()
                        .map(Placer.Placement::node)
                        .toList());
        assertEquals(
                new NodeName("n2"),
                Placer.place(request(1, List.of(), List.of()), facts).get(0).node());
        HeddleException failure = assertThrows(
                HeddleException.class,
                () -> Placer.place(request(2, List.of(new NodeName("n2")), List.of(new NodeName("n2"))), facts));
        assertTrue(failure.why().contains("n1: runs DRBD 8.4, and other replicas run DRBD 9"), failure.why());
    }

    @Test
    void whatFitsWithItsMetadataFits() {
        for (long mib : new long[] {4, 64, 1000, 1 << 20}) {
            Bytes gross = Bytes.ofMib(mib);
            Bytes net = MetadataSpace.net(gross, 7);
            assertTrue(MetadataSpace.gross(net, 7).compareTo(gross) <= 0, gross.toString());
            assertEquals(0, net.value() % Bytes.KIB);
        }
    }

    private static Arguments refusal(String name, UnaryOperator<Placer.NodeFacts> change, String why) {
        return Arguments.of(name, change, why);
    }

    private static UnaryOperator<Placer.NodeFacts> with(UnaryOperator<Placer.NodeFacts> change) {
        return change;
    }

    private static Placer.Request request(int count, List<NodeName> diskful, List<NodeName> occupied) {
        return request(new PlacementWish(count, false, List.of(), List.of(), List.of(), List.of()), diskful, occupied);
    }

    private static Placer.Request request(PlacementWish wish, List<NodeName> diskful, List<NodeName> occupied) {
        return new Placer.Request(
                new ResourceName("db1"),
                true,
                List.of(Bytes.parse("4G")),
                7,
                Ordered.set(diskful),
                Ordered.set(occupied),
                wish);
    }

    private static Placer.NodeFacts parsed(String text) {
        String[] halves = text.replace("+", "").split("[*]", 2);
        String[] pools = halves[0].substring(3).split(",");
        Placer.NodeFacts node = used(
                node(text.substring(0, 2), Integer.parseInt(pools[0])),
                halves.length == 1 ? 0 : Integer.parseInt(halves[1]),
                Optional.empty());
        return pools.length == 1
                ? node
                : pools(node, thick("fast", Integer.parseInt(pools[0])), thick("slow", Integer.parseInt(pools[1])));
    }

    private static Placer.NodeFacts node(String name, int freeGib) {
        return pools(
                new Placer.NodeFacts(
                        new NodeName(name),
                        true,
                        false,
                        true,
                        LinkStatus.State.ONLINE,
                        Optional.of(name),
                        Optional.of(kernel(Dialect.DRBD_9)),
                        0,
                        Optional.empty(),
                        Ordered.map(null)),
                thick("fast", freeGib));
    }

    private static KernelStatus kernel(Dialect dialect) {
        return new KernelStatus(
                dialect,
                "",
                "9.22.0",
                "6.1.0",
                dialect == Dialect.NONE
                        ? Optional.of(new Problem(ErrorCode.MODULE_ABSENT, "no DRBD", "modprobe failed", "install it"))
                        : Optional.empty());
    }

    private static Placer.PoolFacts thick(String name, int freeGib) {
        return pool(name, capacity(false, 100, freeGib, 0), 20);
    }

    private static Placer.PoolFacts thin(String name, int total, int free, int provisioned, double ratio) {
        return pool(name, capacity(true, total, free, provisioned), ratio);
    }

    private static Optional<Observation<PoolCapacity>> capacity(boolean thin, int total, int free, int provisioned) {
        return Optional.of(Observation.known(new PoolCapacity(
                Bytes.ofMib(1024L * total),
                Bytes.ofMib(1024L * free),
                Bytes.ofMib(1024L * provisioned),
                Bytes.ofMib(4),
                thin,
                true,
                thin,
                OptionalDouble.empty(),
                OptionalDouble.empty(),
                List.of())));
    }

    private static Placer.PoolFacts pool(String name, Optional<Observation<PoolCapacity>> capacity, double ratio) {
        return new Placer.PoolFacts(new PoolName(name), DriverKind.LVM, capacity, ratio);
    }

    private static Placer.NodeFacts facts(Placer.NodeFacts node, boolean satellite, boolean deleting, boolean target) {
        return new Placer.NodeFacts(
                node.node(),
                satellite,
                deleting,
                target,
                node.link(),
                node.hostName(),
                node.kernel(),
                0,
                Optional.empty(),
                node.pools());
    }

    private static Placer.NodeFacts linked(Placer.NodeFacts node, LinkStatus.State state) {
        return new Placer.NodeFacts(
                node.node(),
                true,
                false,
                true,
                state,
                node.hostName(),
                node.kernel(),
                0,
                Optional.empty(),
                node.pools());
    }

    private static Placer.NodeFacts named(Placer.NodeFacts node, String host) {
        return new Placer.NodeFacts(
                node.node(),
                true,
                false,
                true,
                node.link(),
                Optional.of(host),
                node.kernel(),
                0,
                Optional.empty(),
                node.pools());
    }

    private static Placer.NodeFacts dialect(Placer.NodeFacts node, Dialect dialect) {
        return new Placer.NodeFacts(
                node.node(),
                true,
                false,
                true,
                node.link(),
                node.hostName(),
                Optional.of(kernel(dialect)),
                0,
                Optional.empty(),
                node.pools());
    }

    private static Placer.NodeFacts used(Placer.NodeFacts node, int resources, Optional<NumberRange> exhausted) {
        return new Placer.NodeFacts(
                node.node(),
                true,
                false,
                true,
                node.link(),
                node.hostName(),
                node.kernel(),
                resources,
                exhausted,
                node.pools());
    }

    private static Placer.NodeFacts pools(Placer.NodeFacts node, Placer.PoolFacts... pools) {
        TreeMap<PoolName, Placer.PoolFacts> named = new TreeMap<>();
        for (Placer.PoolFacts pool : pools) {
            named.put(pool.name(), pool);
        }
        return new Placer.NodeFacts(
                node.node(),
                node.satellite(),
                node.deleting(),
                node.target(),
                node.link(),
                node.hostName(),
                node.kernel(),
                node.resources(),
                node.exhausted(),
                named);
    }
}
