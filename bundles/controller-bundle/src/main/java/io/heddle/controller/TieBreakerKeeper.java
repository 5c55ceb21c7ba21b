package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.Placer.NodeFacts;
import io.heddle.core.plan.TieBreakers;
import io.heddle.core.plan.VoterQueue;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Keeps the tie-breakers as {@link TieBreakers} has them: within each edit that changes what they depend on, so that no commit
 * has one without the other; and where no node could have one, when a node appears.
 */
final class TieBreakerKeeper {
    private static final int MOST_REPLIES = 10;

    private final ResourceMaker maker;
    /** Definitions that want one which no node could have. */
    private final Set<UUID> lacking = ConcurrentHashMap.newKeySet();

    TieBreakerKeeper(ResourceMaker maker) {
        this.maker = maker;
    }

    /** Adds to an edit what follows from it for tie-breakers, and says it. */
    List<Reply> follow(ClusterState before, StateEdit edit) {
        List<Reply> replies = new ArrayList<>();
        Set<UUID> concerned = concerned(before, edit);
        Supplier<List<NodeFacts>> nodesBefore = facts(before);
        for (UUID uuid : concerned) {
            Optional<ResourceDefinition> was = before.resourceDefinition(uuid);
            boolean lacked = was.filter(known ->
                            TieBreakers.decide(before, known, nodesBefore).lacking())
                    .isPresent();
            hold(before, was, edit, uuid);
            edit.definition(uuid).ifPresent(definition -> {
                List<Reply> said = keep(edit, definition);
                boolean changed = !edit.definition(uuid).equals(Optional.of(definition));
                if (changed || !lacked) {
                    replies.addAll(said);
                }
            });
        }
        return replies.size() <= MOST_REPLIES
                ? replies
                : List.of(Replies.info(
                        Action.MODIFY,
                        ObjectKind.CONTROLLER,
                        "the tie-breakers of " + replies.size() + " resource definitions come or go with it",
                        Ordered.map(null)));
    }

    /** Whoever comes has no vote yet. */
    private static void hold(ClusterState before, Optional<ResourceDefinition> was, StateEdit edit, UUID uuid) {
        Optional<ResourceDefinition> is = edit.definition(uuid);
        if (was.isPresent() && is.isPresent()) {
            ResourceDefinition held = VoterQueue.held(before, was.get(), is.get());
            if (!held.equals(is.get())) {
                edit.put(held);
            }
        }
    }

    /** Definitions that were changed, or for which another rule holds now. */
    private static Set<UUID> concerned(ClusterState before, StateEdit edit) {
        TreeSet<UUID> concerned = new TreeSet<>();
        boolean rules = false;
        for (RowKey row : edit.rows().keySet()) {
            switch (row.kind()) {
                case RESOURCE_DEFINITION -> {
                    UUID uuid = UUID.fromString(row.key());
                    if (!edit.definition(uuid).equals(before.resourceDefinition(uuid))) {
                        concerned.add(uuid);
                    }
                }
                case CLUSTER ->
                    rules |= TieBreakers.ruledOtherwise(
                            before.settings().properties(),
                            edit.state().settings().properties());
                case RESOURCE_GROUP -> {
                    ResourceGroupName name = new ResourceGroupName(row.key());
                    ResourceGroup was = before.resourceGroups().get(name);
                    ResourceGroup is = edit.state().resourceGroups().get(name);
                    rules |= was != null && is != null && TieBreakers.ruledOtherwise(was.properties(), is.properties());
                }
                case NODE -> {
                    // what is on a node is told by the definitions
                }
            }
        }
        if (rules) {
            edit.state().resourceDefinitions().values().forEach(definition -> concerned.add(definition.uuid()));
        }
        return concerned;
    }

    /** Gives a definition the tie-breaker that it is to have, or takes it away. */
    List<Reply> keep(StateEdit edit, ResourceDefinition definition) {
        TieBreakers.Decision decision = decide(edit.state(), definition);
        Optional<NodeName> removed = decision.removed();
        if (removed.isPresent()) {
            Resource leaving = definition.resources().get(removed.get());
            edit.put(VoterQueue.held(edit.state(), definition, definition.withResource(leaving.markedDeleting())));
            return List.of(Replies.info(
                    Action.DELETE,
                    ObjectKind.RESOURCE,
                    "the tie-breaker of " + definition.name() + " on " + removed.get()
                            + " goes: its vote is not needed",
                    Replies.resource(definition.name(), removed.get())));
        }
        Optional<NodeName> added = decision.added();
        if (added.isPresent()) {
            try {
                edit.put(
                        VoterQueue.held(edit.state(), definition, maker.withTieBreaker(edit, definition, added.get())));
            } catch (HeddleException refused) {
                // the wish that this follows from stands for itself
                return List.of(lack(definition, refused.problem().why()));
            }
            return List.of(Replies.info(
                    Action.CREATE,
                    ObjectKind.RESOURCE,
                    added.get() + " is the tie-breaker of " + definition.name()
                            + ": without a disk, it decides which of two replicas goes on alone",
                    Replies.resource(definition.name(), added.get())));
        }
        return decision.lacking()
                ? List.of(lack(
                        definition,
                        "no other node is online, has DRBD 9 and takes resources that are placed by themselves"))
                : List.of();
    }

    private static Reply lack(ResourceDefinition definition, String why) {
        return Replies.info(
                Action.CREATE,
                ObjectKind.RESOURCE_DEFINITION,
                definition.name() + " has no tie-breaker, and so no quorum: " + why + "; it gets one when a node can",
                Replies.definition(definition.name()));
    }

    private TieBreakers.Decision decide(ClusterState state, ResourceDefinition definition) {
        return TieBreakers.decide(state, definition, facts(state));
    }

    /** What is known of the nodes: looked up when it is first asked for, and once. */
    private Supplier<List<NodeFacts>> facts(ClusterState state) {
        AtomicReference<List<NodeFacts>> known = new AtomicReference<>();
        return () -> {
            if (known.get() == null) {
                known.set(maker.surroundings().nodes(state));
            }
            return known.get();
        };
    }

    /**
     * Notes which definitions lack one; on the writer's thread.
     *
     * @return those that are to change at once: a node may have come since the edit that found none
     */
    List<UUID> published(ClusterState after, Collection<UUID> changed) {
        // before anything is known of the nodes, so that one that comes meanwhile finds them here
        lacking.addAll(changed);
        Supplier<List<NodeFacts>> nodes = facts(after);
        List<UUID> now = new ArrayList<>();
        for (UUID uuid : changed) {
            Optional<TieBreakers.Decision> decision =
                    after.resourceDefinition(uuid).map(known -> TieBreakers.decide(after, known, nodes));
            if (decision.filter(TieBreakers.Decision::lacking).isEmpty()) {
                lacking.remove(uuid);
            }
            if (decision.filter(known -> !known.isNothing()).isPresent()) {
                now.add(uuid);
            }
        }
        return now;
    }

    /** Definitions that could have one now and have none. */
    List<UUID> lackingNoMore(ClusterState state) {
        Supplier<List<NodeFacts>> nodes = facts(state);
        return lacking.stream()
                .filter(uuid -> state.resourceDefinition(uuid)
                        .filter(definition ->
                                !TieBreakers.decide(state, definition, nodes).isNothing())
                        .isPresent())
                .toList();
    }
}
