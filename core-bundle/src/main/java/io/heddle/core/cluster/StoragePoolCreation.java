package io.heddle.core.cluster;

import io.heddle.core.model.DriverKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.SortedMap;

/**
 * A wish for a storage pool. It is kept only if the satellite can use what it stands on.
 *
 * @param node where
 * @param name its name
 * @param kind which driver serves it
 * @param backing what it stands on, in the driver's terms
 * @param properties properties to begin with
 */
public record StoragePoolCreation(
        NodeName node, PoolName name, DriverKind kind, String backing, SortedMap<String, String> properties) {
    public StoragePoolCreation {
        properties = Ordered.map(properties);
    }
}
