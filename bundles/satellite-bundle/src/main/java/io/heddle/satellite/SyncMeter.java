package io.heddle.satellite;

import io.heddle.core.model.Bytes;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationState.SyncStage;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/**
 * Measures how syncs and verifies get on, from the bytes that DRBD says are left: the rate over the last moments, and since
 * when nothing came forward. DRBD 8.4 tells neither percentage nor rate, and a stall shows in no event, so all of it is
 * reckoned here. The time is given with each call. For one thread at a time.
 */
final class SyncMeter {
    /** Over how long a rate is taken: DRBD 9 tells progress every three seconds or so. */
    static final Duration WINDOW = Duration.ofSeconds(15);

    /** Two looks that lie closer together tell no rate. */
    static final Duration LEAST_SPAN = Duration.ofSeconds(1);

    private static final double WHOLE = 100;

    /** A moment, on the clock that only goes forward and on the one for people. */
    record Moment(long nanos, Instant time) {
        Duration since(Moment earlier) {
            return Duration.ofNanos(nanos - earlier.nanos);
        }
    }

    private record Key(String peer, int volume) {}

    private record Sample(Moment at, long left) {}

    /** What is remembered of one sync. */
    private static final class Track {
        private SyncStage stage = SyncStage.NONE;
        /** What was out of sync when it began; empty if that was not seen. */
        private Optional<Bytes> beginning = Optional.empty();

        private final Deque<Sample> samples = new ArrayDeque<>();
        private OptionalLong rate = OptionalLong.empty();
        private long least = Long.MAX_VALUE;
        private Moment forward;

        Track(Moment now) {
            forward = now;
        }
    }

    private final Function<String, Duration> stallAfter;
    private final Map<String, Map<Key, Track>> tracks = new HashMap<>();

    /** @param stallAfter after how long a sync of a resource counts as stalled; zero: never */
    SyncMeter(Function<String, Duration> stallAfter) {
        this.stallAfter = stallAfter;
    }

    /** Resources with a sync or verify that is looked after. */
    Set<String> tracked() {
        return Set.copyOf(tracks.keySet());
    }

    void forget(String resource) {
        tracks.remove(resource);
    }

    void forgetAll() {
        tracks.clear();
    }

    /**
     * The status with what was measured.
     *
     * @param before what was known of the resource before; the beginning of a sync shows in the difference
     */
    ReplicationStatus measure(Optional<ReplicationStatus> before, ReplicationStatus status, Moment now) {
        Map<Key, Track> known = tracks.getOrDefault(status.resource(), new HashMap<>());
        Set<Key> kept = new HashSet<>();
        List<ConnectionStatus> connections = new ArrayList<>();
        for (ConnectionStatus connection : status.connections()) {
            List<PeerVolumeStatus> volumes = new ArrayList<>();
            for (PeerVolumeStatus volume : connection.volumes()) {
                SyncStage stage = stage(status, connection, volume);
                if (stage == SyncStage.NONE) {
                    volumes.add(volume.measured(OptionalDouble.empty(), Optional.empty()));
                    continue;
                }
                Key key = new Key(connection.peer(), volume.number());
                Track track = known.computeIfAbsent(key, each -> new Track(now));
                kept.add(key);
                boolean beginningSeen = before.isPresent() && isAtRest(before.get(), key);
                volumes.add(measured(status, volume, stage, track, beginningSeen, now));
            }
            connections.add(connection.withVolumes(volumes));
        }
        known.keySet().retainAll(kept);
        if (known.isEmpty()) {
            tracks.remove(status.resource());
        } else {
            tracks.put(status.resource(), known);
        }
        return status.withConnections(connections);
    }

    /** Where a sync is due and none begins, that is one that is starting. */
    private static SyncStage stage(ReplicationStatus status, ConnectionStatus connection, PeerVolumeStatus volume) {
        SyncStage own = volume.replication().stage();
        boolean due = own == SyncStage.NONE
                && connection.state() == ConnectionState.CONNECTED
                && volume.replication() == ReplicationState.ESTABLISHED
                && volume.peerDisk() == DiskState.UP_TO_DATE
                && status.device(volume.number())
                        .map(DeviceStatus::disk)
                        .filter(disk -> disk == DiskState.INCONSISTENT || disk == DiskState.OUTDATED)
                        .isPresent()
                && status.connections().stream()
                        .flatMap(other -> other.volumes().stream())
                        .noneMatch(other -> other.number() == volume.number()
                                && other.replication().stage() != SyncStage.NONE);
        return due ? SyncStage.STARTING : own;
    }

    private static boolean isAtRest(ReplicationStatus before, Key key) {
        return before.connection(key.peer())
                .flatMap(connection -> connection.volumes().stream()
                        .filter(volume -> volume.number() == key.volume())
                        .findFirst())
                .filter(volume -> volume.replication().stage() == SyncStage.NONE
                        || volume.replication().stage() == SyncStage.STARTING)
                .isPresent();
    }

    private PeerVolumeStatus measured(
            ReplicationStatus status,
            PeerVolumeStatus volume,
            SyncStage stage,
            Track track,
            boolean beginningSeen,
            Moment now) {
        Optional<Bytes> left = left(status, volume);
        if (track.stage != stage) {
            enter(track, stage, volume, beginningSeen, now);
        }
        if (stage == SyncStage.RUNNING) {
            left.ifPresent(bytes -> sample(track, bytes.value(), now));
        }
        OptionalLong rate = stage == SyncStage.RUNNING ? rate(track, now) : OptionalLong.empty();
        boolean canStall = stage == SyncStage.STARTING || (stage == SyncStage.RUNNING && left.isPresent());
        Duration patience = stallAfter.apply(status.resource());
        boolean stalled =
                canStall && !patience.isZero() && now.since(track.forward).compareTo(patience) >= 0;
        return volume.measured(
                done(volume, track, left),
                Optional.of(
                        new SyncProgress(left, rate, stalled ? Optional.of(track.forward.time()) : Optional.empty())));
    }

    private static void enter(
            Track track, SyncStage stage, PeerVolumeStatus volume, boolean beginningSeen, Moment now) {
        if (stage == SyncStage.RUNNING && beginningSeen && !volume.replication().isVerify()) {
            track.beginning = Optional.of(volume.outOfSync());
        }
        track.stage = stage;
        track.samples.clear();
        track.rate = OptionalLong.empty();
        track.least = Long.MAX_VALUE;
        track.forward = now;
    }

    /** Of a verify DRBD tells the percentage only. */
    private static Optional<Bytes> left(ReplicationStatus status, PeerVolumeStatus volume) {
        if (!volume.replication().isVerify()) {
            return Optional.of(volume.outOfSync());
        }
        Optional<Bytes> size =
                status.device(volume.number()).map(DeviceStatus::size).filter(bytes -> !bytes.isZero());
        if (size.isEmpty() || volume.donePercent().isEmpty()) {
            return Optional.empty();
        }
        double rest = 1 - volume.donePercent().getAsDouble() / WHOLE;
        return Optional.of(new Bytes(Math.round(size.get().value() * Math.max(0, rest))));
    }

    private static void sample(Track track, long left, Moment now) {
        if (left < track.least) {
            track.least = left;
            track.forward = now;
        }
        Sample last = track.samples.peekLast();
        if (last != null && last.left() == left) {
            return;
        }
        if (last != null && left > last.left()) {
            track.samples.clear(); // more has come to differ: a new sync, in the same state
        }
        track.samples.addLast(new Sample(now, left));
        while (track.samples.size() > 2
                && now.since(track.samples.peekFirst().at()).compareTo(WINDOW) > 0) {
            track.samples.removeFirst();
        }
        Sample first = track.samples.peekFirst();
        Duration span = now.since(first.at());
        if (span.compareTo(LEAST_SPAN) >= 0) {
            double seconds = span.toNanos() / 1e9;
            track.rate = OptionalLong.of(Math.round((first.left() - left) / seconds));
        }
    }

    /** The rate holds until the next look could have told another; then nothing has moved. */
    private static OptionalLong rate(Track track, Moment now) {
        Sample last = track.samples.peekLast();
        boolean old = last != null && now.since(last.at()).compareTo(WINDOW) > 0;
        return old ? OptionalLong.of(0) : track.rate;
    }

    private static OptionalDouble done(PeerVolumeStatus volume, Track track, Optional<Bytes> left) {
        if (volume.replication().stage() != SyncStage.RUNNING
                && volume.replication().stage() != SyncStage.PAUSED) {
            return OptionalDouble.empty();
        }
        if (track.beginning.isEmpty()
                || volume.donePercent().isPresent()
                || volume.replication().isVerify()
                || left.isEmpty()
                || track.beginning.get().isZero()) {
            return volume.donePercent();
        }
        double rest = (double) left.get().value() / track.beginning.get().value();
        return OptionalDouble.of(Math.round(Math.max(0, 1 - rest) * WHOLE * WHOLE) / WHOLE);
    }
}
