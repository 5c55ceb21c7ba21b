package io.heddle.core.link;

import io.heddle.core.model.ResourceName;
import java.util.UUID;

/**
 * Something that a node does once, on an explicit word, and that is no part of what is wanted for good.
 *
 * @param kind what
 * @param resource DRBD's name of the resource
 * @param incarnation identity of the resource on the node
 * @param peerIsDead for PROMOTE: the administrator's word that the unseen peer does not run
 */
public record NodeAction(Kind kind, ResourceName resource, UUID incarnation, boolean peerIsDead) {
    /** What can be done. */
    public enum Kind {
        PROMOTE,
        DEMOTE,
        /** Strikes what carries {@code incarnation} from the list of what is unclaimed; changes nothing else. */
        FORGET_UNCLAIMED
    }
}
