package io.heddle.core.model;

import java.util.SortedSet;

/**
 * The emptying of a node: as long as it has one, nothing is placed on the node, and its replicas are made elsewhere.
 *
 * @param targets nodes that may take replicas; empty: any
 * @param excluded nodes that may take none
 */
public record Evacuation(SortedSet<NodeName> targets, SortedSet<NodeName> excluded) {
    public Evacuation {
        targets = Ordered.set(targets);
        excluded = Ordered.set(excluded);
    }
}
