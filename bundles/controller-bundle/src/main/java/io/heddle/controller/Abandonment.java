package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.LastCopy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/**
 * Ends deletions that wait for a backing volume which is out of reach for good, as on a dead disk. The tombstone then names no
 * volume any more, so that the satellite takes the resource down and touches nothing else.
 */
final class Abandonment {
    private final Desk desk;

    Abandonment(Desk desk) {
        this.desk = desk;
    }

    CompletionStage<Outcome> abandon(ResourceName name, NodeName node) {
        return desk.carryOut(edit -> {
            List<ResourceDefinition> found = on(edit.state(), name, node);
            if (found.isEmpty()) {
                return NodeUseCases.absent(
                        NotFound.resource(name, node), ObjectKind.RESOURCE, Replies.resource(name, node));
            }
            List<ResourceDefinition> going = found.stream()
                    .filter(definition -> definition.deleting()
                            || definition.resources().get(node).deleting())
                    .toList();
            if (going.isEmpty()) {
                throw notDeleted(found.get(0).name(), node);
            }
            going.forEach(definition -> requireAnotherCopy(definition, node));
            List<ResourceGone> goals = new ArrayList<>();
            for (ResourceDefinition definition : going) {
                Resource own = definition.resources().get(node);
                abandon(edit, definition, own);
                goals.add(ResourceGone.of(desk.writer(), desk.board(), definition, own));
            }
            return Desk.Done.of(
                    Replies.success(
                            Action.DELETE,
                            ObjectKind.RESOURCE,
                            "what is left of " + name + " on node " + node
                                    + " is abandoned: its backing volumes stay as they are",
                            Replies.resource(name, node)),
                    revision -> goals.stream()
                            .<Goal>map(goal -> goal.since(revision))
                            .toList());
        });
    }

    private static List<ResourceDefinition> on(ClusterState state, ResourceName name, NodeName node) {
        return Stream.concat(state.tombstones(name).stream(), state.resourceDefinition(name).stream())
                .filter(definition -> definition.resources().containsKey(node))
                .toList();
    }

    private static HeddleException notDeleted(ResourceName name, NodeName node) {
        return new HeddleException(
                ErrorCode.INVALID_INPUT,
                "cannot abandon " + name + " on node " + node,
                "it is not being deleted there",
                "delete it first: heddle resource delete " + node + " " + name);
    }

    private void requireAnotherCopy(ResourceDefinition definition, NodeName node) {
        Optional<String> why = new LastCopy(desk.board()::believed).lostWith(definition, node);
        if (why.isPresent()) {
            throw new HeddleException(
                    ErrorCode.LAST_GOOD_COPY,
                    "cannot abandon " + definition.name() + " on node " + node,
                    "its copy may be the last UpToDate one: " + why.get(),
                    "bring the other replicas back; if the data may go, delete the whole resource definition");
        }
    }

    private static void abandon(StateEdit edit, ResourceDefinition definition, Resource own) {
        Resource without = own;
        for (int number : List.copyOf(own.volumes().keySet())) {
            without = without.withoutVolume(number);
        }
        edit.put(definition.withResource(without));
    }
}
