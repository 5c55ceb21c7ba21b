package io.heddle.core.status;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What one node is, as its satellite saw it.
 *
 * @param node its name
 * @param hostName what {@code uname -n} prints there
 * @param version version of Heddle there
 * @param seenAt when this was seen, by the satellite's clock
 * @param specRevision revision of the spec that the satellite holds
 * @param kernel kernel and DRBD
 * @param drivers drivers that are up
 * @param pools storage pools by name
 * @param resources resources by their identity on the node
 * @param unclaimed what no spec names
 */
public record NodeStatus(
        NodeName node,
        String hostName,
        String version,
        Instant seenAt,
        long specRevision,
        KernelStatus kernel,
        List<DriverStatus> drivers,
        SortedMap<PoolName, PoolStatus> pools,
        SortedMap<UUID, ResourceStatus> resources,
        List<Unclaimed> unclaimed) {
    public NodeStatus {
        drivers = List.copyOf(drivers);
        pools = Ordered.map(pools);
        resources = Ordered.map(resources);
        unclaimed = List.copyOf(unclaimed);
    }

    /** This status with a delta put over it; costs what changed, not what is there. */
    public NodeStatus apply(StatusDelta delta) {
        TreeMap<UUID, ResourceStatus> changed = new TreeMap<>();
        delta.resources().forEach(resource -> changed.put(resource.uuid(), resource));
        return new NodeStatus(
                node,
                hostName,
                version,
                delta.seenAt(),
                delta.specRevision(),
                delta.kernel().orElse(kernel),
                delta.drivers().orElse(drivers),
                delta.pools().orElse(pools),
                Ordered.changed(resources, delta.gone(), changed),
                delta.unclaimed().orElse(unclaimed));
    }
}
