package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.StoragePool;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.StatusDelta;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What the satellites reported last, and how the links to them stand. Reads never wait; a report costs what changed. Reports
 * of one node must come one after the other.
 */
final class StatusBoard {
    private final Map<NodeName, NodeStatus> statuses = new ConcurrentHashMap<>();
    private final Map<NodeName, LinkStatus> links = new ConcurrentHashMap<>();
    private final Map<NodeName, Long> stored = new ConcurrentHashMap<>();
    private final Instant startedAt;

    StatusBoard(Clock clock) {
        this.startedAt = clock.instant();
    }

    Optional<NodeStatus> status(NodeName node) {
        return Optional.ofNullable(statuses.get(node));
    }

    LinkStatus link(NodeName node) {
        LinkStatus known = links.get(node);
        return known != null
                ? known
                : new LinkStatus(LinkStatus.State.OFFLINE, startedAt, Optional.of(unknown(node)), Optional.empty());
    }

    boolean online(NodeName node) {
        LinkStatus known = links.get(node);
        return known != null && known.state() == LinkStatus.State.ONLINE;
    }

    /** Whether anything is known of the link yet. */
    boolean knowsLink(NodeName node) {
        return links.containsKey(node);
    }

    Optional<ResourceStatus> resource(NodeName node, UUID resource) {
        return status(node).map(status -> status.resources().get(resource));
    }

    /** The last report on a resource, if it is to be believed: nothing is known of a node that is not online. */
    Optional<ResourceStatus> believed(Resource resource) {
        return online(resource.node()) ? resource(resource.node(), resource.uuid()) : Optional.empty();
    }

    /** The kernel of a node, if it is known to have DRBD 8.4. */
    Optional<KernelStatus> eight(NodeName node) {
        return status(node).map(NodeStatus::kernel).filter(kernel -> kernel.dialect() == Dialect.DRBD_8_4);
    }

    /** A pool as last seen; empty if it was not seen yet, or another of its name was. */
    Optional<PoolStatus> pool(NodeName node, StoragePool pool) {
        return status(node)
                .map(status -> status.pools().get(pool.name()))
                .filter(seen -> seen.uuid().equals(pool.uuid()));
    }

    /** What a pool was last seen to hold; empty if it was not seen, or the look failed. */
    Optional<PoolCapacity> capacity(NodeName node, StoragePool pool) {
        return pool(node, pool).flatMap(seen -> seen.capacity().known());
    }

    /** Revision of the spec that the node is known to have on its own disk, from this start of the controller; or 0. */
    long storedRevision(NodeName node) {
        return stored.getOrDefault(node, 0L);
    }

    void link(NodeName node, LinkStatus status) {
        links.put(node, status);
    }

    void report(NodeName node, NodeStatus status) {
        statuses.put(node, status);
    }

    /** Puts a delta over the last report; false if there is none, so that the delta means nothing. */
    boolean report(NodeName node, StatusDelta delta) {
        return statuses.computeIfPresent(node, (name, before) -> before.apply(delta)) != null;
    }

    void stored(NodeName node, long revision) {
        stored.merge(node, revision, Math::max);
    }

    void forget(NodeName node) {
        statuses.remove(node);
        links.remove(node);
        stored.remove(node);
    }

    private static Problem unknown(NodeName node) {
        return new Problem(
                ErrorCode.NODE_OFFLINE,
                "there is no link to " + node,
                "no connection was tried yet",
                "see 'node list'");
    }
}
