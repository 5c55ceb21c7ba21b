package io.heddle.core.driver;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.Content;
import io.heddle.core.status.KernelStatus;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.UUID;

/**
 * Drives DRBD on this node. An OSGi service. Methods that change something may be called twice; the satellite calls those of
 * one resource one at a time, those of different resources in parallel.
 */
public interface ReplicationDriver {
    /** Looks at the loaded module and the tools; what is missing is told in the answer. Never throws. */
    KernelStatus kernel();

    /**
     * Watches all of DRBD's state on this node through one {@code events2}, restarted with back-off when it ends. Calls come
     * on one thread, in order.
     */
    AutoCloseable watch(ReplicationListener listener);

    /**
     * Size that a backing volume needs so that the DRBD device has at least {@code net} with internal metadata for
     * {@code maximumPeers}. Pure.
     */
    Bytes grossSize(Bytes net, int maximumPeers);

    /** Resource files of Heddle's on this node, each with the identity in its comment. */
    List<ConfiguredResource> configured();

    /**
     * Whether the resource's file is there with exactly the content that {@link #configure} would write.
     *
     * @throws io.heddle.core.error.HeddleException FILE_FAILED if it cannot be read; NOT_SUPPORTED if the loaded DRBD cannot
     *     have such a resource
     */
    boolean isConfigured(UUID cluster, ResourceSpec resource, Map<Integer, String> devices);

    /**
     * Writes the resource's file, durably and at once; does nothing if it is as wanted. Changes nothing in the kernel.
     *
     * @param devices backing device of each diskful volume by number
     * @throws io.heddle.core.error.HeddleException FILE_FAILED, NOT_SUPPORTED, FOREIGN_VOLUME if another incarnation's file or
     *     one that is not Heddle's is in its place
     */
    void configure(UUID cluster, ResourceSpec resource, Map<Integer, String> devices);

    /**
     * Looks for metadata on a backing device that is not attached.
     *
     * @throws io.heddle.core.error.HeddleException METADATA_UNREADABLE, OBSERVATION_FAILED if the look failed, which is not the
     *     same as no metadata
     */
    MetadataState metadata(ResourceSpec resource, int volumeNumber, String device);

    /**
     * Size of the device that the metadata on a backing device that is not attached names. What is brought up with a smaller
     * one is refused; after a power cut in a growth only the metadata knows.
     *
     * @return empty if the metadata was never in use
     * @throws io.heddle.core.error.HeddleException METADATA_MISSING, METADATA_UNREADABLE if it is another replica's,
     *     OBSERVATION_FAILED
     */
    Optional<Bytes> sizeInMetadata(ResourceSpec resource, int volumeNumber, String device);

    /**
     * Moves the metadata of a backing device that is not attached to the device's end, where DRBD looks for it, from where the
     * end was before the device grew; has it on disk when it returns. Does nothing if it lies there. Of several the one of the
     * largest size is it: DRBD leaves what it moved itself behind. Metadata of another replica counts for nothing, wherever it
     * lies: it has another identity.
     *
     * @param formerSizes sizes that the device had since all was in order
     * @throws io.heddle.core.error.HeddleException METADATA_MISSING if it lies at none of these ends, IN_USE if anything holds
     *     the device open, both with nothing changed; OBSERVATION_FAILED, COMMAND_FAILED
     */
    void moveMetadata(ResourceSpec resource, int volumeNumber, String device, SortedSet<Bytes> formerSizes);

    /**
     * Makes the metadata on a volume that was cloned from a snapshot, and is not attached, this replica's own; has it on disk when
     * it returns. All else in it stays: the recovery that follows is the one after a power cut of all nodes. The metadata of one that
     * leads says beside that it was Primary then, so that the others are made equal to it in what was being written. Does nothing more
     * to metadata that is this replica's already.
     *
     * @param resource with the source of the volume
     * @throws io.heddle.core.error.HeddleException METADATA_MISSING, METADATA_UNREADABLE if it is another replica's, IN_USE if
     *     anything holds the device open, all with nothing changed; OBSERVATION_FAILED, COMMAND_FAILED
     */
    void adoptMetadata(ResourceSpec resource, int volumeNumber, String device);

    /**
     * Creates metadata with {@code --max-peers} on a device whose volume the caller knows to be {@link Stage#NEW} and never to
     * have been attached, and has it on disk when it returns. Whatever an earlier user of the space left at its ends is wiped,
     * whole metadata too, and so is what an earlier call wrote. The metadata carries the replica's identity from then on.
     * {@code configure} comes first.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE if anything holds the device open, with nothing changed;
     *     COMMAND_FAILED
     */
    void createMetadata(ResourceSpec resource, int volumeNumber, String device);

    /**
     * Brings the kernel to what the file says, from nothing too; drops no connection that can stay.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED, METADATA_MISSING, NUMBER_TAKEN, MODULE_ABSENT,
     *     MODULE_TOO_OLD
     */
    void adjust(ResourceSpec resource);

    /**
     * Takes the resource out of the kernel; does nothing if it is not there.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE with the opener if a device is open, COMMAND_FAILED
     */
    void down(String resource);

    /**
     * Removes the resource's file if it carries this incarnation; does nothing if there is none.
     *
     * @throws io.heddle.core.error.HeddleException FOREIGN_VOLUME if it carries another, FILE_FAILED
     */
    void removeConfiguration(UUID cluster, String resource, UUID incarnation);

    /**
     * Makes all brand-new replicas of a volume UpToDate without a copy ({@code new-current-uuid --clear-bitmap}). The caller
     * has seen all of them Connected, Secondary and Inconsistent; the driver looks once more that the metadata here was never
     * used, and does nothing if it was.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED
     */
    void skipInitialSync(ResourceSpec resource, int volumeNumber);

    /**
     * Declares this node's content of a brand-new resource the good one, so that it is copied to the others. The driver
     * looks that the metadata here was never used, and does nothing if it was. Leaves the resource Secondary.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED
     */
    void startInitialSync(ResourceSpec resource, int volumeNumber);

    /**
     * Takes grown backing volumes into use, with an explicit size; a size smaller than the present one is refused. Changes
     * nothing while another replica has not grown. DRBD sends no event on the node that resizes (seen with 9.2.18), so the
     * driver tells its listeners the size that it finds afterwards.
     *
     * @throws io.heddle.core.error.HeddleException SHRINK_REFUSED, COMMAND_FAILED
     */
    void resize(ResourceSpec resource, int volumeNumber, Bytes net);

    /**
     * Frees the bitmap slot of a former peer; does nothing if it has none.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED, NOT_SUPPORTED
     */
    void forgetPeer(ResourceSpec resource, int nodeId);

    /**
     * Pauses the sync of a volume with one peer from this node's side, until {@link #resumeSync}; does nothing if it is paused.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED
     */
    void pauseSync(ResourceSpec resource, NodeName peer, int volumeNumber);

    /**
     * Takes this node's pause back, whoever made it; does nothing if there is none.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED
     */
    void resumeSync(ResourceSpec resource, NodeName peer, int volumeNumber);

    /**
     * Takes the connection to one peer away, without force, and makes it again; both sides keep their data. The caller knows
     * that nobody needs the connection for that moment.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED; the connection may be StandAlone then, and {@link #adjust}
     *     makes it again
     */
    void reconnect(ResourceSpec resource, NodeName peer);

    /**
     * Makes this node Primary.
     *
     * @param peerIsDead the administrator's word that the unseen peer does not run (DRBD 8.4 only)
     * @throws io.heddle.core.error.HeddleException PROMOTION_REFUSED when DRBD or the rules refuse, IN_USE when another node is
     *     Primary, COMMAND_FAILED
     */
    void promote(ResourceSpec resource, boolean peerIsDead);

    /**
     * Makes this node Secondary.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE, COMMAND_FAILED
     */
    void demote(ResourceSpec resource);

    /**
     * What DRBD tells of the content of the volumes with a disk here. On DRBD 8.4, which knows one peer, the generation is the
     * same towards each.
     *
     * @throws io.heddle.core.error.HeddleException OBSERVATION_FAILED, OUTPUT_UNREADABLE
     */
    Content content(ResourceSpec resource);

    /**
     * Bytes written to a DRBD device since it was made, as the kernel counts them; empty if there is no such device. Starts
     * again from 0 with a new device, and costs no process.
     */
    OptionalLong written(int minor);

    /**
     * Leaves peers that have diverged, so that none of them connects while what is here is kept. Leaves none, if the resource is
     * in use here or by a connected peer, or has another content than the one meant.
     *
     * @param mark what tells the content meant
     * @throws io.heddle.core.error.HeddleException IN_USE; SPLIT_BRAIN if the content is another one; COMMAND_FAILED
     */
    void leave(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark);

    /**
     * Gives up the changes here in favour of peers that have diverged and were left: connects to them with {@code
     * --discard-my-data}. The data is overwritten when a peer connects, not before. Looks once more, just before, that all is as
     * {@link #leave} has seen it; the caller has an administrator's word. Whoever makes this node Primary before a peer connects
     * has DRBD keep the data.
     *
     * @throws io.heddle.core.error.HeddleException IN_USE; SPLIT_BRAIN if the content is another one, or a peer is not left, with
     *     nothing changed; COMMAND_FAILED
     */
    void discardMyData(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark);

    /**
     * Has the kernel forget that it was told to discard, for all peers that are not connected. They are not connected to
     * afterwards: an adjust makes the connections anew.
     *
     * @param onlyIfRefused whether nothing is done unless a peer is StandAlone
     * @return whether anything was to be done
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED
     */
    boolean stopDiscarding(ResourceSpec resource, boolean onlyIfRefused);

    /**
     * Connects again to peers of which it is StandAlone; does nothing with one that is connected or being connected.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED
     */
    void connect(ResourceSpec resource, SortedSet<NodeName> peers);

    /**
     * Takes the connection to a peer from paths that the specification does not name to one that it names. DRBD 9 has both, here
     * and there, and lets no path go over which it is connected. So it is asked first whether an answer comes from the peer's address;
     * then the peer is left, the paths go, and it is connected again. If that is not seen within half a minute, the paths
     * come back, and DRBD connects over what it had. Does nothing where it is connected over a named one already.
     *
     * @throws io.heddle.core.error.HeddleException PATH_NOT_ESTABLISHED, with the connection as it was; OBSERVATION_FAILED where DRBD
     *     does not have what the specification names; IN_USE where both ends are Primary; COMMAND_FAILED
     */
    void takeOver(ResourceSpec resource, NodeName peer);

    /**
     * Gets ready to suspend the I/O of resources: looks that none is suspended, records the lease durably, and starts a process of
     * its own which resumes them when the lease is over, whatever became of the satellite. Suspends nothing. May be called
     * while nothing waits for it.
     *
     * @throws io.heddle.core.error.HeddleException IO_SUSPENDED if the I/O of one is suspended, by whomever, or leased already;
     *     RESOURCE_NOT_FOUND, FILE_FAILED, COMMAND_FAILED; nothing is left of the lease then
     */
    void leaseIo(IoLease lease);

    /**
     * Suspends the I/O of all resources of a lease: no write is begun on this node any more, and none that is under way is told to
     * be done. The administrator's suspension of the same moment cannot be told from it.
     *
     * @throws io.heddle.core.error.HeddleException IO_SUSPENDED if there is no such lease or it is over; COMMAND_FAILED; those
     *     that were suspended are resumed then
     */
    void suspendIo(UUID lease);

    /**
     * Resumes what the lease has suspended, and ends it. Resumes nothing that is suspended for another reason as well (a quorum
     * that is lost): the process that was started resumes that when the other reason is gone. May be called twice, and
     * for a lease of which nothing was suspended.
     *
     * @return whether the I/O of all of its resources was suspended all the time until now; once only, and false where there is no
     *     such lease
     * @throws io.heddle.core.error.HeddleException COMMAND_FAILED, OBSERVATION_FAILED; the process resumes in time then
     */
    boolean resumeIo(UUID lease);
}
