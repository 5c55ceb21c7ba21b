package io.heddle.core.model;

import java.time.Instant;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A resource definition on one node.
 *
 * @param node where
 * @param uuid identity of this incarnation on this node
 * @param nodeId DRBD's node id within the resource
 * @param port TCP port of DRBD on this node
 * @param diskless whether it has no disk and reads and writes over its peers
 * @param tieBreaker whether it is diskless and only there for quorum
 * @param volumes volumes by number
 * @param properties properties set on it
 * @param deleting whether it is to go; a tombstone that is never cancelled
 * @param createdAt when it was asked for
 */
public record Resource(
        NodeName node,
        UUID uuid,
        int nodeId,
        int port,
        boolean diskless,
        boolean tieBreaker,
        SortedMap<Integer, Volume> volumes,
        SortedMap<String, String> properties,
        boolean deleting,
        Instant createdAt) {
    public Resource {
        Numbers.check("node id", nodeId, 0, Numbers.MAXIMUM_NODE_ID);
        Numbers.checkPort(port);
        volumes = Ordered.map(volumes);
        properties = Ordered.map(properties);
    }

    public Resource withVolume(Volume added) {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                Ordered.with(volumes, added.number(), added),
                properties,
                deleting,
                createdAt);
    }

    public Resource withoutVolume(int number) {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                Ordered.without(volumes, number),
                properties,
                deleting,
                createdAt);
    }

    public Resource withProperties(SortedMap<String, String> changed) {
        return new Resource(node, uuid, nodeId, port, diskless, tieBreaker, volumes, changed, deleting, createdAt);
    }

    public Resource withPort(int changed) {
        return new Resource(
                node, uuid, nodeId, changed, diskless, tieBreaker, volumes, properties, deleting, createdAt);
    }

    public Resource markedDeleting() {
        return new Resource(node, uuid, nodeId, port, diskless, tieBreaker, volumes, properties, true, createdAt);
    }
}
