package io.heddle.core.cluster;

import io.heddle.core.model.Layer;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * A wish for a resource definition.
 *
 * @param name its name
 * @param group the group it follows; empty: the default one
 * @param layers what its devices are made of; empty: DRBD over STORAGE
 * @param properties properties to begin with
 */
public record ResourceDefinitionCreation(
        ResourceName name,
        Optional<ResourceGroupName> group,
        List<Layer> layers,
        SortedMap<String, String> properties) {
    public ResourceDefinitionCreation {
        layers = List.copyOf(layers);
        properties = Ordered.map(properties);
    }
}
