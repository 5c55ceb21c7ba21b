package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;

/** How a {@link Goal} stands. */
sealed interface Verdict {
    /** It is as wanted. */
    record Reached() implements Verdict {}

    /**
     * It is on its way.
     *
     * @param missing what is missing, as the end of a sentence
     */
    record Open(String missing) implements Verdict {}

    /**
     * The node cannot be reached: it is not waited for.
     *
     * @param problem why
     */
    record Offline(Problem problem) implements Verdict {}

    /**
     * The node is not connected, and may be in a moment.
     *
     * @param problem why
     */
    record Unreachable(Problem problem) implements Verdict {}

    /**
     * The last try failed; another follows by itself.
     *
     * @param problem why
     */
    record Failing(Problem problem) implements Verdict {}

    /**
     * Waiting longer does not help the caller.
     *
     * @param problem why
     */
    record GivenUp(Problem problem) implements Verdict {}

    static Verdict open(String missing) {
        return new Open(missing);
    }

    static Verdict givenUp(ErrorCode code, String what, String why, String correction) {
        return new GivenUp(new Problem(code, what, why, correction));
    }
}
