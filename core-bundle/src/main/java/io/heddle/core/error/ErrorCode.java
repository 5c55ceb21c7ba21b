package io.heddle.core.error;

/** Stable names of everything that can go wrong. A name is never changed or reused, since scripts compare it. */
public enum ErrorCode {
    INVALID_INPUT(ErrorType.USER),
    INVALID_NAME(ErrorType.USER),
    INVALID_SIZE(ErrorType.USER),
    INVALID_ADDRESS(ErrorType.USER),
    INVALID_PROPERTY(ErrorType.USER),
    UNKNOWN_PROPERTY(ErrorType.USER),
    SHRINK_REFUSED(ErrorType.USER),
    NOT_SUPPORTED(ErrorType.USER),

    NODE_NOT_FOUND(ErrorType.NOT_FOUND),
    NET_INTERFACE_NOT_FOUND(ErrorType.NOT_FOUND),
    STORAGE_POOL_NOT_FOUND(ErrorType.NOT_FOUND),
    RESOURCE_GROUP_NOT_FOUND(ErrorType.NOT_FOUND),
    VOLUME_GROUP_NOT_FOUND(ErrorType.NOT_FOUND),
    RESOURCE_DEFINITION_NOT_FOUND(ErrorType.NOT_FOUND),
    VOLUME_DEFINITION_NOT_FOUND(ErrorType.NOT_FOUND),
    RESOURCE_NOT_FOUND(ErrorType.NOT_FOUND),
    VOLUME_NOT_FOUND(ErrorType.NOT_FOUND),
    SNAPSHOT_NOT_FOUND(ErrorType.NOT_FOUND),

    NODE_EXISTS(ErrorType.CONFLICT),
    NET_INTERFACE_EXISTS(ErrorType.CONFLICT),
    STORAGE_POOL_EXISTS(ErrorType.CONFLICT),
    RESOURCE_GROUP_EXISTS(ErrorType.CONFLICT),
    VOLUME_GROUP_EXISTS(ErrorType.CONFLICT),
    RESOURCE_DEFINITION_EXISTS(ErrorType.CONFLICT),
    VOLUME_DEFINITION_EXISTS(ErrorType.CONFLICT),
    RESOURCE_EXISTS(ErrorType.CONFLICT),
    SNAPSHOT_EXISTS(ErrorType.CONFLICT),
    /** The object is used by others, or open, and so cannot be removed or changed now. */
    IN_USE(ErrorType.CONFLICT),
    /** The object is being deleted; a tombstone is never cancelled. */
    BEING_DELETED(ErrorType.CONFLICT),
    /** {@code keep-res} protects the object. */
    HELD_BY_KEEP_RES(ErrorType.CONFLICT),
    /** No other connected peer of the volume is UpToDate. */
    LAST_GOOD_COPY(ErrorType.CONFLICT),
    /** The I/O of a resource is suspended by somebody or something else, or is not suspended any more where it has to be. */
    IO_SUSPENDED(ErrorType.CONFLICT),
    /** DRBD, or a rule that keeps data, does not let the node be Primary now. */
    PROMOTION_REFUSED(ErrorType.CONFLICT),
    /** Replicas have diverged; a person must choose. */
    SPLIT_BRAIN(ErrorType.CONFLICT),
    /** Nothing tells that the replicas meant have diverged, so there is nothing to decide. */
    NO_SPLIT_BRAIN(ErrorType.CONFLICT),
    /** No replica has what others would have to be synced from. */
    SYNC_IMPOSSIBLE(ErrorType.CONFLICT),
    /** A volume of the right name that carries another UUID or none. It is never touched. */
    FOREIGN_VOLUME(ErrorType.CONFLICT),
    /** A number (minor, port) is used on the node by something that is not Heddle's. */
    NUMBER_TAKEN(ErrorType.CONFLICT),
    /** An older controller, or a second copy of this one, was refused. */
    STALE_CONTROLLER(ErrorType.CONFLICT),
    /** The satellite belongs to another cluster or has another identity than the one pinned. */
    IDENTITY_MISMATCH(ErrorType.CONFLICT),
    VERSION_MISMATCH(ErrorType.CONFLICT),
    /** The satellite has not been claimed by this controller yet. */
    UNCLAIMED(ErrorType.CONFLICT),

    /** DRBD takes what was asked for a new connection only, and those that stand are left alone; said with the answer. */
    RECONNECTS(ErrorType.CONFLICT),

    UNAUTHENTICATED(ErrorType.FORBIDDEN),
    NOT_ALLOWED(ErrorType.FORBIDDEN),

    NOT_ENOUGH_NODES(ErrorType.INSUFFICIENT_RESOURCES),
    POOL_FULL(ErrorType.INSUFFICIENT_RESOURCES),
    NUMBERS_EXHAUSTED(ErrorType.INSUFFICIENT_RESOURCES),

    NODE_OFFLINE(ErrorType.UNAVAILABLE),
    DRIVER_ABSENT(ErrorType.UNAVAILABLE),
    TIMED_OUT(ErrorType.UNAVAILABLE),
    STARTING(ErrorType.UNAVAILABLE),
    SHUTTING_DOWN(ErrorType.UNAVAILABLE),
    LINK_LOST(ErrorType.UNAVAILABLE),
    /** The specification was not confirmed by a controller since boot: only serving steps are done. */
    SPEC_NOT_CONFIRMED(ErrorType.UNAVAILABLE),

    COMMAND_NOT_FOUND(ErrorType.EXTERNAL),
    COMMAND_FAILED(ErrorType.EXTERNAL),
    COMMAND_TIMED_OUT(ErrorType.EXTERNAL),
    OUTPUT_UNREADABLE(ErrorType.EXTERNAL),
    /** A look at something failed: its state is unknown, which is not the same as absent. */
    OBSERVATION_FAILED(ErrorType.EXTERNAL),
    POOL_UNUSABLE(ErrorType.EXTERNAL),
    POOL_DOES_NOT_ZERO(ErrorType.EXTERNAL),
    BACKING_VOLUME_MISSING(ErrorType.EXTERNAL),
    BACKING_VOLUME_FAILED(ErrorType.EXTERNAL),
    /** DRBD runs a volume without its disk, as after an I/O error; the peers serve it. */
    DISK_FAILED(ErrorType.EXTERNAL),
    METADATA_MISSING(ErrorType.EXTERNAL),
    METADATA_UNREADABLE(ErrorType.EXTERNAL),
    /** A sync does not come forward, though nobody has paused it. */
    SYNC_STALLED(ErrorType.EXTERNAL),
    MODULE_ABSENT(ErrorType.EXTERNAL),
    MODULE_TOO_OLD(ErrorType.EXTERNAL),
    NETWORK_FAILED(ErrorType.EXTERNAL),
    /** A connection could not be made over a path, and goes on over the one that it had. */
    PATH_NOT_ESTABLISHED(ErrorType.EXTERNAL),
    FRAME_TOO_LARGE(ErrorType.EXTERNAL),
    STORE_FAILED(ErrorType.EXTERNAL),
    STORE_LOCKED(ErrorType.EXTERNAL),
    FILE_FAILED(ErrorType.EXTERNAL),

    INTERNAL_ERROR(ErrorType.INTERNAL);

    private final ErrorType type;

    ErrorCode(ErrorType type) {
        this.type = type;
    }

    /** What kind of failure this is; never null. */
    public ErrorType type() {
        return type;
    }
}
