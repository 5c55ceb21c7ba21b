package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.NodeStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Says beforehand which connections a change takes to other addresses, whatever it is a change of: an interface, a {@code PrefNic} on
 * any level, a named path, the pool of a replica. Pure but for a look at which DRBD the nodes have.
 */
final class PathNotices {
    private final ClusterState before;
    private final StateEdit edit;
    private final StatusBoard board;

    private int connections;
    private final Set<UUID> resources = new TreeSet<>();
    private boolean old;

    private PathNotices(ClusterState before, StateEdit edit, StatusBoard board) {
        this.before = before;
        this.edit = edit;
        this.board = board;
    }

    /** What to say of an edit; nothing where no connection leaves a path. */
    static List<Reply> of(ClusterState before, StateEdit edit, StatusBoard board) {
        PathNotices notices = new PathNotices(before, edit, board);
        notices.touched().forEach(notices::look);
        return notices.connections == 0 ? List.of() : List.of(notices.reply());
    }

    private Reply reply() {
        String which = (connections == 1 ? "1 connection" : connections + " connections") + " of "
                + (resources.size() == 1 ? "1 resource" : resources.size() + " resources");
        String how = old
                ? which
                        + ": taken away and made again over other addresses, since DRBD 8.4 has one path for a connection;"
                        + " what is written meanwhile is synced afterwards"
                : which + ": taken to other paths, one after the other within a resource, each apart for a moment and"
                        + " synced afterwards; each stays where it is until both nodes have the other path and a Primary"
                        + " loses neither quorum nor data by it";
        return Replies.info(Action.MODIFY, ObjectKind.RESOURCE_CONNECTION, how, Ordered.map(null));
    }

    /** Definitions whose paths the edit may have changed. */
    private Set<UUID> touched() {
        TreeSet<UUID> touched = new TreeSet<>();
        for (RowKey row : edit.rows().keySet()) {
            switch (row.kind()) {
                case CLUSTER -> settings(before.settings(), edit.state().settings(), touched);
                case NODE -> node(new NodeName(row.key()), touched);
                case RESOURCE_GROUP -> group(new ResourceGroupName(row.key()), touched);
                case RESOURCE_DEFINITION -> touched.add(UUID.fromString(row.key()));
            }
        }
        return touched;
    }

    private void settings(ClusterSettings was, ClusterSettings is, Set<UUID> touched) {
        if (differs(was.properties(), is.properties())) {
            before.resourceDefinitions().values().forEach(definition -> touched.add(definition.uuid()));
        }
        for (NodePair nodes : was.nodeConnections().keySet()) {
            connection(nodes, was, is, touched);
        }
        for (NodePair nodes : is.nodeConnections().keySet()) {
            connection(nodes, was, is, touched);
        }
    }

    private void connection(NodePair nodes, ClusterSettings was, ClusterSettings is, Set<UUID> touched) {
        if (SpecSender.shows(was.nodeConnection(nodes), is.nodeConnection(nodes))) {
            touched.addAll(before.definitionsOn(nodes.first()));
        }
    }

    private void node(NodeName name, Set<UUID> touched) {
        Optional<Node> was = before.node(name);
        Optional<Node> is = edit.state().node(name);
        boolean same = was.isPresent()
                && is.isPresent()
                && was.get().netInterfaces().equals(is.get().netInterfaces())
                && was.get().activeInterface().equals(is.get().activeInterface())
                && was.get().storagePools().equals(is.get().storagePools())
                && !differs(was.get().properties(), is.get().properties());
        if (!same && was.isPresent() && is.isPresent()) {
            touched.addAll(before.definitionsOn(name));
        }
    }

    private void group(ResourceGroupName name, Set<UUID> touched) {
        ResourceGroup was = before.resourceGroups().get(name);
        ResourceGroup is = edit.state().resourceGroups().get(name);
        if (was != null && is != null && differs(was.properties(), is.properties())) {
            before.resourceDefinitions().values().stream()
                    .filter(definition -> definition.group().equals(name))
                    .forEach(definition -> touched.add(definition.uuid()));
        }
    }

    private static boolean differs(SortedMap<String, String> was, SortedMap<String, String> is) {
        return !Optional.ofNullable(was.get(SpecBuilder.PREFERRED_INTERFACE))
                .equals(Optional.ofNullable(is.get(SpecBuilder.PREFERRED_INTERFACE)));
    }

    private void look(UUID uuid) {
        Optional<ResourceDefinition> was = before.resourceDefinition(uuid);
        Optional<ResourceDefinition> is = edit.state().resourceDefinition(uuid);
        if (was.isEmpty() || is.isEmpty() || is.get().deleting() || !is.get().replicated()) {
            return;
        }
        for (NodePair nodes : NodePair.among(was.get().resources().keySet())) {
            List<PathSpec> left = paths(before, was.get(), nodes);
            List<PathSpec> now = paths(edit.state(), is.get(), nodes);
            if (!now.isEmpty() && !now.containsAll(left)) {
                connections++;
                resources.add(uuid);
                old |= isOld(nodes.first()) || isOld(nodes.second());
            }
        }
    }

    /** None where one of the two is not there, or goes. */
    private static List<PathSpec> paths(ClusterState state, ResourceDefinition definition, NodePair nodes) {
        Resource first = definition.resources().get(nodes.first());
        Resource second = definition.resources().get(nodes.second());
        return first == null || second == null || first.deleting() || second.deleting()
                ? List.of()
                : SpecBuilder.paths(state, definition, first, second);
    }

    private boolean isOld(NodeName node) {
        return board.status(node)
                .map(NodeStatus::kernel)
                .filter(kernel -> kernel.dialect() == Dialect.DRBD_8_4)
                .isPresent();
    }
}
