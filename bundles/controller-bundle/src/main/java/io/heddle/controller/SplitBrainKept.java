package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.ResourceStatus;
import java.util.Optional;
import java.util.UUID;

/**
 * A side of a split brain has heard that it is not to give up its changes after all, and has had DRBD forget it.
 *
 * @param writer tells what is wanted
 * @param board tells what is
 * @param definition identity of the definition
 * @param name its name
 * @param node the node that was to give up
 * @param resource identity of the resource on it
 * @param revision since which the report must be
 */
record SplitBrainKept(
        ClusterWriter writer,
        StatusBoard board,
        UUID definition,
        ResourceName name,
        NodeName node,
        UUID resource,
        long revision)
        implements ResourceGoal {
    @Override
    public Action action() {
        return Action.MODIFY;
    }

    @Override
    public String reached() {
        return node + " does not give up its changes of " + name + " any more";
    }

    @Override
    public String unreached() {
        return node + " may still give up its changes of " + name;
    }

    @Override
    public Verdict judge() {
        if (writer.state()
                .resourceDefinition(definition)
                .filter(known -> !known.deleting())
                .isEmpty()) {
            return Verdict.givenUp(
                    ErrorCode.BEING_DELETED, unreached(), "it was deleted in the meantime", "nothing needs to be done");
        }
        Optional<Verdict> offline = Goal.offline(board, node, unreached());
        if (offline.isPresent()) {
            return offline.get();
        }
        Optional<ResourceStatus> status = reportedSince(revision);
        if (status.isEmpty()) {
            return Verdict.open(node + " has not reported on it");
        }
        return switch (status.get().phase()) {
            case READY, HELD, REMOVED -> new Verdict.Reached();
            case FAILED -> new Verdict.Failing(status.get().problem().orElseThrow());
            case PENDING, WORKING -> at(status.get());
        };
    }
}
