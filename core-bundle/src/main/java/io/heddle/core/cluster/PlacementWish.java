package io.heddle.core.cluster;

import io.heddle.core.model.DriverKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import java.util.List;

/**
 * What auto-placement is to reach.
 *
 * @param placeCount diskful replicas that there shall be; those already there count; 0: as the resource group says
 * @param additional whether {@code placeCount} counts new replicas instead
 * @param pools names of pools that may be used; empty: any
 * @param nodes nodes that may be used; empty: any
 * @param excludedNodes nodes that may not be used
 * @param kinds driver kinds that may be used; empty: any
 */
public record PlacementWish(
        int placeCount,
        boolean additional,
        List<PoolName> pools,
        List<NodeName> nodes,
        List<NodeName> excludedNodes,
        List<DriverKind> kinds) {
    /** All as the resource group says. */
    public static final PlacementWish OPEN = new PlacementWish(0, false, List.of(), List.of(), List.of(), List.of());

    public PlacementWish {
        pools = List.copyOf(pools);
        nodes = List.copyOf(nodes);
        excludedNodes = List.copyOf(excludedNodes);
        kinds = List.copyOf(kinds);
    }
}
