package io.heddle.core.driver;

import io.heddle.core.model.Ordered;
import java.time.Duration;
import java.util.SortedMap;
import java.util.UUID;

/**
 * For how long I/O may be suspended, and of what.
 *
 * @param id tells it from others
 * @param resources minor of any one volume of each resource, by the resource's name; DRBD suspends a resource as a whole
 * @param term how long it is suspended at most, counted from {@link ReplicationDriver#leaseIo}
 */
public record IoLease(UUID id, SortedMap<String, Integer> resources, Duration term) {
    public IoLease {
        resources = Ordered.map(resources);
        if (resources.isEmpty() || term.isNegative() || term.isZero()) {
            throw new IllegalArgumentException("a lease is of at least one resource and lasts for some time");
        }
    }
}
