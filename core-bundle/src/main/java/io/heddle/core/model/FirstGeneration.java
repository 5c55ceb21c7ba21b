package io.heddle.core.model;

import java.util.SortedSet;

/**
 * How the replicas of a brand-new volume agree on their first content. Decided once by the controller and stored; it is
 * cleared when the leader was seen UpToDate, so that it can never act on data that somebody has written.
 *
 * @param mode whether all replicas are known to read as zeros, or one is copied to the others
 * @param leader the one node that sends it
 * @param replicas the nodes whose replicas were all just created; a replica of any other node starts Inconsistent and syncs
 */
public record FirstGeneration(Mode mode, NodeName leader, SortedSet<NodeName> replicas) {
    /** The two ways. */
    public enum Mode {
        /** Every backing volume reads as zeros: declared equal without a copy. */
        SKIP_SYNC,
        /** The leader's content, whatever it is, is copied to the others. */
        FULL_SYNC
    }

    public FirstGeneration {
        replicas = Ordered.set(replicas);
    }
}
