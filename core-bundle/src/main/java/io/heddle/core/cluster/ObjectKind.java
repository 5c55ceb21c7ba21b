package io.heddle.core.cluster;

/** What a use case works on. */
public enum ObjectKind {
    CONTROLLER,
    NODE,
    NET_INTERFACE,
    STORAGE_POOL,
    RESOURCE_GROUP,
    VOLUME_GROUP,
    RESOURCE_DEFINITION,
    VOLUME_DEFINITION,
    RESOURCE,
    VOLUME,
    SNAPSHOT,
    /** All connections between two nodes. */
    NODE_CONNECTION,
    /** The connection of a resource between two nodes. */
    RESOURCE_CONNECTION,
    /** A volume of such a connection. */
    PEER_DEVICE
}
