package io.heddle.core.driver;

import io.heddle.core.status.PoolCapacity;
import java.util.List;

/**
 * One look at a pool.
 *
 * @param capacity what it holds
 * @param volumes every backing volume in it that Heddle could collide with or has made; foreign ones included
 */
public record PoolObservation(PoolCapacity capacity, List<BackingVolume> volumes) {
    public PoolObservation {
        volumes = List.copyOf(volumes);
    }
}
