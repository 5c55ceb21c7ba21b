package io.heddle.controller;

import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Backing;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.SplitBrainResolution;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Checks an administrator's word on a split brain against what the sides report, and makes it the wish that satellites carry
 * out. It says yes only where a side that stays is good, and one that goes is at rest.
 */
final class SplitBrainDecision {
    private final StateEdit edit;
    private final StatusBoard board;
    private final ResourceDefinition definition;
    private final Set<NodeName> discard;
    private final SplitBrain splitBrain;

    SplitBrainDecision(StateEdit edit, StatusBoard board, ResourceDefinition definition, List<NodeName> discard) {
        this.edit = edit;
        this.board = board;
        this.definition = definition;
        this.discard = new TreeSet<>(discard);
        this.splitBrain = SplitBrain.of(definition, board::believed);
    }

    /**
     * Makes the wish.
     *
     * @throws HeddleException with what speaks against it
     */
    SplitBrainResolution decide(boolean withoutSnapshot, Instant now) {
        requireNames();
        List<SplitBrain.Side> losers =
                splitBrain.sides().stream().filter(this::goes).toList();
        losers.forEach(this::requireOnline);
        List<SplitBrain.Side> kept = splitBrain.sides().stream()
                .filter(side -> !goes(side) && side.status().isPresent())
                .toList();
        List<SplitBrain.Side> winners =
                kept.stream().filter(side -> !side.resource().diskless()).toList();
        losers.forEach(loser -> requireDiverged(loser, winners));
        requireOneContent(losers, winners);
        winners.forEach(this::requireGood);
        losers.forEach(this::requireAtRest);
        if (!withoutSnapshot) {
            losers.forEach(this::requireSnapshots);
        }
        TreeMap<NodeName, DataMark> given = new TreeMap<>();
        losers.forEach(side -> given.put(side.node(), mark(side)));
        TreeMap<NodeName, DataMark> staying = new TreeMap<>();
        kept.forEach(side -> staying.put(
                side.node(),
                side.resource().diskless() ? DataMark.NOTHING : mark(side).ofGenerations()));
        return new SplitBrainResolution(UUID.randomUUID(), given, staying, !withoutSnapshot, now);
    }

    private boolean goes(SplitBrain.Side side) {
        return discard.contains(side.node());
    }

    private String what() {
        return "cannot resolve the split brain of " + definition.name();
    }

    private void requireNames() {
        if (discard.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    what(),
                    "no node is named whose changes go",
                    "see who changed what (resource split-brain " + definition.name() + "), and name one");
        }
        for (NodeName node : discard) {
            SplitBrain.Side side = splitBrain.sides().stream()
                    .filter(each -> each.node().equals(node))
                    .findFirst()
                    .orElseThrow(() -> NotFound.resource(definition.name(), node));
            if (side.resource().diskless()) {
                throw new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        what(),
                        node + " has no disk of it, and so no changes to give up",
                        "name a node that has a disk");
            }
        }
    }

    private void requireOnline(SplitBrain.Side side) {
        if (side.status().isEmpty()) {
            throw new HeddleException(
                    ErrorCode.NODE_OFFLINE,
                    what(),
                    "what " + side.node() + " has is not known now: its satellite is not connected or has not reported",
                    "bring its satellite back (node list shows what is wrong)");
        }
    }

    private void requireDiverged(SplitBrain.Side loser, List<SplitBrain.Side> winners) {
        if (winners.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.NODE_OFFLINE,
                    what(),
                    "of those that are to keep their changes none is connected to the controller",
                    "bring a satellite of another replica back (node list shows what is wrong)");
        }
        if (winners.stream().noneMatch(winner -> SplitBrain.diverged(loser, winner))) {
            throw new HeddleException(
                    ErrorCode.NO_SPLIT_BRAIN,
                    what(),
                    "nothing tells that " + loser.node() + " has diverged from "
                            + String.join(", ", names(winners))
                            + ": neither did DRBD say so, nor have both sides changes that the other lacks",
                    "see resource split-brain " + definition.name()
                            + "; a connection that somebody cut by hand is made again with: drbdadm connect "
                            + definition.name());
        }
        winners.stream()
                .filter(winner -> loser.isConnectedTo(winner.node()))
                .findFirst()
                .ifPresent(winner -> {
                    throw new HeddleException(
                            ErrorCode.SPLIT_BRAIN,
                            what(),
                            winner.node() + " is connected to " + loser.node() + ", and has the same changes",
                            "discard both: --discard " + loser.node() + "," + winner.node());
                });
    }

    private void requireOneContent(List<SplitBrain.Side> losers, List<SplitBrain.Side> winners) {
        for (SplitBrain.Side one : winners) {
            for (SplitBrain.Side other : winners) {
                if (SplitBrain.diverged(one, other)) {
                    throw new HeddleException(
                            ErrorCode.SPLIT_BRAIN,
                            what(),
                            one.node() + " and " + other.node()
                                    + " have diverged from each other as well, and both would stay",
                            "discard one of them too: --discard " + String.join(",", names(losers)) + ","
                                    + other.node());
                }
            }
        }
    }

    private void requireGood(SplitBrain.Side winner) {
        for (int number : definition.volumeDefinitions().keySet()) {
            Optional<DiskState> disk = winner.replication()
                    .flatMap(status -> status.device(number))
                    .map(DeviceStatus::disk);
            if (disk.filter(state -> state == DiskState.UP_TO_DATE).isEmpty()) {
                throw new HeddleException(
                        ErrorCode.LAST_GOOD_COPY,
                        what(),
                        "volume " + number + " on " + winner.node() + ", which would stay, is "
                                + disk.map(DiskState::drbdName).orElse("not there") + " and not UpToDate",
                        "mend " + winner.node() + " first, or discard its changes instead");
            }
        }
    }

    private void requireAtRest(SplitBrain.Side loser) {
        Optional<ReplicationStatus> there = loser.replication();
        if (there.isEmpty()
                || there.get().role() != Role.SECONDARY
                || there.get().inUse()) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    what(),
                    definition.name() + " is Primary or open on " + loser.node() + ", whose changes are to go",
                    "stop what uses it there (unmount it, stop the VM) and make it Secondary: heddle resource demote "
                            + loser.node() + " " + definition.name());
        }
        there.get().connections().stream()
                .filter(connection -> connection.peerRole() == Role.PRIMARY)
                .findFirst()
                .ifPresent(user -> {
                    throw new HeddleException(
                            ErrorCode.IN_USE,
                            what(),
                            user.peer() + " is Primary and connected to " + loser.node()
                                    + ", whose changes are to go, and so uses its data",
                            "stop what uses it there, and make it Secondary: heddle resource demote " + user.peer()
                                    + " " + definition.name());
                });
    }

    private void requireSnapshots(SplitBrain.Side loser) {
        Node node = edit.requireNode(loser.node());
        for (Volume volume : loser.resource().volumes().values()) {
            Optional<StoragePool> pool = volume.backing()
                    .map(Backing::pool)
                    .map(name -> node.storagePools().get(name));
            Optional<PoolCapacity> capacity = pool.flatMap(known -> board.pool(node.name(), known))
                    .flatMap(status -> status.capacity().known())
                    .filter(PoolCapacity::snapshots);
            if (volume.backing().isEmpty()) {
                continue;
            }
            PoolName name = volume.backing().get().pool();
            if (capacity.isEmpty()) {
                throw new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        what(),
                        "storage pool " + name + " on " + loser.node()
                                + " takes no snapshots, or cannot be seen, so that what goes could not be kept",
                        "copy what is needed from there first, then say --without-snapshot");
            }
            requireRoom(loser, name, capacity.get());
        }
    }

    /** What is overwritten needs room beside the snapshot, at least as much as is known to differ; a full thin pool stops all. */
    private void requireRoom(SplitBrain.Side loser, PoolName pool, PoolCapacity capacity) {
        long differs = splitBrain.sides().stream()
                .flatMap(side -> side.status().stream())
                .flatMap(status -> status.cutOffs().stream())
                .flatMap(cutOff -> cutOff.volumes().stream())
                .mapToLong(volume -> volume.outOfSync().value())
                .sum();
        if (capacity.free().value() <= differs) {
            throw new HeddleException(
                    ErrorCode.POOL_FULL,
                    what(),
                    "storage pool " + pool + " on " + loser.node() + " has "
                            + capacity.free().kib()
                            + " KiB free, and a snapshot of what goes takes some " + differs / 1024
                            + " KiB when that is overwritten",
                    "extend the pool; or copy what is needed from there first, then say --without-snapshot");
        }
    }

    private DataMark mark(SplitBrain.Side side) {
        TreeMap<Integer, String> current = new TreeMap<>();
        TreeMap<Integer, Long> written = new TreeMap<>();
        side.status()
                .ifPresent(status -> status.cutOffs().stream()
                        .flatMap(cutOff -> cutOff.volumes().stream())
                        .forEach(volume -> {
                            current.put(volume.number(), volume.generation().current());
                            written.put(volume.number(), volume.written());
                        }));
        boolean whole = definition.volumeDefinitions().values().stream()
                .filter(volume -> !volume.deleting())
                .allMatch(volume -> current.containsKey(volume.number()));
        if (!whole && (goes(side) || splitBrain.sides().stream().anyMatch(other -> SplitBrain.diverged(side, other)))) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    what(),
                    "the data generations on " + side.node() + " are not known",
                    "nothing to do: they are looked at soon; try again then");
        }
        return new DataMark(current, written);
    }

    private static List<String> names(List<SplitBrain.Side> sides) {
        return sides.stream().map(side -> side.node().value()).toList();
    }
}
