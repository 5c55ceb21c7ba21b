package io.heddle.core.cluster;

import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotName;
import java.util.SortedMap;

/**
 * A snapshot to take.
 *
 * @param resource of which resource
 * @param name its name
 * @param properties properties to begin with
 */
public record SnapshotCreation(ResourceName resource, SnapshotName name, SortedMap<String, String> properties) {
    public SnapshotCreation {
        properties = Ordered.map(properties);
    }
}
