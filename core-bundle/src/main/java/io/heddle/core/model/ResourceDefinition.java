package io.heddle.core.model;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * A resource with its volume definitions and its resources on nodes: one aggregate, stored as one row, changed as a whole.
 *
 * @param name its name, and DRBD's resource name
 * @param uuid identity of this incarnation; a name created again gets another
 * @param group the resource group it follows
 * @param layers what its devices are made of: DRBD over STORAGE, or STORAGE alone
 * @param sharedSecret what its DRBD peers prove to each other; another for each incarnation
 * @param volumeDefinitions volume definitions by number
 * @param resources its resources by node
 * @param retiredNodeIds node ids that were used and that not every peer is known to have forgotten; not handed out
 * @param properties properties set on it
 * @param connections what is set for its connections between two nodes; none of them is empty
 * @param deleting whether it is to go with all of its resources; a tombstone that is never cancelled
 * @param createdAt when it was asked for
 * @param resolution the last word on a split brain of it; empty if none was given
 * @param snapshots its snapshots, those that are to go included
 * @param votes who has a vote; empty if all that are to have one do
 */
public record ResourceDefinition(
        ResourceName name,
        UUID uuid,
        ResourceGroupName group,
        List<Layer> layers,
        Secret sharedSecret,
        SortedMap<Integer, VolumeDefinition> volumeDefinitions,
        SortedMap<NodeName, Resource> resources,
        SortedSet<Integer> retiredNodeIds,
        SortedMap<String, String> properties,
        SortedMap<NodePair, ResourceConnection> connections,
        boolean deleting,
        Instant createdAt,
        Optional<SplitBrainResolution> resolution,
        SortedMap<SnapshotName, Snapshot> snapshots,
        Optional<GrantedVotes> votes) {
    public ResourceDefinition {
        layers = List.copyOf(layers);
        volumeDefinitions = Ordered.map(volumeDefinitions);
        resources = Ordered.map(resources);
        retiredNodeIds = Ordered.set(retiredNodeIds);
        properties = Ordered.map(properties);
        connections = Ordered.map(connections);
        snapshots = Ordered.map(snapshots);
    }

    /** One with nothing set for its connections. */
    public ResourceDefinition(
            ResourceName name,
            UUID uuid,
            ResourceGroupName group,
            List<Layer> layers,
            Secret sharedSecret,
            SortedMap<Integer, VolumeDefinition> volumeDefinitions,
            SortedMap<NodeName, Resource> resources,
            SortedSet<Integer> retiredNodeIds,
            SortedMap<String, String> properties,
            boolean deleting,
            Instant createdAt) {
        this(
                name,
                uuid,
                group,
                layers,
                sharedSecret,
                volumeDefinitions,
                resources,
                retiredNodeIds,
                properties,
                Ordered.map(null),
                deleting,
                createdAt,
                Optional.empty(),
                Ordered.map(null),
                Optional.empty());
    }

    /** Whether DRBD replicates it. */
    public boolean replicated() {
        return layers.contains(Layer.DRBD);
    }

    public ResourceDefinition withVolumeDefinition(VolumeDefinition added) {
        return withVolumeDefinitions(Ordered.with(volumeDefinitions, added.number(), added));
    }

    /** Leaves out a volume that is gone, and what was set for it between two nodes. */
    public ResourceDefinition withoutVolumeDefinition(int number) {
        TreeMap<NodePair, ResourceConnection> kept = new TreeMap<>();
        connections.forEach((nodes, connection) -> {
            ResourceConnection rest = connection.withPeerDevice(number, Ordered.map(null));
            if (!rest.isEmpty()) {
                kept.put(nodes, rest);
            }
        });
        return withVolumeDefinitions(Ordered.without(volumeDefinitions, number)).withConnections(kept);
    }

    private ResourceDefinition withVolumeDefinitions(SortedMap<Integer, VolumeDefinition> changed) {
        return changed(copy -> copy.volumeDefinitions = changed);
    }

    public ResourceDefinition withResource(Resource added) {
        return withResources(Ordered.with(resources, added.node(), added), retiredNodeIds);
    }

    /**
     * Leaves out a resource that is gone with what was set for its connections, and retires its node id until every peer has
     * forgotten it.
     */
    public ResourceDefinition withoutResource(NodeName node) {
        Resource gone = resources.get(node);
        if (gone == null) {
            return this;
        }
        SortedMap<NodeName, Resource> remaining = Ordered.without(resources, node);
        TreeSet<Integer> retired = new TreeSet<>(retiredNodeIds);
        if (!remaining.isEmpty()) {
            retired.add(gone.nodeId());
        } else {
            retired.clear();
        }
        TreeMap<NodePair, ResourceConnection> kept = new TreeMap<>(connections);
        kept.keySet().removeIf(nodes -> nodes.has(node));
        return withResources(remaining, retired).withConnections(kept);
    }

    /** Keeps node ids from being handed out until every peer has forgotten them; those of its resources need not be kept. */
    public ResourceDefinition withRetiredNodeIds(SortedSet<Integer> more) {
        TreeSet<Integer> retired = new TreeSet<>(retiredNodeIds);
        retired.addAll(more);
        resources.values().forEach(resource -> retired.remove(resource.nodeId()));
        return withResources(resources, retired);
    }

    /** Gives a node id free again: every peer has forgotten it. */
    public ResourceDefinition withoutRetiredNodeId(int nodeId) {
        TreeSet<Integer> retired = new TreeSet<>(retiredNodeIds);
        retired.remove(nodeId);
        return withResources(resources, retired);
    }

    private ResourceDefinition withResources(SortedMap<NodeName, Resource> changed, SortedSet<Integer> retired) {
        return changed(copy -> {
            copy.resources = withReplacementsThatStay(changed);
            copy.retiredNodeIds = retired;
        });
    }

    /** A replica goes for another one only as long as both are to have their disks: it is never taken up again later. */
    private static SortedMap<NodeName, Resource> withReplacementsThatStay(SortedMap<NodeName, Resource> changed) {
        TreeMap<NodeName, Resource> kept = new TreeMap<>(changed);
        kept.replaceAll((node, resource) -> resource.replacement().isEmpty() || isReplaced(resource, changed)
                ? resource
                : resource.withReplacement(Optional.empty()));
        return kept;
    }

    private static boolean isReplaced(Resource resource, SortedMap<NodeName, Resource> all) {
        Resource replacement = all.get(resource.replacement().orElseThrow());
        return resource.keepsDisk() && replacement != null && replacement.keepsDisk();
    }

    public ResourceDefinition withProperties(SortedMap<String, String> changed) {
        return changed(copy -> copy.properties = changed);
    }

    /** What is set for the connection between two of its nodes. */
    public ResourceConnection connection(NodePair nodes) {
        return connections.getOrDefault(nodes, ResourceConnection.NOTHING);
    }

    public ResourceDefinition withConnection(NodePair nodes, ResourceConnection changed) {
        return withConnections(
                changed.isEmpty() ? Ordered.without(connections, nodes) : Ordered.with(connections, nodes, changed));
    }

    private ResourceDefinition withConnections(SortedMap<NodePair, ResourceConnection> changed) {
        return changed(copy -> copy.connections = changed);
    }

    public ResourceDefinition withSharedSecret(Secret changed) {
        return changed(copy -> copy.sharedSecret = changed);
    }

    public ResourceDefinition markedDeleting() {
        return changed(copy -> copy.deleting = true);
    }

    public ResourceDefinition withResolution(Optional<SplitBrainResolution> given) {
        return changed(copy -> copy.resolution = given);
    }

    /** The snapshot that it is going back to; empty if it is not. */
    public Optional<Snapshot> goesBackTo() {
        return snapshots.values().stream()
                .filter(snapshot -> snapshot.rollback().isPresent())
                .findFirst();
    }

    /** A tombstone of it: its snapshots go on with the incarnation that takes its place. */
    public ResourceDefinition superseded() {
        return withSnapshots(Ordered.map(null)).markedDeleting();
    }

    /** Another incarnation of it, on no node yet, with all that was set for it and with its snapshots. */
    public ResourceDefinition successor(UUID identity, Secret secret, SortedMap<Integer, VolumeDefinition> volumes) {
        return new ResourceDefinition(
                name,
                identity,
                group,
                layers,
                secret,
                volumes,
                Ordered.map(null),
                Ordered.set(null),
                properties,
                connections,
                false,
                createdAt,
                Optional.empty(),
                snapshots,
                Optional.empty());
    }

    /** Puts a snapshot in place of the one of its name. */
    public ResourceDefinition withSnapshot(Snapshot snapshot) {
        return withSnapshots(Ordered.with(snapshots, snapshot.name(), snapshot));
    }

    /** Leaves out a snapshot of which nothing is left on any node. */
    public ResourceDefinition withoutSnapshot(SnapshotName snapshot) {
        return withSnapshots(Ordered.without(snapshots, snapshot));
    }

    private ResourceDefinition withSnapshots(SortedMap<SnapshotName, Snapshot> changed) {
        return changed(copy -> copy.snapshots = changed);
    }

    /** The same with other votes; empty: all that are to have one do. */
    public ResourceDefinition withVotes(Optional<GrantedVotes> given) {
        return changed(copy -> copy.votes = given);
    }

    private ResourceDefinition changed(Consumer<Copy> change) {
        Copy copy = new Copy(this);
        change.accept(copy);
        return copy.done();
    }

    /** What changes in the life of a definition; the rest is that of the one it is a copy of. */
    private static final class Copy {
        private final ResourceDefinition of;
        private Secret sharedSecret;
        private SortedMap<Integer, VolumeDefinition> volumeDefinitions;
        private SortedMap<NodeName, Resource> resources;
        private SortedSet<Integer> retiredNodeIds;
        private SortedMap<String, String> properties;
        private SortedMap<NodePair, ResourceConnection> connections;
        private boolean deleting;
        private Optional<SplitBrainResolution> resolution;
        private SortedMap<SnapshotName, Snapshot> snapshots;
        private Optional<GrantedVotes> votes;

        Copy(ResourceDefinition of) {
            this.of = of;
            sharedSecret = of.sharedSecret;
            volumeDefinitions = of.volumeDefinitions;
            resources = of.resources;
            retiredNodeIds = of.retiredNodeIds;
            properties = of.properties;
            connections = of.connections;
            deleting = of.deleting;
            resolution = of.resolution;
            snapshots = of.snapshots;
            votes = of.votes;
        }

        ResourceDefinition done() {
            return new ResourceDefinition(
                    of.name,
                    of.uuid,
                    of.group,
                    of.layers,
                    sharedSecret,
                    volumeDefinitions,
                    resources,
                    retiredNodeIds,
                    properties,
                    connections,
                    deleting,
                    of.createdAt,
                    resolution,
                    snapshots,
                    votes);
        }
    }
}
