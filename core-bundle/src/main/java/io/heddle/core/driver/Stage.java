package io.heddle.core.driver;

/** How far the making of a backing volume has come, or that it is none of its own. */
public enum Stage {
    /** Just made: nobody's data is on it yet, and DRBD metadata may be created. */
    NEW,
    /**
     * Just cloned from a snapshot, with the DRBD metadata of the replica that this is of: nobody's yet, and new metadata is never
     * created.
     */
    RESTORED,
    /** In service: missing metadata is a fault that is shown, never a reason to create it. */
    READY,
    /** A snapshot that was kept of a volume: of no resource, and never removed by itself. */
    SNAPSHOT,
    /** A snapshot of {@link StorageDriver#takeSnapshot}: the controller knows it, and has it removed. */
    TAKEN
}
