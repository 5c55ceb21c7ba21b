package io.heddle.core.model;

/** What a resource's device is made of, from the top down. */
public enum Layer {
    /** Replicated by DRBD. */
    DRBD,
    /** The backing volume of a storage pool; alone, it is a local device without a replica. */
    STORAGE
}
