package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SplitBrainResolution;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.util.Optional;
import java.util.UUID;

/**
 * A side of a split brain has given up its changes: it is connected to those that kept theirs, and is in sync or being synced.
 *
 * @param writer tells what is wanted
 * @param board tells what is
 * @param definition identity of the definition
 * @param name its name
 * @param node the node that gives up
 * @param resource identity of the resource on it
 * @param word what was decided
 * @param revision since which the report must be
 */
record SplitBrainResolved(
        ClusterWriter writer,
        StatusBoard board,
        UUID definition,
        ResourceName name,
        NodeName node,
        UUID resource,
        SplitBrainResolution word,
        long revision)
        implements ResourceGoal {
    @Override
    public Action action() {
        return Action.MODIFY;
    }

    @Override
    public String reached() {
        boolean done = replication()
                .filter(status -> status.devices().stream().allMatch(device -> device.disk() == DiskState.UP_TO_DATE))
                .isPresent();
        return name + " on " + node + " is connected again, "
                + (done ? "and in sync" : "and is being synced; resource list shows how far it is")
                + (word.snapshot()
                        ? ". What it gave up is kept; node info " + node
                                + " lists the snapshots, and how to look into them and to remove them"
                        : "");
    }

    @Override
    public String unreached() {
        return name + " on " + node + " has not given up its changes yet";
    }

    @Override
    public Verdict judge() {
        boolean stillMeant = writer.state()
                .resourceDefinition(definition)
                .filter(known -> !known.deleting())
                .flatMap(known -> known.resolution())
                .filter(known -> known.uuid().equals(word.uuid()))
                .isPresent();
        if (!stillMeant) {
            return Verdict.givenUp(
                    ErrorCode.BEING_DELETED,
                    unreached(),
                    "it was deleted, or something else was decided, in the meantime",
                    "nothing needs to be done");
        }
        Optional<Verdict> offline = Goal.offline(board, node, unreached());
        if (offline.isPresent()) {
            return offline.get();
        }
        Optional<ResourceStatus> status = reportedSince(revision);
        if (status.isEmpty()) {
            return Verdict.open(node + " has not reported on it");
        }
        if (isOne()) {
            return new Verdict.Reached();
        }
        boolean lapsed = status.get().cutOffs().stream()
                .anyMatch(cutOff ->
                        cutOff.lapsedWord().filter(word.uuid()::equals).isPresent());
        if (lapsed && status.get().problem().isPresent()) {
            return new Verdict.GivenUp(status.get().problem().get());
        }
        if (status.get().problem().isPresent()) {
            return switch (status.get().phase()) {
                case FAILED -> new Verdict.Failing(status.get().problem().get());
                case HELD ->
                    // that it is cut off is what is being mended
                    status.get().problem().get().code() == ErrorCode.SPLIT_BRAIN
                            ? new Verdict.Failing(status.get().problem().get())
                            : new Verdict.GivenUp(status.get().problem().get());
                case PENDING, WORKING, READY, REMOVED -> at(status.get());
            };
        }
        return at(status.get());
    }

    private Optional<ReplicationStatus> replication() {
        return board.resource(node, resource).flatMap(ResourceStatus::inKernel);
    }

    private boolean isOne() {
        return replication()
                .filter(status -> word.kept().keySet().stream().allMatch(kept -> status.isConnectedTo(kept.value())))
                .isPresent();
    }
}
