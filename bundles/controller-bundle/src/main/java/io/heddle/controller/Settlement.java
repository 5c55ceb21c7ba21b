package io.heddle.controller;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.plan.VoterQueue;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What of a definition is settled by what its satellites report: tombstones that were carried out go, a first generation that
 * was reached is cleared, a node id that every peer has forgotten is free again. Pure; settling twice changes nothing more.
 */
final class Settlement {
    /** What satellites report. */
    interface Reports {
        /** The last report on a resource of a node. */
        Optional<ResourceStatus> of(NodeName node, UUID resource);
    }

    private final Reports reports;
    private final long revision;

    /**
     * Settles by given reports.
     *
     * @param revision a report on an older spec says nothing about what was wanted last
     */
    Settlement(Reports reports, long revision) {
        this.reports = reports;
        this.revision = revision;
    }

    /** Whether anything about the definition waits for reports. */
    static boolean pending(ResourceDefinition definition) {
        return definition.deleting()
                || !definition.retiredNodeIds().isEmpty()
                || definition.votes().isPresent()
                || definition.resources().values().stream()
                        .anyMatch(resource -> resource.deleting() || resource.detaching())
                || definition.volumeDefinitions().values().stream()
                        .anyMatch(volume ->
                                volume.deleting() || volume.firstGeneration().isPresent())
                || definition.resources().values().stream()
                        .flatMap(resource -> resource.volumes().values().stream())
                        .anyMatch(volume -> volume.source().isPresent());
    }

    /** The definition as it is after what was reported; empty if nothing of it is left. */
    Optional<ResourceDefinition> settle(ResourceDefinition definition) {
        ResourceDefinition settled = withoutRemovedResources(definition);
        if (settled.deleting()) {
            return settled.resources().isEmpty() ? Optional.empty() : Optional.of(settled);
        }
        settled = withoutRemovedVolumes(settled);
        settled = withoutReachedGenerations(settled);
        settled = withRestoredVolumes(settled);
        settled = withReleasedResources(settled);
        settled = withoutDetachedDisks(settled);
        return Optional.of(withoutForgottenNodeIds(settled));
    }

    private ResourceDefinition withoutRemovedResources(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (Resource resource : definition.resources().values()) {
            boolean tombstone = definition.deleting() || resource.deleting();
            if (tombstone && phase(resource).equals(Optional.of(ResourceStatus.Phase.REMOVED))) {
                settled = FirstGenerations.afterLeaving(settled.withoutResource(resource.node()));
            }
        }
        return settled;
    }

    /**
     * One that knows that it is to go, and waits: when all that stay and are connected to it are as wanted, they do without its
     * vote.
     */
    private ResourceDefinition withReleasedResources(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (Resource resource : definition.resources().values()) {
            Optional<ResourceStatus> own = resource.deleting() && !resource.released()
                    ? current(resource).filter(ResourceStatus::awaitsRelease)
                    : Optional.empty();
            boolean released = own.isPresent()
                    && definition.resources().values().stream()
                            .filter(other -> !other.deleting() && isConnected(own.get(), other.node()))
                            .allMatch(other -> current(other)
                                    .filter(status -> status.phase() == ResourceStatus.Phase.READY)
                                    .isPresent());
            if (released) {
                settled = settled.withResource(resource.markedReleased());
            }
        }
        return settled;
    }

    /** A satellite that is ready with a wish that gives a disk up has nothing of it left; now the others may be told. */
    private ResourceDefinition withoutDetachedDisks(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (Resource resource : definition.resources().values()) {
            boolean gone = resource.detaching()
                    && !resource.deleting()
                    && current(resource)
                            .filter(status -> status.phase() == ResourceStatus.Phase.READY)
                            .isPresent();
            if (gone) {
                settled = settled.withResource(ResourceMaker.withoutDisk(resource));
            }
        }
        return settled;
    }

    private static boolean isConnected(ResourceStatus status, NodeName peer) {
        return status.inKernel()
                .filter(kernel -> kernel.isConnectedTo(peer.value()))
                .isPresent();
    }

    private ResourceDefinition withoutRemovedVolumes(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            if (volume.deleting()
                    && settled.resources().values().stream().allMatch(resource -> isWithout(resource, volume))) {
                for (Resource resource : List.copyOf(settled.resources().values())) {
                    settled = settled.withResource(resource.withoutVolume(volume.number()));
                }
                settled = settled.withoutVolumeDefinition(volume.number());
            }
        }
        return settled;
    }

    /** A satellite that is ready with a wish that tells a volume to go has nothing of it left. */
    private boolean isWithout(Resource resource, VolumeDefinition volume) {
        return !resource.volumes().containsKey(volume.number())
                || current(resource)
                        .filter(status -> status.phase() == ResourceStatus.Phase.READY)
                        .isPresent();
    }

    private ResourceDefinition withoutReachedGenerations(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            if (volume.firstGeneration().isPresent()
                    && definition.resources().values().stream().anyMatch(resource -> isUpToDate(resource, volume))) {
                settled = settled.withVolumeDefinition(volume.withFirstGeneration(Optional.empty()));
            }
        }
        return settled;
    }

    /** What was cloned from a snapshot and has come up on it needs it no more. */
    private ResourceDefinition withRestoredVolumes(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (Resource resource : definition.resources().values()) {
            Resource changed = resource;
            for (Volume volume : resource.volumes().values()) {
                if (volume.source().isPresent() && isInService(definition, resource, volume)) {
                    changed = changed.withVolume(volume.withoutSource());
                }
            }
            if (!changed.equals(resource)) {
                settled = settled.withResource(changed);
            }
        }
        return settled;
    }

    private boolean isInService(ResourceDefinition definition, Resource resource, Volume volume) {
        Optional<ResourceStatus> status = reports.of(resource.node(), resource.uuid())
                .filter(known ->
                        known.volumes().stream().anyMatch(seen -> seen.uuid().equals(volume.uuid())));
        return definition.replicated()
                ? status.flatMap(ResourceStatus::inKernel)
                        .flatMap(kernel -> kernel.device(volume.number()))
                        .filter(device -> switch (device.disk()) {
                            case UP_TO_DATE, INCONSISTENT, OUTDATED, CONSISTENT -> true;
                            default -> false;
                        })
                        .isPresent()
                : status.filter(known -> known.phase() == ResourceStatus.Phase.READY)
                        .isPresent();
    }

    /** By the identity of the replica as well: the device of an earlier volume of the number proves nothing. */
    private boolean isUpToDate(Resource resource, VolumeDefinition volume) {
        Volume own = resource.volumes().get(volume.number());
        return own != null
                && own.backing().isPresent()
                && reports.of(resource.node(), resource.uuid())
                        .filter(status -> status.volumes().stream()
                                .anyMatch(seen -> seen.uuid().equals(own.uuid())))
                        .flatMap(ResourceStatus::inKernel)
                        .flatMap(kernel -> kernel.device(volume.number()))
                        .map(device -> device.disk() == DiskState.UP_TO_DATE)
                        .orElse(false);
    }

    private ResourceDefinition withoutForgottenNodeIds(ResourceDefinition definition) {
        ResourceDefinition settled = definition;
        for (int nodeId : definition.retiredNodeIds()) {
            boolean forgotten =
                    definition.resources().values().stream().allMatch(resource -> hasForgotten(resource, nodeId));
            if (forgotten) {
                settled = settled.withoutRetiredNodeId(nodeId);
            }
        }
        return settled;
    }

    /**
     * Also one without a disk, and one that is to go: whoever still has the former owner of the node id among its peers would
     * take its vote, or its connection, for that of the next owner. One that is to go has forgotten it when it is gone.
     */
    private boolean hasForgotten(Resource resource, int nodeId) {
        return !resource.deleting()
                && current(resource)
                        .filter(status -> resource.diskless()
                                ? status.phase() == ResourceStatus.Phase.READY
                                : status.forgottenNodeIds().contains(nodeId))
                        .isPresent();
    }

    /** The definition with the next vote, if it is its turn: only what is said of what was wanted last counts. */
    ResourceDefinition withNextVote(ResourceDefinition definition) {
        return VoterQueue.next(
                definition,
                resource -> current(resource)
                        .filter(status -> resource.deleting()
                                || (!status.countsOtherwise()
                                        && (resource.diskless()
                                                || status.forgottenNodeIds().containsAll(definition.retiredNodeIds()))))
                        .isPresent());
    }

    private Optional<ResourceStatus.Phase> phase(Resource resource) {
        return reports.of(resource.node(), resource.uuid()).map(ResourceStatus::phase);
    }

    private Optional<ResourceStatus> current(Resource resource) {
        return reports.of(resource.node(), resource.uuid()).filter(status -> status.specRevision() >= revision);
    }
}
