package io.heddle.core.plan;

import io.heddle.core.error.Problem;
import io.heddle.core.spec.ResourceSpec;
import java.util.Optional;

/**
 * Plans a resource of which all stays and nothing is to run. No steps and nothing held means that DRBD does not have it here; and nobody
 * brings it up before something else is wanted, whatever is started anew meanwhile.
 */
final class HaltPlan {
    private final ResourceSpec spec;
    private final ResourceSituation situation;

    HaltPlan(ResourceSpec spec, ResourceSituation situation) {
        this.spec = spec;
        this.situation = situation;
    }

    Plan plan() {
        Draft draft = new Draft();
        Optional<Problem> unseen = situation
                .file()
                .unknown()
                .map(problem -> Holds.unseen("the resource file of " + spec.name(), problem))
                .or(() -> situation
                        .replication()
                        .unknown()
                        .map(problem -> Holds.unseen("what DRBD has of " + spec.name(), problem)));
        if (unseen.isPresent()) {
            draft.hold(unseen.get());
        } else if (new Ownership(spec, situation).running().isPresent()) {
            Step down = new Step.DownResource(spec.name());
            if (situation.specConfirmed()) {
                draft.add(down);
            } else {
                draft.hold(Holds.specNotConfirmed(StepText.of(down)));
            }
        }
        return draft.plan();
    }
}
