package io.heddle.controller;

import io.heddle.controller.link.SatelliteLinks;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.RowKey;
import io.heddle.core.option.OptionSection;
import io.heddle.core.plan.ConnectionPaths;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/**
 * Sends each node what a publication changed for it, and nothing to the others. Publications come in order, on one thread;
 * whole specs are asked for on any.
 */
final class SpecSender {
    /** Properties that show in specs; a change of any other reaches no satellite. */
    private static final List<String> SHOWN = List.of(
            OptionSection.NAMESPACE,
            SpecBuilder.PREFERRED_INTERFACE,
            SpecBuilder.DRIVER_NAMESPACE,
            ConnectionPaths.NAMESPACE,
            SpecBuilder.SYNC_NAMESPACE);

    private final ClusterWriter writer;
    private final SatelliteLinks links;
    private final LongFunction<SpecVersion> version;
    private final Set<UUID> unreadable;
    /** Revision of what was last given to the link of a node; the base of the next delta. */
    private final Map<NodeName, Long> given = new ConcurrentHashMap<>();

    /** @param unreadable definitions that the store has and that could not be read */
    SpecSender(ClusterWriter writer, SatelliteLinks links, LongFunction<SpecVersion> version, Set<UUID> unreadable) {
        this.writer = writer;
        this.links = links;
        this.version = version;
        this.unreadable = Set.copyOf(unreadable);
    }

    /** The whole spec of a node now. A delta that overtakes it does not fit its base, and the satellite asks again. */
    NodeSpec whole(NodeName node) {
        ClusterState state = writer.state();
        given.merge(node, state.revision(), Math::max);
        return SpecBuilder.node(state, node, version.apply(state.revision()), unreadable);
    }

    void forget(NodeName node) {
        given.remove(node);
    }

    /** Whether a change of properties shows in specs. */
    static boolean shows(SortedMap<String, String> before, SortedMap<String, String> after) {
        return SHOWN.stream().anyMatch(prefix -> !named(before, prefix).equals(named(after, prefix)));
    }

    private static SortedMap<String, String> named(SortedMap<String, String> properties, String prefix) {
        return properties.subMap(prefix, prefix + Character.MAX_VALUE);
    }

    /** The definitions of which specs change with some rows. */
    static Set<UUID> touched(ClusterState before, ClusterState after, Collection<RowKey> rows) {
        Touched touched = new Touched(before, after);
        rows.forEach(touched::row);
        TreeSet<UUID> definitions = new TreeSet<>();
        touched.nodes.values().forEach(part -> definitions.addAll(part.definitions));
        return definitions;
    }

    /** Sends what a publication changed. */
    void send(ClusterWriter.Publication publication) {
        Touched touched = new Touched(publication.before(), publication.after());
        publication.rows().keySet().forEach(touched::row);
        touched.nodes.forEach((node, part) -> send(publication, node, part));
    }

    private void send(ClusterWriter.Publication publication, NodeName node, Part part) {
        ClusterState after = publication.after();
        Optional<Node> present = after.node(node).filter(Node::hasSatellite);
        long base = given.getOrDefault(node, 0L);
        if (present.isEmpty() || base >= after.revision()) {
            return;
        }
        List<ResourceSpec> changed = new ArrayList<>();
        TreeSet<UUID> forgotten = new TreeSet<>();
        for (UUID uuid : part.definitions) {
            after.resourceDefinition(uuid)
                    .flatMap(definition -> SpecBuilder.resource(after, definition, node))
                    .ifPresent(changed::add);
            Optional<UUID> was = incarnation(publication.before(), uuid, node);
            if (was.isPresent() && !was.equals(incarnation(after, uuid, node))) {
                forgotten.add(was.get());
            }
        }
        Optional<SortedMap<PoolName, PoolSpec>> pools =
                part.pools ? Optional.of(SpecBuilder.pools(after, present.get())) : Optional.empty();
        given.put(node, after.revision());
        links.send(node, new SpecDelta(base, version.apply(after.revision()), pools, changed, forgotten));
    }

    private static Optional<UUID> incarnation(ClusterState state, UUID definition, NodeName node) {
        return state.resourceDefinition(definition)
                .map(known -> known.resources().get(node))
                .map(Resource::uuid);
    }

    /** What a publication changed for one node. */
    private static final class Part {
        private final Set<UUID> definitions = new LinkedHashSet<>();
        private boolean pools;
    }

    /** Finds the nodes whose specs a publication touches. */
    private static final class Touched {
        private final ClusterState before;
        private final ClusterState after;
        private final Map<NodeName, Part> nodes = new TreeMap<>();

        Touched(ClusterState before, ClusterState after) {
            this.before = before;
            this.after = after;
        }

        void row(RowKey row) {
            switch (row.kind()) {
                case CLUSTER -> cluster(before.settings(), after.settings());
                case NODE -> node(new NodeName(row.key()));
                case RESOURCE_GROUP -> group(new ResourceGroupName(row.key()));
                case RESOURCE_DEFINITION -> definition(UUID.fromString(row.key()));
            }
        }

        private Part part(NodeName node) {
            return nodes.computeIfAbsent(node, name -> new Part());
        }

        private void cluster(ClusterSettings was, ClusterSettings is) {
            if (shows(was.properties(), is.properties())) {
                for (NodeName node : after.nodes().keySet()) {
                    part(node).pools = true;
                    part(node).definitions.addAll(after.definitionsOn(node));
                }
            }
            TreeSet<NodePair> pairs = new TreeSet<>(was.nodeConnections().keySet());
            pairs.addAll(is.nodeConnections().keySet());
            for (NodePair nodes : pairs) {
                if (shows(was.nodeConnection(nodes), is.nodeConnection(nodes))) {
                    between(nodes);
                }
            }
        }

        /** Even with no resource on both they are told: somebody may wait until they know. */
        private void between(NodePair nodes) {
            Set<UUID> shared = new LinkedHashSet<>(after.definitionsOn(nodes.first()));
            shared.retainAll(after.definitionsOn(nodes.second()));
            for (NodeName node : List.of(nodes.first(), nodes.second())) {
                part(node).pools = true;
                part(node).definitions.addAll(shared);
            }
        }

        private void group(ResourceGroupName name) {
            ResourceGroup was = before.resourceGroups().get(name);
            ResourceGroup is = after.resourceGroups().get(name);
            if (was != null && is != null && shows(was.properties(), is.properties())) {
                // A template that changes for all concerns all that follow it.
                after.resourceDefinitions().values().stream()
                        .filter(definition -> definition.group().equals(name))
                        .map(ResourceDefinition::uuid)
                        .forEach(this::definition);
            }
        }

        private void node(NodeName name) {
            Optional<Node> was = before.node(name);
            Optional<Node> is = after.node(name);
            if (was.isEmpty() && is.isPresent()) {
                // a node whose row could not be read is there again: of its resources can be spoken again
                after.definitionsOn(name).forEach(this::definition);
            }
            if (was.isEmpty() || is.isEmpty()) {
                return;
            }
            if (!was.get().storagePools().equals(is.get().storagePools())
                    || shows(was.get().properties(), is.get().properties())) {
                part(name).pools = true;
            }
            if (!pathsOf(was.get()).equals(pathsOf(is.get()))) {
                // Even with no resource on it the node is told: somebody may wait until it knows.
                part(name).pools = true;
                after.definitionsOn(name).forEach(this::definition);
            }
        }

        /** All of a node that decides over which address its resources replicate. */
        private static List<Object> pathsOf(Node node) {
            TreeMap<PoolName, String> preferred = new TreeMap<>();
            node.storagePools()
                    .forEach((name, pool) -> preferred.put(
                            name, Objects.toString(pool.properties().get(SpecBuilder.PREFERRED_INTERFACE), "")));
            preferred.values().removeIf(String::isEmpty);
            return List.of(
                    node.netInterfaces(),
                    node.activeInterface(),
                    Objects.toString(node.properties().get(SpecBuilder.PREFERRED_INTERFACE), ""),
                    preferred);
        }

        private void definition(UUID uuid) {
            before.resourceDefinition(uuid).ifPresent(this::nodesOf);
            after.resourceDefinition(uuid).ifPresent(this::nodesOf);
        }

        private void nodesOf(ResourceDefinition definition) {
            definition
                    .resources()
                    .keySet()
                    .forEach(node -> part(node).definitions.add(definition.uuid()));
        }
    }
}
