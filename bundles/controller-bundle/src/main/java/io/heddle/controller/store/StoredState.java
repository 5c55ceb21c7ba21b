package io.heddle.controller.store;

import io.heddle.core.model.ClusterState;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * What a store held.
 *
 * @param state the cluster
 * @param epoch epoch of this start, on disk
 * @param instance instance id of this start
 * @param quarantined a sentence for each row that could not be read
 * @param unreadable identities of the definitions among them; what nodes have of those is unknown, and not unwanted
 */
public record StoredState(
        ClusterState state, long epoch, UUID instance, List<String> quarantined, Set<UUID> unreadable) {
    public StoredState {
        quarantined = List.copyOf(quarantined);
        unreadable = Set.copyOf(unreadable);
    }
}
