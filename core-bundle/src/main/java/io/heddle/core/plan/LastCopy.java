package io.heddle.core.plan;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Whether the last good copy of a resource goes with a node: whether no replica that stays is known to be UpToDate. Pure; what
 * is not known counts as not good.
 */
public final class LastCopy {
    private final Function<Resource, Optional<ResourceStatus>> reports;

    /**
     * Judges by given reports.
     *
     * @param reports what is believed of a resource now: nothing of a node that is out of reach
     */
    public LastCopy(Function<Resource, Optional<ResourceStatus>> reports) {
        this.reports = reports;
    }

    /**
     * Why the copy on a node may be the last good one, as the end of a sentence; empty if another one is known to be good, or
     * there is nothing to lose.
     */
    public Optional<String> lostWith(ResourceDefinition definition, NodeName node) {
        Resource leaving = definition.resources().get(node);
        if (leaving == null || definition.deleting()) {
            return Optional.empty();
        }
        return definition.volumeDefinitions().values().stream()
                .filter(volume -> hasData(leaving, volume))
                .flatMap(volume -> lostWith(definition, node, volume).stream())
                .findFirst();
    }

    /** A volume that waits for its first content was never UpToDate anywhere. */
    private static boolean hasData(Resource leaving, VolumeDefinition volume) {
        return !volume.deleting() && volume.firstGeneration().isEmpty() && hasDisk(leaving, volume);
    }

    private static boolean hasDisk(Resource resource, VolumeDefinition volume) {
        Volume own = resource.volumes().get(volume.number());
        return own != null && own.backing().isPresent();
    }

    private Optional<String> lostWith(ResourceDefinition definition, NodeName node, VolumeDefinition volume) {
        List<Resource> others = definition.resources().values().stream()
                .filter(other ->
                        !other.node().equals(node) && !other.deleting() && !other.detaching() && hasDisk(other, volume))
                .toList();
        if (others.isEmpty()) {
            return Optional.of("there is no other replica");
        }
        if (others.stream().anyMatch(other -> isUpToDate(other, volume))) {
            return Optional.empty();
        }
        return Optional.of(String.join(
                ", ", others.stream().map(other -> state(other, volume)).toList()));
    }

    /** Whether a replica is known to be UpToDate: by its own report on this very replica. */
    public boolean isUpToDate(Resource resource, VolumeDefinition volume) {
        return disk(resource, volume).equals(Optional.of(DiskState.UP_TO_DATE));
    }

    private Optional<DiskState> disk(Resource resource, VolumeDefinition volume) {
        Volume own = resource.volumes().get(volume.number());
        return own == null
                ? Optional.empty()
                : reports.apply(resource)
                        .filter(status -> status.volumes().stream()
                                .anyMatch(seen -> seen.uuid().equals(own.uuid())))
                        .flatMap(ResourceStatus::inKernel)
                        .flatMap(kernel -> kernel.device(volume.number()))
                        .map(DeviceStatus::disk);
    }

    private String state(Resource resource, VolumeDefinition volume) {
        return "the replica on " + resource.node() + " is "
                + disk(resource, volume).map(DiskState::drbdName).orElse("out of sight");
    }
}
