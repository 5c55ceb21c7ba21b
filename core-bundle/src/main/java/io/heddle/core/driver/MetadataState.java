package io.heddle.core.driver;

/** What is known of the DRBD metadata on a backing device. */
public enum MetadataState {
    /** Valid metadata is there. */
    PRESENT,
    /** The place where metadata would be holds none. */
    ABSENT
}
