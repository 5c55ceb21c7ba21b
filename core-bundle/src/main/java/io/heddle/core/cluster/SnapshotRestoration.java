package io.heddle.core.cluster;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotName;
import java.util.List;
import java.util.SortedMap;

/**
 * A snapshot to restore into another resource definition.
 *
 * @param resource of which resource
 * @param snapshot its name
 * @param target the other definition
 * @param create whether that one is made; if not, it is there, and has no resources yet
 * @param nodes nodes to restore it on; all that have a part of it if none is named
 * @param pools storage pools that are to be used instead of those that the parts are in
 */
public record SnapshotRestoration(
        ResourceName resource,
        SnapshotName snapshot,
        ResourceName target,
        boolean create,
        List<NodeName> nodes,
        SortedMap<PoolName, PoolName> pools) {
    public SnapshotRestoration {
        nodes = List.copyOf(nodes);
        pools = Ordered.map(pools);
    }
}
