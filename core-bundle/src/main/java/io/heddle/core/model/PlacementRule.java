package io.heddle.core.model;

import java.util.List;
import java.util.OptionalInt;

/**
 * Where the replicas of a group's definitions are placed, where nothing nearer is said.
 *
 * @param placeCount diskful replicas that there shall be; empty: {@link #DEFAULT_PLACE_COUNT}
 * @param pools names of pools that may be used; empty: any
 * @param nodes nodes that may be used; empty: any
 * @param kinds driver kinds that may be used; empty: any
 * @param layers what devices are made of; empty: DRBD over STORAGE
 */
public record PlacementRule(
        OptionalInt placeCount,
        List<PoolName> pools,
        List<NodeName> nodes,
        List<DriverKind> kinds,
        List<Layer> layers) {
    /** Replicas of what is placed where nobody says how many. */
    public static final int DEFAULT_PLACE_COUNT = 2;

    /** Nothing said. */
    public static final PlacementRule NOTHING =
            new PlacementRule(OptionalInt.empty(), List.of(), List.of(), List.of(), List.of());

    public PlacementRule {
        placeCount = placeCount == null ? OptionalInt.empty() : placeCount;
        pools = pools == null ? List.of() : List.copyOf(pools);
        nodes = nodes == null ? List.of() : List.copyOf(nodes);
        kinds = kinds == null ? List.of() : List.copyOf(kinds);
        layers = layers == null ? List.of() : List.copyOf(layers);
    }

    /** How many diskful replicas there shall be. */
    public int replicas() {
        return placeCount.orElse(DEFAULT_PLACE_COUNT);
    }
}
