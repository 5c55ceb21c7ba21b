package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.LastCopy;
import io.heddle.core.status.ResourceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** Gives nodes up that never come back. */
final class NodeLoss {
    private final Desk desk;
    private final Secrets secrets;

    NodeLoss(Desk desk, Secrets secrets) {
        this.desk = desk;
        this.secrets = secrets;
    }

    CompletionStage<Outcome> lose(NodeName name, Set<ResourceName> losing) {
        return desk.carryOut(edit -> {
            Optional<Node> present = edit.state().node(name);
            if (present.isEmpty()) {
                return NodeUseCases.absent(NotFound.node(name), ObjectKind.NODE, Replies.node(name));
            }
            Node node = present.get();
            requireOutOfSight(edit.state(), node.name());
            SortedMap<ResourceName, String> atStake = lastCopiesOn(edit.state(), node.name());
            requireAcknowledged(node.name(), atStake, losing);
            List<Reply> replies = new ArrayList<>();
            replies.add(Replies.success(
                    Action.DELETE, ObjectKind.NODE, "node " + node.name() + " given up", Replies.node(node.name())));
            for (UUID uuid : List.copyOf(edit.state().definitionsOn(node.name()))) {
                edit.definition(uuid)
                        .flatMap(definition -> lost(edit, definition, node.name()))
                        .ifPresent(replies::add);
            }
            forgetSnapshots(edit, node.name());
            atStake.forEach((resource, why) -> replies.add(lostCopy(edit.state(), resource, node.name(), why)));
            edit.remove(node);
            return new Desk.Done(replies, revision -> List.of());
        });
    }

    /** What there is of snapshots on the node is lost with it; also where the replica has left it before. */
    private static void forgetSnapshots(StateEdit edit, NodeName node) {
        for (ResourceDefinition definition :
                List.copyOf(edit.state().resourceDefinitions().values())) {
            ResourceDefinition without = definition;
            for (Snapshot snapshot : definition.snapshots().values()) {
                if (snapshot.parts().containsKey(node)) {
                    without = without.withSnapshot(snapshot.withoutPart(node));
                }
            }
            if (!without.equals(definition)) {
                edit.put(without);
            }
        }
    }

    /** A node that runs goes on writing to what others are then told is gone. */
    private void requireOutOfSight(ClusterState state, NodeName node) {
        Optional<String> seen = desk.board().online(node)
                ? Optional.of("it is online")
                : peerOf(state, node)
                        .map(peer -> "its satellite is out of reach, but DRBD on " + peer + " is connected with it");
        seen.ifPresent(why -> {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot give node " + node + " up",
                    why,
                    "switch it off first; if it is to leave in good order, run: heddle node evacuate " + node
                            + ", and when it is empty: heddle node delete " + node);
        });
    }

    /** A node whose DRBD sees the one that is out of reach. */
    private Optional<NodeName> peerOf(ClusterState state, NodeName node) {
        return state.definitionsOn(node).stream()
                .flatMap(uuid -> state.resourceDefinition(uuid).stream())
                .flatMap(definition -> definition.resources().values().stream())
                .filter(resource -> !resource.node().equals(node) && isConnected(resource, node))
                .map(Resource::node)
                .findFirst();
    }

    private boolean isConnected(Resource resource, NodeName peer) {
        return desk.board()
                .believed(resource)
                .flatMap(ResourceStatus::inKernel)
                .filter(kernel -> kernel.isConnectedTo(peer.value()))
                .isPresent();
    }

    /** Resources of which no good copy is known that is not on the node, with the reason. */
    private SortedMap<ResourceName, String> lastCopiesOn(ClusterState state, NodeName node) {
        LastCopy lastCopy = new LastCopy(desk.board()::believed);
        TreeMap<ResourceName, String> found = new TreeMap<>();
        for (UUID uuid : state.definitionsOn(node)) {
            state.resourceDefinition(uuid)
                    .ifPresent(definition ->
                            lastCopy.lostWith(definition, node).ifPresent(why -> found.put(definition.name(), why)));
        }
        return found;
    }

    private static void requireAcknowledged(
            NodeName node, SortedMap<ResourceName, String> atStake, Set<ResourceName> losing) {
        TreeMap<ResourceName, String> unsaid = new TreeMap<>(atStake);
        unsaid.keySet().removeAll(losing);
        if (unsaid.isEmpty()) {
            return;
        }
        String all = atStake.keySet().stream().map(ResourceName::value).collect(Collectors.joining(","));
        throw new HeddleException(
                ErrorCode.LAST_GOOD_COPY,
                "cannot give node " + node + " up",
                "the last UpToDate copy may be on it, of "
                        + unsaid.entrySet().stream()
                                .map(entry -> entry.getKey() + " (" + entry.getValue() + ")")
                                .collect(Collectors.joining(", ")),
                "bring the node or the other replicas back; if what was written last is to be lost, run: heddle node lost "
                        + node + " --losing " + all);
    }

    private static Reply lostCopy(ClusterState state, ResourceName name, NodeName node, String why) {
        boolean copyLeft = state.resourceDefinition(name)
                .filter(left -> left.resources().values().stream().anyMatch(Resource::keepsDisk))
                .isPresent();
        return Replies.warning(
                Action.DELETE,
                ObjectKind.RESOURCE_DEFINITION,
                new Problem(
                        ErrorCode.LAST_GOOD_COPY,
                        copyLeft
                                ? "what was written last to " + name + " may have been on " + node + " alone"
                                : "the only replica of " + name + " was on " + node,
                        "the node was given up, and " + why,
                        copyLeft
                                ? "see 'heddle resource list': a replica that is not UpToDate there has to be judged by its age"
                                : "restore it from a backup, or delete it"),
                Replies.definition(name));
    }

    /**
     * Takes a lost node out of a definition. Its secret changes, so that the node cannot rejoin with old data; but not where one
     * that stays is out of reach: it would come back with the earlier secret, and DRBD on both sides would refuse the other for
     * good (StandAlone). The node cannot rejoin those that know that it is gone anyhow, since they have no connection to it.
     */
    private Optional<Reply> lost(StateEdit edit, ResourceDefinition definition, NodeName node) {
        ResourceDefinition remaining = FirstGenerations.afterLeaving(definition.withoutResource(node));
        if (remaining.deleting() && remaining.resources().isEmpty()) {
            edit.remove(definition);
            return Optional.empty();
        }
        Optional<NodeName> away = remaining.resources().keySet().stream()
                .filter(staying -> !desk.board().online(staying))
                .findFirst();
        boolean rotates = !remaining.deleting() && away.isEmpty();
        edit.put(rotates ? remaining.withSharedSecret(secrets.next()) : remaining);
        return away.filter(staying ->
                        !remaining.deleting() && remaining.resources().size() > 1)
                .map(staying -> Replies.info(
                        Action.MODIFY,
                        ObjectKind.RESOURCE_DEFINITION,
                        "the shared secret of " + remaining.name() + " stays as it is: " + staying
                                + " is out of reach and knows no other",
                        Replies.definition(remaining.name())));
    }
}
