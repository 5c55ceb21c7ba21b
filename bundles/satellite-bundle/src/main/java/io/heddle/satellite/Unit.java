package io.heddle.satellite;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Ordered;
import io.heddle.core.plan.ResourceRecord;
import io.heddle.core.plan.Step;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.VolumeStatus;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * One incarnation of a resource on this node, with what is known of it in memory. Its worker changes it, one step at a time;
 * {@link #status} may be called by any thread.
 */
final class Unit {
    /** What was asked for, and by which revision. */
    record Wanted(ResourceSpec spec, long revision) {}

    /** How far the worker is. */
    private record Progress(
            Phase phase,
            long revision,
            Optional<Problem> problem,
            List<String> steps,
            boolean awaitsRelease,
            boolean countsAsWanted,
            Instant since) {}

    private final UUID uuid;
    private final Clock clock;
    private volatile Wanted wanted;
    private volatile Progress progress;
    private volatile SortedSet<Integer> forgotten = Ordered.set(null);
    private volatile Optional<ResourceRecord> record = Optional.empty();

    /** Whether adjust succeeded since the file was last written and since the kernel last lost the resource. */
    volatile boolean adjusted;

    /** What is known of peers that it is cut off from. */
    final CutOffs cutOffs = new CutOffs();

    // Of the worker only.
    List<Step> lastSteps = List.of();
    int tries;
    // differences of nanoTime overflow with a start far from now
    long notBefore = System.nanoTime();
    /** What the kernel's view is expected to show, until {@link #expectUntil}: attached, or gone if empty. */
    Optional<ResourceSpec> expected = Optional.empty();

    /** Numbers of volumes that are expected not to be Inconsistent any more. */
    final Set<Integer> expectedContent = new TreeSet<>();

    long expectUntil = System.nanoTime();

    /** Peers that the file says to have a disk since a change of it, and that were not seen connected after that. */
    private final Set<String> gotDisk = new TreeSet<>();

    Unit(Wanted wanted, Clock clock) {
        this.uuid = wanted.spec().uuid();
        this.clock = clock;
        this.wanted = wanted;
        this.progress = new Progress(
                Phase.PENDING, wanted.revision(), Optional.empty(), List.of(), false, false, clock.instant());
    }

    UUID uuid() {
        return uuid;
    }

    Wanted wanted() {
        return wanted;
    }

    void want(Wanted changed) {
        wanted = changed;
    }

    /** Notes who has a disk now, by the file that is written, and had none by the one before. */
    void noteDisks(ConfiguredResource before, ResourceSpec told) {
        told.peers().stream()
                .filter(peer -> !peer.diskless() && !before.voters().contains(peer.nodeId()))
                .forEach(peer -> gotDisk.add(peer.node().value()));
    }

    /**
     * DRBD may refuse a peer by what it knew of it in the moment in which it is told better, and does not ask again by itself: "The
     * peer is configured to be diskless but presents UpToDate" (receive_state, 9.2.18). The adjust that told it counts for
     * nothing then, once: the next one connects again.
     */
    void doubtAdjust(ReplicationStatus running) {
        if (!adjusted) {
            return;
        }
        Set<String> there = running.connections().stream()
                .filter(connection -> connection.replicates() || connection.state() == ConnectionState.STAND_ALONE)
                .map(ConnectionStatus::peer)
                .collect(Collectors.toSet());
        boolean refused = running.connections().stream()
                .anyMatch(connection -> gotDisk.contains(connection.peer())
                        && connection.state() == ConnectionState.STAND_ALONE
                        && !connection.splitBrain());
        gotDisk.removeAll(there);
        adjusted = !refused;
    }

    Phase phase() {
        return progress.phase();
    }

    Optional<Problem> problem() {
        return progress.problem();
    }

    /** What is kept of it on disk; empty before it was read. */
    Optional<ResourceRecord> record() {
        return record;
    }

    void record(ResourceRecord now) {
        record = Optional.of(now);
    }

    SortedSet<Integer> forgottenNodeIds() {
        return forgotten;
    }

    void forgot(int nodeId) {
        TreeSet<Integer> more = new TreeSet<>(forgotten);
        more.add(nodeId);
        forgotten = Ordered.set(more);
    }

    /** A node id that is not to be forgotten any more may be given to another node, and is forgotten anew after that one. */
    void keepForgotten(SortedSet<Integer> still) {
        TreeSet<Integer> less = new TreeSet<>(forgotten);
        less.retainAll(still);
        forgotten = Ordered.set(less);
    }

    /** True if it is other than before. */
    boolean progress(
            Phase phase,
            long revision,
            Optional<Problem> problem,
            List<String> steps,
            boolean awaitsRelease,
            boolean countsAsWanted) {
        Progress old = progress;
        Instant since = old.phase() == phase ? old.since() : clock.instant();
        Progress now = new Progress(phase, revision, problem, steps, awaitsRelease, countsAsWanted, since);
        progress = now;
        return !now.equals(old);
    }

    /** All that is seen of it now, from memory. */
    ResourceStatus status(PoolBoard pools, ReplicationBoard replication) {
        ResourceSpec spec = wanted.spec();
        Progress now = progress;
        Observation<Optional<ReplicationStatus>> view = view(spec, replication);
        List<VolumeStatus> volumes = new ArrayList<>();
        for (VolumeSpec volume : spec.volumes()) {
            volumes.add(volume(spec, volume, pools, view));
        }
        return new ResourceStatus(
                spec.name(),
                uuid,
                now.phase(),
                now.revision(),
                now.problem(),
                now.steps(),
                volumes,
                view,
                forgottenHere(spec, replication),
                now.since(),
                now.awaitsRelease(),
                cutOffs.shown(view.known().flatMap(found -> found)),
                !now.countsAsWanted());
    }

    /** The kernel's view, if what it has of the name is this incarnation. */
    private Observation<Optional<ReplicationStatus>> view(ResourceSpec spec, ReplicationBoard replication) {
        if (!spec.replicated()) {
            return Observation.known(Optional.empty());
        }
        Optional<ConfiguredResource> file =
                replication.file(spec.name().value()).known().flatMap(found -> found);
        boolean another = file.flatMap(ConfiguredResource::resource)
                .filter(incarnation -> !incarnation.equals(uuid))
                .isPresent();
        return another
                ? Observation.known(Optional.empty())
                : replication.resource(spec.name().value());
    }

    private VolumeStatus volume(
            ResourceSpec spec, VolumeSpec volume, PoolBoard pools, Observation<Optional<ReplicationStatus>> view) {
        Optional<BackingVolume> backing = volume.backing()
                .flatMap(wantedBacking -> pools.volume(wantedBacking.pool(), wantedBacking.name())
                        .known()
                        .flatMap(found -> found))
                .filter(found -> found.volume().equals(Optional.of(volume.uuid())));
        Optional<String> device = spec.replicated()
                ? view.known()
                        .flatMap(found -> found)
                        .flatMap(found -> found.device(volume.number()))
                        .map(found -> "/dev/drbd" + found.minor())
                : backing.flatMap(BackingVolume::device)
                        .filter(found ->
                                record.flatMap(kept -> kept.made(volume.uuid())).isPresent());
        return new VolumeStatus(
                volume.number(),
                volume.uuid(),
                device,
                backing.flatMap(BackingVolume::device),
                backing.map(BackingVolume::size),
                backing.flatMap(BackingVolume::allocated));
    }

    /** Where there is no bitmap there is nothing to forget. */
    private SortedSet<Integer> forgottenHere(ResourceSpec spec, ReplicationBoard replication) {
        boolean hasBitmaps = spec.replicated()
                && replication.kernel().dialect() != Dialect.DRBD_8_4
                && spec.volumes().stream().anyMatch(volume -> volume.backing().isPresent());
        return hasBitmaps ? forgotten : spec.forgetNodeIds();
    }
}
