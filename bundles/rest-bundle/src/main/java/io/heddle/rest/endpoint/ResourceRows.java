package io.heddle.rest.endpoint;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.rest.json.JsonBytes;
import io.heddle.rest.json.ResourceDefinitionJson;
import io.heddle.rest.json.ResourceJson;
import io.heddle.rest.json.RowCache;
import io.heddle.rest.json.RowCache.Sources;
import io.heddle.rest.json.StoragePoolJson;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The rows of resources and resource definitions, each written once and kept until something in it changes. A filter that names
 * nodes or resources costs what it names, not what is there.
 */
public final class ResourceRows {
    /** Bytes of rows kept, per kind: about 15,000 resources, or twice as many definitions. */
    private static final long KEPT = 32L * 1024 * 1024;

    /** Rows of what is gone that are borne with before they are looked for. */
    private static final int SLACK = 1000;

    private final RowCache resources = new RowCache(KEPT);
    private final RowCache definitions = new RowCache(KEPT / 2);
    private final RowCache definitionsWithVolumes = new RowCache(KEPT / 2);

    /** Which resources are asked for; an empty set asks for all. */
    record Filter(Set<NodeName> nodes, Set<ResourceName> resources, Set<PoolName> pools, boolean nothing) {}

    /**
     * Rows of the resources that {@code filter} and {@code page} ask for, in the order of names.
     *
     * @param effective whether with the DRBD options that hold; such rows are written anew each time
     */
    List<byte[]> resources(ClusterView view, Filter filter, Page page, boolean effective) {
        if (filter.nothing()) {
            return List.of();
        }
        ClusterState state = view.state();
        Map<NodeName, Seen> nodes = new HashMap<>();
        List<ResourceJson> shown = new ArrayList<>();
        for (ResourceDefinition definition : candidates(state, filter)) {
            for (Resource resource : of(definition, filter.nodes())) {
                Seen node = nodes.computeIfAbsent(resource.node(), name -> Seen.of(view, state, name));
                if (inPools(resource, filter.pools()) && page.matches(resource.properties())) {
                    shown.add(node.resource(definition, resource));
                }
            }
        }
        List<byte[]> rows = new ArrayList<>(shown.size());
        for (ResourceJson resource : page.of(shown)) {
            rows.add(effective ? JsonBytes.of(resource.withEffectiveProperties(state)) : row(resource));
        }
        if (resources.count() > shown.size() + SLACK && isAll(filter, page)) {
            Set<UUID> live = new HashSet<>();
            shown.forEach(resource -> live.add(resource.resource().uuid()));
            resources.retain(live);
        }
        return rows;
    }

    /** One resource, wanted or on its way out. */
    Optional<ResourceJson> resource(ClusterView view, ResourceName name, NodeName node) {
        ClusterState state = view.state();
        return definition(state, name)
                .flatMap(
                        definition -> Optional.ofNullable(definition.resources().get(node))
                                .map(resource -> Seen.of(view, state, node).resource(definition, resource)));
    }

    /** Rows of the resource definitions that are asked for, in the order of names. */
    List<byte[]> definitions(ClusterView view, Set<ResourceName> names, boolean withVolumes, Page page) {
        ClusterState state = view.state();
        List<ResourceDefinition> shown = new ArrayList<>();
        for (ResourceDefinition definition : names.isEmpty() ? all(state) : named(state, names)) {
            if (page.matches(definition.properties())) {
                shown.add(definition);
            }
        }
        RowCache cache = withVolumes ? definitionsWithVolumes : definitions;
        List<byte[]> rows = new ArrayList<>(shown.size());
        for (ResourceDefinition definition : page.of(shown)) {
            rows.add(cache.row(
                    definition.uuid(),
                    new Sources(definition, null, null, null),
                    () -> JsonBytes.of(out -> ResourceDefinitionJson.write(out, definition, withVolumes))));
        }
        if (cache.count() > state.resourceDefinitions().size() + SLACK) {
            Set<UUID> live = new HashSet<>();
            all(state).forEach(definition -> live.add(definition.uuid()));
            cache.retain(live);
        }
        return rows;
    }

    /** The definition of a name: the wanted one, else one on its way out. */
    static Optional<ResourceDefinition> definition(ClusterState state, ResourceName name) {
        return state.resourceDefinition(name)
                .or(() -> state.tombstones(name).stream().findFirst());
    }

    private byte[] row(ResourceJson resource) {
        return resources.row(
                resource.resource().uuid(),
                new Sources(resource.definition(), resource.node(), resource.status(), resource.online()),
                () -> JsonBytes.of(resource));
    }

    private static boolean isAll(Filter filter, Page page) {
        return filter.nodes().isEmpty()
                && filter.resources().isEmpty()
                && filter.pools().isEmpty()
                && page.properties().isEmpty();
    }

    private static Collection<ResourceDefinition> candidates(ClusterState state, Filter filter) {
        if (!filter.resources().isEmpty()) {
            return named(state, filter.resources());
        }
        if (filter.nodes().isEmpty()) {
            return all(state);
        }
        Map<UUID, ResourceDefinition> found = new HashMap<>();
        for (NodeName node : filter.nodes()) {
            for (UUID uuid : state.definitionsOn(node)) {
                state.resourceDefinition(uuid)
                        .filter(definition -> visible(state, definition))
                        .ifPresent(definition -> found.put(uuid, definition));
            }
        }
        return sorted(found.values());
    }

    private static List<ResourceDefinition> named(ClusterState state, Set<ResourceName> names) {
        List<ResourceDefinition> found = new ArrayList<>();
        for (ResourceName name : names) {
            definition(state, name).ifPresent(found::add);
        }
        return sorted(found);
    }

    /** Everything wanted, and what is on its way out unless its name is in use again: names are unique in a list. */
    private static Collection<ResourceDefinition> all(ClusterState state) {
        if (state.tombstones().isEmpty()) {
            return state.resourceDefinitions().values();
        }
        List<ResourceDefinition> all =
                new ArrayList<>(state.resourceDefinitions().values());
        for (ResourceDefinition tombstone : state.tombstones()) {
            if (visible(state, tombstone)) {
                all.add(tombstone);
            }
        }
        return sorted(all);
    }

    private static boolean visible(ClusterState state, ResourceDefinition definition) {
        return definition(state, definition.name())
                .map(shown -> shown.uuid().equals(definition.uuid()))
                .orElse(false);
    }

    private static List<ResourceDefinition> sorted(Collection<ResourceDefinition> definitions) {
        return definitions.stream()
                .sorted(Comparator.comparing(ResourceDefinition::name))
                .toList();
    }

    private static Collection<Resource> of(ResourceDefinition definition, Set<NodeName> nodes) {
        if (nodes.isEmpty()) {
            return definition.resources().values();
        }
        return definition.resources().values().stream()
                .filter(resource -> nodes.contains(resource.node()))
                .toList();
    }

    private static boolean inPools(Resource resource, Set<PoolName> pools) {
        if (pools.isEmpty()) {
            return true;
        }
        return resource.volumes().values().stream()
                .anyMatch(volume -> pools.contains(
                        volume.backing().map(backing -> backing.pool()).orElse(StoragePoolJson.DISKLESS_POOL)));
    }

    /** What is known of a node, looked up once for all of its resources. */
    private record Seen(@Nullable Node node, @Nullable NodeStatus status, Boolean online) {
        static Seen of(ClusterView view, ClusterState state, NodeName name) {
            return new Seen(
                    state.node(name).orElse(null),
                    view.status(name).orElse(null),
                    view.link(name).state() == LinkStatus.State.ONLINE);
        }

        ResourceJson resource(ResourceDefinition definition, Resource resource) {
            ResourceStatus seen = status == null ? null : status.resources().get(resource.uuid());
            return new ResourceJson(definition, resource, node, seen, online);
        }
    }
}
