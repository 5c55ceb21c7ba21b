package io.heddle.core.plan;

import io.heddle.core.driver.SafetySnapshot;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SplitBrainAnswer;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Plans what follows from a split brain: what was seen of it is kept, and an administrator's word on it is carried out. Of
 * itself it resolves none. A word counts only for the very content that it speaks of, and is begun once, so that it does nothing
 * to a later split brain nor to what is written later, however often it is read.
 */
final class SplitBrainPlan {
    private final ResourceSpec spec;
    private final Map<PoolName, PoolSpec> pools;
    private final ResourceSituation situation;
    private final Ownership ownership;
    private final ReplicationStatus running;
    private final Draft draft;

    SplitBrainPlan(
            ResourceSpec spec,
            Map<PoolName, PoolSpec> pools,
            ResourceSituation situation,
            ReplicationStatus running,
            Draft draft) {
        this.spec = spec;
        this.pools = pools;
        this.situation = situation;
        this.ownership = new Ownership(spec, situation);
        this.running = running;
        this.draft = draft;
    }

    void plan() {
        spec.peers()
                .forEach(peer -> connection(peer)
                        .ifPresent(connection -> note(peer.node().value(), connection)));
        List<PeerSpec> answered =
                spec.peers().stream().filter(peer -> peer.answer().isPresent()).toList();
        Optional<SplitBrainAnswer> given =
                answered.stream().map(peer -> peer.answer().orElseThrow()).findFirst();
        Optional<AnsweredWord> known = situation.record().word();
        Optional<AnsweredWord> begun = known.filter(word -> !word.isSettled());
        if (begun.isPresent() && !begun.get().why().isEmpty()) {
            stop(begun.get().word(), false, begun.get().why());
        } else if (begun.isPresent() && !is(given, begun.get())) {
            stop(begun.get().word(), false, "it was taken back before it had come to its end");
        } else if (given.isPresent()
                && known.filter(word -> word.isSettled() && is(given, word)).isEmpty()) {
            answer(answered, given.get(), begun.isPresent());
        }
    }

    private static boolean is(Optional<SplitBrainAnswer> given, AnsweredWord known) {
        return given.filter(answer -> answer.uuid().equals(known.word())).isPresent();
    }

    private void stop(UUID word, boolean onlyIfRefused, String why) {
        draft.add(new Step.StopDiscarding(spec, onlyIfRefused, new AnsweredWord(word, AnsweredWord.State.LAPSED, why)));
    }

    private void answer(List<PeerSpec> answered, SplitBrainAnswer given, boolean begun) {
        if (answered.stream()
                .allMatch(peer ->
                        connection(peer).filter(ConnectionStatus::replicates).isPresent())) {
            draft.add(new Step.RememberWord(
                    spec.uuid(), new AnsweredWord(given.uuid(), AnsweredWord.State.CARRIED_OUT, "")));
            return;
        }
        List<PeerSpec> winners = answered.stream()
                .filter(peer ->
                        peer.answer().filter(SplitBrainAnswer::discardHere).isPresent()
                                && !is(peer, ConnectionState.CONNECTED))
                .toList();
        if (!winners.isEmpty() && begun) {
            awaitEnd(winners, given);
        } else if (!winners.isEmpty()) {
            discard(winners, given);
        }
        connectAgain(answered);
    }

    private void note(String peer, ConnectionStatus connection) {
        Optional<SeenCutOff> kept =
                Optional.ofNullable(situation.record().cutOffs().get(peer));
        if (connection.replicates()) {
            if (kept.isPresent()) {
                draft.add(new Step.ForgetCutOff(spec.uuid(), peer));
            }
            return;
        }
        boolean telling = connection.state() == ConnectionState.STAND_ALONE || connection.splitBrain();
        Optional.ofNullable(situation.cutOffs().seen().get(peer))
                .filter(seen -> telling && seen.isNewsAfter(kept))
                .ifPresent(seen -> draft.add(new Step.RememberCutOff(spec.uuid(), peer, seen)));
    }

    /** What was begun is waited for, and not begun again: from now on nobody knows what was written since it was kept. */
    private void awaitEnd(List<PeerSpec> winners, SplitBrainAnswer answer) {
        boolean overwritten = spec.peers().stream()
                        .filter(peer -> !peer.diskless()
                                && peer.answer()
                                        .filter(SplitBrainAnswer::discardHere)
                                        .isPresent())
                        .anyMatch(peer -> connection(peer)
                                .filter(ConnectionStatus::replicates)
                                .isPresent())
                && running.devices().stream().allMatch(device -> device.disk() == DiskState.UP_TO_DATE);
        if (overwritten) {
            // one that comes later finds what the others have, and no licence to overwrite anything more
            draft.add(new Step.StopDiscarding(
                    spec, false, new AnsweredWord(answer.uuid(), AnsweredWord.State.CARRIED_OUT, "")));
        } else if (winners.stream().anyMatch(peer -> is(peer, ConnectionState.STAND_ALONE))) {
            stop(
                    answer.uuid(),
                    true,
                    "DRBD did not take it: the connection was refused again, or this node was interrupted");
        } else {
            draft.await("peers to connect and to send what this node has given up");
        }
    }

    private void discard(List<PeerSpec> winners, SplitBrainAnswer answer) {
        if (!situation.specConfirmed()) {
            draft.hold(Holds.specNotConfirmed("discard the changes of " + spec.name() + " on this node"));
            return;
        }
        Optional<DataMark> mark = situation.cutOffs().mark();
        if (mark.isEmpty()) {
            draft.hold(Holds.unseen(
                    "the data generations of " + spec.name(),
                    situation.cutOffs().content().unknown().orElseThrow()));
            return;
        }
        Optional<String> against = whatSpeaksAgainst(mark.get(), answer.mark());
        if (against.isPresent()) {
            draft.add(new Step.RememberWord(
                    spec.uuid(), new AnsweredWord(answer.uuid(), AnsweredWord.State.LAPSED, against.get())));
            return;
        }
        Optional<List<Step.KeptVolume>> kept = answer.snapshot() ? snapshots(answer) : Optional.of(List.of());
        if (kept.isPresent()) {
            draft.add(
                    new Step.RememberWord(spec.uuid(), new AnsweredWord(answer.uuid(), AnsweredWord.State.BEGUN, "")));
            draft.add(new Step.DiscardMyData(spec, answer.uuid(), names(winners), answer.mark(), kept.get()));
        }
    }

    /**
     * Why a word does not count: it speaks of other data, or of data that goes on changing. It lapses then, and does not wait
     * for the volume to be free, maybe for days: what is written until then was not decided on.
     */
    private Optional<String> whatSpeaksAgainst(DataMark now, DataMark decided) {
        if (running.role() != Role.SECONDARY || running.inUse()) {
            return Optional.of("it is in use on this node (Primary or open)");
        }
        Optional<ConnectionStatus> user = running.connections().stream()
                .filter(connection -> connection.peerRole() == Role.PRIMARY)
                .findFirst();
        if (user.isPresent()) {
            return Optional.of(user.get().peer() + ", which is connected to this node, is Primary and uses its data");
        }
        if (!now.generations().equals(decided.generations())) {
            return Optional.of("this node has another data generation than the one that was decided on");
        }
        return now.written().equals(decided.written())
                ? Optional.empty()
                : Optional.of(
                        "this node was written, or brought up again, after what was decided on had been looked at");
    }

    /** How every volume is kept as it is; empty if that cannot be told now. */
    private Optional<List<Step.KeptVolume>> snapshots(SplitBrainAnswer answer) {
        List<Step.KeptVolume> snapshots = new ArrayList<>();
        for (VolumeSpec volume : spec.volumes()) {
            if (volume.backing().isEmpty() || volume.disposition() != Disposition.PRESENT) {
                continue;
            }
            PoolSpec pool = pools.get(volume.backing().get().pool());
            if (pool == null || ownership.backing(volume).isEmpty()) {
                draft.hold(
                        pool == null
                                ? Holds.poolUnknown(volume.backing().get().pool(), volume)
                                : Holds.notLookedAt(volume.backing().get().name()));
                return Optional.empty();
            }
            snapshots.add(new Step.KeptVolume(
                    pool,
                    ownership.identity(volume).orElseThrow(),
                    SafetySnapshot.name(volume.backing().get().name(), answer.uuid())));
        }
        return Optional.of(snapshots);
    }

    /** A side that keeps its data only has to listen again to one that gives up its own. */
    private void connectAgain(List<PeerSpec> open) {
        List<PeerSpec> refused = open.stream()
                .filter(peer ->
                        peer.answer().filter(answer -> !answer.discardHere()).isPresent())
                .filter(peer -> is(peer, ConnectionState.STAND_ALONE) && stillCounts(peer))
                .toList();
        if (!refused.isEmpty()) {
            draft.add(new Step.ConnectPeers(spec, names(refused)));
        }
    }

    private boolean stillCounts(PeerSpec peer) {
        DataMark wanted = peer.answer().orElseThrow().mark();
        return wanted.generations().isEmpty()
                || situation
                        .cutOffs()
                        .mark()
                        .filter(mark -> mark.generations().equals(wanted.generations()))
                        .isPresent();
    }

    private Optional<ConnectionStatus> connection(PeerSpec peer) {
        return running.connection(peer.node().value());
    }

    private boolean is(PeerSpec peer, ConnectionState state) {
        return connection(peer)
                .filter(connection -> connection.state() == state)
                .isPresent();
    }

    private static SortedSet<NodeName> names(List<PeerSpec> peers) {
        TreeSet<NodeName> names = new TreeSet<>();
        peers.forEach(peer -> names.add(peer.node()));
        return names;
    }
}
