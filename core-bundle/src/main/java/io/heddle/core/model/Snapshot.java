package io.heddle.core.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * A snapshot of a resource across its nodes. It counts if each of its nodes took its part while the I/O of all nodes was
 * suspended; else it has failed, and its parts go.
 *
 * @param name its name, unique among those of the resource
 * @param uuid its identity, which each part carries
 * @param state how far it is
 * @param createdAt when it was asked for
 * @param failure why it does not count; empty unless it has failed
 * @param sizes sizes of the volumes when it was taken, by volume number
 * @param nodes nodes that it was taken on
 * @param parts what there is of it on nodes, or may be; what is gone from a node for certain is left out
 * @param properties properties set on it
 * @param peers what the DRBD metadata in it knows of peers; empty if it has none, or was taken before this was kept
 * @param rollback that its resource is going back to it; empty if it is not
 */
public record Snapshot(
        SnapshotName name,
        UUID uuid,
        State state,
        Instant createdAt,
        Optional<String> failure,
        SortedMap<Integer, Bytes> sizes,
        List<NodeName> nodes,
        SortedMap<NodeName, List<SnapshotVolume>> parts,
        SortedMap<String, String> properties,
        Optional<SnapshotPeers> peers,
        Optional<Rollback> rollback) {
    /** How far a snapshot is. */
    public enum State {
        /** It is being taken, and no node may have it yet. */
        TAKING,
        /** It counts. */
        READY,
        /** It does not count: what there is of it goes, and it is shown until somebody deletes it. */
        FAILED,
        /** It goes; a tombstone that is never cancelled. */
        DELETING
    }

    public Snapshot {
        sizes = Ordered.map(sizes);
        nodes = List.copyOf(nodes);
        TreeMap<NodeName, List<SnapshotVolume>> copied = new TreeMap<>();
        Ordered.map(parts).forEach((node, volumes) -> copied.put(node, List.copyOf(volumes)));
        parts = Ordered.map(copied);
        properties = Ordered.map(properties);
    }

    /**
     * Name that a part of a snapshot has in its pool; no two takings share one.
     *
     * @param backing name of the backing volume that it is of
     * @param snapshot identity of the snapshot
     */
    public static String nameInPool(String backing, UUID snapshot) {
        return backing + "_snap_" + snapshot.toString().substring(0, 8);
    }

    /** Whether what there is of it is to go. */
    public boolean partsGo() {
        return state == State.FAILED || state == State.DELETING;
    }

    /** It counts. */
    public Snapshot ready() {
        return with(State.READY, Optional.empty(), parts, properties);
    }

    /** It does not count. */
    public Snapshot failed(String why) {
        return with(State.FAILED, Optional.of(why), parts, properties);
    }

    /** It is to go. */
    public Snapshot markedDeleting() {
        return with(State.DELETING, failure, parts, properties);
    }

    /** Nothing of it is on a node any more. */
    public Snapshot withoutPart(NodeName node) {
        return with(state, failure, Ordered.without(parts, node), properties);
    }

    /** The same while its resource goes back to it, or when it does no more. */
    public Snapshot withRollback(Optional<Rollback> changed) {
        return new Snapshot(name, uuid, state, createdAt, failure, sizes, nodes, parts, properties, peers, changed);
    }

    public Snapshot withProperties(SortedMap<String, String> changed) {
        return with(state, failure, parts, changed);
    }

    private Snapshot with(
            State newState,
            Optional<String> newFailure,
            SortedMap<NodeName, List<SnapshotVolume>> newParts,
            SortedMap<String, String> newProperties) {
        return new Snapshot(
                name, uuid, newState, createdAt, newFailure, sizes, nodes, newParts, newProperties, peers, rollback);
    }
}
