package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotName;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A resource of a node has gone back to a snapshot, and is ready.
 *
 * @param writer tells what is wanted
 * @param board tells what is
 * @param before identity of the incarnation that goes
 * @param successor identity of the one that takes its place
 * @param name its name
 * @param snapshot name of the snapshot
 * @param node the node
 */
record RolledBack(
        ClusterWriter writer,
        StatusBoard board,
        UUID before,
        UUID successor,
        ResourceName name,
        SnapshotName snapshot,
        NodeName node)
        implements Goal {
    @Override
    public List<Topic> topics() {
        return List.of(new Topic.OfDefinition(before), new Topic.OfDefinition(successor), new Topic.OfNode(node));
    }

    @Override
    public Verdict judge() {
        Optional<ResourceDefinition> made = writer.state().resourceDefinition(successor);
        Optional<Resource> resource =
                made.flatMap(known -> Optional.ofNullable(known.resources().get(node)));
        if (resource.isPresent()) {
            return ResourceReady.of(writer, board, Action.MODIFY, made.get(), resource.get(), 0)
                    .judge();
        }
        boolean under = writer.state()
                .resourceDefinition(before)
                .flatMap(ResourceDefinition::goesBackTo)
                .isPresent();
        if (!under) {
            return Verdict.givenUp(
                    ErrorCode.IN_USE,
                    unreached(),
                    "it was used again before all nodes had taken it down, or was changed meanwhile; it stays as it was",
                    "stop what uses it, then try again");
        }
        return Goal.offline(board, node, unreached())
                .orElseGet(() -> Verdict.open("not all nodes have taken it down yet"));
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
        return name + " on " + node + " is as in snapshot " + snapshot;
    }

    @Override
    public String unreached() {
        return name + " on " + node + " is not as in snapshot " + snapshot + " yet";
    }
}
