package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import java.util.Comparator;
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
    static final String VOTES = "DrbdOptions/Resource/quorum";
    static final String AUTOMATIC = "DrbdOptions/auto-quorum";
    private static final int FEWEST_VOTERS = 3;

    static Quorum of(ClusterState state, ResourceDefinition definition) {
        long voters = disks(definition) + (witness(definition).isPresent() ? 1 : 0);
        return of(state, definition, voters);
    }

    /** What holds with so many voters. */
    static Quorum of(ClusterState state, ResourceDefinition definition, long voters) {
        String automatic =
                OptionResolver.inherited(state, definition, AUTOMATIC).orElse("suspend-io");
        Optional<String> asked = OptionResolver.inherited(state, definition, VOTES);
        boolean automatically = voters >= FEWEST_VOTERS && !automatic.equals("disabled");
        return new Quorum(
                asked.or(() -> automatically ? Optional.of("majority") : Optional.empty()),
                automatic.equals("io-error") ? automatic : "suspend-io");
    }

    /** How many replicas with a disk stay. */
    static long disks(ResourceDefinition definition) {
        return definition.resources().values().stream()
                .filter(resource -> !resource.deleting() && !resource.diskless())
                .count();
    }

    /**
     * Who decides between two halves: the tie-breaker, or where none is, the diskless client with the lowest node id. Replicas
     * with a disk count alone while their number is odd; and of several diskless ones DRBD wants the majority, so that more than
     * one of them would make it less, not more likely that a half goes on.
     */
    static Optional<Resource> witness(ResourceDefinition definition) {
        long disks = disks(definition);
        if (disks == 0 || disks % 2 != 0) {
            return Optional.empty();
        }
        return definition.resources().values().stream()
                .filter(resource -> !resource.deleting() && resource.diskless())
                .min(Comparator.comparing(Resource::tieBreaker).reversed().thenComparing(Resource::nodeId));
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
