package io.heddle.core.spec;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A resource as the node is to have it.
 *
 * @param name DRBD's name of it
 * @param definition identity of its definition
 * @param uuid identity of this incarnation on this node
 * @param disposition present or removed
 * @param definitionDeleted whether the whole definition goes, so that no other copy has to stay
 * @param replicated whether DRBD replicates it; if not, the backing volume is the device
 * @param node this node, as drbdadm's {@code on} sections name it: what {@code uname -n} prints
 * @param nodeId DRBD node id
 * @param diskless whether it has no disk here
 * @param sharedSecret what peers prove to each other
 * @param volumes volumes in the order of their numbers
 * @param peers peers in the order of their names
 * @param forgetNodeIds node ids of former peers whose bitmap slots are to be freed here
 * @param resourceOptions DRBD resource options by name, in DRBD's unit
 * @param handlers commands that DRBD runs as root on events, by DRBD's name of the handler
 * @param replacesOlder whether an older incarnation of the name may have to go from this node first
 * @param released of a tombstone: whether all that stay are known not to count on its vote any more
 * @param syncRule what is done about a sync that stalls
 * @param awaitsVote whether it is to have a disk for which it has no vote yet: the others are told of no disk here
 */
public record ResourceSpec(
        ResourceName name,
        UUID definition,
        UUID uuid,
        Disposition disposition,
        boolean definitionDeleted,
        boolean replicated,
        NodeName node,
        int nodeId,
        boolean diskless,
        Secret sharedSecret,
        List<VolumeSpec> volumes,
        List<PeerSpec> peers,
        SortedSet<Integer> forgetNodeIds,
        SortedMap<String, String> resourceOptions,
        SortedMap<String, String> handlers,
        boolean replacesOlder,
        boolean released,
        SyncRule syncRule,
        boolean awaitsVote) {
    /** DRBD's option of that name, a number of votes, {@code majority}, {@code all} or {@code off}. */
    public static final String QUORUM = "quorum";

    public ResourceSpec {
        volumes = List.copyOf(volumes);
        peers = List.copyOf(peers);
        forgetNodeIds = Ordered.set(forgetNodeIds);
        resourceOptions = Ordered.map(resourceOptions);
        handlers = Ordered.map(handlers);
        // a satellite's stored spec may be older than the rule
        syncRule = Objects.requireNonNullElse(syncRule, SyncRule.DEFAULT);
    }

    /** One with the usual rule for syncs. */
    public ResourceSpec(
            ResourceName name,
            UUID definition,
            UUID uuid,
            Disposition disposition,
            boolean definitionDeleted,
            boolean replicated,
            NodeName node,
            int nodeId,
            boolean diskless,
            Secret sharedSecret,
            List<VolumeSpec> volumes,
            List<PeerSpec> peers,
            SortedSet<Integer> forgetNodeIds,
            SortedMap<String, String> resourceOptions,
            SortedMap<String, String> handlers,
            boolean replacesOlder,
            boolean released) {
        this(
                name,
                definition,
                uuid,
                disposition,
                definitionDeleted,
                replicated,
                node,
                nodeId,
                diskless,
                sharedSecret,
                volumes,
                peers,
                forgetNodeIds,
                resourceOptions,
                handlers,
                replacesOlder,
                released,
                SyncRule.DEFAULT,
                false);
    }

    /** One without handlers. */
    public ResourceSpec(
            ResourceName name,
            UUID definition,
            UUID uuid,
            Disposition disposition,
            boolean definitionDeleted,
            boolean replicated,
            NodeName node,
            int nodeId,
            boolean diskless,
            Secret sharedSecret,
            List<VolumeSpec> volumes,
            List<PeerSpec> peers,
            SortedSet<Integer> forgetNodeIds,
            SortedMap<String, String> resourceOptions,
            boolean replacesOlder) {
        this(
                name,
                definition,
                uuid,
                disposition,
                definitionDeleted,
                replicated,
                node,
                nodeId,
                diskless,
                sharedSecret,
                volumes,
                peers,
                forgetNodeIds,
                resourceOptions,
                Ordered.map(null),
                replacesOlder,
                false);
    }

    /** One that nobody has released. */
    public ResourceSpec(
            ResourceName name,
            UUID definition,
            UUID uuid,
            Disposition disposition,
            boolean definitionDeleted,
            boolean replicated,
            NodeName node,
            int nodeId,
            boolean diskless,
            Secret sharedSecret,
            List<VolumeSpec> volumes,
            List<PeerSpec> peers,
            SortedSet<Integer> forgetNodeIds,
            SortedMap<String, String> resourceOptions,
            SortedMap<String, String> handlers,
            boolean replacesOlder) {
        this(
                name,
                definition,
                uuid,
                disposition,
                definitionDeleted,
                replicated,
                node,
                nodeId,
                diskless,
                sharedSecret,
                volumes,
                peers,
                forgetNodeIds,
                resourceOptions,
                handlers,
                replacesOlder,
                false);
    }

    /** DRBD's quorum as its options ask for it; empty if they ask for none. */
    public Optional<String> quorum() {
        return Optional.ofNullable(resourceOptions.get(QUORUM)).filter(votes -> !votes.equals("off"));
    }

    /** Node ids of the peers that have a disk. */
    public SortedSet<Integer> voters() {
        TreeSet<Integer> nodeIds = new TreeSet<>();
        peers.stream().filter(peer -> !peer.diskless()).forEach(peer -> nodeIds.add(peer.nodeId()));
        return nodeIds;
    }

    /** Node ids of the peers without a disk that decide between two halves. */
    public SortedSet<Integer> tieBreakers() {
        TreeSet<Integer> nodeIds = new TreeSet<>();
        peers.stream().filter(PeerSpec::isTieBreaker).forEach(peer -> nodeIds.add(peer.nodeId()));
        return nodeIds;
    }

    /** What DRBD takes for a new connection only, of the connection to each peer, by the peer's node. */
    public SortedMap<String, SortedMap<String, String>> fixedOptions() {
        TreeMap<String, SortedMap<String, String>> fixed = new TreeMap<>();
        peers.forEach(peer -> fixed.put(peer.node().value(), peer.fixedOptions()));
        return fixed;
    }

    /** Whether its options ask for a quorum. */
    public boolean asksForQuorum() {
        return quorum().isPresent();
    }
}
