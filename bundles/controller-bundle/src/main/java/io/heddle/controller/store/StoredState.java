package io.heddle.controller.store;

import io.heddle.core.model.ClusterState;
import java.util.List;
import java.util.UUID;

/**
 * What a store held.
 *
 * @param state the cluster
 * @param epoch epoch of this start, on disk
 * @param instance instance id of this start
 * @param quarantined a sentence for each row that could not be read
 */
public record StoredState(ClusterState state, long epoch, UUID instance, List<String> quarantined) {
    public StoredState {
        quarantined = List.copyOf(quarantined);
    }
}
