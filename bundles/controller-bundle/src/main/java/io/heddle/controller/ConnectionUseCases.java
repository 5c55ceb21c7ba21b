package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceConnection;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.ConnectionPaths;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/** What can be set for all resources between two nodes, and for one between two nodes. */
final class ConnectionUseCases {
    private final Desk desk;

    ConnectionUseCases(Desk desk) {
        this.desk = desk;
    }

    CompletionStage<Outcome> modifyNodes(NodePair nodes, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.NODE_CONNECTION, change);
            Node first = edit.requireNode(nodes.first());
            Node second = edit.requireNode(nodes.second());
            NodePair known = new NodePair(first.name(), second.name());
            SortedMap<String, String> before = edit.state().settings().nodeConnection(known);
            SortedMap<String, String> after = checked.applyTo(before);
            requirePaths(after, first, second);
            edit.put(edit.state().settings().withNodeConnection(known, after));
            SortedMap<String, String> objects = Replies.nodes(known);
            List<Reply> replies = new ArrayList<>();
            replies.add(Replies.success(
                    Action.MODIFY, ObjectKind.NODE_CONNECTION, "connections between " + known + " modified", objects));
            List<NodeName> ends = List.of(known.first(), known.second());
            replies.addAll(OptionReplies.of(before, after, ends, desk.board(), ObjectKind.NODE_CONNECTION, objects));
            boolean reaches = first.hasSatellite() && second.hasSatellite() && SpecSender.shows(before, after);
            return new Desk.Done(replies, reaches ? revision -> stored(ends, revision) : revision -> List.of());
        });
    }

    private List<Goal> stored(Iterable<NodeName> nodes, long revision) {
        List<Goal> goals = new ArrayList<>();
        nodes.forEach(node -> goals.add(NodeGoals.stored(desk.board(), node, revision)));
        return goals;
    }

    CompletionStage<Outcome> modifyConnection(ResourceName name, NodePair nodes, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.RESOURCE_CONNECTION, change);
            ResourceDefinition definition = edit.requireDefinition(name);
            NodePair known = requireConnection(definition, nodes);
            ResourceConnection before = definition.connection(known);
            ResourceConnection after = before.withProperties(checked.applyTo(before.properties()));
            requirePaths(after.properties(), edit.requireNode(known.first()), edit.requireNode(known.second()));
            return changed(
                    edit,
                    definition.withConnection(known, after),
                    known,
                    new Change(before.properties(), after.properties()),
                    Replies.success(
                            Action.MODIFY,
                            ObjectKind.RESOURCE_CONNECTION,
                            "connection of " + definition.name() + " between " + known + " modified",
                            Replies.connection(definition.name(), known)));
        });
    }

    CompletionStage<Outcome> modifyPeerDevice(ResourceName name, NodePair nodes, int number, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.PEER_DEVICE, change);
            ResourceDefinition definition = edit.requireDefinition(name);
            NodePair known = requireConnection(definition, nodes);
            VolumeDefinition volume = definition.volumeDefinitions().get(number);
            if (volume == null || volume.deleting()) {
                throw NotFound.volumeDefinition(definition.name(), number);
            }
            ResourceConnection connection = definition.connection(known);
            SortedMap<String, String> before = connection.peerDevice(number);
            SortedMap<String, String> after = checked.applyTo(before);
            return changed(
                    edit,
                    definition.withConnection(known, connection.withPeerDevice(number, after)),
                    known,
                    new Change(before, after),
                    Replies.success(
                            Action.MODIFY,
                            ObjectKind.PEER_DEVICE,
                            "volume " + number + " of " + definition.name() + " between " + known + " modified",
                            Replies.peerDevice(definition.name(), known, number)));
        });
    }

    /** Paths must be whole, and DRBD 8.4 has one. */
    private void requirePaths(SortedMap<String, String> properties, Node first, Node second) {
        if (ConnectionPaths.check(properties, first, second) < 2) {
            return;
        }
        for (Node node : List.of(first, second)) {
            desk.board().eight(node.name()).ifPresent(kernel -> {
                throw new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        "cannot have several paths between " + first.name() + " and " + second.name(),
                        node.name() + " runs DRBD " + kernel.moduleVersion() + ", where a connection has one path",
                        "set one path, or load DRBD 9 on both nodes");
            });
        }
    }

    private record Change(SortedMap<String, String> before, SortedMap<String, String> after) {}

    private Desk.Done changed(
            StateEdit edit, ResourceDefinition definition, NodePair nodes, Change change, Reply success) {
        edit.put(definition);
        List<Reply> replies = new ArrayList<>();
        replies.add(success);
        replies.addAll(OptionReplies.of(
                change.before(),
                change.after(),
                List.of(nodes.first(), nodes.second()),
                desk.board(),
                success.kind(),
                success.objects()));
        return new Desk.Done(
                replies,
                SpecSender.shows(change.before(), change.after())
                        ? revision -> definition.resources().values().stream()
                                .filter(resource -> nodes.has(resource.node()) && !resource.deleting())
                                .<Goal>map(resource -> ResourceReady.of(
                                        desk.writer(), desk.board(), Action.MODIFY, definition, resource, revision))
                                .toList()
                        : revision -> List.of());
    }

    /** The pair as the definition spells it. */
    private static NodePair requireConnection(ResourceDefinition definition, NodePair nodes) {
        if (!definition.replicated()) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot set anything for a connection of " + definition.name(),
                    "it is not replicated, so its resources have no connections",
                    "create it with the layers DRBD,STORAGE");
        }
        return new NodePair(
                requireResource(definition, nodes.first()).node(),
                requireResource(definition, nodes.second()).node());
    }

    private static Resource requireResource(ResourceDefinition definition, NodeName node) {
        Resource resource = definition.resources().get(node);
        if (resource == null || resource.deleting()) {
            throw NotFound.resource(definition.name(), node);
        }
        return resource;
    }
}
