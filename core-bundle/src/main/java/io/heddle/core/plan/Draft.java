package io.heddle.core.plan;

import io.heddle.core.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A plan in the making. */
final class Draft {
    private final List<Step> steps = new ArrayList<>();
    private final List<String> waiting = new ArrayList<>();
    private Optional<Problem> held = Optional.empty();
    private boolean awaitsRelease;
    private boolean countsAsWanted;

    void add(Step step) {
        steps.add(step);
    }

    void addAll(List<Step> more) {
        steps.addAll(more);
    }

    /** Says what stands in the way; the first one said is the one shown. */
    void hold(Problem problem) {
        if (held.isEmpty()) {
            held = Optional.of(problem);
        }
    }

    void await(String what) {
        waiting.add(what);
    }

    /** Waits to be told by the controller that those that stay do without this node's vote. */
    void awaitRelease() {
        awaitsRelease = true;
        await("the others to keep their quorum without this node");
    }

    /** Says whether DRBD was told of all votes as they are wanted. */
    void votes(boolean told) {
        countsAsWanted = told;
    }

    boolean hasSteps() {
        return !steps.isEmpty();
    }

    Plan plan() {
        return new Plan(steps, held, waiting, awaitsRelease, countsAsWanted);
    }
}
