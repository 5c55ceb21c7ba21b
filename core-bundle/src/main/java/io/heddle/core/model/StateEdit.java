package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * One change of a {@link ClusterState}, with the rows it touches. Used by one thread and thrown away; the state it began
 * with stays as it was, so an edit that throws has changed nothing.
 */
public final class StateEdit {
    private final NumberCursor cursor;
    private final SortedMap<RowKey, Optional<Object>> rows = new TreeMap<>();
    private ClusterState state;

    public StateEdit(ClusterState state, NumberCursor cursor) {
        this.state = state;
        this.cursor = cursor;
    }

    /** The state with all that was edited so far. */
    public ClusterState state() {
        return state;
    }

    /** The finished state under its new revision. */
    public ClusterState finish(long revision) {
        return state.withRevision(revision);
    }

    /** Rows to write (a {@link Node}, {@link ResourceGroup}, {@link ResourceDefinition}, {@link ClusterSettings}) or, empty, to delete. */
    public SortedMap<RowKey, Optional<Object>> rows() {
        return rows;
    }

    /** Whether nothing was changed. */
    public boolean isEmpty() {
        return rows.isEmpty();
    }

    public void put(ClusterSettings settings) {
        state = state.withSettings(settings);
        rows.put(RowKey.CLUSTER, Optional.of(settings));
    }

    public void put(Node node) {
        state = state.with(node);
        rows.put(RowKey.of(node.name()), Optional.of(node));
    }

    /** Removes a node, and what is set for its connections to others. */
    public void remove(Node node) {
        state = state.without(node.name());
        rows.put(RowKey.of(node.name()), Optional.empty());
        ClusterSettings kept = state.settings().withoutNodeConnections(node.name());
        if (!kept.equals(state.settings())) {
            put(kept);
        }
    }

    public void put(ResourceGroup group) {
        state = state.with(group);
        rows.put(RowKey.of(group.name()), Optional.of(group));
    }

    public void remove(ResourceGroup group) {
        state = state.without(group.name());
        rows.put(RowKey.of(group.name()), Optional.empty());
    }

    /**
     * Puts a definition in place of the one of the same identity. One that is marked deleting leaves the names and becomes a
     * tombstone; a definition whose tombstone was there stays one.
     *
     * @throws HeddleException RESOURCE_DEFINITION_EXISTS if another wanted definition has the name
     */
    public void put(ResourceDefinition definition) {
        ResourceDefinition before = state.resourceDefinition(definition.uuid()).orElse(null);
        if (before != null && before.deleting() && !definition.deleting()) {
            throw new HeddleException(
                    ErrorCode.BEING_DELETED,
                    "cannot change " + definition.name(),
                    "it is being deleted, and a deletion is never cancelled",
                    "create it again under the same name: it becomes a new resource");
        }
        if (!definition.deleting()) {
            Optional<ResourceDefinition> named = state.resourceDefinition(definition.name());
            if (named.isPresent() && !named.get().uuid().equals(definition.uuid())) {
                throw new HeddleException(
                        ErrorCode.RESOURCE_DEFINITION_EXISTS,
                        "cannot create resource definition " + definition.name(),
                        "there is one of that name",
                        "choose another name, or delete that one first");
            }
        }
        state = state.replace(before, definition);
        rows.put(RowKey.ofDefinition(definition.uuid()), Optional.of(definition));
    }

    /** Forgets a definition for good: nothing of it is left on any node, or what is left is on lost nodes. */
    public void remove(ResourceDefinition definition) {
        state = state.replace(state.resourceDefinition(definition.uuid()).orElse(null), null);
        rows.put(RowKey.ofDefinition(definition.uuid()), Optional.empty());
    }

    /**
     * A minor of {@link ClusterState#minorRange} that nothing of the cluster has, tombstones included. Freed numbers are not
     * handed out again soon.
     *
     * @throws HeddleException NUMBERS_EXHAUSTED
     */
    public int allocateMinor() {
        return cursor.next(
                NumberCursor.MINORS, state.minorRange(), state::minorInUse, "device minor", NumberRange.MINORS);
    }

    /**
     * A TCP port of {@link ClusterState#portRange} that no resource on {@code node} has, tombstones included.
     *
     * @throws HeddleException NUMBERS_EXHAUSTED
     */
    public int allocatePort(NodeName node) {
        return cursor.next(
                node.key(),
                state.portRange(),
                port -> state.portInUse(node, port),
                "TCP port on node " + node,
                NumberRange.PORTS);
    }

    /**
     * A node id that no resource of the definition has, and that every peer has forgotten.
     *
     * @throws HeddleException NUMBERS_EXHAUSTED
     */
    public static int freeNodeId(ResourceDefinition definition) {
        for (int id = 0; id <= Numbers.MAXIMUM_NODE_ID; id++) {
            int candidate = id;
            if (!definition.retiredNodeIds().contains(id)
                    && definition.resources().values().stream().noneMatch(r -> r.nodeId() == candidate)) {
                return id;
            }
        }
        throw new HeddleException(
                ErrorCode.NUMBERS_EXHAUSTED,
                "cannot place another resource of " + definition.name(),
                "all 32 node ids of DRBD are used or not yet forgotten by every peer ("
                        + definition.resources().size() + " used, "
                        + definition.retiredNodeIds().size() + " retired)",
                "delete a resource of it, or bring its offline peers back so that they can forget");
    }

    /** A definition by name, or RESOURCE_DEFINITION_NOT_FOUND. */
    public ResourceDefinition requireDefinition(ResourceName name) {
        return state.resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name));
    }

    /** A definition by identity, or empty if it is gone. */
    public Optional<ResourceDefinition> definition(UUID uuid) {
        return state.resourceDefinition(uuid);
    }

    /** A node by name, or NODE_NOT_FOUND. */
    public Node requireNode(NodeName name) {
        return state.node(name).orElseThrow(() -> NotFound.node(name));
    }
}
