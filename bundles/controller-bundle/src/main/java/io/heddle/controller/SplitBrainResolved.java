package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SplitBrainResolution;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
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
        Optional<ResourceStatus> status =
                board.resource(node, resource).filter(seen -> seen.specRevision() >= revision);
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
                case PENDING, WORKING, READY, REMOVED -> open(status.get());
            };
        }
        return open(status.get());
    }

    private Verdict open(ResourceStatus status) {
        return Verdict.open(node + " is at: "
                + (status.steps().isEmpty() ? status.phase().name() : String.join(", ", status.steps())));
    }

    private Optional<ReplicationStatus> replication() {
        return board.resource(node, resource)
                .flatMap(seen -> seen.replication().known())
                .flatMap(seen -> seen);
    }

    private boolean isOne() {
        return replication()
                .filter(status -> word.kept().keySet().stream()
                        .allMatch(kept -> status.connection(kept.value())
                                .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                                .isPresent()))
                .isPresent();
    }
}
