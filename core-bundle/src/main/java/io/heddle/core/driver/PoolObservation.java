package io.heddle.core.driver;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.PoolCapacity;
import java.util.List;
import java.util.SortedMap;

/**
 * One look at a pool.
 *
 * @param capacity what it holds
 * @param volumes every backing volume in it that Heddle could collide with or has made; foreign ones included
 * @param snapshots bytes that snapshots of {@link StorageDriver#takeSnapshot} take, by name; those that the pool cannot tell of are
 *     left out
 */
public record PoolObservation(PoolCapacity capacity, List<BackingVolume> volumes, SortedMap<String, Bytes> snapshots) {
    public PoolObservation {
        volumes = List.copyOf(volumes);
        snapshots = Ordered.map(snapshots);
    }

    /** Of a pool that tells nothing of its snapshots. */
    public PoolObservation(PoolCapacity capacity, List<BackingVolume> volumes) {
        this(capacity, volumes, Ordered.map(null));
    }
}
