package io.heddle.core.plan;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.KernelStatus;
import java.util.Optional;

/** Why a step is held, in words for the person who is to do something about it. */
final class Holds {
    private Holds() {}

    static Problem specNotConfirmed(String step) {
        return new Problem(
                ErrorCode.SPEC_NOT_CONFIRMED,
                "did not " + step,
                "no controller has confirmed since this node booted that this is still wanted; what is there is served",
                "start the controller, or see why it does not reach this node; it goes on by itself then");
    }

    static Problem keepRes(ResourceName name) {
        return new Problem(
                ErrorCode.HELD_BY_KEEP_RES,
                "did not remove " + name,
                "keep-res of this node covers its name",
                "to let it go, change keep-res in heddle.conf on this node and restart heddled; to keep the data, rename or"
                        + " copy the backing volumes first");
    }

    static Problem lastGoodCopy(ResourceSpec spec, String why) {
        return new Problem(
                ErrorCode.LAST_GOOD_COPY,
                "did not delete the replica of " + spec.name() + " on this node",
                why,
                "connect a node with an UpToDate replica; if the data may go, delete the whole resource definition; if another"
                        + " copy is known to be good, remove the backing volume of this one by hand");
    }

    static Problem lastDisk(ResourceSpec spec, int number, String why) {
        return new Problem(
                ErrorCode.LAST_GOOD_COPY,
                "did not take the disk of volume " + number + " of " + spec.name() + " away on this node",
                why,
                "connect a node with an UpToDate replica, or wait until one is UpToDate: it is looked again");
    }

    static Problem noModule(ResourceName name) {
        return new Problem(
                ErrorCode.MODULE_ABSENT,
                "cannot serve " + name,
                "no usable DRBD module is loaded",
                "load it: modprobe drbd");
    }

    static Problem tooOld(ResourceName name, String why) {
        return new Problem(
                ErrorCode.MODULE_TOO_OLD,
                "does not touch " + name,
                why,
                "load a DRBD 9 module (9.1 or newer) on this node");
    }

    static Problem unseen(String what, Problem because) {
        boolean says = because.code() == ErrorCode.DRIVER_ABSENT || because.code() == ErrorCode.METADATA_UNREADABLE;
        return new Problem(
                says ? because.code() : ErrorCode.OBSERVATION_FAILED,
                "cannot see " + what,
                because.what() + ": " + because.why(),
                because.correction());
    }

    static Problem notLookedAt(String what) {
        return new Problem(
                ErrorCode.OBSERVATION_FAILED,
                "cannot see " + what,
                "it was not looked at yet",
                "nothing to do: it is looked at soon");
    }

    static Problem poolUnknown(PoolName pool, VolumeSpec volume) {
        return new Problem(
                ErrorCode.STORAGE_POOL_NOT_FOUND,
                "cannot find the backing volume of volume " + volume.number(),
                "this node has no storage pool " + pool,
                "create the storage pool on this node again");
    }

    static Problem foreignVolume(Backing backing, BackingVolume found, BackingIdentity wanted) {
        String carried = found.volume().isEmpty()
                ? "it carries no identity of Heddle's"
                : found.cluster().equals(Optional.of(wanted.cluster()))
                        ? "it belongs to replica " + found.volume().get()
                        : "it belongs to another cluster";
        return new Problem(
                ErrorCode.FOREIGN_VOLUME,
                "does not touch " + backing.name() + " in storage pool " + backing.pool(),
                "there is a volume of that name that is not replica " + wanted.volume() + ": " + carried,
                "if nobody needs it, rename or remove it by hand; it goes on by itself then");
    }

    static Problem volumeMissing(Backing backing, int number) {
        return new Problem(
                ErrorCode.BACKING_VOLUME_MISSING,
                "cannot serve volume " + number,
                backing.name() + " was in service on this node and is not in storage pool " + backing.pool()
                        + " any more; it is never made anew in the place of one with data",
                "bring the pool's disks back; if they are lost, delete this resource on this node and create it again, so that"
                        + " it is copied from a peer");
    }

    static Problem volumeFailed(Backing backing, String fault) {
        return new Problem(
                ErrorCode.BACKING_VOLUME_FAILED,
                "cannot use " + backing.name() + " in storage pool " + backing.pool(),
                fault,
                "repair the storage pool");
    }

    /** DRBD serves the volume over its peers, whoever uses it here. */
    static Problem diskFailed(ResourceSpec spec, VolumeSpec volume, Optional<Problem> because) {
        Backing backing = volume.backing().orElseThrow();
        return new Problem(
                ErrorCode.DISK_FAILED,
                "volume " + volume.number() + " of " + spec.name() + " runs without its disk on this node",
                "DRBD has detached " + backing.name() + " in storage pool " + backing.pool()
                        + ", as after an I/O error, or somebody did"
                        + because.map(problem -> "; " + problem.what() + ": " + problem.why())
                                .orElse(""),
                "see the kernel's log. If the disk is fine, run on this node: drbdadm adjust " + spec.name()
                        + ". If it is broken, stop what uses the volume here, put another disk in place of it, make what storage"
                        + " pool " + backing.pool() + " stands on again, and run: " + replacement(spec, backing));
    }

    private static String replacement(ResourceSpec spec, Backing backing) {
        return "heddle resource delete " + spec.node() + " " + spec.name() + ", then: heddle resource create "
                + spec.node() + " " + spec.name() + " -s " + backing.pool();
    }

    /** The volume of a tombstone is out of sight. */
    static Problem unseenTombstone(ResourceSpec spec, Problem unseen) {
        return new Problem(
                unseen.code(),
                "did not delete the backing volume of " + spec.name() + " on this node: " + unseen.what(),
                unseen.why(),
                unseen.correction() + "; if it never comes back, leave it as it is: heddle resource abandon "
                        + spec.node() + " " + spec.name());
    }

    static Problem metadataMissing(ResourceName name, Backing backing, int number) {
        return new Problem(
                ErrorCode.METADATA_MISSING,
                "cannot serve volume " + number + " of " + name,
                backing.name() + " in storage pool " + backing.pool()
                        + " was in service and holds no DRBD metadata; none is created over it",
                "look at what is on it; to give this replica up, delete this resource on this node and create it again");
    }

    static Problem notMadeHere(ResourceName name, Backing backing, int number) {
        return new Problem(
                ErrorCode.METADATA_MISSING,
                "cannot serve volume " + number + " of " + name,
                backing.name() + " in storage pool " + backing.pool()
                        + " is marked as new, but this node has no record of having made it, so that what is on it may be"
                        + " somebody's; no DRBD metadata is created over it",
                "look at what is on it; if nobody needs it, delete this resource on this node and create it again");
    }

    static Problem notRestoredHere(ResourceName name, Backing backing, int number) {
        return new Problem(
                ErrorCode.METADATA_UNREADABLE,
                "cannot serve volume " + number + " of " + name,
                backing.name() + " in storage pool " + backing.pool()
                        + " was cloned from a snapshot, and nobody says any more from which",
                "delete this resource on this node and create it again, so that it is copied from a peer");
    }

    static Problem sizeUnknown(Backing backing, Problem because) {
        return unseen("what size " + backing.name() + " needs in storage pool " + backing.pool(), because);
    }

    static Problem foreignResource(ResourceName name) {
        return new Problem(
                ErrorCode.FOREIGN_VOLUME,
                "does not touch the DRBD resource " + name,
                "DRBD runs a resource of that name on this node which Heddle did not configure",
                "take it down by hand (drbdadm down " + name + ") and remove its file; it goes on by itself then");
    }

    static Problem foreignFile(ResourceName name, String whose) {
        return new Problem(
                ErrorCode.FOREIGN_VOLUME,
                "does not touch the resource file of " + name,
                "it belongs to " + whose,
                "if nobody needs it, take the resource down and remove the file; it goes on by itself then");
    }

    static Problem unreadableFile(ResourceName name) {
        return new Problem(
                ErrorCode.FILE_FAILED,
                "does not touch the resource file of " + name,
                "it names no identity, so it may be anybody's",
                "look at it; if it is of no use, remove it, and it is written anew");
    }

    static Problem splitBrain(ResourceSpec spec, String peer, Optional<AnsweredWord> lapsed) {
        return new Problem(
                ErrorCode.SPLIT_BRAIN,
                spec.name() + " has diverged from " + peer + " (split brain)",
                "both sides were written while they were cut off from each other, and no policy (after-sb-0pri, after-sb-1pri,"
                        + " after-sb-2pri) decides whose changes stay"
                        + lapsed.map(word -> "; what was decided was not done, and will not be: " + word.why())
                                .orElse(""),
                "see who changed what: heddle resource split-brain " + spec.name()
                        + "; then give up the changes of one side: heddle resource resolve-split-brain " + spec.name()
                        + " --discard " + spec.node() + ", or --discard " + peer);
    }

    static Problem standAlone(ResourceName name, String peer) {
        return new Problem(
                ErrorCode.SPLIT_BRAIN,
                name + " is cut off from " + peer,
                "the connection is StandAlone: the two replicas have diverged (split brain), DRBD refused the peer, or somebody"
                        + " disconnected it",
                "see what each side knows: heddle resource split-brain " + name
                        + ", and the kernel's log. If they have diverged, choose whose changes are thrown away: heddle resource"
                        + " resolve-split-brain " + name
                        + " --discard NODE. If one is smaller than the other, take that one down there: drbdsetup down "
                        + name
                        + "; it is brought up with the new size, and on the other run: drbdadm connect " + name);
    }

    static Problem shrink(ResourceName name, VolumeSpec volume, Bytes present) {
        return new Problem(
                ErrorCode.SHRINK_REFUSED,
                "does not shrink volume " + volume.number() + " of " + name,
                "its device has " + present.kib() + " KiB, and " + volume.size().kib() + " KiB are asked for",
                "set its size to at least what it has");
    }

    static Problem addressAbsent(ResourceSpec spec, PeerSpec peer, PathSpec path) {
        return new Problem(
                ErrorCode.PATH_NOT_ESTABLISHED,
                spec.name() + " is not connected with " + peer.node() + " over " + path.local() + " - " + path.remote(),
                path.local() + " is not an address of this node; it goes on over another one",
                "give the node that address (ip address), or set the address that it has: 'node interface modify "
                        + spec.node() + " NAME --ip ADDRESS'");
    }

    static Problem limitedByOldModule(ResourceSpec spec, KernelStatus kernel) {
        return tooOld(
                spec.name(),
                "DRBD " + kernel.moduleVersion()
                        + " has two replicas with disks and nothing else, and this resource has more or other ones");
    }
}
