package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.ResourceStatus;
import java.util.Optional;
import java.util.UUID;

/**
 * A resource has given its disk up: nothing of it is left on the node, and the others are told.
 *
 * @param writer tells what is wanted
 * @param board tells what is
 * @param definition identity of the definition
 * @param name its name
 * @param node the node
 * @param resource identity of the resource on it
 * @param since revision that asked for it: what was held before is no answer to it; 0 if it was asked for before
 */
record DiskGone(
        ClusterWriter writer,
        StatusBoard board,
        UUID definition,
        ResourceName name,
        NodeName node,
        UUID resource,
        long since)
        implements ResourceGoal {
    @Override
    public Action action() {
        return Action.MODIFY;
    }

    @Override
    public String reached() {
        return name + " has no disk on " + node + " any more";
    }

    @Override
    public String unreached() {
        return name + " has its disk on " + node + " yet";
    }

    @Override
    public Verdict judge() {
        if (!isThere()) {
            return new Verdict.Reached();
        }
        Optional<Verdict> offline = Goal.offline(board, node, unreached());
        if (offline.isPresent()) {
            return offline.get();
        }
        return reportedSince(since)
                .flatMap(seen -> seen.problem().map(problem -> verdict(seen.phase(), problem)))
                .orElseGet(() -> Verdict.open(node + " has not reported it as gone"));
    }

    private static Verdict verdict(ResourceStatus.Phase phase, Problem problem) {
        return switch (phase) {
            case HELD -> new Verdict.GivenUp(problem);
            case FAILED -> new Verdict.Failing(problem);
            case PENDING, WORKING, READY, REMOVED -> Verdict.open(problem.why());
        };
    }

    private boolean isThere() {
        return writer.state()
                .resourceDefinition(definition)
                .map(known -> known.resources().get(node))
                .filter(known -> known.uuid().equals(resource))
                .filter(Resource::detaching)
                .isPresent();
    }
}
