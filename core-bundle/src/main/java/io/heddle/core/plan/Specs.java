package io.heddle.core.plan;

import io.heddle.core.model.Bytes;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import java.util.List;

/** Specs with something changed. */
final class Specs {
    private Specs() {}

    /** The tombstone as it was before it was one; for bringing it up once more. */
    static ResourceSpec present(ResourceSpec spec) {
        return with(
                spec,
                Disposition.PRESENT,
                spec.volumes().stream()
                        .map(volume -> served(volume, volume.size()))
                        .toList());
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

    private static ResourceSpec with(ResourceSpec spec, Disposition disposition, List<VolumeSpec> volumes) {
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
                spec.peers(),
                spec.forgetNodeIds(),
                spec.resourceOptions(),
                spec.replacesOlder());
    }
}
