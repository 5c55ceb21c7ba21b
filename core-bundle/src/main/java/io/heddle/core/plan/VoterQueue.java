package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.GrantedVotes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Hands the votes of a definition out, one after the other: the next change of who counts is made only when all that may still
 * count by the one before the last have told that they carried the last one out. So at any time no two nodes are further apart
 * than one change, and each change is such that whatever has the quorum by the one and whatever has it by the other have a
 * node in common:
 *
 * <ul>
 *   <li>one voter more or less, where nobody without a disk decides;
 *   <li>where half of the voters and a tie-breaker have the quorum, either the tie-breaker becomes the voter that is added, or
 *       it decides no more before voters are added or taken away, and a tie-breaker decides only after that;
 *   <li>of two tie-breakers of which one takes the other's place both are needed in between.
 * </ul>
 *
 * <p>A replica that has gone, or whose node is lost, counts by itself no more; without it no two halves can both have a majority.
 */
public final class VoterQueue {
    private VoterQueue() {}

    /** Who has a vote; where nothing is kept of it, everybody who is to have one. */
    public static GrantedVotes granted(ResourceDefinition definition) {
        return definition.votes().orElseGet(() -> everybody(definition));
    }

    private static GrantedVotes everybody(ResourceDefinition definition) {
        TreeSet<NodeName> voters = new TreeSet<>();
        definition.resources().values().stream()
                .filter(resource -> !resource.diskless())
                .forEach(resource -> voters.add(resource.node()));
        TreeSet<NodeName> deciding = new TreeSet<>();
        if (voters.size() % 2 == 0) {
            decider(definition, voters, Ordered.set(null)).ifPresent(witness -> deciding.add(witness.node()));
        }
        return new GrantedVotes(voters, deciding, Ordered.set(null), true);
    }

    /** Who decides between two halves: the tie-breaker, or where none is, the client with the lowest node id; one that stays. */
    private static Optional<Resource> decider(
            ResourceDefinition definition, Collection<NodeName> voters, Collection<NodeName> newcomers) {
        return definition.resources().values().stream()
                .filter(resource -> !voters.contains(resource.node()) && !newcomers.contains(resource.node()))
                .min(Comparator.comparing(Resource::deleting)
                        .thenComparing(
                                Comparator.comparing(Resource::tieBreaker).reversed())
                        .thenComparing(Resource::nodeId));
    }

    /**
     * The definition after a change of its resources, with no more votes than before it. The resources that a definition begins
     * with all have theirs, and so have those of one that had no quorum.
     */
    public static ResourceDefinition held(ClusterState state, ResourceDefinition before, ResourceDefinition after) {
        return after.replicated() ? held(before, Quorum.of(state, before).wanted(), after) : after;
    }

    /**
     * The same.
     *
     * @param guarded whether the definition had a quorum before
     */
    static ResourceDefinition held(ResourceDefinition before, boolean guarded, ResourceDefinition after) {
        boolean free =
                before.votes().isEmpty() && (!guarded || before.resources().isEmpty());
        if (free || before.resources().equals(after.resources())) {
            return after;
        }
        TreeSet<NodeName> newcomers = new TreeSet<>();
        after.resources().values().stream()
                .filter(resource -> !resource.diskless() && !isOf(before, resource))
                .forEach(resource -> newcomers.add(resource.node()));
        GrantedVotes now = granted(before)
                .only(node -> Optional.ofNullable(after.resources().get(node))
                        .filter(resource -> isOf(before, resource))
                        .isPresent())
                .withNewcomers(newcomers);
        return kept(after, now);
    }

    private static boolean isOf(ResourceDefinition definition, Resource resource) {
        Resource known = definition.resources().get(resource.node());
        return known != null && known.uuid().equals(resource.uuid());
    }

    /** Nothing is kept where all is as it is to be. */
    private static ResourceDefinition kept(ResourceDefinition definition, GrantedVotes votes) {
        return definition.withVotes(Optional.of(votes).filter(now -> !now.equals(everybody(definition))));
    }

    /**
     * The definition with the next vote, if it is its turn.
     *
     * @param through whether a node has told that it counts what it was last told, and has forgotten those that are gone; of one that
     *     is to go, whether it has heard so
     */
    public static ResourceDefinition next(ResourceDefinition definition, Predicate<Resource> through) {
        if (definition.votes().isEmpty()) {
            return definition;
        }
        GrantedVotes now = definition.votes().get();
        if (!now.carriedOut()) {
            return all(definition, now, through) ? kept(definition, now.markedCarriedOut()) : definition;
        }
        return kept(definition, step(definition, now, through));
    }

    private static boolean all(ResourceDefinition definition, GrantedVotes now, Predicate<Resource> through) {
        return counting(definition, now).allMatch(through);
    }

    /** Those that count votes, and are there to have a Primary: who is to go and has no vote either has none. */
    private static Stream<Resource> counting(ResourceDefinition definition, GrantedVotes now) {
        return definition.resources().values().stream()
                .filter(resource -> resource.deleting()
                        ? now.voters().contains(resource.node())
                        : !now.newcomers().contains(resource.node()));
    }

    private static GrantedVotes step(ResourceDefinition definition, GrantedVotes now, Predicate<Resource> through) {
        Optional<NodeName> added = definition.resources().values().stream()
                .filter(resource -> !resource.deleting()
                        && !resource.diskless()
                        && !now.voters().contains(resource.node())
                        // the others must not count on one that has not heard of all of them
                        && (!now.newcomers().contains(resource.node()) || through.test(resource)))
                .map(Resource::node)
                .min(Comparator.comparing(node -> !now.tieBreakers().contains(node)));
        if (added.isPresent()) {
            NodeName node = added.get();
            if (!now.tieBreakers().isEmpty() && !now.tieBreakers().equals(one(added))) {
                return withoutTieBreaker(definition, now, through);
            }
            TreeSet<NodeName> voters = new TreeSet<>(now.voters());
            voters.add(node);
            // the second one has a quorum only after it was with the first one, so one may decide between the two at
            // once
            return now.with(
                    voters,
                    voters.size() == 2
                            ? one(decider(definition, voters, now.newcomers()).map(Resource::node))
                            : Ordered.set(null));
        }
        Optional<NodeName> former = now.voters().stream()
                .filter(node -> definition.resources().get(node).diskless())
                .findFirst();
        // the last one alone has a quorum again when another one was added
        boolean last = now.voters().size() == 2;
        if (former.isEmpty() || (last && !now.newcomers().isEmpty())) {
            return now.with(now.voters(), deciding(definition, now, through));
        }
        if (!now.tieBreakers().isEmpty() && !last) {
            return withoutTieBreaker(definition, now, through);
        }
        TreeSet<NodeName> voters = new TreeSet<>(now.voters());
        voters.remove(former.get());
        return now.with(voters, Ordered.set(null));
    }

    /** Nobody decides for as short as can be: not while some do not even hear of it. */
    private static GrantedVotes withoutTieBreaker(
            ResourceDefinition definition, GrantedVotes now, Predicate<Resource> through) {
        return all(definition, now, through) ? now.with(now.voters(), Ordered.set(null)) : now;
    }

    private static SortedSet<NodeName> one(Optional<NodeName> node) {
        return Ordered.set(node.stream().toList());
    }

    private static SortedSet<NodeName> deciding(
            ResourceDefinition definition, GrantedVotes now, Predicate<Resource> through) {
        Optional<Resource> chosen = decider(definition, now.voters(), now.newcomers());
        if (chosen.isEmpty()
                || now.tieBreakers().equals(Ordered.set(Set.of(chosen.get().node())))) {
            return now.tieBreakers();
        }
        NodeName node = chosen.get().node();
        if (now.tieBreakers().isEmpty() || now.tieBreakers().contains(node)) {
            return Ordered.set(Set.of(node));
        }
        TreeSet<NodeName> both = new TreeSet<>(now.tieBreakers());
        if (through.test(chosen.get())) {
            both.add(node);
        }
        return both;
    }
}
