package io.heddle.core.model;

import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/**
 * The emptying of a node: as long as it has one, nothing is placed on the node, and its replicas are made elsewhere.
 *
 * @param targets nodes that may take replicas; empty: any
 * @param excluded nodes that may take none
 * @param replacements node on which a replica was made in place of the one here, by the identity of the definition
 */
public record Evacuation(
        SortedSet<NodeName> targets, SortedSet<NodeName> excluded, SortedMap<UUID, NodeName> replacements) {
    public Evacuation {
        targets = Ordered.set(targets);
        excluded = Ordered.set(excluded);
        replacements = Ordered.map(replacements);
    }

    public Evacuation withReplacement(UUID definition, NodeName node) {
        return new Evacuation(targets, excluded, Ordered.with(replacements, definition, node));
    }

    public Evacuation withoutReplacement(UUID definition) {
        return new Evacuation(targets, excluded, Ordered.without(replacements, definition));
    }
}
