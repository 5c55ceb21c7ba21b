package io.heddle.core.model;

import java.time.Instant;
import java.util.Optional;
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
 * @param released of a tombstone: whether all that stay were seen not to count on its vote any more
 * @param replacement node whose replica takes the place of this one: when that is UpToDate, this one goes; empty if it stays
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
        Instant createdAt,
        boolean released,
        Optional<NodeName> replacement) {
    public Resource {
        Numbers.check("node id", nodeId, 0, Numbers.MAXIMUM_NODE_ID);
        Numbers.checkPort(port);
        volumes = Ordered.map(volumes);
        properties = Ordered.map(properties);
    }

    /** One that stays. */
    public Resource(
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
        this(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                volumes,
                properties,
                deleting,
                createdAt,
                false,
                Optional.empty());
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
                createdAt,
                released,
                replacement);
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
                createdAt,
                released,
                replacement);
    }

    public Resource withProperties(SortedMap<String, String> changed) {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                volumes,
                changed,
                deleting,
                createdAt,
                released,
                replacement);
    }

    public Resource withPort(int changed) {
        return new Resource(
                node,
                uuid,
                nodeId,
                changed,
                diskless,
                tieBreaker,
                volumes,
                properties,
                deleting,
                createdAt,
                released,
                replacement);
    }

    /** The same without a disk, as a tie-breaker or as a client that is there to be used. */
    public Resource withTieBreaker(boolean changed) {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                changed,
                volumes,
                properties,
                deleting,
                createdAt,
                released,
                replacement);
    }

    /** The same resource as a replica with a disk; its volumes are added to it. */
    public Resource withDisk(SortedMap<String, String> changed) {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                false,
                false,
                Ordered.map(null),
                changed,
                deleting,
                createdAt,
                released,
                replacement);
    }

    /** Whether it gives its disk up: it is a replica until its satellite has nothing of it left. */
    public boolean detaching() {
        return volumes.values().stream().anyMatch(Volume::detaching);
    }

    /** Whether it has a disk, and is to have it on. */
    public boolean keepsDisk() {
        return !deleting && !diskless && !detaching();
    }

    /** The same with another replica that takes its place, or with none. */
    public Resource withReplacement(Optional<NodeName> changed) {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                volumes,
                properties,
                deleting,
                createdAt,
                released,
                changed);
    }

    /** The same on its way to have no disk. */
    public Resource markedDetaching() {
        Resource marked = this;
        for (Volume volume : volumes.values()) {
            marked = marked.withVolume(volume.markedDetaching());
        }
        return marked;
    }

    /** The same resource without a disk, to be used over the others. */
    public Resource withoutDisk(SortedMap<Integer, Volume> without, SortedMap<String, String> changed) {
        return new Resource(
                node, uuid, nodeId, port, true, false, without, changed, deleting, createdAt, released, replacement);
    }

    /** A tombstone that may go: all that stay do without its vote. */
    public Resource markedReleased() {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                volumes,
                properties,
                deleting,
                createdAt,
                true,
                replacement);
    }

    public Resource markedDeleting() {
        return new Resource(
                node,
                uuid,
                nodeId,
                port,
                diskless,
                tieBreaker,
                volumes,
                properties,
                true,
                createdAt,
                released,
                replacement);
    }
}
