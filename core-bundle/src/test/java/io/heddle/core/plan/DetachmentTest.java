package io.heddle.core.plan;

import static io.heddle.core.plan.Bench.kinds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.MetadataState;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A replica that is to give its disk up, and stays in service. */
class DetachmentTest {
    private final Bench bench = new Bench();

    DetachmentTest() {
        toGo();
    }

    private void toGo() {
        bench.volume(0, Disposition.DISKLESS, Bench.SIZE, Optional.empty());
    }

    private void givenUp() {
        bench.record = bench.record.withGivenUp(Bench.replica(0));
    }

    /** DRBD has let go of the disk, on purpose. */
    private void detached() {
        bench.devices.put(0, new DeviceStatus(0, 1000, DiskState.DISKLESS, true, true, Bench.SIZE, "", false));
    }

    private void assertHeld(ErrorCode code) {
        Plan plan = bench.plan();

        assertEquals(Optional.of(code), plan.held().map(Problem::code));
        assertEquals(List.of(), kinds(plan));
    }

    @Test
    void thatAnotherIsGoodIsNotedBeforeAnythingElse() {
        assertEquals(List.of("GiveDiskUp"), kinds(bench.plan()));
    }

    @Test
    void thenTheFileSaysNoneAndDrbdDetaches() {
        givenUp();
        bench.fileCurrent = false;

        assertEquals(List.of("ConfigureResource", "AdjustResource"), kinds(bench.plan()));
        Step.ConfigureResource file =
                (Step.ConfigureResource) bench.plan().steps().get(0);
        assertTrue(file.resource().volumes().get(0).backing().isEmpty());
        assertTrue(file.devices().isEmpty());
    }

    @Test
    void theBackingVolumeStaysWhileDrbdHasIt() {
        givenUp();

        assertEquals(List.of(), kinds(bench.plan()));
        assertTrue(
                bench.plan().waiting().toString().contains("detach"),
                bench.plan().toString());
    }

    @Test
    void thenTheBackingVolumeGoesByItsIdentity() {
        givenUp();
        detached();

        assertEquals(List.of("DeleteVolume"), kinds(bench.plan()));
        Step.DeleteVolume delete = (Step.DeleteVolume) bench.plan().steps().get(0);
        assertEquals(Bench.replica(0), delete.identity().volume());
    }

    @Test
    void thenNothingIsLeftToDo() {
        givenUp();
        detached();
        bench.backings.put(0, Observation.known(Optional.empty()));

        Plan plan = bench.plan();
        assertEquals(List.of(), plan.steps());
        assertEquals(Optional.empty(), plan.held());
        assertEquals(List.of(), plan.waiting());
    }

    @Test
    void aForeignVolumeOfTheNameStays() {
        givenUp();
        detached();
        bench.foreignBacking(0, Optional.of(Bench.CLUSTER), Optional.of(Bench.STRANGER));

        assertEquals(List.of(), kinds(bench.plan()));
    }

    @Test
    void whatIsNotSeenIsNotGone() {
        givenUp();
        detached();
        bench.backings.put(0, Observation.unknown(Bench.FAILED_LOOK));

        assertTrue(bench.plan().held().isPresent());
        assertEquals(List.of(), kinds(bench.plan()));
    }

    @Test
    void theLastGoodCopyKeepsItsDisk() {
        bench.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN);
        assertHeld(ErrorCode.LAST_GOOD_COPY);

        bench.connected(Bench.N2, 1, DiskState.INCONSISTENT);
        assertHeld(ErrorCode.LAST_GOOD_COPY);
    }

    @Test
    void aPeerThatGoesIsNoCopyThatStays() {
        bench.leaving(Bench.N2);

        assertHeld(ErrorCode.LAST_GOOD_COPY);
    }

    @Test
    void aPeerThatGivesItsDiskUpAsWellIsNone() {
        PeerSpec peer = bench.peers.get(Bench.N2);
        bench.peers.put(
                Bench.N2,
                new PeerSpec(
                        peer.node(),
                        peer.nodeId(),
                        false,
                        peer.volumes(),
                        peer.paths(),
                        peer.netOptions(),
                        peer.peerDeviceOptions(),
                        false,
                        true,
                        Optional.empty(),
                        false));

        assertHeld(ErrorCode.LAST_GOOD_COPY);
        bench.disposition = Disposition.REMOVED;
        bench.volume(0, Disposition.REMOVED, Bench.SIZE, Optional.empty());
        assertHeld(ErrorCode.LAST_GOOD_COPY);
    }

    @Test
    void anOldCopyMayBeTheLastOneThatIsLeft() {
        bench.device(0, DiskState.OUTDATED, Bench.SIZE);
        bench.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN);
        assertHeld(ErrorCode.LAST_GOOD_COPY);

        bench.connected(Bench.N2, 1, DiskState.UP_TO_DATE);
        assertEquals(List.of("GiveDiskUp"), kinds(bench.plan()));
    }

    @Test
    void aDiskThatFailedIsGivenUpThoughItCannotBeServed() {
        bench.device(0, DiskState.DISKLESS, Bench.SIZE);
        bench.backings.put(0, Observation.known(Optional.empty()));

        assertEquals(List.of("GiveDiskUp"), kinds(bench.plan()));
    }

    @Test
    void aStaleSpecOnlyServes() {
        bench.confirmed = false;

        assertHeld(ErrorCode.SPEC_NOT_CONFIRMED);
    }

    @Test
    void whatIsKeptIsKept() {
        bench.keep = true;

        assertHeld(ErrorCode.HELD_BY_KEEP_RES);
    }

    @Test
    void aDiskThatWasGivenUpIsNeverAttachedAgain() {
        Bench rebooted = Bench.rebooted();
        rebooted.volume(0, Disposition.DISKLESS, Bench.SIZE, Optional.empty());
        rebooted.record = rebooted.record.withGivenUp(Bench.replica(0));

        Step.AdjustResource adjust = (Step.AdjustResource) rebooted.plan().steps().stream()
                .filter(step -> step instanceof Step.AdjustResource)
                .findFirst()
                .orElseThrow();
        assertTrue(adjust.resource().volumes().get(0).backing().isEmpty());
        assertTrue(kinds(rebooted.plan()).stream().noneMatch("DeleteVolume"::equals));

        rebooted.disposition = Disposition.REMOVED;
        rebooted.volume(0, Disposition.REMOVED, Bench.SIZE, Optional.empty());
        rebooted.confirmed = true;
        assertTrue(
                kinds(rebooted.plan()).stream().noneMatch("AdjustResource"::equals),
                rebooted.plan().toString());
        assertTrue(
                kinds(rebooted.plan()).contains("DeleteVolume"), rebooted.plan().toString());
    }

    @Test
    void afterAPowerCutBeforeTheNoteItIsServedAsBefore() {
        Bench rebooted = Bench.rebooted();
        rebooted.volume(0, Disposition.DISKLESS, Bench.SIZE, Optional.empty());
        rebooted.metadata.put(0, Observation.known(MetadataState.PRESENT));

        Step.AdjustResource adjust = (Step.AdjustResource) rebooted.plan().steps().stream()
                .filter(step -> step instanceof Step.AdjustResource)
                .findFirst()
                .orElseThrow();
        assertTrue(adjust.resource().volumes().get(0).backing().isPresent());
    }

    @Test
    void whatWasNeverInServiceIsNotMadeAtAll() {
        Bench fresh = Bench.fresh();
        fresh.volume(0, Disposition.DISKLESS, Bench.SIZE, Optional.empty());
        fresh.backingSizes.put(0, Observation.known(Bytes.ofMib(68)));

        assertEquals(List.of("GiveDiskUp"), kinds(fresh.plan()));
    }
}
