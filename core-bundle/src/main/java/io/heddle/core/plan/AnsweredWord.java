package io.heddle.core.plan;

import java.util.UUID;

/**
 * How far this node is with an administrator's word on a split brain. A word is begun once: what does not come to its end is
 * not taken up again, since nobody knows what was written meanwhile.
 *
 * @param word identity of the word
 * @param state how far it is
 * @param why why it is to lapse, or has lapsed; empty text otherwise
 */
public record AnsweredWord(UUID word, State state, String why) {
    /** How far a word is. */
    public enum State {
        /** From before the first thing is done on it. DRBD may have been told to discard. */
        BEGUN,
        /** The sides are one again. */
        CARRIED_OUT,
        /** Nothing is done on it any more. */
        LAPSED
    }

    /** Nothing is done on it any more. */
    public boolean isSettled() {
        return state != State.BEGUN;
    }
}
