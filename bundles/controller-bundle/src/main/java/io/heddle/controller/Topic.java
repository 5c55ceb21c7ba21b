package io.heddle.controller;

import io.heddle.core.model.NodeName;
import java.util.UUID;

/** What a {@link Goal} depends on: when something about it changes, the goal is looked at again. */
sealed interface Topic {
    /**
     * A definition with its resources: what is wanted of it, and what satellites say about it.
     *
     * @param definition its identity
     */
    record OfDefinition(UUID definition) implements Topic {}

    /**
     * The link to a node.
     *
     * @param node the node
     */
    record OfLink(NodeName node) implements Topic {}

    /**
     * A node itself: its spec, its pools, its registration.
     *
     * @param node the node
     */
    record OfNode(NodeName node) implements Topic {}
}
