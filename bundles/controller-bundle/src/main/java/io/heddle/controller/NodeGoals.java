package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.StoragePool;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.PoolStatus;
import java.util.Optional;

/** What nodes are waited for. */
final class NodeGoals {
    private NodeGoals() {}

    /** The satellite has a revision of its spec on its own disk. */
    static Goal stored(StatusBoard board, NodeName node, long revision) {
        String unreached = node + " does not know of the change yet";
        return new NodeGoal(
                node,
                Action.MODIFY,
                ObjectKind.NODE,
                Replies.node(node),
                node + " knows of the change",
                unreached,
                () -> {
                    if (board.storedRevision(node) >= revision) {
                        return new Verdict.Reached();
                    }
                    return Goal.offline(board, node, unreached)
                            .orElseGet(() -> Verdict.open("it has not confirmed it"));
                });
    }

    /** A node that is to leave is out of the desired state. */
    static Goal gone(ClusterWriter writer, StatusBoard board, Node leaving) {
        NodeName node = leaving.name();
        String unreached = "node " + node + " is not gone yet";
        return new NodeGoal(
                node,
                Action.DELETE,
                ObjectKind.NODE,
                Replies.node(node),
                "node " + node + " is gone",
                unreached,
                () -> {
                    boolean there = writer.state()
                            .node(node)
                            .filter(known -> known.uuid().equals(leaving.uuid()))
                            .isPresent();
                    if (!there) {
                        return new Verdict.Reached();
                    }
                    return Goal.offline(board, node, unreached)
                            .orElseGet(() -> Verdict.open("resources that were deleted on it are not gone"));
                });
    }

    /** The link to a node was tried, with whatever result. */
    static Goal tried(StatusBoard board, NodeName node) {
        return new NodeGoal(
                node,
                Action.MODIFY,
                ObjectKind.NODE,
                Replies.node(node),
                "the link to " + node + " was tried",
                "the link to " + node + " was not tried yet",
                () -> board.knowsLink(node) && board.link(node).state() != LinkStatus.State.CONNECTING
                        ? new Verdict.Reached()
                        : Verdict.open("it is being connected"));
    }

    /**
     * The link to a node is up and has brought a status.
     *
     * @param before how it stood when it was told to connect again; that much is old news
     */
    static Goal linkUp(StatusBoard board, NodeName node, Action action, Optional<LinkStatus> before) {
        String unreached = "node " + node + " is not connected yet";
        return new NodeGoal(
                node, action, ObjectKind.NODE, Replies.node(node), "node " + node + " is online", unreached, () -> {
                    // Asked first: a link that becomes known in between is judged by what is known of it.
                    boolean known = board.knowsLink(node);
                    LinkStatus link = board.link(node);
                    if (!known || before.equals(Optional.of(link))) {
                        return new Verdict.Unreachable(lasting(link, unreached));
                    }
                    return switch (link.state()) {
                        case ONLINE -> ready(board, node);
                        case CONNECTING -> Verdict.open("it is being connected");
                        default -> new Verdict.GivenUp(lasting(link, unreached));
                    };
                });
    }

    private static Verdict ready(StatusBoard board, NodeName node) {
        Optional<NodeStatus> status = board.status(node);
        if (status.isEmpty()) {
            return Verdict.open("it has not reported yet");
        }
        String host = status.get().hostName();
        return host.equals(node.value())
                ? new Verdict.Reached()
                : Verdict.givenUp(
                        ErrorCode.INVALID_INPUT,
                        "node " + node + " cannot have resources",
                        "the machine calls itself " + host + " (uname -n), and DRBD goes by that name",
                        "delete the node and create it as " + host);
    }

    private static Problem lasting(LinkStatus link, String unreached) {
        return link.problem()
                .map(problem -> new Problem(problem.code(), unreached, problem.why(), problem.correction()))
                .orElseGet(() -> new Problem(
                        ErrorCode.NODE_OFFLINE, unreached, "the link is " + link.state(), "see 'node list'"));
    }

    /** A pool was looked at, and can be used. */
    static Goal usable(StatusBoard board, NodeName node, StoragePool pool, long revision) {
        String unreached = "cannot create storage pool " + pool.name() + " on " + node;
        return new NodeGoal(
                node,
                Action.CREATE,
                ObjectKind.STORAGE_POOL,
                Replies.pool(node, pool.name()),
                "storage pool " + pool.name() + " is usable on " + node,
                unreached,
                () -> {
                    // a satellite tells of a new pool before it has looked at it
                    Optional<PoolStatus> seen = board.pool(node, pool)
                            .filter(found -> found.capacity()
                                    .unknown()
                                    .filter(problem -> problem.code() == ErrorCode.STARTING)
                                    .isEmpty());
                    if (seen.isPresent()) {
                        return seen.get()
                                .capacity()
                                .unknown()
                                .<Verdict>map(Verdict.GivenUp::new)
                                .orElseGet(Verdict.Reached::new);
                    }
                    return Goal.offline(board, node, unreached)
                            .orElseGet(() -> Verdict.open(node + " has not looked at it"));
                });
    }
}
