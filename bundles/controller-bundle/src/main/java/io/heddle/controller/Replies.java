package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotName;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Makes replies. The names of the objects are those of REST v1, since they go there as they are. */
final class Replies {
    private Replies() {}

    static Reply success(Action action, ObjectKind kind, String message, SortedMap<String, String> objects) {
        return new Reply(Severity.SUCCESS, action, kind, message, Optional.empty(), objects);
    }

    static Reply info(Action action, ObjectKind kind, String message, SortedMap<String, String> objects) {
        return new Reply(Severity.INFO, action, kind, message, Optional.empty(), objects);
    }

    static Reply warning(Action action, ObjectKind kind, Problem problem, SortedMap<String, String> objects) {
        return new Reply(Severity.WARNING, action, kind, problem.what(), Optional.of(problem), objects);
    }

    static Reply of(Waiting.Result result) {
        Goal goal = result.goal();
        return result.problem()
                .map(problem -> warning(goal.action(), goal.kind(), problem, goal.objects()))
                .orElseGet(() -> info(goal.action(), goal.kind(), goal.reached(), goal.objects()));
    }

    static SortedMap<String, String> node(NodeName node) {
        return Ordered.map(Map.of("Node", node.value()));
    }

    static SortedMap<String, String> netInterface(NodeName node, NetInterfaceName name) {
        return Ordered.map(Map.of("Node", node.value(), "NetIf", name.value()));
    }

    static SortedMap<String, String> pool(NodeName node, PoolName pool) {
        return Ordered.map(Map.of("Node", node.value(), "StorPoolDfn", pool.value()));
    }

    static SortedMap<String, String> definition(ResourceName name) {
        return Ordered.map(Map.of("RscDfn", name.value()));
    }

    static SortedMap<String, String> resource(ResourceName name, NodeName node) {
        return Ordered.map(Map.of("RscDfn", name.value(), "Node", node.value()));
    }

    static SortedMap<String, String> snapshot(ResourceName name, SnapshotName snapshot) {
        return Ordered.map(Map.of("RscDfn", name.value(), "Snapshot", snapshot.value()));
    }

    static SortedMap<String, String> group(ResourceGroupName name) {
        return Ordered.map(Map.of("RscGrp", name.value()));
    }

    static SortedMap<String, String> volumeGroup(ResourceGroupName name, int number) {
        return Ordered.map(Map.of("RscGrp", name.value(), "VlmNr", Integer.toString(number)));
    }

    static SortedMap<String, String> nodes(NodePair nodes) {
        return Ordered.map(Map.of(
                "FirstNode", nodes.first().value(), "SecondNode", nodes.second().value()));
    }

    static SortedMap<String, String> connection(ResourceName name, NodePair nodes) {
        return Ordered.with(nodes(nodes), "RscDfn", name.value());
    }

    static SortedMap<String, String> peerDevice(ResourceName name, NodePair nodes, int number) {
        return Ordered.with(connection(name, nodes), "VlmNr", Integer.toString(number));
    }

    static SortedMap<String, String> volume(ResourceName name, int number) {
        return Ordered.map(Map.of("RscDfn", name.value(), "VlmNr", Integer.toString(number)));
    }
}
