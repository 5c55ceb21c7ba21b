package io.heddle.core.spec;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What one node is to look like: all that its satellite needs to act alone.
 *
 * @param clusterId the cluster it belongs to
 * @param node its name
 * @param version how new this wish is
 * @param pools storage pools by name
 * @param resources resources, tombstones included, by their identity on this node
 * @param unsaid identities of resource definitions about which nothing can be said now, since the controller cannot read all
 *     that it would have to know: what the node has of them stays wanted as it was said last, and is only served
 */
public record NodeSpec(
        UUID clusterId,
        NodeName node,
        SpecVersion version,
        SortedMap<PoolName, PoolSpec> pools,
        SortedMap<UUID, ResourceSpec> resources,
        SortedSet<UUID> unsaid) {
    public NodeSpec {
        pools = Ordered.map(pools);
        resources = Ordered.map(resources);
        unsaid = Ordered.set(unsaid);
    }

    /** This spec with what an earlier one said of the definitions about which this one says nothing. */
    public NodeSpec keeping(NodeSpec earlier) {
        TreeMap<UUID, ResourceSpec> kept = new TreeMap<>();
        earlier.resources().values().stream()
                .filter(resource -> unsaid.contains(resource.definition()))
                .forEach(resource -> kept.put(resource.uuid(), resource));
        kept.putAll(resources);
        return new NodeSpec(clusterId, node, version, pools, kept, unsaid);
    }

    /** This spec with a delta put over it. The caller has checked that its base is this spec's revision. */
    public NodeSpec apply(SpecDelta delta) {
        TreeMap<UUID, ResourceSpec> changed = new TreeMap<>();
        TreeSet<UUID> stillUnsaid = new TreeSet<>(unsaid);
        delta.changed().forEach(resource -> {
            changed.put(resource.uuid(), resource);
            stillUnsaid.remove(resource.definition());
        });
        return new NodeSpec(
                clusterId,
                node,
                delta.version(),
                delta.pools().orElse(pools),
                Ordered.changed(resources, delta.forgotten(), changed),
                stillUnsaid);
    }
}
