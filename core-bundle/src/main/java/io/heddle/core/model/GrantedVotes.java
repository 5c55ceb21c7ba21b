package io.heddle.core.model;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Who of a definition's nodes has a vote, while that is not simply all of them: votes are handed out one after the other.
 *
 * @param voters nodes that are told to the others as having a disk, so that DRBD counts them
 * @param tieBreakers nodes without a disk that decide between two halves of an even number of voters
 * @param newcomers nodes with a disk that the others are not told of yet
 * @param carriedOut whether all that count votes have told, at some time since these were granted, that they carried them out
 */
public record GrantedVotes(
        SortedSet<NodeName> voters,
        SortedSet<NodeName> tieBreakers,
        SortedSet<NodeName> newcomers,
        boolean carriedOut) {
    public GrantedVotes {
        voters = Ordered.set(voters);
        tieBreakers = Ordered.set(tieBreakers);
        newcomers = Ordered.set(newcomers);
    }

    /** Those that were seen to be carried out by all. */
    public GrantedVotes markedCarriedOut() {
        return new GrantedVotes(voters, tieBreakers, newcomers, true);
    }

    /** The next ones, that nobody has heard of yet; of an odd number of voters none needs anybody to decide. */
    public GrantedVotes with(SortedSet<NodeName> nextVoters, SortedSet<NodeName> nextTieBreakers) {
        TreeSet<NodeName> waiting = new TreeSet<>(newcomers);
        waiting.removeAll(nextVoters);
        SortedSet<NodeName> deciding = nextVoters.size() % 2 == 0 ? nextTieBreakers : Ordered.set(null);
        boolean same = voters.equals(nextVoters) && tieBreakers.equals(deciding);
        return new GrantedVotes(nextVoters, deciding, waiting, carriedOut && same);
    }

    /** Without the nodes that are gone. */
    public GrantedVotes only(Predicate<NodeName> staying) {
        TreeSet<NodeName> waiting = new TreeSet<>(newcomers);
        waiting.removeIf(staying.negate());
        TreeSet<NodeName> counting = new TreeSet<>(voters);
        counting.removeIf(staying.negate());
        TreeSet<NodeName> deciding = new TreeSet<>(tieBreakers);
        deciding.removeIf(staying.negate());
        return new GrantedVotes(voters, tieBreakers, waiting, carriedOut).with(counting, deciding);
    }

    /** With nodes that the others are not told of yet. */
    public GrantedVotes withNewcomers(SortedSet<NodeName> more) {
        TreeSet<NodeName> waiting = new TreeSet<>(newcomers);
        waiting.addAll(more);
        return new GrantedVotes(voters, tieBreakers, waiting, carriedOut);
    }
}
