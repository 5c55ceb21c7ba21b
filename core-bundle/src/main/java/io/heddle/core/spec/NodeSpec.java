package io.heddle.core.spec;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What one node is to look like: all that its satellite needs to act alone.
 *
 * @param clusterId the cluster it belongs to
 * @param node its name
 * @param version how new this wish is
 * @param pools storage pools by name
 * @param resources resources, tombstones included, by their identity on this node
 */
public record NodeSpec(
        UUID clusterId,
        NodeName node,
        SpecVersion version,
        SortedMap<PoolName, PoolSpec> pools,
        SortedMap<UUID, ResourceSpec> resources) {
    public NodeSpec {
        pools = Ordered.map(pools);
        resources = Ordered.map(resources);
    }

    /** This spec with a delta put over it. The caller has checked that its base is this spec's revision. */
    public NodeSpec apply(SpecDelta delta) {
        TreeMap<UUID, ResourceSpec> changed = new TreeMap<>();
        delta.changed().forEach(resource -> changed.put(resource.uuid(), resource));
        return new NodeSpec(
                clusterId,
                node,
                delta.version(),
                delta.pools().orElse(pools),
                Ordered.changed(resources, delta.forgotten(), changed));
    }
}
