package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A volume of a resource definition, the same on all of its nodes.
 *
 * @param number volume number, 0 to 65534
 * @param uuid its identity
 * @param size exact size of the DRBD device; a whole number of KiB, at least 4 MiB
 * @param minor DRBD minor, the same on all nodes
 * @param properties properties set on it
 * @param firstGeneration what its first replicas are waiting for; empty once done
 * @param deleting whether it is to go
 */
public record VolumeDefinition(
        int number,
        UUID uuid,
        Bytes size,
        int minor,
        SortedMap<String, String> properties,
        Optional<FirstGeneration> firstGeneration,
        boolean deleting) {
    /** Smallest volume: below it DRBD's metadata and file systems leave nothing of use. */
    public static final Bytes MINIMUM_SIZE = Bytes.ofMib(4);
    /** Largest device of DRBD (drbd_limits.h, DRBD_DISK_SIZE_MAX is 1 PiB). */
    public static final Bytes MAXIMUM_SIZE = new Bytes(1024 * Bytes.TIB);

    public VolumeDefinition {
        Numbers.check("volume number", number, 0, Numbers.MAXIMUM_VOLUME_NUMBER);
        Numbers.check("device minor", minor, 0, Numbers.MAXIMUM_MINOR);
        checkSize(size);
        properties = Ordered.map(properties);
    }

    /**
     * Refuses a size that no volume can have.
     *
     * @throws HeddleException INVALID_SIZE
     */
    public static void checkSize(Bytes size) {
        if (size.compareTo(MINIMUM_SIZE) < 0 || size.compareTo(MAXIMUM_SIZE) > 0 || size.value() % Bytes.KIB != 0) {
            throw new HeddleException(
                    ErrorCode.INVALID_SIZE,
                    "a volume cannot have " + size,
                    "a volume has between " + MINIMUM_SIZE + " and " + MAXIMUM_SIZE + ", in whole KiB",
                    "give a size in that range");
        }
    }

    public VolumeDefinition withSize(Bytes changed) {
        return new VolumeDefinition(number, uuid, changed, minor, properties, firstGeneration, deleting);
    }

    public VolumeDefinition withProperties(SortedMap<String, String> changed) {
        return new VolumeDefinition(number, uuid, size, minor, changed, firstGeneration, deleting);
    }

    public VolumeDefinition withFirstGeneration(Optional<FirstGeneration> changed) {
        return new VolumeDefinition(number, uuid, size, minor, properties, changed, deleting);
    }

    public VolumeDefinition markedDeleting() {
        return new VolumeDefinition(number, uuid, size, minor, properties, firstGeneration, true);
    }
}
