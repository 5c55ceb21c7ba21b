package io.heddle.controller;

import io.heddle.controller.link.LinkListener;
import io.heddle.core.cluster.ClusterEvent;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.StatusDelta;
import java.time.Clock;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * What comes in over the links: onto the board first, then to those who wait, to what follows from it, and to those who
 * listen. The cost of a report is that of what it reports.
 */
final class SatelliteReports implements LinkListener {
    private static final long LONGEST_COMMIT_SECONDS = 30;

    private final ClusterWriter writer;
    private final StatusBoard board;
    private final Waiting waiting;
    private final FollowUps followUps;
    private final EventHub events;
    private final Supplier<Function<NodeName, NodeSpec>> specs;
    private final LongFunction<SpecVersion> version;
    private final Clock clock;

    /**
     * Receives reports.
     *
     * @param specs gives whole specs; there once the links are made
     * @param version the version of a revision
     */
    SatelliteReports(
            ClusterWriter writer,
            StatusBoard board,
            Waiting waiting,
            FollowUps followUps,
            EventHub events,
            Supplier<Function<NodeName, NodeSpec>> specs,
            LongFunction<SpecVersion> version,
            Clock clock) {
        this.writer = writer;
        this.board = board;
        this.waiting = waiting;
        this.followUps = followUps;
        this.events = events;
        this.specs = specs;
        this.version = version;
        this.clock = clock;
    }

    @Override
    public UUID clusterId() {
        return writer.state().settings().clusterId();
    }

    @Override
    public SpecVersion version() {
        return version.apply(writer.state().revision());
    }

    @Override
    public NodeSpec spec(NodeName node) {
        return specs.get().apply(node);
    }

    @Override
    public void paired(NodeName node, String fingerprint) {
        try {
            writer.change(edit -> {
                        edit.put(edit.requireNode(node).withPin(Optional.of(fingerprint)));
                        return node;
                    })
                    .toCompletableFuture()
                    .get(LONGEST_COMMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw HeddleException.of(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            throw notKept(node, "the store did not answer in " + LONGEST_COMMIT_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw notKept(node, "the controller is being stopped", e);
        }
    }

    private static HeddleException notKept(NodeName node, String why, Exception cause) {
        return new HeddleException(
                ErrorCode.STORE_FAILED,
                "cannot keep the key of " + node,
                why,
                "nothing: the link is tried again",
                cause);
    }

    @Override
    public void link(NodeName node, LinkStatus status) {
        if (isKnown(node)) {
            board.link(node, status);
            waiting.changed(new Topic.OfLink(node));
            if (status.state() == LinkStatus.State.ONLINE) {
                followUps.considerTieBreakers();
            }
            tell(
                    ClusterEvent.Kind.LINK_CHANGED,
                    node,
                    Optional.empty(),
                    () -> "link to " + node + " is " + status.state());
        }
    }

    @Override
    public void status(NodeName node, NodeStatus status) {
        if (!isKnown(node)) {
            return;
        }
        board.report(node, status);
        nodeChanged(node);
        followUps.considerTieBreakers();
        status.resources().values().forEach(resource -> resourceChanged(node, resource));
    }

    @Override
    public void status(NodeName node, StatusDelta delta) {
        if (!board.report(node, delta)) {
            return;
        }
        if (delta.kernel().isPresent()
                || delta.drivers().isPresent()
                || delta.pools().isPresent()
                || delta.unclaimed().isPresent()) {
            nodeChanged(node);
        }
        if (delta.kernel().isPresent()) {
            followUps.considerTieBreakers();
        }
        delta.resources().forEach(resource -> resourceChanged(node, resource));
    }

    @Override
    public void stored(NodeName node, SpecVersion stored) {
        if (isKnown(node)) {
            board.stored(node, stored.revision());
            waiting.changed(new Topic.OfNode(node));
        }
    }

    private boolean isKnown(NodeName node) {
        return writer.state().node(node).isPresent();
    }

    private void nodeChanged(NodeName node) {
        waiting.changed(new Topic.OfNode(node));
        tell(ClusterEvent.Kind.NODE_CHANGED, node, Optional.empty(), () -> node + " has reported");
    }

    private void resourceChanged(NodeName node, ResourceStatus status) {
        owner(writer.state(), node, status).ifPresent(definition -> {
            waiting.changed(new Topic.OfDefinition(definition.uuid()));
            followUps.consider(definition.uuid());
        });
        tell(
                ClusterEvent.Kind.RESOURCE_CHANGED,
                node,
                Optional.of(status.name()),
                () -> status.name() + " on " + node + " is " + status.phase());
    }

    /** The definition that a reported resource is of, wanted or a tombstone; found by its name. */
    private static Optional<ResourceDefinition> owner(ClusterState state, NodeName node, ResourceStatus status) {
        Optional<ResourceDefinition> wanted =
                state.resourceDefinition(status.name()).filter(definition -> has(definition, node, status.uuid()));
        return wanted.or(() -> state.tombstones(status.name()).stream()
                .filter(definition -> has(definition, node, status.uuid()))
                .findFirst());
    }

    private static boolean has(ResourceDefinition definition, NodeName node, UUID resource) {
        return Optional.ofNullable(definition.resources().get(node))
                .filter(own -> own.uuid().equals(resource))
                .isPresent();
    }

    private void tell(
            ClusterEvent.Kind kind, NodeName node, Optional<ResourceName> resource, Supplier<String> message) {
        events.tell(() -> new ClusterEvent(kind, Optional.of(node), resource, message.get(), clock.instant()));
    }
}
