package io.heddle.satellite;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What DRBD has and which resource files there are, in memory, as the replication driver tells it. Safe for use by many
 * threads; runs no command.
 */
final class ReplicationBoard {
    private static final Problem NOT_LOOKED_AT = new Problem(
            ErrorCode.OBSERVATION_FAILED,
            "DRBD was not looked at yet",
            "the satellite or the replication driver has just begun",
            "nothing to do: it is looked at soon");

    private final SyncMeter meter;
    private final Supplier<SyncMeter.Moment> now;
    private Optional<Problem> blind = Optional.of(NOT_LOOKED_AT);
    private final Map<String, ReplicationStatus> resources = new HashMap<>();
    private Optional<Problem> filesUnseen = Optional.of(NOT_LOOKED_AT);
    private final Map<String, ConfiguredResource> files = new HashMap<>();
    private final Map<String, Problem> doubtedFiles = new HashMap<>();
    private long fileChanges;
    private KernelStatus kernel = none(NOT_LOOKED_AT);

    /**
     * @param meter measures syncs
     * @param now the time
     */
    ReplicationBoard(SyncMeter meter, Supplier<SyncMeter.Moment> now) {
        this.meter = meter;
        this.now = now;
    }

    synchronized Observation<Optional<ReplicationStatus>> resource(String name) {
        return blind.isPresent()
                ? Observation.unknown(blind.get())
                : Observation.known(Optional.ofNullable(resources.get(name)));
    }

    synchronized Observation<Optional<ConfiguredResource>> file(String name) {
        Optional<Problem> problem = filesUnseen.or(() -> Optional.ofNullable(doubtedFiles.get(name)));
        return problem.isPresent()
                ? Observation.unknown(problem.get())
                : Observation.known(Optional.ofNullable(files.get(name)));
    }

    synchronized KernelStatus kernel() {
        return kernel;
    }

    synchronized List<ReplicationStatus> resources() {
        return blind.isPresent() ? List.of() : List.copyOf(resources.values());
    }

    synchronized List<ConfiguredResource> files() {
        return filesUnseen.isPresent() ? List.of() : List.copyOf(files.values());
    }

    /** A driver has come that has told nothing yet. */
    void begin() {
        forget(NOT_LOOKED_AT);
    }

    /** Nothing is known of anything until it is told again. */
    synchronized void forget(Problem why) {
        blind = Optional.of(why);
        filesUnseen = Optional.of(why);
        resources.clear();
        meter.forgetAll();
        files.clear();
        doubtedFiles.clear();
        kernel = none(why);
    }

    private static KernelStatus none(Problem why) {
        return new KernelStatus(KernelStatus.Dialect.NONE, "", "", "", Optional.of(why));
    }

    /** True if it is other than before. */
    synchronized boolean kernel(KernelStatus seen) {
        boolean other = !kernel.equals(seen);
        kernel = seen;
        return other;
    }

    /** Count of own changes of files; to be taken before a look at them. */
    synchronized long beginFiles() {
        return fileChanges;
    }

    /** Takes what a look at the files saw, unless one of ours changed meanwhile; true if something is other than before. */
    synchronized boolean sawFiles(long begun, Observation<List<ConfiguredResource>> seen) {
        if (begun != fileChanges) {
            return false;
        }
        Map<String, ConfiguredResource> now = new HashMap<>();
        seen.known().ifPresent(all -> all.forEach(file -> now.put(file.name(), file)));
        boolean other = !filesUnseen.equals(seen.unknown()) || !now.equals(files) || !doubtedFiles.isEmpty();
        filesUnseen = seen.unknown();
        files.clear();
        files.putAll(now);
        doubtedFiles.clear();
        return other;
    }

    synchronized void putFile(ConfiguredResource file) {
        fileChanges++;
        doubtedFiles.remove(file.name());
        files.put(file.name(), file);
    }

    synchronized void fileGone(String name) {
        fileChanges++;
        doubtedFiles.remove(name);
        files.remove(name);
    }

    /** Writing or removing this file failed: nothing is known of it until the next look. */
    synchronized void doubtFile(String name, Problem why) {
        fileChanges++;
        doubtedFiles.put(name, why);
    }

    /** Takes all that DRBD has. */
    synchronized void present(List<ReplicationStatus> all) {
        Map<String, ReplicationStatus> before = Map.copyOf(resources);
        resources.clear();
        meter.tracked().stream()
                .filter(name ->
                        all.stream().noneMatch(status -> status.resource().equals(name)))
                .forEach(meter::forget);
        SyncMeter.Moment moment = now.get();
        all.forEach(status -> resources.put(
                status.resource(), meter.measure(Optional.ofNullable(before.get(status.resource())), status, moment)));
        blind = Optional.empty();
    }

    /** Takes a change; true if a plan may now be another, and not only the progress of a sync. */
    synchronized boolean changed(ReplicationStatus status) {
        ReplicationStatus before = resources.get(status.resource());
        ReplicationStatus measured = meter.measure(Optional.ofNullable(before), status, now.get());
        resources.put(status.resource(), measured);
        return before == null || !withoutProgress(before).equals(withoutProgress(measured));
    }

    /** Whether a sync or verify is under way, or due. */
    synchronized boolean syncs() {
        return !meter.tracked().isEmpty();
    }

    /** The resources of which a sync or verify is under way, or due. */
    synchronized Set<String> syncing() {
        return meter.tracked();
    }

    /** Measures what is under way once more, since a stall shows in no event; the resources of which it tells other than before. */
    synchronized List<String> measure() {
        List<String> others = new ArrayList<>();
        SyncMeter.Moment moment = now.get();
        for (String name : meter.tracked()) {
            ReplicationStatus before = resources.get(name);
            if (before == null) {
                meter.forget(name);
                continue;
            }
            ReplicationStatus measured = meter.measure(Optional.of(before), before, moment);
            if (!measured.equals(before)) {
                resources.put(name, measured);
                others.add(name);
            }
        }
        return others;
    }

    synchronized void gone(String name) {
        resources.remove(name);
        meter.forget(name);
    }

    synchronized void unknown(Problem why) {
        blind = Optional.of(why);
        resources.clear();
        meter.forgetAll();
    }

    private static ReplicationStatus withoutProgress(ReplicationStatus status) {
        List<ConnectionStatus> connections = new ArrayList<>();
        for (ConnectionStatus connection : status.connections()) {
            List<PeerVolumeStatus> volumes = new ArrayList<>();
            for (PeerVolumeStatus volume : connection.volumes()) {
                volumes.add(new PeerVolumeStatus(
                        volume.number(),
                        volume.replication(),
                        volume.peerDisk(),
                        Bytes.ZERO,
                        OptionalDouble.empty(),
                        volume.resyncSuspended()));
            }
            connections.add(connection.withVolumes(volumes));
        }
        return new ReplicationStatus(
                status.resource(),
                status.role(),
                status.suspended(),
                status.mayPromote(),
                0,
                status.devices(),
                connections);
    }
}
