package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.SyncStates;
import io.heddle.core.model.Bytes;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import io.heddle.core.status.SyncProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The figures are those of recorded streams: {@code stream-full-sync} of 8.4.11 and 9.3.3, {@code stream-verify} of 9.2.18. */
class SyncMeterTest {
    private static final Instant BEGIN = Instant.parse("2026-11-22T13:03:43Z");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Bytes SIZE = Bytes.ofKib(131_032);

    private final SyncMeter meter = new SyncMeter(name -> PATIENCE);
    private Optional<ReplicationStatus> last = Optional.empty();

    private SyncMeter.Moment at(double seconds) {
        Duration passed = Duration.ofNanos(Math.round(seconds * 1e9));
        return new SyncMeter.Moment(42 + passed.toNanos(), BEGIN.plus(passed));
    }

    private PeerVolumeStatus seen(double seconds, PeerVolumeStatus volume, DiskState disk) {
        ReplicationStatus status = new ReplicationStatus(
                "db2",
                Role.SECONDARY,
                "no",
                false,
                0,
                List.of(new DeviceStatus(0, 1002, disk, false, true, SIZE, "/dev/x", false)),
                List.of(new ConnectionStatus("n1", 0, ConnectionState.CONNECTED, Role.PRIMARY, true, List.of(volume))));
        ReplicationStatus measured = meter.measure(last, status, at(seconds));
        last = Optional.of(measured);
        return measured.connections().get(0).volumes().get(0);
    }

    private PeerVolumeStatus seen(double seconds, ReplicationState state, long outOfSyncKib) {
        return seen(seconds, state, outOfSyncKib, OptionalDouble.empty(), "no");
    }

    private PeerVolumeStatus seen(
            double seconds, ReplicationState state, long outOfSyncKib, OptionalDouble done, String suspended) {
        return seen(
                seconds,
                new PeerVolumeStatus(0, state, DiskState.UP_TO_DATE, Bytes.ofKib(outOfSyncKib), done, suspended),
                outOfSyncKib == 0 && !state.isVerify() ? DiskState.UP_TO_DATE : DiskState.INCONSISTENT);
    }

    private PeerVolumeStatus again(double seconds) {
        last = Optional.of(meter.measure(last, last.orElseThrow(), at(seconds)));
        return last.get().connections().get(0).volumes().get(0);
    }

    private static SyncProgress progress(PeerVolumeStatus volume) {
        return volume.progress().orElseThrow();
    }

    @Test
    void drbd84sPercentageAndRateAreReckonedFromWhatIsLeft() {
        seen(0.99, ReplicationState.WFBIT_MAP_T, 131_032);
        PeerVolumeStatus begun = seen(4.04, ReplicationState.SYNC_TARGET, 131_032);
        PeerVolumeStatus later = seen(8.04, ReplicationState.SYNC_TARGET, 120_584);

        assertEquals(OptionalDouble.of(0), begun.donePercent());
        assertEquals(OptionalLong.empty(), progress(begun).bytesPerSecond());
        assertEquals(OptionalDouble.of(7.97), later.donePercent());
        assertEquals(
                OptionalLong.of((131_032 - 120_584) * 1024 / 4), progress(later).bytesPerSecond());
        assertEquals(Optional.of(Duration.ofSeconds(47)), progress(later).timeLeft());
        assertEquals(Optional.of("SyncTarget from n1: 7 %, 2.55 MiB/s, 47 s left"), SyncStates.text("n1", later));
    }

    @Test
    void aSyncWhoseBeginningWasNotSeenHasNoPercentageOnDrbd84() {
        PeerVolumeStatus first = seen(0, ReplicationState.SYNC_TARGET, 100_000);
        PeerVolumeStatus later = seen(3, ReplicationState.SYNC_TARGET, 70_000);

        assertEquals(OptionalDouble.empty(), first.donePercent());
        assertEquals(OptionalDouble.empty(), later.donePercent());
        assertEquals(Optional.of(Duration.ofSeconds(7)), progress(later).timeLeft());
    }

    @Test
    void drbd9sPercentageIsDrbds() {
        seen(0, ReplicationState.SYNC_TARGET, 131_008, OptionalDouble.of(0), "no");
        PeerVolumeStatus later = seen(3, ReplicationState.SYNC_TARGET, 122_048, OptionalDouble.of(6.84), "no");

        assertEquals(OptionalDouble.of(6.84), later.donePercent());
        assertEquals(OptionalLong.of(3_058_347), progress(later).bytesPerSecond());
    }

    @Test
    void theRateIsThatOfTheLastMoments() {
        seen(0, ReplicationState.SYNC_TARGET, 130_000);
        for (int second = 3; second <= 30; second += 3) {
            seen(second, ReplicationState.SYNC_TARGET, 130_000 - second * 3000L);
        }
        for (int second = 33; second <= 48; second += 3) {
            seen(second, ReplicationState.SYNC_TARGET, 40_000 - (second - 30) * 1000L);
        }

        assertEquals(
                OptionalLong.of(1000 * 1024),
                progress(seen(51, ReplicationState.SYNC_TARGET, 19_000)).bytesPerSecond());
    }

    @Test
    void aPauseHasItsReasonAndNoRateAndIsNoStall() {
        seen(0, ReplicationState.SYNC_TARGET, 131_008, OptionalDouble.of(0), "no");
        seen(3, ReplicationState.SYNC_TARGET, 122_048, OptionalDouble.of(6.84), "no");
        PeerVolumeStatus paused =
                seen(4, ReplicationState.PAUSED_SYNC_T, 119_488, OptionalDouble.of(8.79), "peer,dependency");
        PeerVolumeStatus longAfter = again(1000);
        PeerVolumeStatus resumed = seen(1001, ReplicationState.SYNC_TARGET, 119_488, OptionalDouble.of(8.79), "no");

        assertEquals(OptionalLong.empty(), progress(paused).bytesPerSecond());
        assertEquals(Optional.empty(), progress(longAfter).stalledSince());
        assertEquals(
                Optional.of("PausedSyncT from n1: 8 %, paused by the peer, waits for another sync"),
                SyncStates.text("n1", longAfter));
        assertEquals(Optional.empty(), progress(resumed).stalledSince());
        assertEquals(OptionalLong.empty(), progress(resumed).bytesPerSecond());
    }

    @Test
    void whatDoesNotComeForwardForTooLongIsStalledSinceItsLastStep() {
        seen(0, ReplicationState.SYNC_TARGET, 100_000);
        seen(3, ReplicationState.SYNC_TARGET, 90_000);

        assertTrue(progress(again(10)).bytesPerSecond().getAsLong() > 0);
        assertEquals(OptionalLong.of(0), progress(again(20)).bytesPerSecond());
        assertEquals(Optional.empty(), progress(again(62.9)).stalledSince());
        assertEquals(Optional.of(BEGIN.plusSeconds(3)), progress(again(63)).stalledSince());
        assertEquals(Optional.of("SyncTarget from n1: stalled, 87.89 MiB left"), SyncStates.text("n1", again(80)));
        assertEquals(
                Optional.empty(),
                progress(seen(81, ReplicationState.SYNC_TARGET, 89_999)).stalledSince());
    }

    @Test
    void nothingNewIsToldWhileNothingChanges() {
        seen(0, ReplicationState.SYNC_TARGET, 100_000);
        seen(3, ReplicationState.SYNC_TARGET, 90_000);
        PeerVolumeStatus stalled = again(70);

        assertEquals(stalled, again(71));
        assertEquals(stalled, again(500));
    }

    @Test
    void aSyncThatIsDueAndDoesNotBeginIsStalledToo() {
        seen(0, ReplicationState.ESTABLISHED, 100);
        PeerVolumeStatus due = again(61);
        PeerVolumeStatus negotiating = seen(62, ReplicationState.WFBIT_MAP_T, 100);

        assertEquals(Optional.of(BEGIN), progress(due).stalledSince());
        assertEquals(Optional.of("Established with n1: the sync does not begin"), SyncStates.text("n1", due));
        assertEquals(Optional.of(BEGIN), progress(negotiating).stalledSince());
    }

    @Test
    void aVerifyIsMeasuredByItsPercentageAndIsNoSync() {
        seen(0, ReplicationState.VERIFY_S, 0, OptionalDouble.of(0), "no");
        PeerVolumeStatus later = seen(3.04, ReplicationState.VERIFY_S, 0, OptionalDouble.of(12.17), "no");

        long left = Math.round(SIZE.value() * 0.8783);
        assertEquals(Optional.of(new Bytes(left)), progress(later).left());
        assertEquals(
                OptionalLong.of(Math.round((SIZE.value() - left) / 3.04)),
                progress(later).bytesPerSecond());
        assertEquals(Optional.of("VerifyS with n1: 12 %, 5.12 MiB/s, 22 s left"), SyncStates.text("n1", later));
    }

    @Test
    void aVerifyOfDrbd84SaysThatItIsNotKnown() {
        PeerVolumeStatus verify = seen(0, ReplicationState.VERIFY_S, 0);

        assertEquals(SyncProgress.UNKNOWN, progress(verify));
        assertEquals(SyncProgress.UNKNOWN, progress(again(1000)));
        assertEquals(Optional.of("VerifyS with n1: rate not known yet"), SyncStates.text("n1", verify));
    }

    @Test
    void whatIsInSyncIsNotLookedAfter() {
        seen(0, ReplicationState.SYNC_TARGET, 100);
        PeerVolumeStatus done = seen(1, ReplicationState.ESTABLISHED, 0);

        assertEquals(Optional.empty(), done.progress());
        assertTrue(meter.tracked().isEmpty());
    }

    @Test
    void aSyncIsNeverStalledWhereTheRuleSaysNever() {
        SyncMeter patient = new SyncMeter(name -> Duration.ZERO);
        ReplicationStatus status = last(ReplicationState.SYNC_TARGET);
        ReplicationStatus begun = patient.measure(Optional.empty(), status, at(0));
        ReplicationStatus later = patient.measure(Optional.of(begun), begun, at(1e6));

        assertEquals(
                Optional.empty(),
                later.connections()
                        .get(0)
                        .volumes()
                        .get(0)
                        .progress()
                        .orElseThrow()
                        .stalledSince());
    }

    private ReplicationStatus last(ReplicationState state) {
        seen(0, state, 5);
        return last.orElseThrow();
    }
}
