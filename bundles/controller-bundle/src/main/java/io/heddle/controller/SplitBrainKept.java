package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
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
        implements Goal {
    @Override
    public List<Topic> topics() {
        return List.of(new Topic.OfDefinition(definition), new Topic.OfLink(node));
    }

    @Override
    public Action action() {
        return Action.MODIFY;
    }

    @Override
    public ObjectKind kind() {
        return ObjectKind.RESOURCE;
    }

    @Override
    public SortedMap<String, String> objects() {
        return Replies.resource(name, node);
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
        Optional<ResourceStatus> status =
                board.resource(node, resource).filter(seen -> seen.specRevision() >= revision);
        if (status.isEmpty()) {
            return Verdict.open(node + " has not reported on it");
        }
        return switch (status.get().phase()) {
            case READY, HELD, REMOVED -> new Verdict.Reached();
            case FAILED -> new Verdict.Failing(status.get().problem().orElseThrow());
            case PENDING, WORKING ->
                Verdict.open(node + " is at: " + String.join(", ", status.get().steps()));
        };
    }
}
