package io.heddle.core.model;

/** How the link to a satellite is protected. */
public enum LinkEncryption {
    /** Mutual TLS with pinned keys. */
    TLS,
    /** No protection; only where both configurations say so. */
    PLAIN
}
