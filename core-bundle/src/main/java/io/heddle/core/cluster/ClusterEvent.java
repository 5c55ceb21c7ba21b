package io.heddle.core.cluster;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import java.time.Instant;
import java.util.Optional;

/**
 * Something has changed.
 *
 * @param kind what
 * @param node the node concerned, if one is
 * @param resource the resource concerned, if one is
 * @param message a sentence for a person
 * @param at when
 */
public record ClusterEvent(
        Kind kind, Optional<NodeName> node, Optional<ResourceName> resource, String message, Instant at) {
    /** What can change. */
    public enum Kind {
        /** The desired state was changed and published. */
        STATE_CHANGED,
        /** The link to a satellite is up, or is not any more. */
        LINK_CHANGED,
        /** A node reported something new about itself or its pools. */
        NODE_CHANGED,
        /** A node reported something new about a resource. */
        RESOURCE_CHANGED
    }
}
