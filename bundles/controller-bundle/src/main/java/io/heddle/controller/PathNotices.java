package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.PathSpec;
import java.util.List;
import java.util.Optional;
import java.util.Set;
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
        SpecSender.touched(before, edit.state(), edit.rows().keySet()).forEach(notices::look);
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
                old |= board.eight(nodes.first()).isPresent()
                        || board.eight(nodes.second()).isPresent();
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
}
