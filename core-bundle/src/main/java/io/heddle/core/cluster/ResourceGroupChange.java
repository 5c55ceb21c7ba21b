package io.heddle.core.cluster;

import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a resource group is to have; what is empty here stays as it is.
 *
 * @param description free text
 * @param placeCount diskful replicas that there shall be
 * @param pools names of pools that may be used; an empty list: any
 * @param nodes nodes that may be used; an empty list: any
 * @param kinds driver kinds that may be used; an empty list: any
 * @param layers what devices are made of; an empty list: DRBD over STORAGE
 * @param properties change of its properties
 */
public record ResourceGroupChange(
        Optional<String> description,
        OptionalInt placeCount,
        Optional<List<PoolName>> pools,
        Optional<List<NodeName>> nodes,
        Optional<List<DriverKind>> kinds,
        Optional<List<Layer>> layers,
        PropertyChange properties) {
    /** One of properties alone. */
    public static ResourceGroupChange of(PropertyChange properties) {
        return new ResourceGroupChange(
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                properties);
    }

    /** A rule with what is said here. */
    public PlacementRule applyTo(PlacementRule rule) {
        return new PlacementRule(
                placeCount.isPresent() ? placeCount : rule.placeCount(),
                pools.orElse(rule.pools()),
                nodes.orElse(rule.nodes()),
                kinds.orElse(rule.kinds()),
                layers.orElse(rule.layers()));
    }
}
