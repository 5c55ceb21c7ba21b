package io.heddle.core.management;

/** What a user may do; each may all that those before it may. */
public enum AccessRole {
    /** Look at everything but secrets. */
    VIEWER,
    /** Change the cluster. */
    OPERATOR,
    /** Change who may do what, and read secrets by an export. */
    ADMIN
}
