package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What a storage pool holds.
 *
 * @param total size
 * @param free bytes not used yet
 * @param provisioned sum of the virtual sizes of the volumes in it
 * @param unit volumes are a multiple of this
 * @param thin whether space is taken only when it is written
 * @param zeroes whether a new volume is known to read as zeros
 * @param snapshots whether it can take snapshots
 * @param dataPercent fill of the data space, 0 to 100; empty where that has no meaning
 * @param metadataPercent fill of the pool's own metadata, 0 to 100; empty where there is none
 * @param warnings sentences about what needs a look, each with what to do
 */
public record PoolCapacity(
        Bytes total,
        Bytes free,
        Bytes provisioned,
        Bytes unit,
        boolean thin,
        boolean zeroes,
        boolean snapshots,
        OptionalDouble dataPercent,
        OptionalDouble metadataPercent,
        List<String> warnings) {
    public PoolCapacity {
        warnings = List.copyOf(warnings);
    }
}
