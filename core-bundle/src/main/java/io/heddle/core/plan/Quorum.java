package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.ResourceDefinition;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a definition has quorum, and what holds without it. Two voters cannot outvote anybody, so from three on: the
 * majority, unless the administrator says otherwise.
 *
 * @param value DRBD's {@code quorum}; empty if nobody set it and there are too few voters
 * @param onLoss DRBD's {@code on-no-quorum}
 */
record Quorum(Optional<String> value, String onLoss) {
    private static final String AUTOMATIC = "DrbdOptions/auto-quorum";
    private static final int FEWEST_VOTERS = 3;

    static Quorum of(ClusterState state, ResourceDefinition definition) {
        String automatic =
                OptionResolver.inherited(state, definition, AUTOMATIC).orElse("suspend-io");
        Optional<String> asked = OptionResolver.inherited(state, definition, "DrbdOptions/Resource/quorum");
        long voters = definition.resources().values().stream()
                .filter(resource -> !resource.deleting() && (!resource.diskless() || resource.tieBreaker()))
                .count();
        boolean automatically = voters >= FEWEST_VOTERS && !automatic.equals("disabled");
        return new Quorum(
                asked.or(() -> automatically ? Optional.of("majority") : Optional.empty()),
                automatic.equals("io-error") ? automatic : "suspend-io");
    }

    boolean wanted() {
        return value.isPresent() && !value.get().equals("off");
    }

    /** The options that go with it; drbd-bundle leaves out what the loaded DRBD does not know. */
    Map<String, String> resourceOptions() {
        if (!wanted()) {
            return Map.of();
        }
        return Map.of(
                "quorum",
                value.orElseThrow(),
                "on-no-quorum",
                onLoss,
                "on-suspended-primary-outdated",
                "force-secondary");
    }
}
