package io.heddle.core.plan;

/**
 * DRBD's arithmetic of votes (drbd_state.c, calc_quorum): each replica with a disk has one, seen or not; where their number is
 * even and a single vote is missing, the majority of those without a disk lets a node keep its quorum, not gain it. What DRBD
 * leaves out of the count because it is outdated counts here: so the answer may be no where DRBD says yes, never the other way.
 */
final class Votes {
    static final String MAJORITY = "majority";

    private Votes() {}

    /**
     * Whether a node that has quorum keeps it.
     *
     * @param value DRBD's {@code quorum}
     * @param voters replicas with a disk, this node's among them
     * @param seen those of them that are connected, and this node's
     * @param witness whether the tie-breaker is connected
     */
    static boolean keep(String value, int voters, int seen, boolean witness) {
        int needed = needed(value, voters);
        return seen >= needed || (witness && voters > 0 && voters % 2 == 0 && seen == needed - 1);
    }

    /** How many have to be seen. */
    static int needed(String value, int voters) {
        return switch (value) {
            case "off" -> 0;
            case MAJORITY -> majority(voters);
            case "all" -> voters;
            default -> Integer.parseInt(value);
        };
    }

    static int majority(int voters) {
        return voters / 2 + 1;
    }
}
