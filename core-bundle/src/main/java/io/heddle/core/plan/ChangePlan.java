package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Plans what changes a resource that is served as wanted: its first content, growth, former peers, volumes that go. Also says
 * what DRBD cannot mend by itself.
 */
final class ChangePlan {
    private final ResourceSpec spec;
    private final Map<PoolName, PoolSpec> pools;
    private final ResourceSituation situation;
    private final Ownership ownership;
    private final Optional<ReplicationStatus> running;
    private final Draft draft;

    ChangePlan(
            ResourceSpec spec,
            Map<PoolName, PoolSpec> pools,
            ResourceSituation situation,
            Optional<ReplicationStatus> running,
            Draft draft) {
        this.spec = spec;
        this.pools = pools;
        this.situation = situation;
        this.ownership = new Ownership(spec, situation);
        this.running = running;
        this.draft = draft;
    }

    void plan() {
        if (running.filter(this::endForcedPrimary).isPresent()) {
            return;
        }
        running.ifPresent(this::tellWhatIsBroken);
        for (VolumeSpec volume : spec.volumes()) {
            if (volume.disposition() == Disposition.REMOVED) {
                remove(volume);
            } else if (!spec.replicated()) {
                growBacking(volume);
            } else {
                running.ifPresent(status -> status.device(volume.number()).ifPresent(device -> {
                    begin(volume, status, device);
                    grow(volume, status, device);
                }));
            }
        }
        running.ifPresent(this::forget);
    }

    /**
     * DRBD 8.4 gets its first content from a node that is Primary by force for a moment. One that died in that moment goes back
     * to Secondary; nobody but itself had made it Primary, since there was nothing to use yet.
     */
    private boolean endForcedPrimary(ReplicationStatus status) {
        boolean primary = status.role() == Role.PRIMARY;
        boolean stillToCome = status.devices().stream().anyMatch(device -> device.disk() == DiskState.INCONSISTENT);
        if (!situation.record().forcedPrimary() || (!primary && stillToCome)) {
            return false;
        }
        if (primary) {
            draft.add(new Step.DemoteResource(spec));
        }
        draft.add(new Step.RememberForcedPrimary(spec.uuid(), false));
        return true;
    }

    private void tellWhatIsBroken(ReplicationStatus status) {
        for (VolumeSpec volume : spec.volumes()) {
            boolean detached = volume.disposition() == Disposition.PRESENT
                    && volume.backing().isPresent()
                    && status.device(volume.number())
                            .filter(device -> device.disk() == DiskState.DISKLESS || device.disk() == DiskState.FAILED)
                            .isPresent();
            if (detached) {
                draft.hold(Holds.diskFailed(spec, volume, Optional.empty()));
            }
        }
        for (PeerSpec peer : spec.peers()) {
            status.connection(peer.node().value())
                    .filter(connection -> connection.state() == ConnectionState.STAND_ALONE)
                    .ifPresent(connection -> draft.hold(refused(connection)));
        }
    }

    private Problem refused(ConnectionStatus connection) {
        boolean splitBrain = connection.splitBrain()
                || Optional.ofNullable(situation.record().cutOffs().get(connection.peer()))
                        .filter(SeenCutOff::splitBrain)
                        .isPresent();
        return splitBrain
                ? Holds.splitBrain(spec, connection.peer(), lapsed())
                : Holds.standAlone(spec.name(), connection.peer());
    }

    private Optional<AnsweredWord> lapsed() {
        return situation
                .record()
                .word()
                .filter(word -> word.state() == AnsweredWord.State.LAPSED)
                .filter(word -> spec.peers().stream()
                        .flatMap(peer -> peer.answer().stream())
                        .anyMatch(answer -> answer.uuid().equals(word.word())));
    }

    /** Only a confirmed spec changes anything. */
    private void change(Step step) {
        if (situation.specConfirmed()) {
            draft.add(step);
        } else {
            draft.hold(Holds.specNotConfirmed(StepText.of(step)));
        }
    }

    private void begin(VolumeSpec volume, ReplicationStatus status, DeviceStatus device) {
        Optional<FirstGeneration> waiting = volume.firstGeneration()
                .filter(generation ->
                        generation.leader().equals(spec.node()) && device.disk() == DiskState.INCONSISTENT);
        if (waiting.isEmpty()) {
            return;
        }
        List<PeerSpec> diskful = diskfulPeers(volume.number());
        for (PeerSpec peer : diskful) {
            if (waiting.get().replicas().contains(peer.node()) && !isFresh(status, peer, volume.number())) {
                draft.await("the new replica of volume " + volume.number() + " on " + peer.node()
                        + " to be connected, Secondary and Inconsistent");
                return;
            }
        }
        boolean othersAreFresh = status.connections().stream()
                .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                .allMatch(connection -> isFreshOrDiskless(connection, volume.number()));
        if (status.role() != Role.SECONDARY || !othersAreFresh) {
            draft.await("volume " + volume.number() + " to be unused everywhere, or copied from where it is used");
            return;
        }
        boolean onlyTheListedOnes = status.connections().stream()
                        .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                        .filter(connection -> disk(connection, volume.number()) != DiskState.DISKLESS)
                        .allMatch(connection -> waiting.get().replicas().stream()
                                .anyMatch(node -> node.value().equals(connection.peer())))
                && waiting.get().replicas().stream()
                        .allMatch(node -> node.equals(spec.node())
                                || diskful.stream().anyMatch(peer -> peer.node().equals(node)));
        if (situation.kernel().dialect() == Dialect.DRBD_8_4
                && situation.specConfirmed()
                && !situation.record().forcedPrimary()) {
            draft.add(new Step.RememberForcedPrimary(spec.uuid(), true));
        }
        // a replica that is not of the first generation is never declared equal: it gets a copy like any other
        change(
                waiting.get().mode() == FirstGeneration.Mode.SKIP_SYNC && onlyTheListedOnes
                        ? new Step.SkipInitialSync(spec, volume.number())
                        : new Step.StartInitialSync(spec, volume.number()));
    }

    private static boolean isFresh(ReplicationStatus status, PeerSpec peer, int number) {
        return status.connection(peer.node().value())
                .filter(connection -> connection.state() == ConnectionState.CONNECTED
                        && connection.peerRole() == Role.SECONDARY
                        && disk(connection, number) == DiskState.INCONSISTENT)
                .isPresent();
    }

    private static boolean isFreshOrDiskless(ConnectionStatus connection, int number) {
        DiskState disk = disk(connection, number);
        return connection.peerRole() == Role.SECONDARY
                && (disk == DiskState.INCONSISTENT || disk == DiskState.DISKLESS);
    }

    private static DiskState disk(ConnectionStatus connection, int number) {
        return connection.volumes().stream()
                .filter(volume -> volume.number() == number)
                .map(PeerVolumeStatus::peerDisk)
                .findFirst()
                .orElse(DiskState.DUNKNOWN);
    }

    private void grow(VolumeSpec volume, ReplicationStatus status, DeviceStatus device) {
        Optional<MadeVolume> made = situation.record().made(volume.uuid());
        if (volume.backing().isEmpty() || made.isEmpty()) {
            return;
        }
        Bytes present = device.size().compareTo(made.get().size()) > 0
                ? device.size()
                : made.get().size();
        if (present.compareTo(volume.size()) > 0) {
            draft.hold(Holds.shrink(spec.name(), volume, present));
            return;
        }
        if (device.size().equals(volume.size())) {
            if (!made.get().size().equals(volume.size())) {
                draft.add(new Step.RememberVolume(
                        spec.uuid(), volume.uuid(), made.get().inUseWith(volume.size())));
            }
            return;
        }
        if (device.size().isZero() || device.disk() != DiskState.UP_TO_DATE) {
            draft.await("volume " + volume.number() + " to be UpToDate here before it grows");
            return;
        }
        for (PeerSpec peer : diskfulPeers(volume.number())) {
            if (!isInStep(status, peer, volume.number())) {
                draft.await("volume " + volume.number() + " to be UpToDate on " + peer.node() + " before it grows");
                return;
            }
        }
        if (leavingReplicaIsConnected(volume.number(), status)) {
            draft.await("a replica of volume " + volume.number() + " that goes to be gone before it grows");
        } else if (!growBacking(volume)) {
            takeIntoUse(volume);
        }
    }

    /** It does not grow, and would not be let in by those that did, and could not see them any more before it goes. */
    private boolean leavingReplicaIsConnected(int number, ReplicationStatus status) {
        return spec.peers().stream()
                .filter(PeerSpec::leaving)
                .flatMap(peer -> status.connection(peer.node().value()).stream())
                .anyMatch(connection -> connection.state() == ConnectionState.CONNECTED
                        && disk(connection, number) != DiskState.DISKLESS);
    }

    private static boolean isInStep(ReplicationStatus status, PeerSpec peer, int number) {
        return status.connection(peer.node().value())
                .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                .flatMap(connection -> connection.volumes().stream()
                        .filter(volume -> volume.number() == number)
                        .findFirst())
                .filter(volume -> volume.peerDisk() == DiskState.UP_TO_DATE
                        && volume.replication() == ReplicationState.ESTABLISHED)
                .isPresent();
    }

    /** Whether the backing volume is not large enough yet; plans its growth then. */
    private boolean growBacking(VolumeSpec volume) {
        Optional<BackingVolume> backing = ownership.backing(volume);
        if (volume.backing().isEmpty() || backing.isEmpty()) {
            return false;
        }
        Observation<Bytes> size = situation.backingSizes().get(volume.number());
        if (!(size instanceof Observation.Known<Bytes> needed)) {
            Problem problem = size instanceof Observation.Unknown<Bytes> unknown
                    ? Holds.sizeUnknown(volume.backing().get(), unknown.problem())
                    : Holds.notLookedAt("what size " + volume.backing().get().name() + " needs");
            draft.hold(problem);
            return true;
        }
        if (backing.get().size().compareTo(needed.value()) >= 0) {
            return false;
        }
        PoolSpec pool = pools.get(volume.backing().get().pool());
        if (pool == null) {
            draft.hold(Holds.poolUnknown(volume.backing().get().pool(), volume));
        } else {
            noteGrowth(volume, backing.get().size());
            change(new Step.GrowVolume(
                    pool, volume.number(), ownership.identity(volume).orElseThrow(), needed.value()));
        }
        return true;
    }

    /** Metadata lies at the end: from before the end moves it is known where that was. */
    private void noteGrowth(VolumeSpec volume, Bytes backing) {
        Optional<MadeVolume> made = situation.record().made(volume.uuid());
        if (!spec.replicated() || !situation.specConfirmed() || made.isEmpty()) {
            return;
        }
        MadeVolume growing = made.get().growingFrom(backing);
        if (!growing.equals(made.get())) {
            draft.add(new Step.RememberVolume(spec.uuid(), volume.uuid(), growing));
        }
    }

    /** One node tells DRBD, since a resize does nothing until all have grown: the diskful one with the lowest node id. */
    private void takeIntoUse(VolumeSpec volume) {
        OptionalInt lowestPeer = diskfulPeers(volume.number()).stream()
                .mapToInt(PeerSpec::nodeId)
                .min();
        if (lowestPeer.isPresent() && lowestPeer.getAsInt() < spec.nodeId()) {
            draft.await("the node with node id " + lowestPeer.getAsInt() + " to take the grown volume "
                    + volume.number() + " into use");
        } else {
            change(new Step.ResizeDevice(spec, volume.number(), volume.size()));
        }
    }

    /** Peers whose replica of the volume stays. */
    private List<PeerSpec> diskfulPeers(int number) {
        return spec.peers().stream()
                .filter(peer -> !peer.leaving()
                        && !peer.diskless()
                        && peer.volumes().stream().anyMatch(volume -> volume.number() == number && !volume.diskless()))
                .toList();
    }

    private void forget(ReplicationStatus status) {
        boolean hasBitmaps = situation.kernel().dialect() == Dialect.DRBD_9
                && spec.volumes().stream().anyMatch(volume -> volume.backing().isPresent());
        if (!hasBitmaps) {
            return;
        }
        for (int nodeId : spec.forgetNodeIds()) {
            boolean inUse = nodeId == spec.nodeId()
                    || spec.peers().stream().anyMatch(peer -> peer.nodeId() == nodeId)
                    || status.connections().stream().anyMatch(connection -> connection.nodeId() == nodeId);
            if (inUse) {
                draft.await("the peer with node id " + nodeId + " to be gone before it is forgotten");
            } else if (!situation.forgottenNodeIds().contains(nodeId)) {
                change(new Step.ForgetPeer(spec, nodeId));
            }
        }
    }

    private void remove(VolumeSpec volume) {
        if (volume.backing().isEmpty()) {
            return;
        }
        Observation<Optional<BackingVolume>> seen = situation.backings().get(volume.number());
        if (seen == null || seen.unknown().isPresent()) {
            String what = volume.backing().get().name() + " in storage pool "
                    + volume.backing().get().pool();
            draft.hold(
                    seen == null
                            ? Holds.notLookedAt(what)
                            : Holds.unseen(what, seen.unknown().get()));
            return;
        }
        PoolSpec pool = pools.get(volume.backing().get().pool());
        if (ownership.backing(volume).isEmpty() || pool == null) {
            return;
        }
        if (situation.keep()) {
            draft.hold(Holds.keepRes(spec.name()));
        } else {
            change(new Step.DeleteVolume(
                    pool, volume.number(), ownership.identity(volume).orElseThrow()));
        }
    }
}
