package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.status.LinkStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;

/** Something on one node that a use case waits for. Immutable; judged again and again, on any thread. */
interface Goal {
    /** The node that is to reach it. */
    NodeName node();

    /** When it is looked at again. */
    List<Topic> topics();

    /** How it stands. Quick, and without side effects. */
    Verdict judge();

    /** What is done, for the reply. */
    Action action();

    /** To what kind of object, for the reply. */
    ObjectKind kind();

    /** Names of the objects, for the reply. */
    SortedMap<String, String> objects();

    /** A sentence for when it is reached. */
    String reached();

    /** What could not be done yet, for when it is not reached. */
    String unreached();

    /** Why a node is not waited for: empty if it is online. */
    static Optional<Verdict> offline(StatusBoard board, NodeName node, String what) {
        // Asked first: a link that becomes known in between is judged by what is known of it.
        boolean known = board.knowsLink(node);
        LinkStatus link = board.link(node);
        if (link.state() == LinkStatus.State.ONLINE) {
            return Optional.empty();
        }
        if (link.state() == LinkStatus.State.CONNECTING || !known) {
            return Optional.of(new Verdict.Unreachable(new Problem(
                    ErrorCode.NODE_OFFLINE,
                    what,
                    "the link to " + node + " is being made",
                    "nothing: it is done when " + node + " is connected")));
        }
        Problem problem = link.problem()
                .orElse(new Problem(ErrorCode.NODE_OFFLINE, what, node + " cannot be reached", "see 'node list'"));
        return Optional.of(new Verdict.Offline(new Problem(
                problem.code(),
                what,
                node + " is " + link.state().name().toLowerCase(Locale.ROOT) + ": " + problem.why(),
                problem.correction() + "; it is done when " + node + " is connected")));
    }
}
