package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Backing;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Evacuation;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.plan.EvacuationPlan;
import io.heddle.core.plan.EvacuationPlan.Next;
import io.heddle.core.plan.Placer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Empties nodes, some resources at a time, and ends what moves a single replica: each look decides anew from the desired state and
 * the reports, so that it may be called at any time, twice, or after a restart. Between looks it keeps only what is shown.
 */
final class EvacuationKeeper {
    /** Replicas of one node that are copied at the same time, and as many that are removed. */
    static final int AT_ONCE = 4;

    private static final Logger LOG = LoggerFactory.getLogger(EvacuationKeeper.class);

    private final Desk desk;
    private final ResourceMaker maker;
    private final Map<NodeName, SortedMap<ResourceName, String>> shown = new ConcurrentHashMap<>();
    private final Set<NodeName> atWork = ConcurrentHashMap.newKeySet();

    EvacuationKeeper(Desk desk, ResourceMaker maker) {
        this.desk = desk;
        this.maker = maker;
    }

    /** What is on its way from a node, with how it stands; empty if nothing is. */
    SortedMap<ResourceName, String> progress(NodeName node) {
        ClusterState state = desk.writer().state();
        SortedMap<ResourceName, String> words = shown.getOrDefault(node, Ordered.map(null));
        boolean all = state.node(node).flatMap(Node::evacuation).isPresent();
        if (all || words.isEmpty()) {
            return words;
        }
        TreeMap<ResourceName, String> moved = new TreeMap<>(words);
        moved.keySet()
                .removeIf(name -> state.resourceDefinition(name)
                        .filter(definition -> state.definitionsLeaving(node).contains(definition.uuid()))
                        .isEmpty());
        return moved;
    }

    /** Looks at all that is on its way, and goes on with it. Returns at once. */
    void look() {
        ClusterState state = desk.writer().state();
        shown.keySet().removeIf(node -> state.node(node).isEmpty());
        for (Node node : state.nodes().values()) {
            if (node.evacuation().isPresent()
                    || !state.definitionsLeaving(node.name()).isEmpty()) {
                look(state, node);
            } else {
                shown.remove(node.name());
            }
        }
    }

    private void look(ClusterState state, Node node) {
        Turn turn = decide(new StateEdit(state, new NumberCursor()), node.name());
        shown.put(node.name(), turn.words);
        if ((turn.removals.isEmpty() && turn.placements.isEmpty()) || !atWork.add(node.name())) {
            return;
        }
        desk.carryOut(edit -> new Desk.Done(carryOut(edit, node.name()), revision -> List.of()))
                .whenComplete((outcome, failure) -> {
                    atWork.remove(node.name());
                    if (failure != null) {
                        LOG.warn("what leaves {} goes on later: {}", node.name(), failure.getMessage());
                    } else {
                        outcome.replies().forEach(reply -> LOG.info("{}", reply.message()));
                    }
                });
    }

    /** What is to be done now, and how everything stands. */
    private static final class Turn {
        private final TreeMap<ResourceName, String> words = new TreeMap<>();
        private final List<UUID> removals = new ArrayList<>();
        private final Map<UUID, Placer.Placement> placements = new TreeMap<>();
    }

    private Turn decide(StateEdit edit, NodeName name) {
        Turn turn = new Turn();
        Optional<Evacuation> evacuation = edit.state().node(name).flatMap(Node::evacuation);
        EvacuationPlan plan = new EvacuationPlan(name, desk.board()::believed);
        TreeMap<ResourceName, ResourceDefinition> left = new TreeMap<>();
        TreeSet<ResourceName> toPlace = new TreeSet<>();
        TreeSet<ResourceName> toRemove = new TreeSet<>();
        int copying = 0;
        int leaving = 0;
        for (UUID uuid : evacuation.isPresent()
                ? edit.state().definitionsOn(name)
                : edit.state().definitionsLeaving(name)) {
            ResourceDefinition definition = edit.definition(uuid).orElseThrow();
            Next next = plan.next(definition);
            if (!definition.deleting()) {
                left.put(definition.name(), definition);
            }
            if (next instanceof Next.Place) {
                toPlace.add(definition.name());
            } else if (next instanceof Next.Remove) {
                toRemove.add(definition.name());
            } else if (next instanceof Next.Wait wait) {
                turn.words.put(definition.name(), wait.what());
                copying += wait.replacing() ? 1 : 0;
                leaving += definition.resources().get(name).deleting() ? 1 : 0;
            } else if (next instanceof Next.Stays stays) {
                turn.words.put(definition.name(), "stays: " + stays.why());
            }
        }
        for (ResourceName resource : toRemove) {
            boolean now = leaving + turn.removals.size() < AT_ONCE;
            turn.words.put(resource, now ? "is being removed" : "waits for its turn to be removed");
            if (now) {
                turn.removals.add(left.get(resource).uuid());
            }
        }
        for (ResourceName resource : evacuation.isPresent() ? toPlace : new TreeSet<ResourceName>()) {
            if (copying + turn.placements.size() >= AT_ONCE) {
                turn.words.put(resource, "waits for its turn to be copied");
                continue;
            }
            place(edit, left.get(resource), name, evacuation.get(), turn);
        }
        return turn;
    }

    private void place(StateEdit edit, ResourceDefinition definition, NodeName from, Evacuation evacuation, Turn turn) {
        try {
            Placer.Placement placement = placement(edit, definition, from, evacuation);
            turn.placements.put(definition.uuid(), placement);
            turn.words.put(definition.name(), "is to be copied to " + placement.node());
        } catch (HeddleException refused) {
            turn.words.put(
                    definition.name(),
                    "stays: " + refused.problem().what() + ": "
                            + refused.problem().why());
        }
    }

    /** In a pool of the same name where there is one, else wherever it fits. */
    private Placer.Placement placement(
            StateEdit edit, ResourceDefinition definition, NodeName from, Evacuation evacuation) {
        List<PoolName> own = definition.resources().get(from).volumes().values().stream()
                .flatMap(volume -> volume.backing().stream())
                .map(Backing::pool)
                .distinct()
                .toList();
        List<Placer.NodeFacts> nodes = maker.surroundings().nodes(edit.state());
        try {
            return placed(edit, definition, from, evacuation, own, nodes);
        } catch (HeddleException nowhere) {
            if (own.isEmpty()) {
                throw nowhere;
            }
            return placed(edit, definition, from, evacuation, List.of(), nodes);
        }
    }

    private static Placer.Placement placed(
            StateEdit edit,
            ResourceDefinition definition,
            NodeName from,
            Evacuation evacuation,
            List<PoolName> pools,
            List<Placer.NodeFacts> nodes) {
        PlacementWish wish = new PlacementWish(
                1,
                true,
                pools,
                List.copyOf(evacuation.targets()),
                Stream.concat(evacuation.excluded().stream(), Stream.of(from)).toList(),
                List.of());
        return Placer.place(ResourceUseCases.request(edit.state(), definition, wish), nodes)
                .get(0);
    }

    private List<Reply> carryOut(StateEdit edit, NodeName name) {
        List<Reply> replies = new ArrayList<>();
        Turn turn = decide(edit, name);
        turn.removals.forEach(uuid -> remove(edit, edit.definition(uuid).orElseThrow(), name, replies));
        turn.placements.forEach((uuid, placement) -> {
            try {
                place(edit, edit.definition(uuid).orElseThrow(), name, placement, replies);
            } catch (HeddleException refused) {
                LOG.warn("evacuation: {}", refused.problem().text());
            }
        });
        return replies;
    }

    private static void remove(StateEdit edit, ResourceDefinition definition, NodeName name, List<Reply> replies) {
        Resource own = definition.resources().get(name);
        edit.put(FirstGenerations.afterLeaving(definition.withResource(own.markedDeleting())));
        replies.add(Replies.success(
                Action.DELETE,
                ObjectKind.RESOURCE,
                definition.name() + " goes from node " + name,
                Replies.resource(definition.name(), name)));
    }

    private void place(
            StateEdit edit,
            ResourceDefinition definition,
            NodeName name,
            Placer.Placement placement,
            List<Reply> replies) {
        List<ResourceCreation> wish = List.of(ResourceUseCases.creation(placement));
        ResourceDefinition grown = maker.add(edit, definition, wish);
        Resource own = grown.resources().get(name);
        edit.put(grown.withResource(own.withReplacement(Optional.of(placement.node()))));
        replies.add(Replies.success(
                Action.CREATE,
                ObjectKind.RESOURCE,
                definition.name() + " is copied from node " + name + " to " + placement.node(),
                Replies.resource(definition.name(), placement.node())));
    }
}
