package io.heddle.core.cluster;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * A wish for a resource on a named node.
 *
 * @param node where
 * @param pool storage pool; empty: what {@code StorPoolName} says, or the only pool of the node
 * @param diskless whether it is to have no disk
 * @param nodeId DRBD node id; empty: the lowest free one
 * @param port TCP port; empty: the next free one
 * @param properties properties to begin with
 */
public record ResourceCreation(
        NodeName node,
        Optional<PoolName> pool,
        boolean diskless,
        OptionalInt nodeId,
        OptionalInt port,
        SortedMap<String, String> properties) {
    public ResourceCreation {
        properties = Ordered.map(properties);
    }
}
