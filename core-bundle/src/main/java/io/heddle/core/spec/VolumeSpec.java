package io.heddle.core.spec;

import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.VolumeSource;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A volume of a resource on the node.
 *
 * @param number volume number
 * @param uuid identity of this replica
 * @param disposition present; or diskless: it is to give its bytes up; or removed: its volume definition is deleted, so that no
 *     copy of it has to stay
 * @param minor DRBD minor
 * @param size exact size of the DRBD device
 * @param backing where its bytes are; empty if diskless
 * @param firstGeneration what a brand-new volume is waiting for, its nodes named as in {@link PeerSpec}; empty otherwise
 * @param diskOptions DRBD disk options by name, in DRBD's unit
 * @param source what it is cloned from; empty if it begins empty, or is in service
 */
public record VolumeSpec(
        int number,
        UUID uuid,
        Disposition disposition,
        int minor,
        Bytes size,
        Optional<Backing> backing,
        Optional<FirstGeneration> firstGeneration,
        SortedMap<String, String> diskOptions,
        Optional<VolumeSource> source) {
    public VolumeSpec {
        diskOptions = Ordered.map(diskOptions);
    }

    /** One that begins empty. */
    public VolumeSpec(
            int number,
            UUID uuid,
            Disposition disposition,
            int minor,
            Bytes size,
            Optional<Backing> backing,
            Optional<FirstGeneration> firstGeneration,
            SortedMap<String, String> diskOptions) {
        this(number, uuid, disposition, minor, size, backing, firstGeneration, diskOptions, Optional.empty());
    }
}
