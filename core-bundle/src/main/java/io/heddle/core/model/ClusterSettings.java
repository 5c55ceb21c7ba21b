package io.heddle.core.model;

import java.util.SortedMap;
import java.util.UUID;

/**
 * What belongs to the cluster as a whole.
 *
 * @param clusterId identity of the cluster; every backing volume carries it
 * @param properties properties of the controller level, inherited by everything
 */
public record ClusterSettings(UUID clusterId, SortedMap<String, String> properties) {
    public ClusterSettings {
        properties = Ordered.map(properties);
    }

    public ClusterSettings withProperties(SortedMap<String, String> changed) {
        return new ClusterSettings(clusterId, changed);
    }
}
