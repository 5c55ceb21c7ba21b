package io.heddle.core.plan;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.ReplicationStatus;
import java.util.Optional;

/** Whose resource the kernel and the resource file have under a name: this incarnation's, or not. */
final class Ownership {
    private final ResourceSpec spec;
    private final ResourceSituation situation;

    Ownership(ResourceSpec spec, ResourceSituation situation) {
        this.spec = spec;
        this.situation = situation;
    }

    /** The resource's file as found, of whomever it is. */
    Optional<ConfiguredResource> file() {
        return situation.file().known().flatMap(found -> found);
    }

    boolean fileIsOurs() {
        return file().filter(found -> found.cluster().equals(Optional.of(situation.cluster()))
                        && found.resource().equals(Optional.of(spec.uuid())))
                .isPresent();
    }

    /** The kernel's view if what it has is this incarnation. Without a file only the backing volumes can tell. */
    Optional<ReplicationStatus> running() {
        Optional<ReplicationStatus> present = inKernel();
        return fileIsOurs()
                        || (file().isEmpty()
                                && present.filter(this::standsOnOurVolume).isPresent())
                ? present
                : Optional.empty();
    }

    /** The kernel has a resource of the name, and nothing says that it is Heddle's. */
    boolean kernelHasAForeignOne() {
        return file().isEmpty() && inKernel().isPresent() && running().isEmpty();
    }

    /** The backing volume of a volume, if it is there and carries the right identity. */
    Optional<BackingVolume> backing(VolumeSpec volume) {
        return Optional.ofNullable(situation.backings().get(volume.number()))
                .flatMap(seen -> seen.known())
                .flatMap(found -> found)
                .filter(found -> identity(volume).filter(found::is).isPresent());
    }

    Optional<BackingIdentity> identity(VolumeSpec volume) {
        return volume.backing().map(backing -> new BackingIdentity(backing.name(), situation.cluster(), volume.uuid()));
    }

    private Optional<ReplicationStatus> inKernel() {
        return situation.replication().known().flatMap(found -> found);
    }

    private boolean standsOnOurVolume(ReplicationStatus status) {
        return spec.volumes().stream().anyMatch(volume -> {
            Optional<String> ours = backing(volume).flatMap(BackingVolume::device);
            Optional<String> used = status.device(volume.number()).map(DeviceStatus::backingDevice);
            return ours.isPresent() && ours.equals(used);
        });
    }
}
