package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.model.Bytes;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.Observation;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/** Specs with something changed. */
final class Specs {
    private Specs() {}

    /** The tombstone as it was before it was one, for bringing it up once more: without the volumes that are gone already. */
    static ResourceSpec present(ResourceSpec spec, ResourceSituation situation) {
        return with(
                spec,
                Disposition.PRESENT,
                spec.volumes().stream()
                        .filter(volume -> !isGone(volume, situation))
                        .map(volume -> served(volume, volume.size()))
                        .map(volume ->
                                situation.record().givenUp().contains(volume.uuid()) ? withoutDisk(volume) : volume)
                        .toList());
    }

    /** The volume as it is served without a disk. */
    static VolumeSpec withoutDisk(VolumeSpec volume) {
        return new VolumeSpec(
                volume.number(),
                volume.uuid(),
                Disposition.PRESENT,
                volume.minor(),
                volume.size(),
                Optional.empty(),
                volume.firstGeneration(),
                volume.diskOptions());
    }

    private static boolean isGone(VolumeSpec volume, ResourceSituation situation) {
        return volume.backing().isPresent()
                && Observation.known(Optional.<BackingVolume>empty())
                        .equals(situation.backings().get(volume.number()));
    }

    static ResourceSpec withVolumes(ResourceSpec spec, List<VolumeSpec> volumes) {
        return with(spec, spec.disposition(), volumes);
    }

    /** The volume as it is to be served: there, with this size. */
    static VolumeSpec served(VolumeSpec volume, Bytes size) {
        return new VolumeSpec(
                volume.number(),
                volume.uuid(),
                Disposition.PRESENT,
                volume.minor(),
                size,
                volume.backing(),
                volume.firstGeneration(),
                volume.diskOptions());
    }

    static ResourceSpec withResourceOptions(ResourceSpec spec, SortedMap<String, String> options) {
        return with(spec, spec.disposition(), spec.volumes(), spec.peers(), options);
    }

    static ResourceSpec withPeers(ResourceSpec spec, List<PeerSpec> peers) {
        return with(spec, spec.disposition(), spec.volumes(), peers, spec.resourceOptions());
    }

    private static ResourceSpec with(ResourceSpec spec, Disposition disposition, List<VolumeSpec> volumes) {
        return with(spec, disposition, volumes, spec.peers(), spec.resourceOptions());
    }

    private static ResourceSpec with(
            ResourceSpec spec,
            Disposition disposition,
            List<VolumeSpec> volumes,
            List<PeerSpec> peers,
            SortedMap<String, String> resourceOptions) {
        return new ResourceSpec(
                spec.name(),
                spec.definition(),
                spec.uuid(),
                disposition,
                spec.definitionDeleted(),
                spec.replicated(),
                spec.node(),
                spec.nodeId(),
                spec.diskless(),
                spec.sharedSecret(),
                volumes,
                peers,
                spec.forgetNodeIds(),
                resourceOptions,
                spec.handlers(),
                spec.replacesOlder(),
                spec.released(),
                spec.syncRule(),
                spec.awaitsVote());
    }
}
