package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.Unclaimed;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/** What can be done with what is on nodes and in no specification. */
final class OrphanUseCases {
    private static final ResourceName NO_RESOURCE = new ResourceName("unclaimed");

    private final Desk desk;

    OrphanUseCases(Desk desk) {
        this.desk = desk;
    }

    CompletionStage<Outcome> adopt(ResourceName name, List<NodeName> without) {
        return desk.carryOut(edit -> {
            Adoption adoption =
                    new Adoption(edit, desk.board(), name, without, desk.clock().instant());
            boolean wanted = edit.state().resourceDefinition(name).isPresent();
            ResourceDefinition definition = adoption.adopted();
            edit.put(definition);
            String nodes = adoption.nodes().stream().map(NodeName::value).collect(Collectors.joining(", "));
            Reply done = Replies.success(
                    Action.CREATE,
                    ObjectKind.RESOURCE_DEFINITION,
                    wanted
                            ? "resources of " + definition.name() + " taken back on " + nodes
                            : "resource definition " + definition.name() + " taken back, with its resources on " + nodes
                                    + "; what was set on it has to be set again",
                    Replies.definition(definition.name()));
            return new Desk.Done(
                    List.of(done),
                    revision -> adoption.nodes().stream()
                            .<Goal>map(node -> ResourceReady.of(
                                    desk.writer(),
                                    desk.board(),
                                    Action.CREATE,
                                    definition,
                                    definition.resources().get(node),
                                    revision))
                            .toList());
        });
    }

    CompletionStage<Outcome> forget(NodeName node, UUID identity) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        desk.writer()
                .change(edit -> {
                    edit.requireNode(node);
                    return listed(node, identity);
                })
                .thenCompose(committed -> desk.links()
                        .perform(node, new NodeAction(NodeAction.Kind.FORGET_UNCLAIMED, NO_RESOURCE, identity, false))
                        .thenApply(nothing -> committed.value()))
                .whenComplete((found, failure) -> {
                    if (failure != null) {
                        desk.fail(answer, failure);
                    } else {
                        desk.answer(
                                answer,
                                new Outcome(List.of(Replies.success(
                                        Action.MODIFY,
                                        ObjectKind.NODE,
                                        found.kind() + " " + found.name() + " on node " + node
                                                + " is not listed as unclaimed any more; it is still there",
                                        Replies.node(node)))));
                    }
                });
        return answer;
    }

    private Unclaimed listed(NodeName node, UUID identity) {
        return desk.board().status(node).stream()
                .flatMap(status -> status.unclaimed().stream())
                .filter(found -> found.identity().equals(Optional.of(identity)))
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "cannot forget " + identity + " on node " + node,
                        "nothing that carries it is listed as unclaimed there",
                        "see 'heddle node list-unclaimed'"));
    }
}
