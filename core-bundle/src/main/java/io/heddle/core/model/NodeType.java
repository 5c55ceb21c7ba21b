package io.heddle.core.model;

/** What a node is for. */
public enum NodeType {
    CONTROLLER,
    SATELLITE,
    COMBINED,
    /** A machine that Heddle only knows by name, such as a DRBD peer that others manage. */
    AUXILIARY
}
