package io.heddle.filethin;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.model.Bytes;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * What lies beside the file of a snapshot and says of what it is. It has another name than that of a volume, so that a snapshot is
 * never taken for one, by an older version either.
 *
 * @param file name of the file, so that a sidecar that was copied to another name counts for nothing
 * @param cluster cluster that the volume belongs to
 * @param origin replica that it is of
 * @param snapshot identity of the snapshot; empty for one that keeps what a side of a split brain has given up
 * @param size size of the file
 */
record SnapshotSidecar(String file, UUID cluster, UUID origin, Optional<UUID> snapshot, Bytes size) {
    SnapshotSidecar {
        Objects.requireNonNull(file);
        Objects.requireNonNull(cluster);
        Objects.requireNonNull(origin);
        Objects.requireNonNull(snapshot);
        Objects.requireNonNull(size);
    }

    static SnapshotSidecar of(SnapshotIdentity identity, Bytes size) {
        return new SnapshotSidecar(
                identity.name(),
                identity.origin().cluster(),
                identity.origin().volume(),
                Optional.of(identity.snapshot()),
                size);
    }

    static SnapshotSidecar of(BackingIdentity origin, String name, Bytes size) {
        return new SnapshotSidecar(name, origin.cluster(), origin.volume(), Optional.empty(), size);
    }

    /** Whether it is of the same snapshot, whatever its size is. */
    boolean isOf(SnapshotSidecar other) {
        return file.equals(other.file)
                && cluster.equals(other.cluster)
                && origin.equals(other.origin)
                && snapshot.equals(other.snapshot);
    }
}
