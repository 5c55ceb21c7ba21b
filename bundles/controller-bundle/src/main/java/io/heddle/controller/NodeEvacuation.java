package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Evacuation;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** Begins and ends the emptying of nodes; {@link EvacuationKeeper} does it. */
final class NodeEvacuation {
    private final Desk desk;
    private final EvacuationKeeper keeper;

    NodeEvacuation(Desk desk, EvacuationKeeper keeper) {
        this.desk = desk;
        this.keeper = keeper;
    }

    CompletionStage<Outcome> evacuate(NodeName name, SortedSet<NodeName> targets, SortedSet<NodeName> excluded) {
        return desk.carryOut(edit -> {
            Node node = edit.requireNode(name);
            targets.forEach(edit::requireNode);
            excluded.forEach(edit::requireNode);
            if (node.deleting()) {
                throw new HeddleException(
                        ErrorCode.BEING_DELETED,
                        "cannot evacuate node " + node.name(),
                        "it is being deleted",
                        "wait until it is gone, or give it up: 'node lost " + node.name() + "'");
            }
            TreeSet<NodeName> possible = new TreeSet<>(targets);
            possible.removeAll(excluded);
            possible.remove(node.name());
            if (!targets.isEmpty() && possible.isEmpty()) {
                throw new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "cannot evacuate node " + node.name(),
                        "none of the nodes that are named may take its replicas",
                        "name other nodes");
            }
            Evacuation wanted = new Evacuation(Ordered.set(targets), Ordered.set(excluded));
            if (node.evacuation().equals(Optional.of(wanted))) {
                return Desk.Done.of(Replies.info(
                        Action.MODIFY,
                        ObjectKind.NODE,
                        "node " + node.name() + " is being evacuated already",
                        Replies.node(node.name())));
            }
            edit.put(node.withEvacuation(Optional.of(wanted)));
            int resources = edit.state().definitionsOn(node.name()).size();
            return Desk.Done.of(Replies.success(
                            Action.MODIFY,
                            ObjectKind.NODE,
                            "node " + node.name() + " is evacuated: nothing more is placed on it, and its " + resources
                                    + " resources go when others have them; 'node list' shows how far it is",
                            Replies.node(node.name())))
                    .then(keeper::look);
        });
    }

    CompletionStage<Outcome> restore(NodeName name) {
        return desk.carryOut(edit -> {
            Node node = edit.requireNode(name);
            if (node.evacuation().isEmpty()) {
                return Desk.Done.of(Replies.info(
                        Action.MODIFY,
                        ObjectKind.NODE,
                        "node " + node.name() + " is not being evacuated",
                        Replies.node(node.name())));
            }
            edit.put(node.withEvacuation(Optional.empty()));
            List<Reply> replies = new ArrayList<>();
            replies.add(Replies.success(
                    Action.MODIFY,
                    ObjectKind.NODE,
                    "node " + node.name() + " is restored: what is on it stays, and it takes resources again",
                    Replies.node(node.name())));
            for (UUID uuid : edit.state().definitionsOn(node.name())) {
                ResourceDefinition definition = edit.definition(uuid).orElseThrow();
                Resource own = definition.resources().get(node.name());
                own.replacement().ifPresent(replacement -> {
                    edit.put(definition.withResource(own.withReplacement(Optional.empty())));
                    if (!definition.deleting()) {
                        replies.add(oneMore(definition.name(), replacement));
                    }
                });
            }
            return new Desk.Done(replies, revision -> List.of());
        });
    }

    private static Reply oneMore(ResourceName resource, NodeName replacement) {
        SortedMap<String, String> objects = Replies.resource(resource, replacement);
        return Replies.info(
                Action.MODIFY,
                ObjectKind.RESOURCE,
                resource + " has one replica more, on " + replacement
                        + "; if it is not needed, run: heddle resource delete " + replacement + " " + resource,
                objects);
    }

    /** Why nothing can be placed on a node that is being emptied. */
    static HeddleException refusal(Node node, ResourceName resource) {
        return new HeddleException(
                ErrorCode.IN_USE,
                "cannot place " + resource + " on " + node.name(),
                "the node is being evacuated",
                "choose another node, or end that: heddle node restore " + node.name());
    }
}
