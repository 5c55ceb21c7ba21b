package io.heddle.core.cluster;

/** What a use case works on. */
public enum ObjectKind {
    CONTROLLER,
    NODE,
    NET_INTERFACE,
    STORAGE_POOL,
    RESOURCE_GROUP,
    RESOURCE_DEFINITION,
    VOLUME_DEFINITION,
    RESOURCE,
    VOLUME,
    SNAPSHOT
}
