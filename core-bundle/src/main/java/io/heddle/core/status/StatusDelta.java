package io.heddle.core.status;

import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/**
 * What changed in a {@link NodeStatus}. Each part replaces the same part; parts that did not change are empty.
 *
 * @param seenAt when it was seen, by the satellite's clock
 * @param specRevision revision of the spec that the satellite holds
 * @param kernel kernel and DRBD, if changed
 * @param drivers drivers, if changed
 * @param pools all pools, if any changed
 * @param resources resources that are new or changed
 * @param gone identities that the satellite speaks of no longer
 * @param unclaimed what no spec names, if changed
 */
public record StatusDelta(
        Instant seenAt,
        long specRevision,
        Optional<KernelStatus> kernel,
        Optional<List<DriverStatus>> drivers,
        Optional<SortedMap<PoolName, PoolStatus>> pools,
        List<ResourceStatus> resources,
        SortedSet<UUID> gone,
        Optional<List<Unclaimed>> unclaimed) {
    public StatusDelta {
        drivers = drivers.map(List::copyOf);
        pools = pools.map(Ordered::map);
        resources = List.copyOf(resources);
        gone = Ordered.set(gone);
        unclaimed = unclaimed.map(List::copyOf);
    }
}
