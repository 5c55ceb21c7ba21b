package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * Nothing of a snapshot is left on a node.
 *
 * @param writer tells what is wanted
 * @param board tells who is online
 * @param keeper tells why it is still there
 * @param definition identity of the definition
 * @param name its name
 * @param snapshot name of the snapshot
 * @param uuid identity of the snapshot
 * @param node the node
 */
record SnapshotGone(
        ClusterWriter writer,
        StatusBoard board,
        SnapshotKeeper keeper,
        UUID definition,
        ResourceName name,
        SnapshotName snapshot,
        UUID uuid,
        NodeName node)
        implements Goal {
    @Override
    public List<Topic> topics() {
        return List.of(new Topic.OfDefinition(definition), new Topic.OfNode(node));
    }

    @Override
    public Verdict judge() {
        boolean there = writer.state()
                .resourceDefinition(definition)
                .map(known -> known.snapshots().get(snapshot))
                .filter(known -> known.uuid().equals(uuid))
                .map(Snapshot::parts)
                .filter(parts -> parts.containsKey(node))
                .isPresent();
        if (!there) {
            return new Verdict.Reached();
        }
        Optional<Verdict> offline = Goal.offline(board, node, unreached());
        return offline.orElseGet(() -> keeper.problem(uuid, node)
                .<Verdict>map(Verdict.Failing::new)
                .orElseGet(() -> Verdict.open(node + " has not removed it yet")));
    }

    @Override
    public Action action() {
        return Action.DELETE;
    }

    @Override
    public ObjectKind kind() {
        return ObjectKind.SNAPSHOT;
    }

    @Override
    public SortedMap<String, String> objects() {
        return Replies.snapshot(name, snapshot);
    }

    @Override
    public String reached() {
        return "snapshot " + snapshot + " of " + name + " is gone from " + node;
    }

    @Override
    public String unreached() {
        return "snapshot " + snapshot + " of " + name + " is not gone from " + node + " yet";
    }
}
