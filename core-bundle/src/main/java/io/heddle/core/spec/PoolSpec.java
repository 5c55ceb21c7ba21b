package io.heddle.core.spec;

import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A storage pool of the node.
 *
 * @param name its name
 * @param uuid its identity
 * @param kind which driver serves it
 * @param backing what it stands on, in the driver's terms
 * @param properties effective properties for the driver
 */
public record PoolSpec(
        PoolName name, UUID uuid, DriverKind kind, String backing, SortedMap<String, String> properties) {
    public PoolSpec {
        properties = Ordered.map(properties);
    }
}
