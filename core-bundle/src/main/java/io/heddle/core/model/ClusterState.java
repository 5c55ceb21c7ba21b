package io.heddle.core.model;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.HashTreePSet;
import org.pcollections.PMap;
import org.pcollections.PSet;
import org.pcollections.TreePMap;

/**
 * The desired cluster: an immutable tree over persistent maps. Readers take one reference and never lock; a change makes a
 * new state that shares all it did not touch, so its cost does not grow with what is there. Change it with a
 * {@link StateEdit}. It holds no measured fact.
 */
public final class ClusterState {
    private final long revision;
    private final ClusterSettings settings;
    private final TreePMap<NodeName, Node> nodes;
    private final TreePMap<ResourceGroupName, ResourceGroup> groups;
    private final Definitions definitions;

    private ClusterState(
            long revision,
            ClusterSettings settings,
            TreePMap<NodeName, Node> nodes,
            TreePMap<ResourceGroupName, ResourceGroup> groups,
            Definitions definitions) {
        this.revision = revision;
        this.settings = settings;
        this.nodes = nodes;
        this.groups = groups;
        this.definitions = definitions;
    }

    /** A cluster with nothing in it. */
    public static ClusterState empty(ClusterSettings settings) {
        return new ClusterState(0, settings, TreePMap.empty(), TreePMap.empty(), Definitions.NONE);
    }

    /** Counts the commits; each published state has a higher one than the state before. */
    public long revision() {
        return revision;
    }

    public ClusterSettings settings() {
        return settings;
    }

    /** Nodes in the order of their names; read-only. */
    public Map<NodeName, Node> nodes() {
        return nodes;
    }

    public Optional<Node> node(NodeName name) {
        return Optional.ofNullable(nodes.get(name));
    }

    /** Resource groups in the order of their names; read-only. */
    public Map<ResourceGroupName, ResourceGroup> resourceGroups() {
        return groups;
    }

    public Optional<ResourceGroup> resourceGroup(ResourceGroupName name) {
        return Optional.ofNullable(groups.get(name));
    }

    /** Definitions that are wanted, in the order of their names; read-only. */
    public Map<ResourceName, ResourceDefinition> resourceDefinitions() {
        return definitions.byName;
    }

    public Optional<ResourceDefinition> resourceDefinition(ResourceName name) {
        return Optional.ofNullable(definitions.byName.get(name));
    }

    /** The definition of that identity, wanted or a tombstone. */
    public Optional<ResourceDefinition> resourceDefinition(UUID uuid) {
        return Optional.ofNullable(definitions.byUuid.get(uuid));
    }

    /** Definitions that were deleted and whose resources are not all confirmed gone; read-only. */
    public Collection<ResourceDefinition> tombstones() {
        return definitions.tombstones.values();
    }

    /** The tombstones of one name; read-only. */
    public List<ResourceDefinition> tombstones(ResourceName name) {
        return of(definitions.tombstonesByName, name).stream()
                .map(definitions.byUuid::get)
                .toList();
    }

    /** Identities of the definitions, tombstones included, that have a resource on {@code node}; read-only. */
    public Set<UUID> definitionsOn(NodeName node) {
        return of(definitions.byNode, node);
    }

    /**
     * Identities of the definitions, tombstones included, whose resource on {@code node} goes when another has taken its place
     * ({@link Resource#replacement}); read-only.
     */
    public Set<UUID> definitionsLeaving(NodeName node) {
        return of(definitions.leaving, node);
    }

    private static <K, E> Set<E> of(PMap<K, PSet<E>> index, K key) {
        PSet<E> found = index.get(key);
        return found == null ? Set.of() : found;
    }

    /** Whether a volume definition, tombstones included, has that minor. */
    public boolean minorInUse(int minor) {
        return definitions.minors.contains(minor);
    }

    /** Whether a resource on {@code node}, tombstones included, has that TCP port. */
    public boolean portInUse(NodeName node, int port) {
        return of(definitions.ports, node).contains(port);
    }

    /** Minors that devices are given, as the controller's properties say. */
    public NumberRange minorRange() {
        return range(NumberRange.MINORS, NumberRange.DEFAULT_MINORS);
    }

    /** TCP ports that resources are given on each node, as the controller's properties say. */
    public NumberRange portRange() {
        return range(NumberRange.PORTS, NumberRange.DEFAULT_PORTS);
    }

    private NumberRange range(String property, NumberRange otherwise) {
        String set = settings.properties().get(property);
        return set == null ? otherwise : NumberRange.parse(set);
    }

    /** How many resources there are on {@code node}, tombstones included. */
    public int resourcesOn(NodeName node) {
        return of(definitions.ports, node).size();
    }

    /** Whether a resource on {@code node} could be given a TCP port. */
    public boolean hasFreePort(NodeName node) {
        NumberRange range = portRange();
        // The second look is at every number of the range, and needed on a node only that has nearly all in use.
        return resourcesOn(node) < range.size()
                || IntStream.rangeClosed(range.first(), range.last()).anyMatch(port -> !portInUse(node, port));
    }

    ClusterState withRevision(long changed) {
        return new ClusterState(changed, settings, nodes, groups, definitions);
    }

    ClusterState withSettings(ClusterSettings changed) {
        return new ClusterState(revision, changed, nodes, groups, definitions);
    }

    ClusterState with(Node node) {
        return withNodes(nodes.plus(node.name(), node));
    }

    ClusterState without(NodeName node) {
        return withNodes(nodes.minus(node));
    }

    private ClusterState withNodes(TreePMap<NodeName, Node> changed) {
        return new ClusterState(revision, settings, changed, groups, definitions);
    }

    ClusterState with(ResourceGroup group) {
        return withGroups(groups.plus(group.name(), group));
    }

    ClusterState without(ResourceGroupName group) {
        return withGroups(groups.minus(group));
    }

    private ClusterState withGroups(TreePMap<ResourceGroupName, ResourceGroup> changed) {
        return new ClusterState(revision, settings, nodes, changed, definitions);
    }

    /** Puts a definition in place of the one of its identity, and removes it if {@code after} is null. */
    ClusterState replace(@Nullable ResourceDefinition before, @Nullable ResourceDefinition after) {
        Definitions changed = definitions;
        if (before != null) {
            changed = changed.without(before);
        }
        if (after != null) {
            changed = changed.with(after);
        }
        return new ClusterState(revision, settings, nodes, groups, changed);
    }

    /** The definitions, and what is looked up in them. */
    private record Definitions(
            TreePMap<ResourceName, ResourceDefinition> byName,
            PMap<UUID, ResourceDefinition> byUuid,
            PMap<UUID, ResourceDefinition> tombstones,
            PMap<ResourceName, PSet<UUID>> tombstonesByName,
            PMap<NodeName, PSet<UUID>> byNode,
            PMap<NodeName, PSet<UUID>> leaving,
            PSet<Integer> minors,
            PMap<NodeName, PSet<Integer>> ports) {
        static final Definitions NONE = new Definitions(
                TreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                HashTreePSet.empty(),
                HashTreePMap.empty());

        Definitions without(ResourceDefinition gone) {
            PSet<Integer> newMinors = minors;
            for (VolumeDefinition volume : gone.volumeDefinitions().values()) {
                if (!isOfAnotherIncarnation(volume.minor(), gone)) {
                    newMinors = newMinors.minus(volume.minor());
                }
            }
            PMap<NodeName, PSet<UUID>> newByNode = byNode;
            PMap<NodeName, PSet<UUID>> newLeaving = leaving;
            PMap<NodeName, PSet<Integer>> newPorts = ports;
            for (Resource resource : gone.resources().values()) {
                newByNode = shrink(newByNode, resource.node(), gone.uuid());
                newLeaving = shrink(newLeaving, resource.node(), gone.uuid());
                newPorts = shrink(newPorts, resource.node(), resource.port());
            }
            return new Definitions(
                    gone.deleting() ? byName : byName.minus(gone.name()),
                    byUuid.minus(gone.uuid()),
                    gone.deleting() ? tombstones.minus(gone.uuid()) : tombstones,
                    gone.deleting() ? shrink(tombstonesByName, gone.name(), gone.uuid()) : tombstonesByName,
                    newByNode,
                    newLeaving,
                    newMinors,
                    newPorts);
        }

        /** The incarnation that takes the place of one that goes has its minors. */
        private boolean isOfAnotherIncarnation(int minor, ResourceDefinition definition) {
            return Stream.concat(
                            Stream.ofNullable(byName.get(definition.name())),
                            of(tombstonesByName, definition.name()).stream().map(tombstones::get))
                    .filter(other -> !other.uuid().equals(definition.uuid()))
                    .flatMap(other -> other.volumeDefinitions().values().stream())
                    .anyMatch(volume -> volume.minor() == minor);
        }

        Definitions with(ResourceDefinition added) {
            PSet<Integer> newMinors = minors;
            for (VolumeDefinition volume : added.volumeDefinitions().values()) {
                newMinors = newMinors.plus(volume.minor());
            }
            PMap<NodeName, PSet<UUID>> newByNode = byNode;
            PMap<NodeName, PSet<UUID>> newLeaving = leaving;
            PMap<NodeName, PSet<Integer>> newPorts = ports;
            for (Resource resource : added.resources().values()) {
                newByNode = grow(newByNode, resource.node(), added.uuid());
                newPorts = grow(newPorts, resource.node(), resource.port());
                if (resource.replacement().isPresent()) {
                    newLeaving = grow(newLeaving, resource.node(), added.uuid());
                }
            }
            return new Definitions(
                    added.deleting() ? byName : byName.plus(added.name(), added),
                    byUuid.plus(added.uuid(), added),
                    added.deleting() ? tombstones.plus(added.uuid(), added) : tombstones,
                    added.deleting() ? grow(tombstonesByName, added.name(), added.uuid()) : tombstonesByName,
                    newByNode,
                    newLeaving,
                    newMinors,
                    newPorts);
        }

        private static <K, E> PMap<K, PSet<E>> grow(PMap<K, PSet<E>> index, K key, E element) {
            PSet<E> present = index.get(key);
            return index.plus(key, (present == null ? HashTreePSet.<E>empty() : present).plus(element));
        }

        private static <K, E> PMap<K, PSet<E>> shrink(PMap<K, PSet<E>> index, K key, E element) {
            PSet<E> present = index.get(key);
            if (present == null) {
                return index;
            }
            PSet<E> rest = present.minus(element);
            return rest.isEmpty() ? index.minus(key) : index.plus(key, rest);
        }
    }
}
