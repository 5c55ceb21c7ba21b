package io.heddle.core.cluster;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import java.util.List;
import java.util.SortedMap;

/**
 * What is to be made by a resource group.
 *
 * @param name name of the resource definition
 * @param sizes sizes of its volumes, in the order of the group's volume groups
 * @param partial whether there may be more or fewer sizes than volume groups
 * @param definitionsOnly whether nothing is placed
 * @param properties properties of the resource definition to begin with
 * @param placement what it says is placed otherwise than the group says; {@link PlacementWish#OPEN} as the group says
 */
public record Spawning(
        ResourceName name,
        List<Bytes> sizes,
        boolean partial,
        boolean definitionsOnly,
        SortedMap<String, String> properties,
        PlacementWish placement) {
    public Spawning {
        sizes = List.copyOf(sizes);
        properties = Ordered.map(properties);
    }
}
