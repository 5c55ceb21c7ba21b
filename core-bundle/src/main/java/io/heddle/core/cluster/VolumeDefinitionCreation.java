package io.heddle.core.cluster;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import java.util.OptionalInt;
import java.util.SortedMap;

/**
 * A wish for a volume definition.
 *
 * @param size exact size of the device; of the backing volume if {@code gross}
 * @param gross whether {@code size} includes DRBD's metadata
 * @param number its number; empty: the lowest free one
 * @param minor its minor; empty: the next free one
 * @param properties properties to begin with
 */
public record VolumeDefinitionCreation(
        Bytes size, boolean gross, OptionalInt number, OptionalInt minor, SortedMap<String, String> properties) {
    public VolumeDefinitionCreation {
        properties = Ordered.map(properties);
    }
}
