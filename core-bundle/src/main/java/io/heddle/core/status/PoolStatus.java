package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A storage pool as last seen.
 *
 * @param name its name
 * @param uuid its identity
 * @param kind which driver serves it
 * @param capacity what the driver saw, or why it could not look
 * @param snapshots bytes that snapshots in it take, by the name that they have there; those that are not known are left out
 */
public record PoolStatus(
        PoolName name,
        UUID uuid,
        DriverKind kind,
        Observation<PoolCapacity> capacity,
        SortedMap<String, Bytes> snapshots) {
    public PoolStatus {
        snapshots = Ordered.map(snapshots);
    }
}
