package io.heddle.core.plan;

import static io.heddle.core.plan.Bench.kinds;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.SplitBrainAnswer;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.Content;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Generation;
import io.heddle.core.status.Observation;
import io.heddle.core.status.Role;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SplitBrainPlanTest {
    private static final UUID WORD = UUID.fromString("abcdef01-0000-4000-8000-000000000001");
    private static final String OURS = "8D9BE58223DE6E62";
    private static final String LATER = "1111111111111110";
    private static final Instant SINCE = Instant.parse("2026-11-22T12:40:47Z");

    private final Bench bench = new Bench();
    private String current = OURS;
    private SeenCutOff seen = new SeenCutOff(true, SINCE, Role.SECONDARY, Optional.empty(), true);
    private long written = 4096;

    SplitBrainPlanTest() {
        connection(ConnectionState.STAND_ALONE);
        bench.record = bench.record.withCutOff("n2", seen);
    }

    private void connection(ConnectionState state) {
        bench.connection(Bench.N2, 1, state, DiskState.DUNKNOWN);
        ConnectionStatus plain = bench.connections.get(Bench.N2);
        bench.connections.put(
                Bench.N2,
                new ConnectionStatus(
                        plain.peer(),
                        plain.nodeId(),
                        state,
                        plain.peerRole(),
                        false,
                        plain.volumes(),
                        state != ConnectionState.CONNECTED));
    }

    private void answered(Optional<SplitBrainAnswer> answer) {
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
                        answer));
    }

    private void decided(boolean discardHere, boolean snapshot) {
        DataMark mark = new DataMark(Ordered.map(Map.of(0, OURS)), Ordered.map(Map.of(0, 4096L)));
        answered(Optional.of(
                new SplitBrainAnswer(WORD, discardHere, discardHere ? mark : mark.ofGenerations(), snapshot)));
    }

    private void word(AnsweredWord.State state, String why) {
        bench.record = bench.record.withWord(new AnsweredWord(WORD, state, why));
    }

    private Plan plan() {
        return plan(Observation.known(new Content(
                Ordered.map(Map.of("n2", Ordered.map(Map.of(0, new Generation(current, LATER))))),
                Ordered.map(null),
                Ordered.map(Map.of(0, written)))));
    }

    private Plan plan(Observation<Content> content) {
        CutOffLook look = new CutOffLook(Ordered.map(Map.of("n2", seen)), content);
        return Planner.plan(bench.spec(), bench.pools, bench.situation().withCutOffs(look));
    }

    private static AnsweredWord noted(Plan plan) {
        return ((Step.RememberWord) plan.steps().get(0)).word();
    }

    private static AnsweredWord stopped(Plan plan) {
        return ((Step.StopDiscarding) plan.steps().get(0)).then();
    }

    private static Optional<ErrorCode> held(Plan plan) {
        return plan.held().map(Problem::code);
    }

    @Test
    void aSplitBrainThatNobodyDecidedOnIsShownWithTheWaysOutAndLeftAlone() {
        Plan plan = plan();

        assertEquals(List.of(), plan.steps());
        Problem problem = plan.held().orElseThrow();
        assertEquals(ErrorCode.SPLIT_BRAIN, problem.code());
        assertTrue(problem.correction().contains("resolve-split-brain db1 --discard n1, or --discard n2"));
    }

    @Test
    void whatWasSeenIsKeptOnceAndForgottenWhenTheTwoAreOneAgain() {
        bench.record = ResourceRecord.NOTHING.with(
                Bench.replica(0), bench.record.begun(Bench.replica(0)).orElseThrow());
        assertEquals(List.of("RememberCutOff"), kinds(plan()));

        bench.record = bench.record.withCutOff("n2", seen);
        assertEquals(List.of(), kinds(plan()));
        seen = new SeenCutOff(true, SINCE, Role.SECONDARY, Optional.of(SINCE.plusSeconds(10)), true);
        assertEquals(List.of("RememberCutOff"), kinds(plan()), "it was written");
        bench.record = bench.record.withCutOff("n2", seen);
        seen = new SeenCutOff(true, SINCE, Role.SECONDARY, Optional.of(SINCE.plusSeconds(30)), true);
        assertEquals(List.of(), kinds(plan()), "not for each write");

        bench.connected(Bench.N2, 1, DiskState.UP_TO_DATE);
        assertEquals(List.of("ForgetCutOff"), kinds(plan()));
    }

    @Test
    void theSideThatGivesUpIsKeptInASnapshotAndThenDiscards() {
        decided(true, true);

        Plan plan = plan();

        assertEquals(List.of("RememberWord", "DiscardMyData"), kinds(plan));
        assertEquals(new AnsweredWord(WORD, AnsweredWord.State.BEGUN, ""), noted(plan), "before anything is done");
        Step.DiscardMyData discard = (Step.DiscardMyData) plan.steps().get(1);
        assertEquals(
                List.of("db1_00000_discarded_abcdef01"),
                discard.snapshots().stream().map(Step.KeptVolume::name).toList());
        assertEquals(Ordered.set(List.of(Bench.N2)), discard.peers());
        assertEquals(Map.of(0, OURS), discard.mark().generations());
        assertEquals(Map.of(0, 4096L), discard.mark().written());
    }

    @Test
    void withoutASnapshotOnlyWhereThatWasSaid() {
        decided(true, false);

        Plan plan = plan();

        assertEquals(List.of("RememberWord", "DiscardMyData"), kinds(plan));
        assertEquals(List.of(), ((Step.DiscardMyData) plan.steps().get(1)).snapshots());
    }

    private void lapses(String why) {
        Plan plan = plan();

        assertEquals(List.of("RememberWord"), kinds(plan));
        assertEquals(AnsweredWord.State.LAPSED, noted(plan).state());
        assertTrue(noted(plan).why().contains(why), noted(plan).why());
        assertEquals(Optional.of(ErrorCode.SPLIT_BRAIN), held(plan));
    }

    @Test
    void theWordSaysNothingOnAnotherGeneration() {
        decided(true, true);
        current = LATER;

        lapses("another data generation");
    }

    @Test
    void theWordSaysNothingOnWhatWasWrittenAfterIt() {
        decided(true, true);
        written = 8192;

        lapses("was written");
    }

    @Test
    void whatIsInUseIsNotDiscardedWhenItsUserStopsSomeDay() {
        decided(true, true);
        bench.role = Role.PRIMARY;
        lapses("in use");

        word(AnsweredWord.State.LAPSED, "it is in use on this node");
        bench.role = Role.SECONDARY;
        Plan plan = plan();
        assertEquals(List.of(), plan.steps());
        Problem problem = plan.held().orElseThrow();
        assertEquals(ErrorCode.SPLIT_BRAIN, problem.code());
        assertTrue(problem.why().contains("it is in use on this node"), problem.why());
    }

    @Test
    void whatAConnectedPeerUsesIsNotDiscarded() {
        decided(true, true);
        bench.peer(Bench.N3, 2, true);
        bench.connections.put(
                Bench.N3,
                new ConnectionStatus("n3", 2, ConnectionState.CONNECTED, Role.PRIMARY, true, List.of(), false));

        lapses("n3, which is connected to this node, is Primary");
    }

    @Test
    void aStaleSpecDiscardsNothing() {
        decided(true, true);
        bench.confirmed = false;

        assertEquals(List.of(), plan().steps());
        assertEquals(Optional.of(ErrorCode.SPEC_NOT_CONFIRMED), held(plan()));
    }

    @Test
    void whatIsNotSeenIsNotDiscarded() {
        decided(true, true);

        Plan plan = plan(Observation.unknown(Bench.FAILED_LOOK));

        assertEquals(List.of(), plan.steps());
        assertEquals(Optional.of(ErrorCode.OBSERVATION_FAILED), held(plan));
    }

    @Test
    void whatWasBegunIsWaitedForAndNeverBegunAgain() {
        decided(true, true);
        word(AnsweredWord.State.BEGUN, "");
        connection(ConnectionState.CONNECTING);
        Plan waiting = plan();
        assertEquals(List.of(), waiting.steps());
        assertFalse(waiting.waiting().isEmpty());

        connection(ConnectionState.STAND_ALONE);
        Plan refused = plan();
        assertEquals(List.of("StopDiscarding"), kinds(refused));
        assertTrue(((Step.StopDiscarding) refused.steps().get(0)).onlyIfRefused());
        assertEquals(AnsweredWord.State.LAPSED, stopped(refused).state());

        word(AnsweredWord.State.BEGUN, "the pool is full");
        Plan failed = plan();
        assertEquals(List.of("StopDiscarding"), kinds(failed));
        assertEquals("the pool is full", stopped(failed).why());
    }

    @Test
    void aWordThatIsTakenBackIsTakenFromDrbdToo() {
        word(AnsweredWord.State.BEGUN, "");
        connection(ConnectionState.CONNECTING);

        Plan plan = plan();

        assertEquals(List.of("StopDiscarding"), kinds(plan));
        assertFalse(((Step.StopDiscarding) plan.steps().get(0)).onlyIfRefused());
        assertEquals(WORD, stopped(plan).word());
    }

    @Test
    void anotherWordBeginsOnlyAfterTheFirstWasTakenFromDrbd() {
        decided(true, true);
        bench.record = bench.record.withWord(new AnsweredWord(UUID.randomUUID(), AnsweredWord.State.BEGUN, ""));
        assertEquals(List.of("StopDiscarding"), kinds(plan()));

        bench.record =
                bench.record.withWord(new AnsweredWord(UUID.randomUUID(), AnsweredWord.State.LAPSED, "taken back"));
        assertEquals(List.of("RememberWord", "DiscardMyData"), kinds(plan()));
    }

    @Test
    void theSideThatKeepsItsDataOnlyListensAgain() {
        decided(false, false);
        bench.role = Role.PRIMARY;
        written = 8192;
        assertEquals(List.of("ConnectPeers"), kinds(plan()));

        connection(ConnectionState.CONNECTING);
        assertEquals(List.of(), kinds(plan()));
    }

    @Test
    void aWordThatIsCarriedOutIsNotedAndNeverLookedAtAgain() {
        decided(true, true);
        word(AnsweredWord.State.BEGUN, "");
        bench.record = bench.record.withoutCutOff("n2");
        bench.connected(Bench.N2, 1, DiskState.UP_TO_DATE);
        assertEquals(List.of("RememberWord"), kinds(plan()));
        assertEquals(AnsweredWord.State.CARRIED_OUT, noted(plan()).state());

        word(AnsweredWord.State.CARRIED_OUT, "");
        bench.record = bench.record.withCutOff("n2", seen);
        connection(ConnectionState.STAND_ALONE);
        assertEquals(List.of(), kinds(plan()), "not even with the same content");
    }

    /** DRBD 8.4 is Connected while it still looks whether the two have diverged. */
    @Test
    void aConnectionWhosePeerIsNotKnownYetResolvesNothing() {
        decided(true, true);
        word(AnsweredWord.State.BEGUN, "");
        bench.connections.put(
                Bench.N2,
                new ConnectionStatus("n2", 1, ConnectionState.CONNECTED, Role.UNKNOWN, true, List.of(), true));

        assertEquals(List.of(), kinds(plan()));
    }

    @Test
    void aWinnerThatComesLaterHasNoLicenceToOverwriteAnythingMore() {
        decided(true, true);
        Optional<SplitBrainAnswer> answer = bench.peers.get(Bench.N2).answer();
        word(AnsweredWord.State.BEGUN, "");
        bench.record = bench.record.withoutCutOff("n2");
        bench.connected(Bench.N2, 1, DiskState.UP_TO_DATE);
        bench.peer(Bench.N3, 2, false);
        PeerSpec third = bench.peers.get(Bench.N3);
        bench.peers.put(
                Bench.N3,
                new PeerSpec(
                        third.node(),
                        third.nodeId(),
                        false,
                        third.volumes(),
                        third.paths(),
                        third.netOptions(),
                        third.peerDeviceOptions(),
                        false,
                        answer));
        bench.connection(Bench.N3, 2, ConnectionState.CONNECTING, DiskState.DUNKNOWN);

        Plan plan = plan();

        assertEquals(List.of("StopDiscarding"), kinds(plan));
        assertEquals(AnsweredWord.State.CARRIED_OUT, stopped(plan).state());
    }
}
