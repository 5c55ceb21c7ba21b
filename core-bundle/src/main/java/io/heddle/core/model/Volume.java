package io.heddle.core.model;

import java.util.Optional;
import java.util.UUID;

/**
 * A volume of a resource: a volume definition on one node.
 *
 * @param number volume number
 * @param uuid identity of this replica; its backing volume carries it from the moment it is made
 * @param backing where its bytes are; empty on a diskless resource
 * @param detaching whether the resource is to be diskless and the bytes are not known to be gone yet
 * @param source what it is cloned from, until it is known to be in service; empty for one that begins empty
 */
public record Volume(
        int number, UUID uuid, Optional<Backing> backing, boolean detaching, Optional<VolumeSource> source) {
    /** One that stays as it is. */
    public Volume(int number, UUID uuid, Optional<Backing> backing) {
        this(number, uuid, backing, false, Optional.empty());
    }

    /** The same in service: what it was cloned from does not matter any more. */
    public Volume withoutSource() {
        return new Volume(number, uuid, backing, detaching, Optional.empty());
    }

    /** The same on its way to have no bytes here. */
    public Volume markedDetaching() {
        return new Volume(number, uuid, backing, backing.isPresent(), source);
    }
}
