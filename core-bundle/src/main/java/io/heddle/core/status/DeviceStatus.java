package io.heddle.core.status;

import io.heddle.core.model.Bytes;

/**
 * A DRBD device as the kernel has it.
 *
 * @param number volume number
 * @param minor its minor
 * @param disk disk state
 * @param client whether it is diskless on purpose
 * @param quorum whether it has quorum; true where DRBD knows none
 * @param size size of the device; zero while unknown
 * @param backingDevice path of the backing device, empty text if none is attached
 * @param open whether a process has it open; false where DRBD does not tell
 */
public record DeviceStatus(
        int number,
        int minor,
        DiskState disk,
        boolean client,
        boolean quorum,
        Bytes size,
        String backingDevice,
        boolean open) {}
