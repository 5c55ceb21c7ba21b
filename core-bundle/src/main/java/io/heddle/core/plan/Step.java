package io.heddle.core.plan;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/**
 * One thing to do on a node. A closed set: add a step, and the compiler names everything that must answer for it. Each is
 * idempotent: a step that was carried out before a crash is carried out again without harm.
 */
public sealed interface Step {
    /** Calls the visitor's method for this step. */
    <R> R accept(StepVisitor<R> visitor);

    /**
     * Makes the block device of a backing volume available.
     *
     * @param pool its pool
     * @param number volume number
     * @param identity which backing volume
     */
    record ActivateVolume(PoolSpec pool, int number, BackingIdentity identity) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.activateVolume(this);
        }
    }

    /**
     * Creates a backing volume, tagged with its identity and as new.
     *
     * @param pool its pool
     * @param number volume number
     * @param identity what it carries
     * @param size its size, a multiple of the pool's unit
     */
    record CreateVolume(PoolSpec pool, int number, BackingIdentity identity, Bytes size) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.createVolume(this);
        }
    }

    /**
     * Makes a backing volume of what a snapshot keeps, and activates it.
     *
     * @param pool its pool
     * @param number volume number
     * @param snapshot what it is cloned from
     * @param identity what it carries
     */
    record RestoreVolume(PoolSpec pool, int number, SnapshotIdentity snapshot, BackingIdentity identity)
            implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.restoreVolume(this);
        }
    }

    /**
     * Makes the metadata in a volume that was cloned this replica's own.
     *
     * @param resource resource with the volume
     * @param number volume number
     * @param device its backing device
     */
    record AdoptMetadata(ResourceSpec resource, int number, String device) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.adoptMetadata(this);
        }
    }

    /**
     * Grows a backing volume.
     *
     * @param pool its pool
     * @param number volume number
     * @param identity which backing volume
     * @param size at least this size
     */
    record GrowVolume(PoolSpec pool, int number, BackingIdentity identity, Bytes size) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.growVolume(this);
        }
    }

    /**
     * Takes the mark of a new volume away: from now on missing metadata is a fault.
     *
     * @param pool its pool
     * @param number volume number
     * @param identity which backing volume
     */
    record MarkVolumeReady(PoolSpec pool, int number, BackingIdentity identity) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.markVolumeReady(this);
        }
    }

    /**
     * Deletes a backing volume with its bytes; only from a tombstone.
     *
     * @param pool its pool
     * @param number volume number
     * @param identity which backing volume
     */
    record DeleteVolume(PoolSpec pool, int number, BackingIdentity identity) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.deleteVolume(this);
        }
    }

    /**
     * Writes the resource's file for the replication driver.
     *
     * @param resource what is wanted
     * @param devices backing device of each diskful volume
     */
    record ConfigureResource(ResourceSpec resource, SortedMap<Integer, String> devices) implements Step {
        public ConfigureResource {
            devices = Ordered.map(devices);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.configureResource(this);
        }
    }

    /**
     * Creates replication metadata on a new backing volume.
     *
     * @param resource what is wanted
     * @param number volume number
     * @param device its backing device
     */
    record CreateMetadata(ResourceSpec resource, int number, String device) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.createMetadata(this);
        }
    }

    /**
     * Moves replication metadata to the end of a backing volume that has grown while it was not in use.
     *
     * @param resource what is wanted
     * @param number volume number
     * @param device its backing device
     * @param formerSizes sizes that it had: the metadata lies at its end, or where that was with one of them
     */
    record MoveMetadata(ResourceSpec resource, int number, String device, SortedSet<Bytes> formerSizes)
            implements Step {
        public MoveMetadata {
            formerSizes = Ordered.set(formerSizes);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.moveMetadata(this);
        }
    }

    /**
     * Brings the kernel to what the resource's file says.
     *
     * @param resource what is wanted
     */
    record AdjustResource(ResourceSpec resource) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.adjustResource(this);
        }
    }

    /**
     * Declares brand-new replicas equal without a copy.
     *
     * @param resource what is wanted
     * @param number volume number
     */
    record SkipInitialSync(ResourceSpec resource, int number) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.skipInitialSync(this);
        }
    }

    /**
     * Declares this node's brand-new content the one to copy.
     *
     * @param resource what is wanted
     * @param number volume number
     */
    record StartInitialSync(ResourceSpec resource, int number) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.startInitialSync(this);
        }
    }

    /**
     * Makes this node Secondary where it had made itself Primary for the first content; somebody who has the device open by now
     * is left alone.
     *
     * @param resource what is wanted
     */
    record DemoteResource(ResourceSpec resource) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.demoteResource(this);
        }
    }

    /**
     * Writes durably whether this node makes itself Primary for the first content.
     *
     * @param resource identity of the resource
     * @param forced false when it is Secondary again
     */
    record RememberForcedPrimary(UUID resource, boolean forced) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.rememberForcedPrimary(this);
        }
    }

    /**
     * Takes grown backing volumes into use.
     *
     * @param resource what is wanted
     * @param number volume number
     * @param size exact size of the device
     */
    record ResizeDevice(ResourceSpec resource, int number, Bytes size) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.resizeDevice(this);
        }
    }

    /**
     * Frees the bitmap slot of a former peer.
     *
     * @param resource what is wanted
     * @param nodeId the former peer's node id
     */
    record ForgetPeer(ResourceSpec resource, int nodeId) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.forgetPeer(this);
        }
    }

    /**
     * Takes a resource out of the kernel.
     *
     * @param resource DRBD's name of it
     */
    record DownResource(ResourceName resource) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.downResource(this);
        }
    }

    /**
     * Removes a resource's file.
     *
     * @param resource DRBD's name of it
     * @param incarnation the identity that the file must carry
     */
    record RemoveConfiguration(ResourceName resource, UUID incarnation) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.removeConfiguration(this);
        }
    }

    /**
     * Writes durably how a volume is made, and when it is in service: from then on it is never created again.
     *
     * @param resource identity of the resource
     * @param volume identity of the replica
     * @param made how it was made
     */
    record RememberVolume(UUID resource, UUID volume, MadeVolume made) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.rememberVolume(this);
        }
    }

    /**
     * Writes durably that another good copy was seen when the removal of a replica began, so that the removal is carried
     * through after a crash in the middle of it, when nothing can be seen any more.
     *
     * @param resource identity of the resource
     */
    record ApproveRemoval(UUID resource) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.approveRemoval(this);
        }
    }

    /**
     * Gives up the changes of this node in favour of peers that have diverged; only on an administrator's word, and once. Leaves
     * those peers, keeps what the volumes hold, and connects again to be overwritten, if nothing was written in between.
     *
     * @param resource what is wanted
     * @param word identity of the word
     * @param peers peers whose data wins
     * @param mark what tells the content that the word speaks of
     * @param snapshots what is kept of it first
     */
    record DiscardMyData(
            ResourceSpec resource, UUID word, SortedSet<NodeName> peers, DataMark mark, List<KeptVolume> snapshots)
            implements Step {
        public DiscardMyData {
            peers = Ordered.set(peers);
            snapshots = List.copyOf(snapshots);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.discardMyData(this);
        }
    }

    /**
     * A snapshot of a backing volume.
     *
     * @param pool its pool
     * @param identity which backing volume
     * @param name name of the snapshot
     */
    record KeptVolume(PoolSpec pool, BackingIdentity identity, String name) {}

    /**
     * Has DRBD forget that it was told to discard, and notes what has become of the word. Peers that are connected by now are
     * left alone.
     *
     * @param resource what is wanted
     * @param onlyIfRefused whether that is done only where a peer is really StandAlone
     * @param then what is noted of the word
     */
    record StopDiscarding(ResourceSpec resource, boolean onlyIfRefused, AnsweredWord then) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.stopDiscarding(this);
        }
    }

    /**
     * Connects again to peers that were refused as diverged and that give up their changes now.
     *
     * @param resource what is wanted
     * @param peers the peers
     */
    record ConnectPeers(ResourceSpec resource, SortedSet<NodeName> peers) implements Step {
        public ConnectPeers {
            peers = Ordered.set(peers);
        }

        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.connectPeers(this);
        }
    }

    /**
     * Takes the connection to a peer from paths that are not wanted any more to one that is: leaves the peer, takes the paths
     * away, connects, and sees it connected; else back to where it was.
     *
     * @param resource what is wanted, with the wanted paths only
     * @param peer the peer
     */
    record TakeOver(ResourceSpec resource, NodeName peer) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.takeOver(this);
        }
    }

    /**
     * Writes durably what was seen of a peer that may have diverged.
     *
     * @param resource identity of the resource
     * @param peer the peer
     * @param seen what was seen
     */
    record RememberCutOff(UUID resource, String peer, SeenCutOff seen) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.rememberCutOff(this);
        }
    }

    /**
     * Forgets durably what was seen of a peer: the two are one again.
     *
     * @param resource identity of the resource
     * @param peer the peer
     */
    record ForgetCutOff(UUID resource, String peer) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.forgetCutOff(this);
        }
    }

    /**
     * Writes durably how far this node is with a word on a split brain.
     *
     * @param resource identity of the resource
     * @param word how far it is
     */
    record RememberWord(UUID resource, AnsweredWord word) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.rememberWord(this);
        }
    }

    /**
     * Writes durably that a volume gives its disk up, since another good copy is seen or it never was in service. From then on
     * it is never attached again: after a crash nobody could tell whether the others have gone on without it.
     *
     * @param number volume number
     * @param volume identity of the replica
     */
    record GiveDiskUp(int number, UUID volume) implements Step {
        @Override
        public <R> R accept(StepVisitor<R> visitor) {
            return visitor.giveDiskUp(this);
        }
    }
}
