package io.heddle.core.link;

import io.heddle.core.model.ResourceName;
import java.util.Optional;
import java.util.UUID;

/**
 * Something that a node does once, on an explicit word, and that is no part of what is wanted for good.
 *
 * @param kind what
 * @param resource DRBD's name of the resource; of several, the first
 * @param incarnation identity of the resource on the node
 * @param peerIsDead for PROMOTE: the administrator's word that the unseen peer does not run
 * @param snapshots for the steps of snapshots: of what; empty for others
 */
public record NodeAction(
        Kind kind, ResourceName resource, UUID incarnation, boolean peerIsDead, Optional<SnapshotOrder> snapshots) {
    /** What can be done. */
    public enum Kind {
        PROMOTE,
        DEMOTE,
        /** Strikes what carries {@code incarnation} from the list of what is unclaimed; changes nothing else. */
        FORGET_UNCLAIMED,
        /** Looks that the snapshots can be taken, and leases the I/O of their resources; suspends nothing. */
        PREPARE_SNAPSHOTS,
        /** Suspends the I/O that was leased. */
        SUSPEND_IO,
        /** Takes the snapshots, while the I/O is suspended. */
        TAKE_SNAPSHOTS,
        /** Resumes the I/O; fails if it was not suspended all the time. */
        RESUME_IO,
        /** Looks that a resource can go back to its snapshot: that nobody uses it here, and that its part is there. Changes nothing. */
        CHECK_ROLLBACK,
        /** Removes snapshots, those that carry the identity and no others. */
        DELETE_SNAPSHOTS
    }

    /** One that is not about snapshots. */
    public NodeAction(Kind kind, ResourceName resource, UUID incarnation, boolean peerIsDead) {
        this(kind, resource, incarnation, peerIsDead, Optional.empty());
    }

    /** A step of snapshots. */
    public static NodeAction of(Kind kind, SnapshotOrder order) {
        SnapshotOrder.Part first = order.parts().get(0);
        return new NodeAction(kind, first.resource(), first.incarnation(), false, Optional.of(order));
    }
}
