package io.heddle.controller;

import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Numbers;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotPeers;
import io.heddle.core.model.SnapshotVolume;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.model.VolumeSource;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Makes the resources and volumes of a definition, with all their numbers and names, within one edit. */
final class ResourceMaker {
    private static final Pattern RESERVED_BY_LVM = Pattern.compile(
            "^(snapshot|pvmove)|_(cdata|cmeta|corig|cpool|cvol|imeta|iorig|mimage|mlog|pmspare|rimage|rmeta"
                    + "|tdata|tmeta|vdata|vorigin|vpool|wcorig)");

    /** Names the pool of a resource's volumes. */
    static final String POOL_PROPERTY = "StorPoolName";

    private static final String PEER_SLOTS = "PeerSlotsNewResource";

    private final Surroundings surroundings;
    private final FirstGenerations generations;
    private final Clock clock;

    ResourceMaker(StatusBoard board, Clock clock) {
        this.surroundings = new Surroundings(board);
        this.generations = new FirstGenerations(board);
        this.clock = clock;
    }

    /** The definition with all the wished resources, checked; nothing is put yet. */
    ResourceDefinition add(StateEdit edit, ResourceDefinition definition, List<ResourceCreation> wishes) {
        ResourceDefinition grown = definition;
        TreeSet<NodeName> added = new TreeSet<>();
        TreeSet<NodeName> withDisk = new TreeSet<>();
        for (ResourceCreation wish : wishes) {
            Resource made = make(edit, grown, wish);
            grown = grown.withResource(made);
            added.add(made.node());
            if (!made.diskless()) {
                withDisk.add(made.node());
            }
        }
        requireSomeDisk(grown);
        requireSlots(edit.state(), grown);
        surroundings.requireReplication(grown, added);
        return generations.afterAdding(edit.state(), grown, withDisk);
    }

    /**
     * The definition with a disk of its own for a resource that had none. It joins no first generation: it is copied to.
     *
     * @param wished storage pool; empty: the one that is named nearest, or the only one
     */
    ResourceDefinition withDisk(
            StateEdit edit, ResourceDefinition definition, Resource present, Optional<PoolName> wished) {
        Node node = edit.requireNode(present.node());
        requireStaying(definition, node);
        StoragePool pool = pool(edit.state(), definition, node, wished, present.properties());
        Resource bare = present.withDisk(
                Ordered.with(present.properties(), POOL_PROPERTY, pool.name().value()));
        Resource made = bare;
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            if (!volume.deleting()) {
                made = made.withVolume(volume(edit.state(), definition, bare, volume));
            }
        }
        requireSpace(edit.state(), definition, node, made);
        ResourceDefinition grown = definition.withResource(made);
        requireSlots(edit.state(), grown);
        surroundings.requireReplication(grown, Set.of(present.node()));
        return grown;
    }

    /**
     * The definition with replicas that are cloned from a snapshot. They have the node ids by which their metadata knows each
     * other, and nobody else gets one of those; they join no first generation, since DRBD makes them equal as after a power cut.
     *
     * @param definition without resources, with the volumes of the snapshot
     * @param nodes nodes that have a part of it
     */
    ResourceDefinition restored(
            StateEdit edit, ResourceDefinition definition, Snapshot snapshot, NavigableSet<NodeName> nodes) {
        Optional<SnapshotPeers> peers = snapshot.peers().filter(known -> definition.replicated());
        NodeName leader =
                peers.flatMap(SnapshotPeers::primary).filter(nodes::contains).orElseGet(nodes::first);
        ResourceDefinition grown = definition;
        for (NodeName name : nodes) {
            Node node = requireFit(edit, grown, name);
            List<SnapshotVolume> parts = snapshot.parts().get(name);
            int nodeId = peers.map(known -> known.nodeIds().get(name)).orElse(0);
            Resource made = new Resource(
                    node.name(),
                    UUID.randomUUID(),
                    nodeId,
                    edit.allocatePort(node.name()),
                    false,
                    false,
                    Ordered.map(null),
                    Ordered.map(Map.of(POOL_PROPERTY, parts.get(0).pool().value())),
                    false,
                    clock.instant());
            for (SnapshotVolume part : parts) {
                VolumeDefinition volume = definition.volumeDefinitions().get(part.number());
                made = made.withVolume(new Volume(
                        part.number(),
                        UUID.randomUUID(),
                        Optional.of(new Backing(
                                requirePool(node, part.pool()).name(),
                                backingName(edit.state(), definition, name, volume),
                                part.maximumPeers())),
                        false,
                        Optional.of(new VolumeSource(
                                snapshot.uuid(),
                                part.replica(),
                                part.backing(),
                                definition.replicated() && name.equals(leader)))));
            }
            requireSpace(edit.state(), definition, node, made);
            grown = grown.withResource(made);
        }
        surroundings.requireReplication(grown, nodes);
        return grown.withRetiredNodeIds(peers.map(SnapshotPeers::taken).orElse(Ordered.set(null)));
    }

    /** Refuses a resource without a disk where a DRBD concerned cannot have it. */
    void requireDiskless(ResourceDefinition definition, Resource resource) {
        surroundings.requireReplication(definition.withResource(withoutDisk(resource)), Set.of(resource.node()));
    }

    /** The same resource without a disk: with volumes that have no bytes of their own. */
    static Resource withoutDisk(Resource resource) {
        TreeMap<Integer, Volume> volumes = new TreeMap<>();
        resource.volumes()
                .keySet()
                .forEach(number -> volumes.put(number, new Volume(number, UUID.randomUUID(), Optional.empty())));
        return resource.withoutDisk(Ordered.map(volumes), Ordered.without(resource.properties(), POOL_PROPERTY));
    }

    /** The definition with a tie-breaker on a node that can have it. */
    ResourceDefinition withTieBreaker(StateEdit edit, ResourceDefinition definition, NodeName node) {
        Resource made = make(
                edit,
                definition,
                new ResourceCreation(
                        node, Optional.empty(), true, OptionalInt.empty(), OptionalInt.empty(), Ordered.map(null)));
        return definition.withResource(made.withTieBreaker(true));
    }

    private Resource make(StateEdit edit, ResourceDefinition definition, ResourceCreation wish) {
        Node node = requireFit(edit, definition, wish.node());
        Optional<Resource> tieBreaker =
                Optional.ofNullable(definition.resources().get(node.name()));
        tieBreaker.ifPresent(present -> requireSameNumbers(definition, present, wish));
        SortedMap<String, String> properties = PropertyCatalogue.check(PropertyLevel.RESOURCE, wish.properties());
        if (!definition.replicated() && wish.diskless()) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot have " + definition.name() + " without a disk on " + node.name(),
                    "it is not replicated, so its bytes are on one node only",
                    "create it with the layers DRBD and STORAGE");
        }
        if (!wish.diskless()) {
            StoragePool pool = pool(edit.state(), definition, node, wish.pool(), properties);
            // Kept with the resource, so that volumes created later go to the same pool.
            properties = Ordered.with(properties, POOL_PROPERTY, pool.name().value());
        }
        if (tieBreaker.isPresent() && wish.diskless()) {
            return tieBreaker.get().withProperties(properties).withTieBreaker(false);
        }
        SortedMap<String, String> own = properties;
        Resource bare = tieBreaker
                .map(present -> present.withDisk(own))
                .orElseGet(() -> new Resource(
                        node.name(),
                        UUID.randomUUID(),
                        nodeId(definition, wish),
                        port(edit, node, wish),
                        wish.diskless(),
                        false,
                        Ordered.map(null),
                        own,
                        false,
                        clock.instant()));
        Resource made = bare;
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            if (!volume.deleting()) {
                made = made.withVolume(volume(edit.state(), definition, bare, volume));
            }
        }
        requireSpace(edit.state(), definition, node, made);
        return made;
    }

    /** A tie-breaker that becomes more keeps its node id and port: its peers know it by them. */
    private static void requireSameNumbers(ResourceDefinition definition, Resource present, ResourceCreation wish) {
        boolean others = wish.nodeId().orElse(present.nodeId()) != present.nodeId()
                || wish.port().orElse(present.port()) != present.port();
        if (others) {
            throw new HeddleException(
                    ErrorCode.NUMBER_TAKEN,
                    "cannot give other numbers to " + definition.name() + " on " + present.node(),
                    "it is the tie-breaker there, with node id " + present.nodeId() + " and port " + present.port(),
                    "leave them out, or delete it first");
        }
    }

    private static void requireStaying(ResourceDefinition definition, Node node) {
        if (node.deleting()) {
            throw new HeddleException(
                    ErrorCode.BEING_DELETED,
                    "cannot place " + definition.name() + " on " + node.name(),
                    "the node is being deleted",
                    "choose another node");
        }
        if (node.evacuation().isPresent()) {
            throw NodeEvacuation.refusal(node, definition.name());
        }
    }

    private static Node requireFit(StateEdit edit, ResourceDefinition definition, NodeName name) {
        Node node = edit.requireNode(name);
        requireStaying(definition, node);
        if (!node.hasSatellite()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot place " + definition.name() + " on " + node.name(),
                    "a node of type " + node.type().name().toLowerCase(Locale.ROOT) + " runs no satellite",
                    "choose a node of type satellite or combined");
        }
        Resource present = definition.resources().get(name);
        if (present != null && (present.deleting() || !present.tieBreaker())) {
            throw present.deleting()
                    ? new HeddleException(
                            ErrorCode.BEING_DELETED,
                            "cannot create " + definition.name() + " on " + node.name(),
                            "the resource that was deleted there is not gone yet, and a deletion is never cancelled",
                            "try again when it is gone; 'resource list' shows what it waits for")
                    : new HeddleException(
                            ErrorCode.RESOURCE_EXISTS,
                            "cannot create " + definition.name() + " on " + node.name(),
                            "it is there already",
                            "nothing needs to be done");
        }
        if (!definition.replicated() && !definition.resources().isEmpty()) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot create " + definition.name() + " on a second node",
                    "it has no DRBD layer, so nothing would keep the two equal",
                    "create it with the layers DRBD and STORAGE");
        }
        return node;
    }

    /** The pool that is named nearest: in the wish, on the resource, its definition or group, the node, the controller; or the only one. */
    private static StoragePool pool(
            ClusterState state,
            ResourceDefinition definition,
            Node node,
            Optional<PoolName> wished,
            SortedMap<String, String> properties) {
        Optional<PoolName> named = wished.or(() -> Optional.ofNullable(properties.get(POOL_PROPERTY))
                .or(() -> Inherited.of(state, definition, node, POOL_PROPERTY))
                .map(PoolName::new));
        if (named.isPresent()) {
            return requirePool(node, named.get());
        }
        if (node.storagePools().size() == 1) {
            return node.storagePools().values().iterator().next();
        }
        throw new HeddleException(
                node.storagePools().isEmpty() ? ErrorCode.STORAGE_POOL_NOT_FOUND : ErrorCode.INVALID_INPUT,
                "cannot place " + definition.name() + " on " + node.name(),
                node.storagePools().isEmpty()
                        ? "the node has no storage pool"
                        : "the node has the pools "
                                + node.storagePools().keySet().stream()
                                        .map(PoolName::value)
                                        .collect(Collectors.joining(", "))
                                + " and none was named",
                node.storagePools().isEmpty() ? "create one: 'storage-pool create'" : "name one of them");
    }

    static StoragePool requirePool(Node node, PoolName name) {
        StoragePool pool = node.storagePools().get(name);
        if (pool == null) {
            throw NotFound.storagePool(node.name(), name);
        }
        return pool;
    }

    private static int nodeId(ResourceDefinition definition, ResourceCreation wish) {
        if (wish.nodeId().isEmpty()) {
            return StateEdit.freeNodeId(definition);
        }
        int wanted = Numbers.check("node id", wish.nodeId().getAsInt(), 0, Numbers.MAXIMUM_NODE_ID);
        boolean used = definition.retiredNodeIds().contains(wanted)
                || definition.resources().values().stream().anyMatch(resource -> resource.nodeId() == wanted);
        if (used) {
            throw new HeddleException(
                    ErrorCode.NUMBER_TAKEN,
                    "cannot give node id " + wanted + " to " + definition.name() + " on " + wish.node(),
                    "it is used by another node, or not yet forgotten by every peer",
                    "leave it out: the lowest free one is taken");
        }
        return wanted;
    }

    private static int port(StateEdit edit, Node node, ResourceCreation wish) {
        if (wish.port().isEmpty()) {
            return edit.allocatePort(node.name());
        }
        int wanted = Numbers.checkPort(wish.port().getAsInt());
        if (edit.state().portInUse(node.name(), wanted)) {
            throw new HeddleException(
                    ErrorCode.NUMBER_TAKEN,
                    "cannot give port " + wanted + " to a resource on " + node.name(),
                    "another resource there has it",
                    "leave it out: the next free one is taken");
        }
        return wanted;
    }

    /** The volume of a definition on a node: in the pool of the resource, or without bytes of its own. */
    Volume volume(ClusterState state, ResourceDefinition definition, Resource resource, VolumeDefinition volume) {
        if (resource.diskless() || resource.detaching()) {
            return new Volume(volume.number(), UUID.randomUUID(), Optional.empty());
        }
        String pool = volume.properties().get(POOL_PROPERTY);
        PoolName name = pool != null ? new PoolName(pool) : poolOf(resource);
        Node node = state.node(resource.node()).orElseThrow(() -> NotFound.node(resource.node()));
        requirePool(node, name);
        return new Volume(
                volume.number(),
                UUID.randomUUID(),
                Optional.of(new Backing(
                        name, backingName(state, definition, resource.node(), volume), slots(state, definition))));
    }

    private static PoolName poolOf(Resource resource) {
        String named = resource.properties().get(POOL_PROPERTY);
        if (named != null) {
            return new PoolName(named);
        }
        return resource.volumes().values().stream()
                .flatMap(volume -> volume.backing().stream())
                .map(Backing::pool)
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "cannot add a volume on " + resource.node(),
                        "no storage pool is named for it",
                        "set " + POOL_PROPERTY + " on the resource or the volume definition"));
    }

    /** Another name than that of a deleted incarnation, while that may still be there. */
    private static String backingName(
            ClusterState state, ResourceDefinition definition, NodeName node, VolumeDefinition volume) {
        Set<String> used = state.tombstones(definition.name()).stream()
                .flatMap(tombstone -> Optional.ofNullable(tombstone.resources().get(node)).stream())
                .flatMap(resource -> resource.volumes().values().stream())
                .flatMap(old -> old.backing().stream())
                .map(Backing::name)
                .collect(Collectors.toCollection(TreeSet::new));
        String plain = plainBackingName(definition, volume);
        String name = plain;
        for (int next = 2; used.contains(name); next++) {
            name = plain + "_" + next;
        }
        return name;
    }

    /**
     * The resource's name with the volume's number, wherever it lies, so that people find it; where LVM keeps such names to
     * itself (lvm(8), VALID NAMES), the definition's identity in its place, so that any name of a resource can be had.
     */
    private static String plainBackingName(ResourceDefinition definition, VolumeDefinition volume) {
        String named = String.format(Locale.ROOT, "%s_%05d", definition.name(), volume.number());
        return RESERVED_BY_LVM.matcher(named).find()
                ? String.format(Locale.ROOT, "heddle_%s_%05d", definition.uuid(), volume.number())
                : named;
    }

    private void requireSpace(ClusterState state, ResourceDefinition definition, Node node, Resource resource) {
        TreeMap<PoolName, List<Bytes>> sizes = new TreeMap<>();
        resource.volumes()
                .forEach((number, volume) -> volume.backing()
                        .ifPresent(backing -> sizes.computeIfAbsent(backing.pool(), pool -> new ArrayList<>())
                                .add(definition.volumeDefinitions().get(number).size())));
        sizes.forEach((pool, volumes) -> surroundings.requireSpace(
                state, node, requirePool(node, pool), definition, volumes, slots(state, definition)));
    }

    static int slots(ClusterState state, ResourceDefinition definition) {
        return Inherited.of(state, definition, PEER_SLOTS)
                .map(Integer::parseInt)
                .orElse(Numbers.DEFAULT_MAXIMUM_PEERS);
    }

    private static void requireSomeDisk(ResourceDefinition definition) {
        boolean some = definition.resources().values().stream().anyMatch(Resource::keepsDisk);
        if (!some) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot have " + definition.name() + " without a disk only",
                    "there is no replica with a disk that it could read from",
                    "place a replica with a disk first");
        }
    }

    /** Metadata has a bitmap slot for each peer with a disk, and its size cannot change. */
    private static void requireSlots(ClusterState state, ResourceDefinition definition) {
        long diskful = definition.resources().values().stream()
                .filter(resource -> !resource.diskless())
                .count();
        int slots = definition.resources().values().stream()
                .flatMap(resource -> resource.volumes().values().stream())
                .flatMap(volume -> volume.backing().stream())
                .mapToInt(Backing::maximumPeers)
                .min()
                .orElse(slots(state, definition));
        if (diskful > slots + 1L) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot have " + diskful + " replicas of " + definition.name(),
                    "its DRBD metadata has room for " + slots + " peers",
                    "delete a replica first, or create the resource anew with a larger " + PEER_SLOTS);
        }
    }

    /** The definition with a volume added, and with it on every resource; checked. */
    ResourceDefinition addVolume(StateEdit edit, ResourceDefinition definition, VolumeDefinition volume) {
        ResourceDefinition grown = definition.withVolumeDefinition(volume);
        for (Resource resource : definition.resources().values()) {
            if (!resource.deleting()) {
                Volume made = volume(edit.state(), definition, resource, volume);
                requireSpace(edit.state(), definition, resource.node(), made, volume.size());
                grown = grown.withResource(resource.withVolume(made));
            }
        }
        Optional<FirstGeneration> first = generations.ofNewVolume(edit.state(), grown, volume);
        return grown.withVolumeDefinition(volume.withFirstGeneration(first));
    }

    /** Refuses what the pool of a volume has no room for. */
    void requireSpace(ClusterState state, ResourceDefinition definition, NodeName name, Volume volume, Bytes more) {
        Node node = state.node(name).orElseThrow(() -> NotFound.node(name));
        volume.backing()
                .ifPresent(backing -> surroundings.requireSpace(
                        state,
                        node,
                        requirePool(node, backing.pool()),
                        definition,
                        List.of(more),
                        backing.maximumPeers()));
    }

    Surroundings surroundings() {
        return surroundings;
    }
}
