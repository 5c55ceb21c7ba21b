package io.heddle.satellite;

import io.heddle.core.model.Ordered;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.StatusDelta;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the node's status, and tells followers what changed: many changes at once become one delta, and what did not change in
 * the end is not told. Telling costs what changed.
 */
final class StatusFeed {
    private static final Logger LOG = LoggerFactory.getLogger(StatusFeed.class);

    /** A part of the status other than resources. */
    enum Part {
        HEAD,
        KERNEL,
        DRIVERS,
        POOLS,
        UNCLAIMED
    }

    /** Where the present state comes from; asked when a delta is made. */
    interface Source {
        /** The parts other than resources, those asked for being new and the others as in {@code old}. */
        NodeStatus parts(NodeStatus old, Set<Part> asked);

        /** A resource; empty if it is not spoken of any more. */
        Optional<ResourceStatus> resource(UUID uuid);
    }

    private final Source source;
    private final Threads threads;
    private final Duration pause;
    private final List<Consumer<StatusDelta>> followers = new CopyOnWriteArrayList<>();

    // Guarded by this.
    private final TreeSet<UUID> dirtyResources = new TreeSet<>();
    private final EnumSet<Part> dirtyParts = EnumSet.noneOf(Part.class);
    private boolean scheduled;

    /** Deltas are made and told one after the other. */
    private final Object telling = new Object();

    private volatile NodeStatus status;

    /** @param pause how long changes are gathered before they are told */
    StatusFeed(NodeStatus first, Source source, Threads threads, Duration pause) {
        this.status = first;
        this.source = source;
        this.threads = threads;
        this.pause = pause;
    }

    NodeStatus status() {
        return status;
    }

    AutoCloseable follow(Consumer<StatusDelta> follower) {
        followers.add(follower);
        return () -> followers.remove(follower);
    }

    synchronized void changed(UUID resource) {
        dirtyResources.add(resource);
        schedule();
    }

    synchronized void changed(Part part) {
        dirtyParts.add(part);
        schedule();
    }

    private void schedule() {
        if (!scheduled) {
            scheduled = true;
            threads.later(pause, () -> threads.background().execute(this::tell));
        }
    }

    /** Takes in what changed until now, and tells it. */
    void tell() {
        synchronized (telling) {
            List<UUID> resources;
            EnumSet<Part> parts;
            synchronized (this) {
                scheduled = false;
                resources = List.copyOf(dirtyResources);
                parts = EnumSet.copyOf(dirtyParts);
                dirtyResources.clear();
                dirtyParts.clear();
            }
            try {
                tell(resources, parts);
            } catch (RuntimeException fault) {
                LOG.error("The node's status could not be told", fault);
            }
        }
    }

    private void tell(List<UUID> resources, Set<Part> parts) {
        NodeStatus old = status;
        NodeStatus base = source.parts(old, parts);
        List<ResourceStatus> changed = new ArrayList<>();
        TreeSet<UUID> gone = new TreeSet<>();
        for (UUID uuid : resources) {
            Optional<ResourceStatus> now = source.resource(uuid);
            Optional<ResourceStatus> before =
                    Optional.ofNullable(old.resources().get(uuid));
            if (now.isEmpty()) {
                before.ifPresent(known -> gone.add(uuid));
            } else if (!now.equals(before)) {
                changed.add(now.get());
            }
        }
        StatusDelta delta = new StatusDelta(
                base.seenAt(),
                base.specRevision(),
                Optional.of(base.kernel()).filter(part -> !part.equals(old.kernel())),
                Optional.of(base.drivers()).filter(part -> !part.equals(old.drivers())),
                Optional.of(base.pools()).filter(part -> !part.equals(old.pools())),
                changed,
                Ordered.set(gone),
                Optional.of(base.unclaimed()).filter(part -> !part.equals(old.unclaimed())));
        boolean nothing = changed.isEmpty()
                && gone.isEmpty()
                && base.node().equals(old.node())
                && base.specRevision() == old.specRevision()
                && delta.kernel().isEmpty()
                && delta.drivers().isEmpty()
                && delta.pools().isEmpty()
                && delta.unclaimed().isEmpty();
        if (nothing) {
            return;
        }
        status = base.apply(delta);
        for (Consumer<StatusDelta> follower : followers) {
            try {
                follower.accept(delta);
            } catch (RuntimeException fault) {
                LOG.error("A follower of the node's status failed", fault);
            }
        }
    }
}
