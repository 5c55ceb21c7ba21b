package io.heddle.core.plan;

import static io.heddle.core.plan.Bench.kinds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.spec.Disposition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RemovalPlanTest {
    private static final List<String> WHOLE =
            List.of("ApproveRemoval", "DownResource", "RemoveConfiguration", "DeleteVolume");

    private static Bench tombstone(Bench bench) {
        bench.disposition = Disposition.REMOVED;
        bench.volume(0, Disposition.REMOVED, Bench.SIZE, Optional.empty());
        return bench;
    }

    private static void assertHeld(ErrorCode code, Bench bench) {
        Plan plan = bench.plan();

        assertEquals(Optional.of(code), plan.held().map(Problem::code));
        assertEquals(List.of(), kinds(plan));
    }

    @Test
    void aReplicaGoesWhenAnotherConnectedOneIsUpToDate() {
        assertEquals(WHOLE, kinds(tombstone(new Bench()).plan()));
    }

    @Test
    void theLastGoodCopyStaysWhenThePeerIsAway() {
        Bench bench = tombstone(new Bench());
        bench.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN);

        assertHeld(ErrorCode.LAST_GOOD_COPY, bench);
    }

    @Test
    void theLastGoodCopyStaysWhenThePeerIsOutdated() {
        Bench bench = tombstone(new Bench());
        bench.connected(Bench.N2, 1, DiskState.OUTDATED);

        assertHeld(ErrorCode.LAST_GOOD_COPY, bench);
    }

    @Test
    void aPeerThatGoesAsWellDoesNotCountAsACopy() {
        Bench bench = tombstone(new Bench());
        bench.peers.clear();

        assertHeld(ErrorCode.LAST_GOOD_COPY, bench);
    }

    @Test
    void theLastCopyGoesWithTheWholeDefinition() {
        Bench bench = tombstone(new Bench());
        bench.definitionDeleted = true;
        bench.connections.clear();

        assertEquals(List.of("DownResource", "RemoveConfiguration", "DeleteVolume"), kinds(bench.plan()));
    }

    @Test
    void aReplicaThatIsNoGoodItselfGoes() {
        Bench bench = tombstone(new Bench());
        bench.device(0, DiskState.INCONSISTENT, Bench.SIZE);
        bench.connections.clear();

        assertEquals(WHOLE, kinds(bench.plan()));
    }

    @Test
    void aVolumeWhoseDefinitionIsDeletedNeedsNoOtherCopy() {
        Bench bench = tombstone(new Bench());
        bench.volume(1, Disposition.REMOVED, Bench.SIZE, Optional.empty());
        bench.backing(1, Stage.READY, Bench.GROSS);
        bench.made(1, Bench.SIZE);

        assertEquals(
                List.of("ApproveRemoval", "DownResource", "RemoveConfiguration", "DeleteVolume", "DeleteVolume"),
                kinds(bench.plan()));
    }

    @Test
    void aDetachedReplicaGoesOnlyWhenAnotherIsGood() {
        Bench bench = tombstone(new Bench());
        bench.device(0, DiskState.DISKLESS, Bench.SIZE);
        assertEquals(WHOLE, kinds(bench.plan()));

        bench.connection(Bench.N2, 1, ConnectionState.CONNECTING, DiskState.DUNKNOWN);
        assertHeld(ErrorCode.LAST_GOOD_COPY, bench);
    }

    @Test
    void aVolumeThatNeverWasInServiceGoes() {
        Bench bench = tombstone(Bench.fresh());
        bench.backing(0, Stage.NEW, Bench.GROSS);

        assertEquals(List.of("DeleteVolume"), kinds(bench.plan()));
    }

    @Test
    void aResourceThatIsDownIsBroughtUpToSeeTheOtherCopies() {
        Bench bench = tombstone(Bench.rebooted());
        bench.confirmed = true;

        Plan plan = bench.plan();

        assertEquals(List.of("AdjustResource"), kinds(plan));
        assertEquals(Optional.empty(), plan.held());
    }

    @Test
    void aVolumeThatIsGoneAlreadyDoesNotKeepTheOthersFromComingUp() {
        Bench bench = tombstone(Bench.rebooted());
        bench.confirmed = true;
        bench.volume(1, Disposition.REMOVED, Bench.SIZE, Optional.empty());
        bench.backings.put(1, Observation.known(Optional.empty()));
        bench.made(1, Bench.SIZE);

        assertEquals(List.of("AdjustResource"), kinds(bench.plan()));
    }

    @Test
    void aResourceThatDoesNotKnowAReplicaThatStaysIsToldOfIt() {
        Bench bench = tombstone(new Bench());
        bench.connections.clear();
        bench.fileCurrent = false;

        assertEquals(List.of("ConfigureResource", "AdjustResource"), kinds(bench.plan()));
    }

    @Test
    void aResourceThatCannotComeUpIsHeldAndSaysWhy() {
        Bench bench = tombstone(Bench.rebooted());
        bench.confirmed = true;
        bench.metadata.put(0, Observation.unknown(Bench.FAILED_LOOK));

        assertHeld(ErrorCode.LAST_GOOD_COPY, bench);
        assertTrue(bench.plan().held().orElseThrow().why().contains("did not end in time"));
    }

    @Test
    void aRemovalThatWasApprovedIsCarriedThroughWhenNothingCanBeSeenAnyMore() {
        Bench bench = tombstone(Bench.rebooted());
        bench.confirmed = true;
        bench.record = bench.record.withRemovalApproved();

        assertEquals(List.of("RemoveConfiguration", "DeleteVolume"), kinds(bench.plan()));

        bench.file = Observation.known(Optional.empty());
        assertEquals(List.of("DeleteVolume"), kinds(bench.plan()));

        bench.backings.put(0, Observation.known(Optional.empty()));
        assertTrue(bench.plan().converged());
    }

    @Test
    void nothingGoesWhileNoControllerHasConfirmedTheSpec() {
        Bench bench = tombstone(new Bench());
        bench.confirmed = false;

        assertHeld(ErrorCode.SPEC_NOT_CONFIRMED, bench);
    }

    @Test
    void keepResHoldsAnExplicitDelete() {
        Bench bench = tombstone(new Bench());
        bench.keep = true;
        bench.definitionDeleted = true;

        assertHeld(ErrorCode.HELD_BY_KEEP_RES, bench);
    }

    @Test
    void aForeignVolumeUnderTheNameIsLeftAlone() {
        Bench bench = tombstone(new Bench());
        bench.definitionDeleted = true;
        bench.foreignBacking(0, Optional.of(Bench.CLUSTER), Optional.of(Bench.STRANGER));

        assertEquals(List.of("DownResource", "RemoveConfiguration"), kinds(bench.plan()));
    }

    @Test
    void aNewIncarnationOfTheNameIsLeftAlone() {
        Bench bench = tombstone(new Bench());
        bench.definitionDeleted = true;
        bench.fileOf(Bench.CLUSTER, Bench.STRANGER);

        assertEquals(List.of("DeleteVolume"), kinds(bench.plan()));
    }

    @Test
    void aResourceOfTheNameThatIsNotOursIsLeftRunning() {
        Bench bench = tombstone(Bench.fresh());
        bench.inKernel = true;

        assertTrue(bench.plan().converged());
    }

    @Test
    void nothingGoesWhileDrbdCannotBeSeen() {
        Bench bench = tombstone(new Bench());
        bench.definitionDeleted = true;
        bench.replication = Observation.unknown(Bench.FAILED_LOOK);

        assertHeld(ErrorCode.OBSERVATION_FAILED, bench);
    }

    @Test
    void aVolumeThatCannotBeSeenIsNotTakenForGone() {
        Bench bench = tombstone(Bench.fresh());
        bench.definitionDeleted = true;
        bench.backings.put(0, Observation.unknown(Bench.FAILED_LOOK));

        assertHeld(ErrorCode.OBSERVATION_FAILED, bench);
    }

    @Test
    void aLocalVolumeIsTheOnlyCopyAndStays() {
        Bench bench = tombstone(new Bench());
        bench.replicated = false;

        assertHeld(ErrorCode.LAST_GOOD_COPY, bench);

        bench.definitionDeleted = true;
        assertEquals(List.of("DeleteVolume"), kinds(bench.plan()));
    }

    @Test
    void aDisklessResourceGoesWithoutAQuestion() {
        Bench bench = tombstone(new Bench());
        bench.disklessHere();

        assertEquals(List.of("DownResource", "RemoveConfiguration"), kinds(bench.plan()));
    }

    @Test
    void whatIsGoneNeedsNothing() {
        assertTrue(tombstone(Bench.fresh()).plan().converged());
    }
}
