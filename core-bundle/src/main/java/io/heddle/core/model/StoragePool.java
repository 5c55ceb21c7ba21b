package io.heddle.core.model;

import java.util.SortedMap;
import java.util.UUID;

/**
 * A storage pool of one node.
 *
 * @param name name, shared by the pools of other nodes that are to be used alike
 * @param uuid identity of this pool on this node
 * @param kind which driver serves it
 * @param backing what it stands on, in the driver's terms: {@code vg/thinpool}, {@code vg}, {@code zpool/dataset}, a directory
 * @param properties properties set on the pool, {@code PrefNic} among them
 */
public record StoragePool(
        PoolName name, UUID uuid, DriverKind kind, String backing, SortedMap<String, String> properties) {
    public StoragePool {
        properties = Ordered.map(properties);
    }

    public StoragePool withProperties(SortedMap<String, String> changed) {
        return new StoragePool(name, uuid, kind, backing, changed);
    }
}
