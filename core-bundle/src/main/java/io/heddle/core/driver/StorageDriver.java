package io.heddle.core.driver;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Makes, grows and deletes backing volumes in pools of its kinds. An OSGi service. Each method may be called twice with the
 * same arguments, after a crash in the middle of the first call too, and may block for as long as its tools take; the
 * satellite calls it on a queue of the pool's own. Every method that changes a volume looks at its identity again just
 * before, and throws FOREIGN_VOLUME, changing nothing, if another volume or none of ours has the name.
 */
public interface StorageDriver {
    /** Kinds that it serves; never empty. */
    Set<DriverKind> kinds();

    /** Version of the tools it drives, empty text if they are absent; never throws. */
    String toolVersion();

    /**
     * Looks at pools of its kinds, with as few commands as there can be: one for all.
     *
     * @return for each given pool what was seen, or why it could not be seen
     */
    Map<PoolName, Observation<PoolObservation>> observe(List<PoolSpec> pools);

    /**
     * The size that a volume of at least {@code wanted} has in this pool; pure but for the pool's unit, which is looked up once.
     *
     * @throws io.heddle.core.error.HeddleException POOL_UNUSABLE if the unit cannot be looked up
     */
    Bytes roundUp(PoolSpec pool, Bytes wanted);

    /**
     * Creates a volume that carries its identity and {@link Stage#NEW} from the moment it exists, and activates it. What is
     * there already with the same identity is returned as it is.
     *
     * @param size its size, a multiple of the pool's unit
     * @throws io.heddle.core.error.HeddleException FOREIGN_VOLUME, POOL_FULL, POOL_UNUSABLE, COMMAND_FAILED, COMMAND_TIMED_OUT
     */
    BackingVolume create(PoolSpec pool, BackingIdentity identity, Bytes size);

    /**
     * Makes the block device of a volume available; does nothing if it is.
     *
     * @throws io.heddle.core.error.HeddleException BACKING_VOLUME_MISSING, FOREIGN_VOLUME, COMMAND_FAILED
     */
    BackingVolume activate(PoolSpec pool, BackingIdentity identity);

    /**
     * Takes the block device away; does nothing if it is not there.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE if something has it open, FOREIGN_VOLUME
     */
    void deactivate(PoolSpec pool, BackingIdentity identity);

    /**
     * Marks a volume {@link Stage#READY}, durably; called when its DRBD metadata is on disk, and is its own.
     *
     * @throws io.heddle.core.error.HeddleException BACKING_VOLUME_MISSING, FOREIGN_VOLUME, COMMAND_FAILED
     */
    void markReady(PoolSpec pool, BackingIdentity identity);

    /**
     * Grows a volume to at least {@code size}; does nothing if it has that. Never shrinks.
     *
     * @throws io.heddle.core.error.HeddleException POOL_FULL, BACKING_VOLUME_MISSING, FOREIGN_VOLUME, COMMAND_FAILED
     */
    BackingVolume grow(PoolSpec pool, BackingIdentity identity, Bytes size);

    /**
     * Deletes a volume, and all of its bytes; does nothing if it is not there.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE, FOREIGN_VOLUME, COMMAND_FAILED
     */
    void delete(PoolSpec pool, BackingIdentity identity);

    /**
     * Keeps what a volume holds now under another name. The snapshot carries the cluster and what it is of, but not the
     * identity of the volume, so that it is never taken for it. What is there already under the name, of the same volume, is
     * left as it is, with the content that it has.
     *
     * @param origin the volume; nothing writes to it meanwhile
     * @param name name of the snapshot
     * @throws io.heddle.core.error.HeddleException NOT_SUPPORTED if the pool takes no snapshots; BACKING_VOLUME_MISSING,
     *     FOREIGN_VOLUME, POOL_FULL, COMMAND_FAILED
     */
    default void snapshot(PoolSpec pool, BackingIdentity origin, String name) {
        throw takesNone(pool, origin, "copy the volume elsewhere, or go on without a snapshot");
    }

    private static HeddleException takesNone(PoolSpec pool, BackingIdentity origin, String correction) {
        return new HeddleException(
                ErrorCode.NOT_SUPPORTED,
                "cannot take a snapshot of " + origin.name() + " in storage pool " + pool.name(),
                "a pool of kind " + pool.kind().value() + " takes none",
                correction);
    }

    /**
     * Looks that {@link #takeSnapshot} can be done, and does all of it that can be done before I/O is suspended. Makes nothing that
     * anybody sees.
     *
     * @throws io.heddle.core.error.HeddleException NOT_SUPPORTED if the pool takes no snapshots; BACKING_VOLUME_MISSING;
     *     FOREIGN_VOLUME if the origin is another volume, or something else has the name; COMMAND_FAILED
     */
    default void prepareSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        throw takesNone(
                pool,
                identity.origin(),
                "move the volume to a thin pool of LVM, to ZFS, or to a FILE_THIN pool on xfs or btrfs");
    }

    /**
     * Takes a snapshot, which carries its identity from the moment it exists and is on the disk when this returns. It is called
     * after {@link #prepareSnapshot}, while I/O is suspended, and so does no more than it must. One that is there already with the same
     * identity is left as it is.
     *
     * @throws io.heddle.core.error.HeddleException NOT_SUPPORTED, BACKING_VOLUME_MISSING, FOREIGN_VOLUME, POOL_FULL, COMMAND_FAILED
     */
    default void takeSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        prepareSnapshot(pool, identity);
    }

    /**
     * Takes several snapshots, each as {@link #takeSnapshot} does, with as few commands as there can be. Where it fails, some may be
     * there.
     *
     * @throws io.heddle.core.error.HeddleException as for one
     */
    default void takeSnapshots(PoolSpec pool, List<SnapshotIdentity> identities) {
        identities.forEach(identity -> takeSnapshot(pool, identity));
    }

    /**
     * Looks that a volume can be replaced by what a snapshot keeps of it, as by {@link #restore} and {@link #delete}.
     *
     * @throws io.heddle.core.error.HeddleException NOT_SUPPORTED, SNAPSHOT_NOT_FOUND, FOREIGN_VOLUME
     */
    default void requireReplaceable(PoolSpec pool, SnapshotIdentity identity) {
        throw new HeddleException(
                ErrorCode.NOT_SUPPORTED,
                "cannot roll " + identity.origin().name() + " in storage pool " + pool.name() + " back",
                "a volume of a pool of kind " + pool.kind().value() + " cannot go while it has snapshots",
                "restore the snapshot as another resource: heddle snapshot restore");
    }

    /**
     * Deletes a snapshot of {@link #takeSnapshot}; does nothing if it is not there, and touches no other.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE, FOREIGN_VOLUME, COMMAND_FAILED
     */
    default void deleteSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        // a pool that takes none has none
    }

    /**
     * Makes a volume of what a snapshot of {@link #takeSnapshot} keeps, and activates it. It carries its identity and {@link
     * Stage#RESTORED} from the moment it exists. What is there already with the same identity is returned as it is. The snapshot
     * stays.
     *
     * @throws io.heddle.core.error.HeddleException NOT_SUPPORTED if the pool takes no snapshots; SNAPSHOT_NOT_FOUND; FOREIGN_VOLUME if
     *     something else has the name of either; POOL_FULL, COMMAND_FAILED
     */
    default BackingVolume restore(PoolSpec pool, SnapshotIdentity snapshot, BackingIdentity identity) {
        throw takesNone(pool, snapshot.origin(), "there is nothing to restore");
    }

    /** How a person looks into a snapshot of {@link #snapshot}, and how it is removed: one or two sentences with commands. */
    default String careOfSnapshot(PoolSpec pool, String name) {
        return "see what the pool's own tools can do with it";
    }
}
