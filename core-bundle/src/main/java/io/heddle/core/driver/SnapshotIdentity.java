package io.heddle.core.driver;

import io.heddle.core.model.Snapshot;
import java.util.UUID;

/**
 * Which snapshot of a backing volume is meant. It carries the cluster, its origin and its own identity from the moment it exists.
 *
 * @param origin the volume that it is of
 * @param snapshot identity of the snapshot; the same on all nodes, and another for each taking
 */
public record SnapshotIdentity(BackingIdentity origin, UUID snapshot) {
    /** Its name in the pool: no two takings share one. */
    public String name() {
        return Snapshot.nameInPool(origin.name(), snapshot);
    }
}
