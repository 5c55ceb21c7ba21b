package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.SplitBrainResolution;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SplitBrainAnswer;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.Generation;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitBrainDecisionTest {
    private static final String COMMON = "52FCB9B2A2995A28";
    private static final Map<NodeName, String> GENERATIONS =
            Map.of(node(1), "8D9BE58223DE6E62", node(2), "08A0E8AAF8E6BAEC");

    private static final Problem LAPSED =
            new Problem(ErrorCode.SPLIT_BRAIN, "it has diverged", "it was in use", "decide again");

    @TempDir
    Path directory;

    private ClusterFixture cluster;
    /** Whether nodes do nothing on a word. */
    private volatile boolean stubborn;
    /** Whether they say that it has lapsed. */
    private volatile boolean lapses;

    private volatile Bytes differs = Bytes.ofMib(1);

    @BeforeEach
    void begin() {
        cluster = new ClusterFixture(directory);
        cluster.withNodes(2).withDefinition(DB1);
        complete(cluster.service.autoPlace(DB1, place(2)));
    }

    @AfterEach
    void end() {
        cluster.close();
    }

    /** What a node sees: cut off from all peers of which nothing is decided, connected otherwise. */
    private void sees(int number, boolean said, Role role, boolean changes) {
        cluster.machines.get(node(number)).sees = (spec, status) -> cutOff(spec, status, said, role, changes);
        cluster.satellites.look(node(number));
    }

    private ResourceStatus cutOff(ResourceSpec spec, ResourceStatus status, boolean said, Role role, boolean changes) {
        ReplicationStatus kernel =
                status.replication().known().flatMap(found -> found).orElseThrow();
        List<ConnectionStatus> connections = new ArrayList<>();
        List<CutOff> cutOffs = new ArrayList<>();
        for (PeerSpec peer : spec.peers()) {
            boolean decided = peer.answer().isPresent() && !stubborn;
            Optional<UUID> lapsed = lapses ? peer.answer().map(SplitBrainAnswer::uuid) : Optional.empty();
            connections.add(new ConnectionStatus(
                    peer.node().value(),
                    peer.nodeId(),
                    decided ? ConnectionState.CONNECTED : ConnectionState.STAND_ALONE,
                    Role.UNKNOWN,
                    decided,
                    List.of(),
                    said && !decided));
            if (!decided) {
                cutOffs.add(new CutOff(
                        peer.node().value(),
                        said,
                        Instant.EPOCH,
                        role,
                        Optional.empty(),
                        true,
                        lapsed,
                        List.of(new CutOff.Volume(
                                0,
                                new Generation(GENERATIONS.get(spec.node()), changes ? COMMON : "0000000000000000"),
                                differs,
                                4096))));
            }
        }
        return new ResourceStatus(
                status.name(),
                status.uuid(),
                lapses ? ResourceStatus.Phase.HELD : status.phase(),
                status.specRevision(),
                lapses ? Optional.of(LAPSED) : status.problem(),
                status.steps(),
                status.volumes(),
                Observation.known(Optional.of(new ReplicationStatus(
                        kernel.resource(),
                        role,
                        kernel.suspended(),
                        kernel.mayPromote(),
                        kernel.promotionScore(),
                        kernel.devices(),
                        connections))),
                status.forgottenNodeIds(),
                status.since(),
                status.awaitsRelease(),
                cutOffs,
                status.countsOtherwise());
    }

    private void diverged() {
        sees(1, true, Role.SECONDARY, true);
        sees(2, false, Role.SECONDARY, true);
        eventually(() -> splitBrain().isThere() && splitBrain().sides().stream().allMatch(this::tells));
    }

    private boolean tells(SplitBrain.Side side) {
        return side.status().filter(status -> !status.cutOffs().isEmpty()).isPresent();
    }

    private SplitBrain splitBrain() {
        return SplitBrain.of(cluster.service, cluster.definition(DB1));
    }

    private static void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "it never came to this");
            Thread.onSpinWait();
        }
    }

    private Optional<SplitBrainResolution> word() {
        return cluster.definition(DB1).resolution();
    }

    private void refusedWith(ErrorCode code, int loser) {
        refused(code, cluster.service.resolveSplitBrain(DB1, List.of(node(loser)), false));
        assertEquals(Optional.empty(), word());
    }

    @Test
    void aWordNamesTheGenerationsThatItSpeaksOfAndSurvivesARestart() {
        diverged();
        assertEquals(2, splitBrain().waysOut().size());

        complete(cluster.service.resolveSplitBrain(DB1, List.of(node(1)), false));

        SplitBrainResolution word = word().orElseThrow();
        assertEquals(
                Map.of(
                        node(1),
                        new DataMark(Ordered.map(Map.of(0, "8D9BE58223DE6E62")), Ordered.map(Map.of(0, 4096L)))),
                word.discarded());
        assertEquals(
                Map.of(node(2), new DataMark(Ordered.map(Map.of(0, "08A0E8AAF8E6BAEC")), Ordered.map(null))),
                word.kept());
        assertTrue(word.snapshot());
        cluster.restart();
        assertEquals(Optional.of(word), word());
    }

    @Test
    void changesOnBothSidesAreASplitBrainWithoutAWordOfDrbdToo() {
        sees(1, false, Role.SECONDARY, true);
        sees(2, false, Role.SECONDARY, true);

        eventually(() -> splitBrain().isThere());
    }

    @Test
    void whereOneSideHasNoChangesNothingIsDecided() {
        sees(1, false, Role.SECONDARY, true);
        sees(2, false, Role.SECONDARY, false);
        eventually(() -> splitBrain().sides().stream().allMatch(this::tells));

        assertEquals(List.of(), splitBrain().waysOut());
        refusedWith(ErrorCode.NO_SPLIT_BRAIN, 1);
        refusedWith(ErrorCode.NO_SPLIT_BRAIN, 2);
    }

    @Test
    void aSideThatIsInUseGivesNothingUp() {
        diverged();
        sees(1, true, Role.PRIMARY, true);
        eventually(() -> splitBrain().sides().get(0).replication().orElseThrow().role() == Role.PRIMARY);

        refusedWith(ErrorCode.IN_USE, 1);
        complete(cluster.service.resolveSplitBrain(DB1, List.of(node(2)), false));
    }

    @Test
    void nothingIsDecidedWithoutTheSideThatStays() {
        diverged();
        cluster.satellites.cutPower(node(2));
        eventually(() -> splitBrain().sides().get(1).status().isEmpty());

        refusedWith(ErrorCode.NODE_OFFLINE, 1);
        refusedWith(ErrorCode.NODE_OFFLINE, 2);
    }

    @Test
    void aNodeThatHasNoneIsNotNamed() {
        diverged();

        refusedWith(ErrorCode.RESOURCE_NOT_FOUND, 7);
        refused(ErrorCode.INVALID_INPUT, cluster.service.resolveSplitBrain(DB1, List.of(), false));
        refused(ErrorCode.NODE_OFFLINE, cluster.service.resolveSplitBrain(DB1, List.of(node(1), node(2)), false));
    }

    @Test
    void aWordThatIsNotCarriedOutIsShownAndCanBeTakenBack() throws Exception {
        diverged();
        stubborn = true;
        CompletableFuture<Outcome> answer =
                cluster.service.resolveSplitBrain(DB1, List.of(node(1)), false).toCompletableFuture();
        eventually(() -> splitBrain().underWay().isPresent());
        assertEquals(List.of(), splitBrain().waysOut());

        complete(cluster.service.withdrawSplitBrainResolution(DB1));

        assertEquals(Optional.empty(), word());
        assertEquals(2, splitBrain().waysOut().size());
        assertTrue(answer.get(60, TimeUnit.SECONDS).replies().stream()
                .anyMatch(reply -> reply.toString().contains("in the meantime")));
        refused(ErrorCode.NO_SPLIT_BRAIN, cluster.service.withdrawSplitBrainResolution(DB1));
    }

    @Test
    void aWordThatHasLapsedOnItsNodeLeavesTheWaysOutOpen() throws Exception {
        diverged();
        stubborn = true;
        lapses = true;

        Outcome answer = cluster.service
                .resolveSplitBrain(DB1, List.of(node(1)), false)
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);

        assertTrue(
                answer.replies().stream().anyMatch(reply -> reply.toString().contains("it was in use")), "" + answer);
        eventually(() -> splitBrain().underWay().isEmpty());
        assertEquals(2, splitBrain().waysOut().size());
        refused(ErrorCode.NO_SPLIT_BRAIN, cluster.service.withdrawSplitBrainResolution(DB1));
    }

    @Test
    void whereAPoolHasNoRoomForWhatIsOverwrittenNothingIsDecided() {
        differs = Bytes.ofMib(1L << 30);
        diverged();

        refusedWith(ErrorCode.POOL_FULL, 1);
    }
}
