package io.heddle.satellite.link;

import io.heddle.core.model.NodeName;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/**
 * Whom this satellite belongs to.
 *
 * @param clusterId the cluster
 * @param node its name there
 * @param pin SHA-256 of the controller's public key, lower-case hex; empty if it was claimed over PLAIN
 */
record Claim(UUID clusterId, NodeName node, Optional<String> pin) {
    Claim {
        Objects.requireNonNull(clusterId, "clusterId");
        Objects.requireNonNull(node, "node");
    }
}
