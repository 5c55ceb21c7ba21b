package io.heddle.metrics;

import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.SyncProgress;
import java.time.Duration;

/** How syncs and verifies get on. A series is there while one is under way, and what is not known has none. */
final class SyncMetrics {
    private final Families.Gauge left;
    private final Families.Gauge rate;
    private final Families.Gauge seconds;
    private final Families.Gauge done;
    private final Families.Gauge stalled;

    /** @param prefix what the names begin with */
    SyncMetrics(Families families, String prefix, String... labels) {
        left = families.gauge(prefix + "_left_bytes", "Bytes still to be synced or verified with a peer.", labels);
        rate = families.gauge(
                prefix + "_bytes_per_second", "Bytes synced or verified with a peer in a second, lately.", labels);
        seconds = families.gauge(
                prefix + "_seconds_left", "Seconds until a sync or verify with a peer is done, at its rate.", labels);
        done = families.gauge(prefix + "_done_percent", "How much of a sync or verify is done.", labels);
        stalled = families.gauge(
                prefix + "_stalled", "1 if a sync with a peer did not come forward for too long.", labels);
    }

    void add(PeerVolumeStatus volume, String... values) {
        volume.progress().ifPresent(progress -> add(volume, progress, values));
    }

    private void add(PeerVolumeStatus volume, SyncProgress progress, String... values) {
        progress.left().ifPresent(bytes -> left.add((double) bytes.value(), values));
        progress.bytesPerSecond().ifPresent(bytes -> rate.add((double) bytes, values));
        progress.timeLeft().map(Duration::toSeconds).ifPresent(time -> seconds.add((double) time, values));
        volume.donePercent().ifPresent(percent -> done.add(percent, values));
        stalled.add(progress.stalled() ? 1 : 0, values);
    }
}
