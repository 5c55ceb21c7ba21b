package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import java.util.Optional;
import java.util.UUID;

/**
 * A volume of a resource on the node.
 *
 * @param number volume number
 * @param uuid identity of the replica
 * @param devicePath what users of the volume open, such as {@code /dev/drbd1000}; empty until it is there
 * @param backingDevice device of the backing volume; empty if diskless or not active
 * @param backingSize size of the backing volume; empty if diskless or unknown
 * @param allocated bytes that the backing volume takes in its pool; empty if unknown
 */
public record VolumeStatus(
        int number,
        UUID uuid,
        Optional<String> devicePath,
        Optional<String> backingDevice,
        Optional<Bytes> backingSize,
        Optional<Bytes> allocated) {}
