package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.option.PropertyLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What can be done with the cluster as a whole. */
final class ControllerUseCases {
    private final Desk desk;

    ControllerUseCases(Desk desk) {
        this.desk = desk;
    }

    /** Makes what is always there: the group of definitions that were given none. */
    CompletionStage<?> prepare() {
        return desk.writer().change(edit -> {
            if (!edit.state().resourceGroups().containsKey(ResourceGroup.DEFAULT)) {
                edit.put(new ResourceGroup(ResourceGroup.DEFAULT, UUID.randomUUID(), "", Ordered.map(null)));
            }
            return ResourceGroup.DEFAULT;
        });
    }

    CompletionStage<Outcome> modify(PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.CONTROLLER, change);
            ClusterState state = edit.state();
            SortedMap<String, String> before = state.settings().properties();
            SortedMap<String, String> after = checked.applyTo(before);
            edit.put(state.settings().withProperties(after));
            List<Reply> replies = new ArrayList<>();
            replies.add(
                    Replies.success(Action.MODIFY, ObjectKind.CONTROLLER, "controller modified", Ordered.map(null)));
            Properties.withoutEffect(checked.override(), ObjectKind.CONTROLLER, Ordered.map(null))
                    .ifPresent(replies::add);
            replies.addAll(OptionReplies.of(
                    before, after, state.nodes().keySet(), desk.board(), ObjectKind.CONTROLLER, Ordered.map(null)));
            // Waits until the nodes know of it, not until each of what may be very many resources has it.
            return new Desk.Done(
                    replies,
                    revision -> SpecSender.shows(before, after)
                            ? state.nodes().values().stream()
                                    .filter(Node::hasSatellite)
                                    .map(node -> NodeGoals.stored(desk.board(), node.name(), revision))
                                    .toList()
                            : List.of());
        });
    }

    CompletionStage<String> exportState() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        ClusterState state = desk.writer().state();
        desk.answers().execute(() -> {
            try {
                answer.complete(Json.write(StateDocument.of(state)));
            } catch (RuntimeException e) {
                answer.completeExceptionally(HeddleException.of(e));
            }
        });
        return answer;
    }

    CompletionStage<Outcome> importState(String document) {
        StateDocument read;
        try {
            read = Json.read(document, StateDocument.class);
        } catch (HeddleException unreadable) {
            return CompletableFuture.failedFuture(unreadable);
        }
        return desk.carryOut(edit -> {
            ClusterState state = edit.state();
            boolean empty = state.nodes().isEmpty()
                    && state.resourceDefinitions().isEmpty()
                    && state.tombstones().isEmpty();
            if (!empty) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot import a state",
                        "this controller has " + state.nodes().size() + " nodes and "
                                + state.resourceDefinitions().size() + " resource definitions",
                        "import into a controller that was just installed");
            }
            read.putInto(edit);
            return Desk.Done.of(Replies.success(
                    Action.CREATE,
                    ObjectKind.CONTROLLER,
                    "imported " + read.nodes().size() + " nodes and "
                            + read.resourceDefinitions().size() + " resource definitions",
                    Ordered.map(null)));
        });
    }
}
