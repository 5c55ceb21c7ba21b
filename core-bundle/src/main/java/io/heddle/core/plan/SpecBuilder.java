package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.GrantedVotes;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PathMove;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.spec.SplitBrainAnswer;
import io.heddle.core.spec.SyncRule;
import io.heddle.core.spec.VolumeSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;

/** Tells what one node is to look like, out of what the cluster is to look like. Pure. */
public final class SpecBuilder {
    /** Names the network interface that replication uses. */
    public static final String PREFERRED_INTERFACE = "PrefNic";

    /** What the keys begin with that storage drivers read. */
    public static final String DRIVER_NAMESPACE = "StorDriver/";

    /** What the keys begin with that say what is done about syncs. */
    public static final String SYNC_NAMESPACE = "Sync/";

    /** Seconds without progress after which a sync counts as stalled; 0: never. */
    public static final String STALL_AFTER = SYNC_NAMESPACE + "StallAfter";

    /** How far satellites may go by themselves to have a stalled sync go on. */
    public static final String STALL_CURE = SYNC_NAMESPACE + "StallCure";

    private SpecBuilder() {}

    /**
     * The whole spec of a node.
     *
     * @param unreadable identities of definitions that the store has and nobody can read: nothing is said about them, which is
     *     not the same as that they are gone
     * @throws io.heddle.core.error.HeddleException NODE_NOT_FOUND
     */
    public static NodeSpec node(ClusterState state, NodeName name, SpecVersion version, Set<UUID> unreadable) {
        Node node = state.node(name).orElseThrow(() -> NotFound.node(name));
        TreeMap<UUID, ResourceSpec> resources = new TreeMap<>();
        TreeSet<UUID> unsaid = new TreeSet<>(unreadable);
        for (UUID uuid : state.definitionsOn(name)) {
            Optional<ResourceSpec> spec =
                    state.resourceDefinition(uuid).flatMap(definition -> resource(state, definition, name));
            spec.ifPresentOrElse(
                    said -> {
                        resources.put(said.uuid(), said);
                        unsaid.remove(uuid);
                    },
                    () -> unsaid.add(uuid));
        }
        return new NodeSpec(state.settings().clusterId(), node.name(), version, pools(state, node), resources, unsaid);
    }

    /** The pools of a node, with the properties that their drivers read. */
    public static SortedMap<PoolName, PoolSpec> pools(ClusterState state, Node node) {
        TreeMap<PoolName, PoolSpec> pools = new TreeMap<>();
        for (StoragePool pool : node.storagePools().values()) {
            TreeMap<String, String> properties = new TreeMap<>();
            Stream.of(state.settings().properties(), node.properties(), pool.properties())
                    .map(level -> level.subMap(DRIVER_NAMESPACE, DRIVER_NAMESPACE + Character.MAX_VALUE))
                    .forEach(properties::putAll);
            pools.put(pool.name(), new PoolSpec(pool.name(), pool.uuid(), pool.kind(), pool.backing(), properties));
        }
        return Ordered.map(pools);
    }

    /**
     * A resource as the node is to have it. Empty if the node has none of it, and also if the node of a peer or the resource
     * group is missing from the state, as after its row was found unreadable: then nothing is said about the resource, so that
     * it is left running as it is, instead of taking the peer, its vote and the connection away, or the group's options.
     */
    public static Optional<ResourceSpec> resource(ClusterState state, ResourceDefinition definition, NodeName node) {
        Resource own = definition.resources().get(node);
        Optional<Node> ownNode = state.node(node);
        if (own == null || ownNode.isEmpty()) {
            return Optional.empty();
        }
        boolean removed = definition.deleting() || own.deleting();
        GrantedVotes votes = VoterQueue.granted(definition);
        List<Resource> others = peers(definition, own, votes);
        boolean groupKnown = definition.deleting() || state.resourceGroups().containsKey(definition.group());
        if (!groupKnown
                || others.stream().anyMatch(peer -> state.node(peer.node()).isEmpty())) {
            return Optional.empty();
        }
        return Optional.of(new ResourceSpec(
                definition.name(),
                definition.uuid(),
                own.uuid(),
                removed
                        ? Disposition.REMOVED
                        : definition.goesBackTo().isPresent() ? Disposition.HALTED : Disposition.PRESENT,
                definition.deleting(),
                definition.replicated(),
                ownNode.get().name(),
                own.nodeId(),
                diskless(own, votes),
                definition.sharedSecret(),
                volumes(state, definition, own, removed, votes),
                peerSpecs(state, definition, own, ownNode.get(), others, votes),
                own.diskless() ? Ordered.set(null) : definition.retiredNodeIds(),
                definition.replicated()
                        ? OptionResolver.values(OptionResolver.resourceOptions(state, definition, own))
                        : Ordered.map(null),
                definition.replicated()
                        ? OptionResolver.values(OptionResolver.handlers(state, definition))
                        : Ordered.map(null),
                !removed && olderIncarnationOn(state, definition, node),
                own.released(),
                syncRule(state, definition),
                !own.diskless() && !votes.voters().contains(own.node())));
    }

    private static SyncRule syncRule(ClusterState state, ResourceDefinition definition) {
        SyncRule initial = SyncRule.DEFAULT;
        return new SyncRule(
                inherited(state, definition, STALL_AFTER)
                        .map(seconds -> Duration.ofSeconds(Long.parseLong(seconds)))
                        .orElse(initial.stallAfter()),
                inherited(state, definition, STALL_CURE)
                        .map(word -> SyncRule.Cure.valueOf(word.toUpperCase(Locale.ROOT)))
                        .orElse(initial.cure()));
    }

    private static Optional<String> inherited(ClusterState state, ResourceDefinition definition, String key) {
        return Stream.of(
                        Optional.of(definition.properties()),
                        Optional.ofNullable(state.resourceGroups().get(definition.group()))
                                .map(ResourceGroup::properties),
                        Optional.of(state.settings().properties()))
                .flatMap(Optional::stream)
                .flatMap(level -> Stream.ofNullable(level.get(key)))
                .findFirst();
    }

    /** One that the others know as a node without a disk goes on as such until it is granted its vote. */
    private static boolean diskless(Resource resource, GrantedVotes votes) {
        return resource.diskless()
                || !(votes.voters().contains(resource.node())
                        || votes.newcomers().contains(resource.node()));
    }

    private static List<Resource> peers(ResourceDefinition definition, Resource own, GrantedVotes votes) {
        if (!definition.replicated() || definition.deleting()) {
            return List.of();
        }
        return definition.resources().values().stream()
                .filter(resource -> !resource.node().equals(own.node()))
                .filter(resource -> !votes.newcomers().contains(resource.node()))
                // one that goes has to see its peers until it is gone, but is no copy that stays for another that goes
                .filter(resource -> !resource.deleting() || !own.deleting())
                .toList();
    }

    private static boolean olderIncarnationOn(ClusterState state, ResourceDefinition definition, NodeName node) {
        return state.tombstones(definition.name()).stream()
                .anyMatch(tombstone -> !tombstone.uuid().equals(definition.uuid())
                        && tombstone.resources().containsKey(node));
    }

    private static List<VolumeSpec> volumes(
            ClusterState state, ResourceDefinition definition, Resource own, boolean removed, GrantedVotes votes) {
        List<VolumeSpec> volumes = new ArrayList<>();
        for (VolumeDefinition wanted : definition.volumeDefinitions().values()) {
            Volume volume = own.volumes().get(wanted.number());
            if (volume != null) {
                volumes.add(new VolumeSpec(
                        wanted.number(),
                        volume.uuid(),
                        disposition(removed || wanted.deleting(), volume),
                        wanted.minor(),
                        wanted.size(),
                        diskless(own, votes) ? Optional.empty() : volume.backing(),
                        wanted.firstGeneration(),
                        definition.replicated()
                                ? OptionResolver.values(OptionResolver.diskOptions(state, definition, own, wanted))
                                : Ordered.map(null),
                        volume.source()));
            }
        }
        return volumes;
    }

    private static Disposition disposition(boolean removed, Volume volume) {
        if (removed) {
            return Disposition.REMOVED;
        }
        return volume.detaching() ? Disposition.DISKLESS : Disposition.PRESENT;
    }

    private static List<PeerSpec> peerSpecs(
            ClusterState state,
            ResourceDefinition definition,
            Resource own,
            Node ownNode,
            List<Resource> others,
            GrantedVotes votes) {
        if (others.isEmpty()) {
            return List.of();
        }
        List<PeerSpec> peers = new ArrayList<>();
        for (Resource peer : others) {
            Optional<Node> peerNode = state.node(peer.node());
            if (peerNode.isPresent()) {
                NodePair nodes = new NodePair(ownNode.name(), peerNode.get().name());
                SortedMap<String, String> peerDevice =
                        OptionResolver.values(OptionResolver.peerDeviceOptions(state, definition, nodes));
                SortedMap<String, String> net =
                        OptionResolver.values(OptionResolver.netOptions(state, definition, nodes));
                List<PathSpec> paths = paths(state, definition, own, ownNode, peer, peerNode.get());
                boolean takesOver = definition
                        .connection(nodes)
                        .move()
                        .equals(Optional.of(new PathMove(ownNode.name(), ConnectionPaths.text(paths))));
                PeerSpec told = new PeerSpec(
                        peerNode.get().name(),
                        peer.nodeId(),
                        peer.diskless(),
                        peerVolumes(state, definition, peer, nodes, peerDevice),
                        paths,
                        net,
                        peerDevice,
                        peer.deleting(),
                        peer.detaching(),
                        answer(definition, own, peer),
                        takesOver);
                peers.add(withVote(own, told, votes));
            }
        }
        return peers;
    }

    /** As the votes have it, not as it is wanted: the others count it by what they are told. */
    private static PeerSpec withVote(Resource own, PeerSpec peer, GrantedVotes votes) {
        boolean voter = votes.voters().contains(peer.node());
        PeerSpec told = voter == peer.diskless() ? voter ? peer.withDisk() : peer.withoutDisk() : peer;
        boolean decides = own.diskless() || voter || votes.tieBreakers().contains(peer.node());
        return decides ? told : told.asTieBreaker(false);
    }

    /** What the last word on a split brain says of two nodes; empty if it does not speak of both. */
    private static Optional<SplitBrainAnswer> answer(ResourceDefinition definition, Resource own, Resource peer) {
        return definition.resolution().flatMap(word -> {
            DataMark discarded = word.discarded().get(own.node());
            DataMark kept = word.kept().get(own.node());
            if (discarded != null && word.kept().containsKey(peer.node())) {
                return Optional.of(new SplitBrainAnswer(word.uuid(), true, discarded, word.snapshot()));
            }
            return kept != null && word.discarded().containsKey(peer.node())
                    ? Optional.of(new SplitBrainAnswer(word.uuid(), false, kept, false))
                    : Optional.empty();
        });
    }

    private static List<PeerVolumeSpec> peerVolumes(
            ClusterState state,
            ResourceDefinition definition,
            Resource peer,
            NodePair nodes,
            SortedMap<String, String> ofConnection) {
        return definition.volumeDefinitions().values().stream()
                .filter(volume -> !volume.deleting())
                .map(volume -> {
                    Volume there = peer.volumes().get(volume.number());
                    TreeMap<String, String> own = new TreeMap<>(
                            OptionResolver.values(OptionResolver.peerDeviceOptions(state, definition, nodes, volume)));
                    own.entrySet().removeAll(ofConnection.entrySet());
                    return new PeerVolumeSpec(
                            volume.number(),
                            volume.minor(),
                            there == null || there.backing().isEmpty(),
                            own);
                })
                .toList();
    }

    /** The paths between two resources of a definition, as the first has them; empty if a node is not in the state. */
    public static List<PathSpec> paths(ClusterState state, ResourceDefinition definition, Resource own, Resource peer) {
        return state.node(own.node())
                .flatMap(ownNode ->
                        state.node(peer.node()).map(peerNode -> paths(state, definition, own, ownNode, peer, peerNode)))
                .orElse(List.of());
    }

    /**
     * The paths that are set for the connection, or else for all connections between the two nodes; without any, the one between
     * the preferred interfaces.
     */
    private static List<PathSpec> paths(
            ClusterState state,
            ResourceDefinition definition,
            Resource own,
            Node ownNode,
            Resource peer,
            Node peerNode) {
        NodePair nodes = new NodePair(ownNode.name(), peerNode.name());
        List<PathSpec> set = Stream.of(
                        definition.connection(nodes).properties(),
                        state.settings().nodeConnection(nodes))
                .map(properties -> ConnectionPaths.between(properties, ownNode, peerNode))
                .filter(paths -> !paths.isEmpty())
                .findFirst()
                .orElse(List.of())
                .stream()
                .map(path -> new PathSpec(
                        path.first().address(), own.port(), path.second().address(), peer.port()))
                .toList();
        return set.isEmpty() ? List.of(path(state, definition, own, ownNode, peer, peerNode)) : set;
    }

    /** A connection has ends of one family: where the preferred interfaces differ in that, those of the link are used. */
    private static PathSpec path(
            ClusterState state,
            ResourceDefinition definition,
            Resource own,
            Node ownNode,
            Resource peer,
            Node peerNode) {
        NetInterface local = replicationInterface(state, definition, own, ownNode);
        NetInterface remote = replicationInterface(state, definition, peer, peerNode);
        if (local.address().isV6() != remote.address().isV6()) {
            local = linkInterface(ownNode);
            remote = linkInterface(peerNode);
        }
        return new PathSpec(local.address(), own.port(), remote.address(), peer.port());
    }

    /**
     * The interface that replicates a resource on its node: the one that {@code PrefNic} names on the pool of its volumes,
     * else on the resource, its definition or group, the node, the controller; else the one of the link. A name that the node
     * has no interface of is passed over.
     *
     * <p>Without a disk there is no pool here: what the pools of the peers' disks name counts, after the resource. Its peers
     * listen there, and two networks need not be joined by a route.
     */
    public static NetInterface replicationInterface(
            ClusterState state, ResourceDefinition definition, Resource resource, Node node) {
        Optional<String> ofResource = Optional.ofNullable(resource.properties().get(PREFERRED_INTERFACE));
        Stream<String> nearest = resource.diskless()
                ? Stream.concat(ofResource.stream(), ofPeersPools(state, definition))
                : Stream.concat(ofPools(resource, node), ofResource.stream());
        Stream<Optional<String>> ofOthers = Stream.of(
                definitionOrGroup(state, definition),
                Optional.ofNullable(node.properties().get(PREFERRED_INTERFACE)),
                Optional.ofNullable(state.settings().properties().get(PREFERRED_INTERFACE)));
        return Stream.concat(nearest, ofOthers.flatMap(Optional::stream))
                .flatMap(name -> netInterface(node, name).stream())
                .findFirst()
                .orElseGet(() -> linkInterface(node));
    }

    private static Stream<String> ofPools(Resource resource, Node node) {
        return resource.volumes().values().stream()
                .map(Volume::backing)
                .flatMap(Optional::stream)
                .flatMap(backing -> Optional.ofNullable(node.storagePools().get(backing.pool())).stream())
                .flatMap(pool -> Optional.ofNullable(pool.properties().get(PREFERRED_INTERFACE)).stream());
    }

    private static Stream<String> ofPeersPools(ClusterState state, ResourceDefinition definition) {
        return definition.resources().values().stream()
                .flatMap(peer -> state.node(peer.node()).stream().flatMap(node -> ofPools(peer, node)));
    }

    private static Optional<String> definitionOrGroup(ClusterState state, ResourceDefinition definition) {
        String own = definition.properties().get(PREFERRED_INTERFACE);
        if (own != null) {
            return Optional.of(own);
        }
        return Optional.ofNullable(state.resourceGroups().get(definition.group()))
                .map(group -> group.properties().get(PREFERRED_INTERFACE));
    }

    private static Optional<NetInterface> netInterface(Node node, String name) {
        return node.netInterfaces().values().stream()
                .filter(netInterface -> netInterface.name().value().equalsIgnoreCase(name))
                .findFirst();
    }

    private static NetInterface linkInterface(Node node) {
        return node.linkInterface()
                .orElseGet(() -> node.netInterfaces().get(node.netInterfaces().firstKey()));
    }
}
