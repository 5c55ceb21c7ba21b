package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.plan.Placer.NodeFacts;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.LinkStatus;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Decides where a definition has a tie-breaker: a resource without a disk that is only there for its vote. Two replicas cannot
 * outvote each other; with a third node that sees one of them, that one goes on. Pure: the same facts give the same answer, and
 * what was decided, once applied, is decided no more.
 */
public final class TieBreakers {
    /** Whether tie-breakers come and go by themselves; inherited from definition, group and controller. */
    public static final String AUTOMATIC = "DrbdOptions/auto-add-quorum-tiebreaker";

    private static final int REPLICAS = 2;

    private TieBreakers() {}

    /**
     * What is to be done. Empty is: nothing.
     *
     * @param added node that gets the tie-breaker
     * @param removed node whose tie-breaker goes
     * @param lacking whether one is wanted and no node can have it now
     */
    public record Decision(Optional<NodeName> added, Optional<NodeName> removed, boolean lacking) {
        static final Decision NOTHING = new Decision(Optional.empty(), Optional.empty(), false);

        static Decision add(NodeName node) {
            return new Decision(Optional.of(node), Optional.empty(), false);
        }

        static Decision remove(NodeName node) {
            return new Decision(Optional.empty(), Optional.of(node), false);
        }

        static Decision lack() {
            return new Decision(Optional.empty(), Optional.empty(), true);
        }

        /** Whether everything stays as it is. */
        public boolean isNothing() {
            return added.isEmpty() && removed.isEmpty();
        }
    }

    /**
     * Decides for one definition.
     *
     * @param nodes facts of all nodes, asked for only if a tie-breaker is to be placed
     */
    public static Decision decide(ClusterState state, ResourceDefinition definition, Supplier<List<NodeFacts>> nodes) {
        if (definition.deleting() || !definition.replicated()) {
            return Decision.NOTHING;
        }
        Optional<NodeName> present = present(definition).map(Resource::node);
        if (present.isPresent()) {
            long disks = Quorum.disks(definition);
            // until the third one has its vote it decides between the two that have
            boolean enough =
                    disks > REPLICAS && VoterQueue.granted(definition).voters().size() > REPLICAS;
            boolean needless = disks < REPLICAS || (enough && automatic(state, definition));
            return needless ? Decision.remove(present.get()) : Decision.NOTHING;
        }
        if (!wanted(state, definition) || hasClient(definition)) {
            return Decision.NOTHING;
        }
        List<NodeFacts> facts = nodes.get();
        if (speaksOldDialect(definition, facts)) {
            return Decision.NOTHING;
        }
        return facts.stream()
                .filter(node -> isFit(definition, node))
                .min(Comparator.comparing(NodeFacts::resources).thenComparing(NodeFacts::node))
                .map(node -> Decision.add(node.node()))
                .orElseGet(Decision::lack);
    }

    /**
     * Whether a client that is to be deleted is the one that decides between two replicas, so that it goes on as a tie-breaker.
     */
    public static boolean turnsBack(ClusterState state, ResourceDefinition definition, Resource client) {
        return client.diskless()
                && !client.tieBreaker()
                && !client.deleting()
                && present(definition).isEmpty()
                && wanted(state, definition)
                && clients(definition) == 1;
    }

    /** The tie-breaker that stays, if there is one. */
    public static Optional<Resource> present(ResourceDefinition definition) {
        return definition.resources().values().stream()
                .filter(resource -> resource.tieBreaker() && !resource.deleting())
                .findFirst();
    }

    private static boolean wanted(ClusterState state, ResourceDefinition definition) {
        return definition.replicated()
                && Quorum.disks(definition) == REPLICAS
                && automatic(state, definition)
                && Quorum.of(state, definition, REPLICAS + 1L).wanted();
    }

    /** Whether tie-breakers of the definition come and go by themselves. */
    public static boolean automatic(ClusterState state, ResourceDefinition definition) {
        return OptionResolver.inherited(state, definition, AUTOMATIC)
                .map(Boolean::parseBoolean)
                .orElse(true);
    }

    /** Whether a change of a level's properties may change where tie-breakers are wanted. */
    public static boolean ruledOtherwise(SortedMap<String, String> before, SortedMap<String, String> after) {
        return Stream.of(AUTOMATIC, Quorum.AUTOMATIC, Quorum.VOTES)
                .anyMatch(key -> !Objects.equals(before.get(key), after.get(key)));
    }

    private static boolean hasClient(ResourceDefinition definition) {
        return clients(definition) > 0;
    }

    private static long clients(ResourceDefinition definition) {
        return definition.resources().values().stream()
                .filter(resource -> resource.diskless() && !resource.tieBreaker() && !resource.deleting())
                .count();
    }

    /** DRBD 8.4 has neither quorum nor a third node. */
    private static boolean speaksOldDialect(ResourceDefinition definition, List<NodeFacts> nodes) {
        return nodes.stream()
                .filter(node -> definition.resources().containsKey(node.node()))
                .anyMatch(node -> node.dialect().equals(Optional.of(Dialect.DRBD_8_4)));
    }

    private static boolean isFit(ResourceDefinition definition, NodeFacts node) {
        return node.satellite()
                && !node.deleting()
                && node.target()
                && node.link() == LinkStatus.State.ONLINE
                && node.exhausted().isEmpty()
                && node.hostName().filter(node.node().value()::equals).isPresent()
                && node.dialect().equals(Optional.of(Dialect.DRBD_9))
                && !definition.resources().containsKey(node.node());
    }
}
