package io.heddle.core.cluster;

import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.SyncProgress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/** The words for how syncs and verifies get on, alike on every door. Pure. */
public final class SyncStates {
    private static final String[] RATES = {"B/s", "KiB/s", "MiB/s", "GiB/s", "TiB/s"};

    private SyncStates() {}

    /**
     * A line for each sync or verify of a resource, with the volume where there are several and the peer:
     * {@code SyncTarget from pve1: 42 %, 118 MiB/s, 1 m 20 s left}. Empty where none is under way or is missing.
     */
    public static List<String> lines(Optional<ResourceStatus> status) {
        Optional<ReplicationStatus> replication =
                status.flatMap(seen -> seen.replication().known()).flatMap(known -> known);
        List<String> lines = new ArrayList<>();
        if (replication.isPresent()) {
            boolean several = replication.get().devices().size() > 1;
            for (ConnectionStatus connection : replication.get().connections()) {
                for (PeerVolumeStatus volume : connection.volumes()) {
                    text(connection.peer(), volume)
                            .map(text -> several ? "volume " + volume.number() + " " + text : text)
                            .ifPresent(lines::add);
                }
            }
        }
        return List.copyOf(lines);
    }

    /** The line of one volume towards one peer; empty if nothing is under way between them. */
    public static Optional<String> text(String peer, PeerVolumeStatus volume) {
        ReplicationState state = volume.replication();
        Optional<SyncProgress> progress = volume.progress();
        if (state.stage() == ReplicationState.SyncStage.NONE) {
            return progress.filter(SyncProgress::stalled)
                    .map(stalled -> state.drbdName() + " with " + peer + ": the sync does not begin");
        }
        List<String> parts = new ArrayList<>();
        volume.donePercent().ifPresent(done -> parts.add((long) Math.floor(done) + " %"));
        switch (state.stage()) {
            case PAUSED -> parts.add(pause(volume.resyncSuspended()));
            case STARTING -> parts.add(stalled(volume) ? "does not begin" : "begins");
            case RUNNING -> running(progress.orElse(SyncProgress.UNKNOWN), parts);
            case NONE -> throw new IllegalStateException(state.drbdName());
        }
        String direction = state.isVerify() ? " with " : state.isTarget() ? " from " : " to ";
        return Optional.of(state.drbdName() + direction + peer + ": " + String.join(", ", parts));
    }

    private static boolean stalled(PeerVolumeStatus volume) {
        return volume.progress().filter(SyncProgress::stalled).isPresent();
    }

    private static void running(SyncProgress progress, List<String> parts) {
        if (progress.stalled()) {
            parts.add("stalled");
            progress.left().ifPresent(left -> parts.add(left + " left"));
            return;
        }
        if (progress.bytesPerSecond().isEmpty()) {
            parts.add("rate not known yet");
            progress.left().ifPresent(left -> parts.add(left + " left"));
            return;
        }
        parts.add(rate(progress.bytesPerSecond()));
        Optional<Duration> left = progress.timeLeft();
        parts.add(left.map(time -> time(time) + " left").orElse("time left not known"));
    }

    /** Why a sync waits, from DRBD's word for it: {@code user}, {@code peer}, {@code dependency}, or several. */
    public static String pause(String resyncSuspended) {
        List<String> reasons = new ArrayList<>();
        for (String reason : resyncSuspended.split(",", -1)) {
            switch (reason) {
                case "user" -> reasons.add("paused here (drbdadm pause-sync)");
                case "peer" -> reasons.add("paused by the peer");
                case "dependency" -> reasons.add("waits for another sync");
                default -> {
                    // "no", or a word of a newer DRBD that says nothing to a person
                }
            }
        }
        return reasons.isEmpty() ? "paused" : String.join(", ", reasons);
    }

    /** Bytes per second for people: {@code 118 MiB/s}; empty text if unknown. */
    public static String rate(OptionalLong bytesPerSecond) {
        if (bytesPerSecond.isEmpty()) {
            return "";
        }
        double amount = bytesPerSecond.getAsLong();
        int unit = 0;
        while (amount >= 1024 && unit < RATES.length - 1) {
            amount /= 1024;
            unit++;
        }
        String form = unit == 0 || amount >= 100 ? "%.0f" : amount >= 10 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, form, amount) + " " + RATES[unit];
    }

    /** A duration for people in its two largest units: {@code 1 m 20 s}. */
    public static String time(Duration duration) {
        long seconds = duration.toSeconds();
        long[] amounts = {seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60};
        String[] units = {"d", "h", "m", "s"};
        int first = 0;
        while (first < 3 && amounts[first] == 0) {
            first++;
        }
        String text = amounts[first] + " " + units[first];
        return first < 3 && amounts[first + 1] > 0 ? text + " " + amounts[first + 1] + " " + units[first + 1] : text;
    }
}
