package io.heddle.core.plan;

import static io.heddle.core.plan.Bench.kinds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import io.heddle.core.status.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TransportGateTest {
    private static final Map<String, String> NOTHING = Map.of();
    private static final Map<String, String> BALANCED = Map.of("transport", "lb-tcp");

    private final Bench bench = new Bench();

    private void wanted(NodeName node, Map<String, String> netOptions) {
        bench.peers.put(node, bench.peers.get(node).withNetOptions(Ordered.map(netOptions)));
    }

    /** The file as DRBD was given it, with these options for the connection to n2 and none for n3. */
    private void given(Map<String, String> options) {
        TreeMap<String, SortedMap<String, String>> fixed = new TreeMap<>();
        fixed.put("n2", Ordered.map(options));
        fixed.put("n3", Ordered.map(null));
        bench.file = Observation.known(Optional.of(new ConfiguredResource(
                "db1",
                Optional.of(Bench.CLUSTER),
                Optional.of(Bench.RESOURCE),
                Optional.empty(),
                Ordered.set(null),
                Ordered.map(null),
                fixed)));
    }

    private Map<String, String> configured(NodeName node) {
        return Planner.file(bench.spec(), bench.pools, bench.situation()).orElseThrow().resource().peers().stream()
                .filter(peer -> peer.node().equals(node))
                .map(PeerSpec::netOptions)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void aConnectionThatStandsKeepsTheTransportThatItWasMadeWith() {
        given(NOTHING);
        wanted(Bench.N2, Map.of("transport", "lb-tcp", "max-buffers", "8000"));

        assertEquals(Map.of("max-buffers", "8000"), configured(Bench.N2));
        assertTrue(bench.plan().converged(), "nobody waits for it: " + bench.plan());

        given(BALANCED);
        wanted(Bench.N2, NOTHING);
        assertEquals(BALANCED, configured(Bench.N2), "also where it is to go");
    }

    @Test
    void oneThatDoesNotStandIsMadeAsItIsWanted() {
        bench.peer(Bench.N3, 2, false);
        bench.connected(Bench.N3, 2, DiskState.UP_TO_DATE);
        given(NOTHING);
        wanted(Bench.N2, BALANCED);
        wanted(Bench.N3, BALANCED);
        bench.role = Role.PRIMARY;
        bench.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.UP_TO_DATE, Role.UNKNOWN);

        assertEquals(BALANCED, configured(Bench.N2));
        assertEquals(NOTHING, configured(Bench.N3), "and the others stay");
        bench.fileCurrent = false;
        assertEquals(List.of("ConfigureResource", "AdjustResource"), kinds(bench.plan()));

        bench.connection(Bench.N2, 1, ConnectionState.STAND_ALONE, DiskState.UP_TO_DATE, Role.UNKNOWN);
        assertEquals(
                List.of("ConfigureResource", "AdjustResource"),
                kinds(bench.plan()),
                "also where somebody took it away on purpose");
    }

    @Test
    void theDefaultIsNeverAskedForByName() {
        wanted(Bench.N2, Map.of("transport", "tcp", "load-balance-paths", "no"));

        assertEquals(NOTHING, configured(Bench.N2));
        given(Map.of("transport", "tcp"));
        assertEquals(Map.of("transport", "tcp"), configured(Bench.N2), "but a file that does stays as it is");
    }

    @Test
    void whatIsNotInTheKernelIsBroughtUpAsItIsWanted() {
        Bench rebooted = Bench.rebooted();
        rebooted.peers.put(Bench.N2, rebooted.peers.get(Bench.N2).withNetOptions(Ordered.map(BALANCED)));

        assertEquals(
                BALANCED,
                Planner.file(rebooted.spec(), rebooted.pools, rebooted.situation())
                        .orElseThrow()
                        .resource()
                        .peers()
                        .get(0)
                        .netOptions());
    }
}
