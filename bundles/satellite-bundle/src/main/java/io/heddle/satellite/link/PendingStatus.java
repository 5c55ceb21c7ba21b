package io.heddle.satellite.link;

import io.heddle.core.model.PoolName;
import io.heddle.core.status.DriverStatus;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.StatusDelta;
import io.heddle.core.status.Unclaimed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Changes of the status that wait until the controller reads them, folded into one: however slow it is, they never take more
 * room than the status itself. Any thread may call.
 */
final class PendingStatus {
    private @Nullable StatusDelta last;
    private Optional<KernelStatus> kernel = Optional.empty();
    private Optional<List<DriverStatus>> drivers = Optional.empty();
    private Optional<SortedMap<PoolName, PoolStatus>> pools = Optional.empty();
    private Optional<List<Unclaimed>> unclaimed = Optional.empty();
    private final TreeMap<UUID, ResourceStatus> resources = new TreeMap<>();
    private final TreeSet<UUID> gone = new TreeSet<>();

    /** Puts a later change over those that wait. */
    synchronized void add(StatusDelta delta) {
        last = delta;
        kernel = delta.kernel().or(() -> kernel);
        drivers = delta.drivers().or(() -> drivers);
        pools = delta.pools().or(() -> pools);
        unclaimed = delta.unclaimed().or(() -> unclaimed);
        // As in NodeStatus.apply: what is gone goes first, so a resource in both is there afterwards.
        delta.gone().forEach(resources::remove);
        gone.addAll(delta.gone());
        delta.resources().forEach(resource -> resources.put(resource.uuid(), resource));
    }

    /** All that waits as one change, and forgets it; empty if nothing does. */
    synchronized Optional<StatusDelta> take() {
        StatusDelta latest = last;
        if (latest == null) {
            return Optional.empty();
        }
        StatusDelta all = new StatusDelta(
                latest.seenAt(),
                latest.specRevision(),
                kernel,
                drivers,
                pools,
                new ArrayList<>(resources.values()),
                gone,
                unclaimed);
        clear();
        return Optional.of(all);
    }

    /** Forgets all; for when the whole status is sent instead. */
    synchronized void clear() {
        last = null;
        kernel = Optional.empty();
        drivers = Optional.empty();
        pools = Optional.empty();
        unclaimed = Optional.empty();
        resources.clear();
        gone.clear();
    }
}
