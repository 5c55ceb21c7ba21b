package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Takes volumes from a disk of their own to none, while the resource stays in service. In this order, wherever the process or
 * the power goes: another copy is seen UpToDate in live events; it is noted durably that the disk is given up; the file says
 * none and DRBD detaches; the backing volume goes, by its identity. What was noted is never attached again, since the others may
 * have gone on without it.
 */
final class Detachment {
    private final ResourceSpec spec;
    private final ResourceSituation situation;
    private final Ownership ownership;

    Detachment(ResourceSpec spec, ResourceSituation situation) {
        this.spec = spec;
        this.situation = situation;
        this.ownership = new Ownership(spec, situation);
    }

    /** The spec as it is to be served now: with the disks that are not given up yet. */
    ResourceSpec served() {
        List<VolumeSpec> volumes = new ArrayList<>();
        for (VolumeSpec volume : spec.volumes()) {
            if (isGivenUp(volume) && volume.disposition() != Disposition.REMOVED) {
                volumes.add(Specs.withoutDisk(volume));
            } else {
                volumes.add(
                        volume.disposition() == Disposition.DISKLESS ? Specs.served(volume, volume.size()) : volume);
            }
        }
        return volumes.equals(spec.volumes()) ? spec : Specs.withVolumes(spec, volumes);
    }

    private List<VolumeSpec> going() {
        return spec.volumes().stream()
                .filter(volume -> volume.disposition() == Disposition.DISKLESS)
                .toList();
    }

    private boolean isGivenUp(VolumeSpec volume) {
        return situation.record().givenUp().contains(volume.uuid());
    }

    /**
     * Gives up what another good copy is seen of, and what never was in service here, before anything else is done for it: also
     * where the disk has failed, and the volume could not be served any more.
     */
    boolean giveUp(Optional<ReplicationStatus> running, Draft draft) {
        if (!situation.specConfirmed() || situation.keep()) {
            return false;
        }
        for (VolumeSpec volume : going()) {
            if (!isGivenUp(volume) && (!isUsed(running, volume) || anotherIsGood(running, volume))) {
                draft.add(new Step.GiveDiskUp(volume.number(), volume.uuid()));
            }
        }
        return draft.hasSteps();
    }

    private boolean isUsed(Optional<ReplicationStatus> running, VolumeSpec volume) {
        return situation.record().made(volume.uuid()).isPresent()
                || running.flatMap(status -> status.device(volume.number()))
                        .filter(device -> !device.client())
                        .isPresent();
    }

    private boolean anotherIsGood(Optional<ReplicationStatus> running, VolumeSpec volume) {
        return running.filter(status -> RemovalPlan.anotherIsUpToDate(spec, status, volume))
                .isPresent();
    }

    /** Goes on with it where all is served as it may be. */
    void plan(Map<PoolName, PoolSpec> pools, Optional<ReplicationStatus> running, Draft draft) {
        for (VolumeSpec volume : going()) {
            if (situation.keep()) {
                draft.hold(Holds.keepRes(spec.name()));
            } else if (!situation.specConfirmed()) {
                draft.hold(Holds.specNotConfirmed("take the disk of " + spec.name() + " away"));
            } else if (isGivenUp(volume)) {
                remove(volume, pools, running, draft);
            } else {
                draft.hold(Holds.lastDisk(
                        spec, volume.number(), "no connected peer is seen UpToDate for volume " + volume.number()));
            }
        }
    }

    private void remove(
            VolumeSpec volume, Map<PoolName, PoolSpec> pools, Optional<ReplicationStatus> running, Draft draft) {
        Optional<DeviceStatus> device = running.flatMap(status -> status.device(volume.number()));
        boolean free = device.filter(seen -> seen.disk() == DiskState.DISKLESS
                        && seen.backingDevice().isEmpty())
                .isPresent();
        if (!free) {
            draft.await("DRBD to detach volume " + volume.number() + " before its backing volume goes");
            return;
        }
        String what = volume.backing().orElseThrow().name() + " in storage pool "
                + volume.backing().orElseThrow().pool();
        Observation<Optional<BackingVolume>> seen = situation.backings().get(volume.number());
        PoolSpec pool = pools.get(volume.backing().orElseThrow().pool());
        if (seen == null) {
            draft.hold(Holds.notLookedAt(what));
        } else if (seen.unknown().isPresent()) {
            draft.hold(Holds.unseen(what, seen.unknown().get()));
        } else if (ownership.backing(volume).isPresent()) {
            if (pool == null) {
                draft.hold(Holds.poolUnknown(volume.backing().orElseThrow().pool(), volume));
            } else {
                draft.add(new Step.DeleteVolume(
                        pool, volume.number(), ownership.identity(volume).orElseThrow()));
            }
        }
    }
}
