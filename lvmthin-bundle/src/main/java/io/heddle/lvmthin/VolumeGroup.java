package io.heddle.lvmthin;

import io.heddle.core.model.Bytes;

/**
 * A volume group.
 *
 * @param name its name
 * @param size size of its physical volumes
 * @param free bytes that no volume has
 * @param extent size of an extent: every volume, thin ones as well, is a multiple of it
 * @param missing number of physical volumes that are missing
 * @param metadataSize size of its smallest metadata area
 * @param metadataFree bytes of it that can still be used
 * @param volumes number of its visible volumes
 */
record VolumeGroup(
        String name,
        Bytes size,
        Bytes free,
        Bytes extent,
        int missing,
        Bytes metadataSize,
        Bytes metadataFree,
        int volumes) {}
