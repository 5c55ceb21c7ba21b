package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Backing;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Plans the removal of a tombstone: out of the kernel, its file, its backing volumes, by identity. A plan that is converged
 * means that nothing of the incarnation is left.
 */
final class RemovalPlan {
    private final ResourceSpec spec;
    private final Map<PoolName, PoolSpec> pools;
    private final ResourceSituation situation;
    private final Ownership ownership;
    private final Draft draft = new Draft();

    private final List<VolumeSpec> remaining = new ArrayList<>();
    private final List<VolumeSpec> unseen = new ArrayList<>();
    private Optional<ReplicationStatus> running = Optional.empty();

    RemovalPlan(ResourceSpec spec, Map<PoolName, PoolSpec> pools, ResourceSituation situation) {
        this.spec = spec;
        this.pools = pools;
        this.situation = situation;
        this.ownership = new Ownership(spec, situation);
    }

    Plan plan() {
        spec.volumes().forEach(this::look);
        if (spec.replicated()) {
            Optional<Problem> blind = blindness();
            if (blind.isPresent()) {
                draft.hold(blind.get());
                return draft.plan();
            }
            running = ownership.running();
        }
        if (nothingIsLeft()) {
            return draft.plan();
        }
        if (situation.keep()) {
            draft.hold(Holds.keepRes(spec.name()));
        } else if (!situation.specConfirmed()) {
            draft.hold(Holds.specNotConfirmed("remove " + spec.name()));
        } else if (mayGo() && mayLeave()) {
            remove();
        }
        return draft.plan();
    }

    private void look(VolumeSpec volume) {
        if (volume.backing().isEmpty()) {
            return;
        }
        Observation<Optional<BackingVolume>> seen = situation.backings().get(volume.number());
        if (seen == null || seen.unknown().isPresent()) {
            unseen.add(volume);
        } else if (ownership.backing(volume).isPresent()) {
            remaining.add(volume);
        }
    }

    private Optional<Problem> blindness() {
        Optional<Problem> unseenFile = situation.file().unknown();
        if (unseenFile.isPresent()) {
            return unseenFile.map(problem -> Holds.unseen("the resource file of " + spec.name(), problem));
        }
        if (ownership.file().filter(found -> found.resource().isEmpty()).isPresent()) {
            return Optional.of(Holds.unreadableFile(spec.name()));
        }
        return situation
                .replication()
                .unknown()
                .map(problem -> Holds.unseen("what DRBD has of " + spec.name(), problem));
    }

    private boolean nothingIsLeft() {
        boolean configured = spec.replicated() && ownership.fileIsOurs();
        return running.isEmpty() && !configured && remaining.isEmpty() && unseen.isEmpty();
    }

    /** The last good copy stays, unless the whole definition goes. Holds, or plans what lets the copies be seen, if not. */
    private boolean mayGo() {
        if (spec.definitionDeleted() || situation.record().removalApproved()) {
            return true;
        }
        List<VolumeSpec> inService = new ArrayList<>(unseen);
        remaining.stream().filter(this::wasInService).forEach(inService::add);
        inService.removeIf(this::goesEverywhere);
        inService.removeIf(volume -> situation.record().givenUp().contains(volume.uuid()));
        if (inService.isEmpty()) {
            return true;
        }
        if (!spec.replicated()) {
            draft.hold(Holds.lastGoodCopy(spec, "it is not replicated, so there is no other copy"));
            return false;
        }
        for (VolumeSpec volume : inService) {
            if (running.filter(status -> anotherCopyIsGood(status, volume)).isEmpty()) {
                bringUp(volume);
                return false;
            }
        }
        draft.add(new Step.ApproveRemoval(spec.uuid()));
        return true;
    }

    /** Whether the definition of the volume is deleted: the peers that stay are not to have it either. */
    private boolean goesEverywhere(VolumeSpec volume) {
        return !spec.peers().isEmpty()
                && spec.peers().stream()
                        .flatMap(peer -> peer.volumes().stream())
                        .noneMatch(theirs -> theirs.number() == volume.number());
    }

    private boolean wasInService(VolumeSpec volume) {
        return situation.record().made(volume.uuid()).isPresent()
                || ownership
                        .backing(volume)
                        .filter(found -> found.stage() == Stage.READY)
                        .isPresent();
    }

    private boolean anotherCopyIsGood(ReplicationStatus status, VolumeSpec volume) {
        boolean notGoodItself = status.device(volume.number())
                .filter(device -> device.disk() == DiskState.INCONSISTENT || device.disk() == DiskState.OUTDATED)
                .isPresent();
        return notGoodItself || anotherIsUpToDate(spec, status, volume);
    }

    /** Whether a connected peer has the volume UpToDate that neither goes as well nor gives its disk up. */
    static boolean anotherIsUpToDate(ResourceSpec spec, ReplicationStatus status, VolumeSpec volume) {
        return spec.peers().stream()
                .filter(peer -> !peer.leaving() && !peer.detaching())
                .anyMatch(peer -> status.connection(peer.node().value())
                        .filter(connection -> isUpToDate(connection, volume.number()))
                        .isPresent());
    }

    private static boolean isUpToDate(ConnectionStatus connection, int number) {
        return connection.state() == ConnectionState.CONNECTED
                && connection.volumes().stream()
                        .anyMatch(volume -> volume.number() == number && volume.peerDisk() == DiskState.UP_TO_DATE);
    }

    /** Serves the resource once more where it is down, since only live events can show the other copies. */
    private void bringUp(VolumeSpec volume) {
        String why = "no connected peer is seen UpToDate for volume " + volume.number();
        boolean peersHaveCopies = spec.peers().stream().anyMatch(peer -> hasDisk(peer, volume.number()));
        if (!peersHaveCopies) {
            draft.hold(Holds.lastGoodCopy(spec, "no other node is to have a replica of volume " + volume.number()));
            return;
        }
        if (running.isEmpty() || !situation.adjusted() || !connectsToThoseThatStay()) {
            Plan up = new ServicePlan(Specs.present(spec, situation), pools, situation.onlyServing()).plan();
            draft.addAll(up.steps());
            why += up.held()
                    .map(problem -> ", and it is not up here: " + problem.why())
                    .orElse("");
        }
        if (draft.hasSteps()) {
            draft.await("another good copy of " + spec.name() + " to be seen before this one is removed");
        } else {
            draft.hold(Holds.lastGoodCopy(spec, why));
        }
    }

    private boolean connectsToThoseThatStay() {
        return spec.peers().stream()
                .allMatch(peer -> running.flatMap(
                                status -> status.connection(peer.node().value()))
                        .isPresent());
    }

    private static boolean hasDisk(PeerSpec peer, int number) {
        return !peer.diskless()
                && peer.volumes().stream().anyMatch(volume -> volume.number() == number && !volume.diskless());
    }

    /** Where a Primary may stand on this vote, the others are to do without it first. DRBD 8.4 counts no votes. */
    private boolean mayLeave() {
        boolean free = spec.definitionDeleted()
                || spec.released()
                || situation.kernel().dialect() != Dialect.DRBD_9
                || (running.isEmpty() || QuorumGate.mayLeave(spec, running));
        if (!free) {
            draft.awaitRelease();
        }
        return free;
    }

    private void remove() {
        if (running.isPresent()) {
            draft.add(new Step.DownResource(spec.name()));
        }
        if (spec.replicated() && ownership.fileIsOurs()) {
            draft.add(new Step.RemoveConfiguration(spec.name(), spec.uuid()));
        }
        for (VolumeSpec volume : remaining) {
            PoolSpec pool = pools.get(poolOf(volume));
            if (pool == null) {
                draft.hold(Holds.poolUnknown(poolOf(volume), volume));
            } else {
                draft.add(new Step.DeleteVolume(
                        pool, volume.number(), ownership.identity(volume).orElseThrow()));
            }
        }
        for (VolumeSpec volume : unseen) {
            Backing backing = volume.backing().orElseThrow();
            String what = backing.name() + " in storage pool " + backing.pool();
            draft.hold(Optional.ofNullable(situation.backings().get(volume.number()))
                    .flatMap(seen -> seen.unknown())
                    .map(problem -> Holds.unseenTombstone(spec, Holds.unseen(what, problem)))
                    .orElseGet(() -> Holds.notLookedAt(what)));
        }
    }

    private static PoolName poolOf(VolumeSpec volume) {
        return volume.backing().orElseThrow().pool();
    }
}
