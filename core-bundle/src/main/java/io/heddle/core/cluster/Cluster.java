package io.heddle.core.cluster;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.SnapshotName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * Every use case of the cluster, one method each; the doors call nothing else to change anything. An OSGi service.
 *
 * <p>A method returns at once; no thread waits. Its stage completes when the wish is durable and the satellites concerned are
 * as wanted, or when the deadline has come, or an offline satellite is waited for in vain, with what is missing as warnings.
 * Nothing is undone because a caller left. It completes exceptionally with a {@link io.heddle.core.error.HeddleException}
 * when nothing was changed. Deleting what is absent succeeds with a warning. May be called on any thread.
 */
public interface Cluster {
    /** Registers a node and begins to connect to its satellite. Fails with NODE_EXISTS, INVALID_INPUT. */
    CompletionStage<Outcome> createNode(NodeCreation wish);

    /** Changes properties of a node. Fails with NODE_NOT_FOUND, INVALID_PROPERTY, UNKNOWN_PROPERTY. */
    CompletionStage<Outcome> modifyNode(NodeName node, PropertyChange change);

    /** Removes a node that has no resources. Fails with IN_USE otherwise. */
    CompletionStage<Outcome> deleteNode(NodeName node);

    /**
     * Gives a node up for good: its resources and tombstones count as gone, the shared secrets of its resources change, so
     * that it cannot rejoin with old data. Fails with IN_USE while it is online, or DRBD elsewhere is connected with it; with
     * LAST_GOOD_COPY if a resource has no other copy that is known to be UpToDate, and is not named.
     *
     * @param losing resources whose last good copy may go with it, by the administrator's word
     */
    CompletionStage<Outcome> loseNode(NodeName node, Set<ResourceName> losing);

    /**
     * Empties a node: from now on nothing is placed on it, a replica of each of its resources is made elsewhere, and goes from it
     * when that one is UpToDate; some at a time, and on after a restart of the controller. Completes when that is durable, not
     * when it is through: {@link ClusterView#evacuation} says how far it is. Fails with NODE_NOT_FOUND, BEING_DELETED.
     *
     * @param targets nodes that may take replicas; empty: any
     * @param excluded nodes that may take none
     */
    CompletionStage<Outcome> evacuateNode(NodeName node, SortedSet<NodeName> targets, SortedSet<NodeName> excluded);

    /** Ends the emptying of a node: what is on it stays. Replicas that were made elsewhere stay as well, and are named. */
    CompletionStage<Outcome> restoreNode(NodeName node);

    /**
     * Connects again at once.
     *
     * @param acceptOlder have the satellite take this controller although it has seen a newer one
     */
    CompletionStage<Outcome> reconnectNode(NodeName node, boolean acceptOlder);

    /**
     * Pairs with the satellite on purpose: forgets the pinned key and claims it, with its one-time code if one is given.
     */
    CompletionStage<Outcome> claimNode(NodeName node, Optional<Secret> code);

    /** Adds an address. Fails with NET_INTERFACE_EXISTS. */
    CompletionStage<Outcome> createNetInterface(NodeName node, NetInterface added, boolean active);

    /** Changes an address. Fails with NET_INTERFACE_NOT_FOUND. */
    CompletionStage<Outcome> modifyNetInterface(NodeName node, NetInterface changed, boolean active);

    /** Removes an address. Fails with IN_USE if it is the one of the link or a PrefNic names it. */
    CompletionStage<Outcome> deleteNetInterface(NodeName node, NetInterfaceName removed);

    /**
     * Registers a storage pool. The satellite must be online and find it usable; if not, nothing is kept. Fails with
     * STORAGE_POOL_EXISTS, NODE_OFFLINE, POOL_UNUSABLE, DRIVER_ABSENT.
     */
    CompletionStage<Outcome> createStoragePool(StoragePoolCreation wish);

    /** Changes properties of a pool. */
    CompletionStage<Outcome> modifyStoragePool(NodeName node, PoolName pool, PropertyChange change);

    /** Removes a pool from Heddle, leaving what it stands on. Fails with IN_USE if a volume is in it. */
    CompletionStage<Outcome> deleteStoragePool(NodeName node, PoolName pool);

    /** Creates a resource definition. Fails with RESOURCE_DEFINITION_EXISTS, RESOURCE_GROUP_NOT_FOUND. */
    CompletionStage<Outcome> createResourceDefinition(ResourceDefinitionCreation wish);

    /** Changes properties of a resource definition. */
    CompletionStage<Outcome> modifyResourceDefinition(ResourceName name, PropertyChange change);

    /** Deletes a resource definition with all of its resources and data. */
    CompletionStage<Outcome> deleteResourceDefinition(ResourceName name);

    /** Adds a volume to a resource definition, and to its resources. */
    CompletionStage<Outcome> createVolumeDefinition(ResourceName name, VolumeDefinitionCreation wish);

    /**
     * Changes a volume definition.
     *
     * @param size new size; only ever larger; SHRINK_REFUSED otherwise
     */
    CompletionStage<Outcome> modifyVolumeDefinition(
            ResourceName name, int number, Optional<Bytes> size, PropertyChange change);

    /** Deletes a volume of a definition with its data on all nodes. */
    CompletionStage<Outcome> deleteVolumeDefinition(ResourceName name, int number);

    /**
     * Takes snapshots of resources on all nodes that have a replica, with their I/O suspended everywhere at the same time, so that all
     * of them show one moment. None counts unless all do. Fails with SNAPSHOT_EXISTS, RESOURCE_DEFINITION_NOT_FOUND, NODE_OFFLINE,
     * NOT_SUPPORTED, IN_USE and IO_SUSPENDED, with nothing changed; with what went wrong on a node otherwise, and then
     * the snapshots are shown as failed.
     */
    CompletionStage<Outcome> createSnapshots(List<SnapshotCreation> wishes);

    /** Changes properties of a snapshot. Fails with SNAPSHOT_NOT_FOUND. */
    CompletionStage<Outcome> modifySnapshot(ResourceName name, SnapshotName snapshot, PropertyChange change);

    /** Deletes a snapshot on all of its nodes; on one that is offline when that is back. */
    CompletionStage<Outcome> deleteSnapshot(ResourceName name, SnapshotName snapshot);

    /**
     * Makes another resource of what a snapshot keeps, on nodes that have a part of it, in their storage pools. It comes up as after a
     * power cut of all nodes at the moment of the snapshot. Fails with SNAPSHOT_NOT_FOUND, RESOURCE_DEFINITION_EXISTS, RESOURCE_EXISTS,
     * NODE_OFFLINE, NOT_SUPPORTED, INVALID_SIZE if the target has other volumes; each with nothing changed.
     */
    CompletionStage<Outcome> restoreSnapshot(SnapshotRestoration wish);

    /**
     * Has a resource go back to a snapshot, in place, on all of its nodes; what was written since is lost. The snapshot stays. Once it is
     * begun it goes on whatever is started anew. Fails with SNAPSHOT_NOT_FOUND, IN_USE, NODE_OFFLINE, NOT_SUPPORTED,
     * BEING_DELETED, HELD_BY_KEEP_RES; each with nothing changed.
     */
    CompletionStage<Outcome> rollBack(ResourceName name, SnapshotName snapshot);

    /**
     * Gives a definition that has no volumes those that a resource had in a snapshot. Fails with SNAPSHOT_NOT_FOUND,
     * VOLUME_DEFINITION_EXISTS.
     */
    CompletionStage<Outcome> restoreVolumeDefinitions(ResourceName name, SnapshotName snapshot, ResourceName target);

    /** Places resources on named nodes: all or none. */
    CompletionStage<Outcome> createResources(ResourceName name, List<ResourceCreation> wishes);

    /** Places replicas where they fit best. Fails with NOT_ENOUGH_NODES and the reason of each node and pool. */
    CompletionStage<Outcome> autoPlace(ResourceName name, PlacementWish wish);

    /** Changes properties of a resource. */
    CompletionStage<Outcome> modifyResource(ResourceName name, NodeName node, PropertyChange change);

    /** Deletes a resource of a node with its data. The last good copy is guarded by the satellite. */
    CompletionStage<Outcome> deleteResource(ResourceName name, NodeName node);

    /**
     * Ends a deletion on a node that waits for a backing volume which is out of reach, as on a dead disk: what of it is there is
     * left as it is, and listed as unclaimed when it is seen again. Fails with INVALID_INPUT if nothing is being deleted there,
     * LAST_GOOD_COPY if no other copy is known to be UpToDate and the definition stays.
     */
    CompletionStage<Outcome> abandonResource(ResourceName name, NodeName node);

    /**
     * Gives a resource of a node a disk, or takes it away, while it stays in service. Asked for what is there already, it does
     * nothing. The last good copy is guarded by the satellite. Fails with RESOURCE_NOT_FOUND, NOT_SUPPORTED where there is no
     * DRBD 9, POOL_FULL, and with LAST_GOOD_COPY where no other replica is to stay.
     *
     * @param diskless whether it is to have no disk
     * @param pool storage pool of the disk; empty: the one that is named on a level above, or the only one
     */
    CompletionStage<Outcome> toggleDisk(ResourceName name, NodeName node, boolean diskless, Optional<PoolName> pool);

    /**
     * Moves a replica: gives a resource of a node that has none a disk, has it copied to, and lets the resource on another node go
     * when that disk is UpToDate and nothing uses the one that goes. The answer comes when the copying has begun; what is left to
     * be done outlives the controller, and ends where either of the two is changed meanwhile. Asked for twice, it does nothing
     * more. Fails with RESOURCE_NOT_FOUND where a node has no resource, INVALID_INPUT where there is no disk to be moved or it
     * would be one replica less, and as {@link #toggleDisk} does.
     *
     * @param node gets the disk
     * @param from has it now
     * @param pool storage pool of the disk; empty: the one that is named on a level above, or the only one
     */
    CompletionStage<Outcome> migrateDisk(ResourceName name, NodeName node, NodeName from, Optional<PoolName> pool);

    /**
     * Makes a node Primary for a resource.
     *
     * @param peerIsDead the administrator's word that the unseen peer does not run; only DRBD 8.4 needs it
     */
    CompletionStage<Outcome> promoteResource(ResourceName name, NodeName node, boolean peerIsDead);

    /** Makes a node Secondary for a resource. */
    CompletionStage<Outcome> demoteResource(ResourceName name, NodeName node);

    /**
     * Takes resources back that nodes have and the desired state does not, as they were wanted last; changes no data. Fails
     * with RESOURCE_NOT_FOUND if no node that is online kept one, and with what speaks against it.
     *
     * @param without nodes that are given up: what they have of it is not waited for
     */
    CompletionStage<Outcome> adoptResource(ResourceName name, List<NodeName> without);

    /**
     * Strikes something from what a node lists as unclaimed; it stays as it is. Fails with INVALID_INPUT if nothing of that
     * identity is listed, NODE_NOT_FOUND, NODE_OFFLINE.
     */
    CompletionStage<Outcome> forgetUnclaimed(NodeName node, UUID identity);

    /** Creates a resource group. Fails with RESOURCE_GROUP_EXISTS. */
    CompletionStage<Outcome> createResourceGroup(ResourceGroupName group, ResourceGroupChange wish);

    /**
     * Changes a resource group: its properties for all definitions that follow it, its rule of placement for what is placed from then
     * on. Fails with RESOURCE_GROUP_NOT_FOUND.
     */
    CompletionStage<Outcome> modifyResourceGroup(ResourceGroupName group, ResourceGroupChange change);

    /** Changes properties of a resource group. */
    default CompletionStage<Outcome> modifyResourceGroup(ResourceGroupName group, PropertyChange change) {
        return modifyResourceGroup(group, ResourceGroupChange.of(change));
    }

    /** Deletes a resource group that no definition is in. Fails with IN_USE, and NOT_SUPPORTED for the default one. */
    CompletionStage<Outcome> deleteResourceGroup(ResourceGroupName group);

    /**
     * Adds a volume to what is spawned from a resource group. Fails with RESOURCE_GROUP_NOT_FOUND, VOLUME_GROUP_EXISTS.
     *
     * @param number its number; empty: the lowest free one
     * @param gross whether sizes that are asked for include DRBD's metadata
     */
    CompletionStage<Outcome> createVolumeGroup(ResourceGroupName group, OptionalInt number, boolean gross);

    /** Says whether sizes include DRBD's metadata. Fails with VOLUME_GROUP_NOT_FOUND. */
    CompletionStage<Outcome> modifyVolumeGroup(ResourceGroupName group, int number, boolean gross);

    /** Takes a volume out of what is spawned from then on; what was spawned keeps it. */
    CompletionStage<Outcome> deleteVolumeGroup(ResourceGroupName group, int number);

    /**
     * Makes a resource definition in a group with its volume definitions, and places it as the group says: all of it in one commit, or
     * nothing. Fails with RESOURCE_DEFINITION_EXISTS, INVALID_INPUT if there are other sizes than volume groups, NOT_ENOUGH_NODES.
     */
    CompletionStage<Outcome> spawn(ResourceGroupName group, Spawning wish);

    /** Changes what is set for all connections between two nodes. Fails with NODE_NOT_FOUND. */
    CompletionStage<Outcome> modifyNodeConnection(NodePair nodes, PropertyChange change);

    /** Changes what is set for the connection of a resource between two nodes. Fails with RESOURCE_NOT_FOUND. */
    CompletionStage<Outcome> modifyResourceConnection(ResourceName name, NodePair nodes, PropertyChange change);

    /** Changes what is set for one volume of such a connection. Fails with VOLUME_DEFINITION_NOT_FOUND. */
    CompletionStage<Outcome> modifyPeerDevice(ResourceName name, NodePair nodes, int number, PropertyChange change);

    /**
     * Resolves a split brain by hand: the named nodes give up their changes in favour of the others. The word is durable, is
     * begun once, and counts only for the very content that is there now: whoever uses a side that is to give up its changes
     * before it has done so makes the word lapse. A snapshot of what is given up is
     * taken first. Fails with NO_SPLIT_BRAIN, NODE_OFFLINE, IN_USE if a side that is to give up is in use, LAST_GOOD_COPY if one
     * that is to stay is not UpToDate, NOT_SUPPORTED if a pool takes no snapshots.
     *
     * @param discard nodes whose changes go
     * @param withoutSnapshot the administrator's word that what goes need not be kept
     */
    CompletionStage<Outcome> resolveSplitBrain(ResourceName name, List<NodeName> discard, boolean withoutSnapshot);

    /**
     * Takes back what was decided on a split brain, as far as it is not done. Fails with NO_SPLIT_BRAIN if nothing is decided that
     * is not carried out or lapsed already.
     */
    CompletionStage<Outcome> withdrawSplitBrainResolution(ResourceName name);

    /** Changes properties of the controller level. */
    CompletionStage<Outcome> modifyController(PropertyChange change);

    /** The whole desired state as a JSON document that {@link #importState} reads; secrets included. */
    CompletionStage<String> exportState();

    /** Replaces an empty desired state with an exported one. Fails with IN_USE if anything is there. */
    CompletionStage<Outcome> importState(String document);
}
