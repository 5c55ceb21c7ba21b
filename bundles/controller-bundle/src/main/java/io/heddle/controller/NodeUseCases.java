package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.ConnectionPaths;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.status.LinkStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** What can be done with nodes and their addresses. */
final class NodeUseCases {
    private static final int NAMED_IN_ERRORS = 5;

    private final Desk desk;

    NodeUseCases(Desk desk) {
        this.desk = desk;
    }

    CompletionStage<Outcome> create(NodeCreation wish) {
        return desk.carryOut(edit -> {
            Node node = registered(edit.state(), wish);
            edit.put(node);
            Desk.Done done = Desk.Done.of(
                    Replies.success(
                            Action.CREATE,
                            ObjectKind.NODE,
                            "node " + node.name() + " created",
                            Replies.node(node.name())),
                    revision -> node.hasSatellite()
                            ? List.of(linkUp(node.name(), Action.CREATE, Optional.empty()))
                            : List.of());
            return wish.code().isPresent()
                    ? done.then(() -> desk.links().reconnect(node.name(), wish.code(), false))
                    : done;
        });
    }

    private Node registered(ClusterState state, NodeCreation wish) {
        state.node(wish.name()).ifPresent(present -> {
            throw new HeddleException(
                    present.deleting() ? ErrorCode.BEING_DELETED : ErrorCode.NODE_EXISTS,
                    "cannot create node " + wish.name(),
                    present.deleting() ? "the node of that name is not gone yet" : "there is a node of that name",
                    present.deleting()
                            ? "wait until it is gone, or give it up: 'node lost " + wish.name() + "'"
                            : "choose another name, or delete that one first");
        });
        if (wish.netInterfaces().isEmpty()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot create node " + wish.name(),
                    "it has no address",
                    "give the address at which its satellite listens");
        }
        TreeMap<NetInterfaceName, NetInterface> interfaces = new TreeMap<>();
        for (NetInterface added : wish.netInterfaces()) {
            if (interfaces.put(added.name(), added) != null) {
                throw existing(wish.name(), added.name());
            }
        }
        Node node = new Node(
                wish.name(),
                UUID.randomUUID(),
                wish.type(),
                interfaces,
                wish.netInterfaces().get(0).name(),
                Ordered.map(null),
                PropertyCatalogue.check(PropertyLevel.NODE, wish.properties()),
                Optional.empty(),
                false,
                desk.clock().instant());
        Properties.requireInterface(node, node.properties());
        requireOwnAddress(state, node);
        return node;
    }

    /** Two names for one satellite would give it two specs in turn. */
    private static void requireOwnAddress(ClusterState state, Node node) {
        Optional<NetInterface> address = node.linkInterface().filter(ignored -> node.hasSatellite());
        for (Node other : state.nodes().values()) {
            Optional<NetInterface> taken = other.linkInterface()
                    .filter(ignored -> other.hasSatellite() && !other.name().equals(node.name()));
            if (address.isPresent()
                    && taken.isPresent()
                    && taken.get().address().equals(address.get().address())
                    && taken.get().linkPort() == address.get().linkPort()) {
                throw new HeddleException(
                        ErrorCode.INVALID_ADDRESS,
                        "cannot reach " + node.name() + " at " + address.get().address() + " port "
                                + address.get().linkPort(),
                        "that is the address of " + other.name(),
                        "correct the address");
            }
        }
    }

    CompletionStage<Outcome> modify(NodeName name, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.NODE, change);
            Node node = edit.requireNode(name);
            SortedMap<String, String> after = checked.applyTo(node.properties());
            Properties.requireInterface(node, checked.override());
            if (after.equals(node.properties())) {
                return Desk.Done.of(unchanged(node.name()));
            }
            edit.put(node.withProperties(after));
            return modified(node, checked, SpecSender.shows(node.properties(), after));
        });
    }

    private Desk.Done modified(Node node, PropertyChange checked, boolean shown) {
        List<Reply> replies = new ArrayList<>();
        replies.add(Replies.success(
                Action.MODIFY, ObjectKind.NODE, "node " + node.name() + " modified", Replies.node(node.name())));
        Properties.withoutEffect(checked.override(), ObjectKind.NODE, Replies.node(node.name()))
                .ifPresent(replies::add);
        return new Desk.Done(
                replies,
                revision -> shown && node.hasSatellite()
                        ? List.of(NodeGoals.stored(desk.board(), node.name(), revision))
                        : List.of());
    }

    private static Reply unchanged(NodeName name) {
        return Replies.info(
                Action.MODIFY, ObjectKind.NODE, "node " + name + " is as asked already", Replies.node(name));
    }

    CompletionStage<Outcome> delete(NodeName name) {
        return desk.carryOut(edit -> {
            Optional<Node> present = edit.state().node(name);
            if (present.isEmpty()) {
                return absent(NotFound.node(name), ObjectKind.NODE, Replies.node(name));
            }
            Node node = present.get();
            List<String> live = liveOn(edit.state(), node.name());
            if (!live.isEmpty()) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete node " + node.name(),
                        "it has resources: " + String.join(", ", live),
                        "delete these first, or give the node up if it never comes back: 'node lost " + node.name()
                                + "'");
            }
            List<String> snapshots = snapshotsOn(edit.state(), node.name());
            if (!snapshots.isEmpty()) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete node " + node.name(),
                        "it has snapshots: " + String.join(", ", snapshots),
                        "delete these first, or give the node up if it never comes back: 'node lost " + node.name()
                                + "'");
            }
            Reply reply = Replies.success(
                    Action.DELETE, ObjectKind.NODE, "node " + node.name() + " deleted", Replies.node(node.name()));
            if (edit.state().definitionsOn(node.name()).isEmpty()) {
                edit.remove(node);
                return Desk.Done.of(reply);
            }
            if (!node.deleting()) {
                edit.put(node.markedDeleting());
                moveTieBreakers(edit, node.name());
            }
            return Desk.Done.of(reply, revision -> List.of(NodeGoals.gone(desk.writer(), desk.board(), node)));
        });
    }

    private static List<String> snapshotsOn(ClusterState state, NodeName node) {
        return state.resourceDefinitions().values().stream()
                .flatMap(definition -> definition.snapshots().values().stream()
                        .filter(snapshot -> snapshot.parts().containsKey(node))
                        .map(snapshot -> definition.name() + "/" + snapshot.name()))
                .toList();
    }

    /** Tie-breakers are in nobody's way: they go, and come back on other nodes. */
    private static void moveTieBreakers(StateEdit edit, NodeName node) {
        for (UUID uuid : List.copyOf(edit.state().definitionsOn(node))) {
            edit.definition(uuid).filter(definition -> !definition.deleting()).ifPresent(definition -> {
                Resource own = definition.resources().get(node);
                if (own.tieBreaker() && !own.deleting()) {
                    edit.put(definition.withResource(own.markedDeleting()));
                }
            });
        }
    }

    private static List<String> liveOn(ClusterState state, NodeName node) {
        return state.definitionsOn(node).stream()
                .flatMap(uuid -> state.resourceDefinition(uuid).stream())
                .filter(definition -> !definition.deleting()
                        && !definition.resources().get(node).deleting()
                        && !definition.resources().get(node).tieBreaker())
                .map(definition -> definition.name().value())
                .limit(NAMED_IN_ERRORS)
                .sorted()
                .toList();
    }

    CompletionStage<Outcome> reconnect(NodeName name, boolean acceptOlder) {
        return desk.carryOut(edit -> {
            Node node = requireSatellite(edit, name);
            LinkStatus before = desk.board().link(node.name());
            return Desk.Done.of(
                            Replies.success(
                                    Action.MODIFY,
                                    ObjectKind.NODE,
                                    "connecting to node " + node.name() + " again",
                                    Replies.node(node.name())),
                            revision -> List.of(linkUp(node.name(), Action.MODIFY, Optional.of(before))))
                    .then(() -> desk.links().reconnect(node.name(), Optional.empty(), acceptOlder));
        });
    }

    CompletionStage<Outcome> claim(NodeName name, Optional<Secret> code) {
        return desk.carryOut(edit -> {
            Node node = requireSatellite(edit, name);
            LinkStatus before = desk.board().link(node.name());
            if (node.pin().isPresent()) {
                edit.put(node.withPin(Optional.empty()));
            }
            return Desk.Done.of(
                            Replies.success(
                                    Action.MODIFY,
                                    ObjectKind.NODE,
                                    "pairing with node " + node.name(),
                                    Replies.node(node.name())),
                            revision -> List.of(linkUp(node.name(), Action.MODIFY, Optional.of(before))))
                    .then(() -> desk.links().reconnect(node.name(), code, false));
        });
    }

    private static Node requireSatellite(StateEdit edit, NodeName name) {
        Node node = edit.requireNode(name);
        if (!node.hasSatellite()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot connect to node " + node.name(),
                    "it runs no satellite",
                    "choose a node of type satellite or combined");
        }
        return node;
    }

    private Goal linkUp(NodeName node, Action action, Optional<LinkStatus> before) {
        return NodeGoals.linkUp(desk.board(), node, action, before);
    }

    CompletionStage<Outcome> createInterface(NodeName name, NetInterface added, boolean active) {
        return desk.carryOut(edit -> {
            Node node = edit.requireNode(name);
            if (node.netInterfaces().containsKey(added.name())) {
                throw existing(node.name(), added.name());
            }
            return put(edit, node, added, active, Action.CREATE);
        });
    }

    CompletionStage<Outcome> modifyInterface(NodeName name, NetInterface changed, boolean active) {
        return desk.carryOut(edit -> {
            Node node = edit.requireNode(name);
            NetInterface present = node.netInterfaces().get(changed.name());
            if (present == null) {
                throw NotFound.netInterface(node.name(), changed.name());
            }
            NetInterface kept =
                    new NetInterface(present.name(), changed.address(), changed.linkPort(), changed.encryption());
            return put(edit, node, kept, active, Action.MODIFY);
        });
    }

    private Desk.Done put(StateEdit edit, Node node, NetInterface put, boolean active, Action action) {
        Node changed = node.withNetInterface(put);
        changed = active ? changed.withActiveInterface(put.name()) : changed;
        if (changed.equals(node)) {
            return Desk.Done.of(unchanged(node.name()));
        }
        requireOwnAddress(edit.state(), changed);
        edit.put(changed);
        Reply reply = Replies.success(
                action,
                ObjectKind.NET_INTERFACE,
                "network interface " + put.name() + " of node " + node.name() + " has address " + put.address(),
                Replies.netInterface(node.name(), put.name()));
        return Desk.Done.of(
                reply,
                revision -> node.hasSatellite() && action == Action.MODIFY
                        ? List.of(NodeGoals.stored(desk.board(), node.name(), revision))
                        : List.of());
    }

    CompletionStage<Outcome> deleteInterface(NodeName name, NetInterfaceName removed) {
        return desk.carryOut(edit -> {
            Optional<Node> known = edit.state().node(name);
            Optional<NetInterface> own =
                    known.map(registered -> registered.netInterfaces().get(removed));
            if (known.isEmpty() || own.isEmpty()) {
                return absent(
                        NotFound.netInterface(name, removed),
                        ObjectKind.NET_INTERFACE,
                        Replies.netInterface(name, removed));
            }
            Node node = known.get();
            NetInterface present = own.get();
            userOf(edit.state(), node, present.name()).ifPresent(user -> {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete network interface " + present.name() + " of node " + node.name(),
                        user,
                        "let that use another interface first");
            });
            edit.put(node.withoutNetInterface(present.name()));
            return Desk.Done.of(Replies.success(
                    Action.DELETE,
                    ObjectKind.NET_INTERFACE,
                    "network interface " + present.name() + " of node " + node.name() + " deleted",
                    Replies.netInterface(node.name(), present.name())));
        });
    }

    private static Optional<String> userOf(ClusterState state, Node node, NetInterfaceName name) {
        if (node.activeInterface().equals(name)) {
            return Optional.of("the controller reaches the satellite over it");
        }
        Stream<Optional<String>> named = Stream.concat(
                Stream.of(
                        named(state.settings().properties(), name, "the controller's"),
                        named(node.properties(), name, "the node's")),
                Stream.concat(
                        node.storagePools().values().stream()
                                .map(pool -> named(pool.properties(), name, "storage pool " + pool.name() + "'s")),
                        state.definitionsOn(node.name()).stream()
                                .flatMap(uuid -> state.resourceDefinition(uuid).stream())
                                .flatMap(definition -> Stream.of(
                                        named(definition.properties(), name, definition.name() + "'s"),
                                        named(
                                                definition
                                                        .resources()
                                                        .get(node.name())
                                                        .properties(),
                                                name,
                                                definition.name() + "'s")))));
        return Stream.concat(named, pathsNaming(state, node, name))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Stream<Optional<String>> pathsNaming(ClusterState state, Node node, NetInterfaceName name) {
        Stream<Optional<String>> ofNodes = state.settings().nodeConnections().entrySet().stream()
                .map(connection -> ConnectionPaths.naming(connection.getValue(), connection.getKey(), node, name));
        Stream<Optional<String>> ofResources = state.definitionsOn(node.name()).stream()
                .flatMap(uuid -> state.resourceDefinition(uuid).stream())
                .flatMap(definition -> definition.connections().entrySet().stream())
                .map(connection ->
                        ConnectionPaths.naming(connection.getValue().properties(), connection.getKey(), node, name));
        return Stream.concat(ofNodes, ofResources);
    }

    private static Optional<String> named(SortedMap<String, String> properties, NetInterfaceName name, String whose) {
        return Optional.ofNullable(properties.get(SpecBuilder.PREFERRED_INTERFACE))
                .filter(value -> value.equalsIgnoreCase(name.value()))
                .map(value -> whose + " " + SpecBuilder.PREFERRED_INTERFACE + " names it");
    }

    private static HeddleException existing(NodeName node, NetInterfaceName name) {
        return new HeddleException(
                ErrorCode.NET_INTERFACE_EXISTS,
                "cannot create network interface " + name + " of node " + node,
                "there is one of that name",
                "choose another name, or modify that one");
    }

    /** Deleting what is absent is no error, but somebody may have misspelt a name. */
    static Desk.Done absent(HeddleException why, ObjectKind kind, SortedMap<String, String> objects) {
        return Desk.Done.of(Replies.warning(Action.DELETE, kind, why.problem(), objects));
    }
}
