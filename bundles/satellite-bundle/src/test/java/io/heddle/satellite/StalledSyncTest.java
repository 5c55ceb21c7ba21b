package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SyncRule;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.Role;
import io.heddle.core.status.StatusDelta;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class StalledSyncTest {
    private static final NodeName N2 = new NodeName("n2");
    private static final SatelliteSettings.Times QUICK = new SatelliteSettings.Times(
            Duration.ofMillis(300),
            Duration.ofMillis(300),
            Duration.ofMillis(5),
            Duration.ofMillis(1200),
            new BackOff(Duration.ofMillis(20), Duration.ofMillis(200)));
    private static final Duration PATIENCE = Duration.ofMillis(200);

    @TempDir
    Path directory;

    private final World world = new World();
    private final List<Reconciler> running = new ArrayList<>();
    private final Wish db1 = Wish.of("db1", "n1", "n2");
    private final Machine n1 = world.machine("n1");

    @AfterEach
    void end() {
        running.forEach(Reconciler::close);
        assertEquals(List.of(), world.violations);
    }

    private Reconciler satellite(String node) {
        Reconciler satellite = new Reconciler(
                new SatelliteSettings(
                        directory.resolve(node),
                        new NodeName(node),
                        node,
                        "0.1.0",
                        "boot-1",
                        SatelliteSettings.KEEP_NONE,
                        QUICK),
                Clock.systemUTC());
        satellite.start();
        running.add(satellite);
        satellite.add(new FakeStorage(world.machine(node)), 1, new Version("1.0.0"));
        satellite.add(new FakeDrbd(world.machine(node)), 2, new Version("1.0.0"));
        return satellite;
    }

    private Reconciler replicated(SyncRule rule) {
        db1.syncRule = rule;
        Reconciler one = satellite("n1");
        Reconciler two = satellite("n2");
        one.take(Wish.node("n1", 1, 1, db1));
        two.take(Wish.node("n2", 1, 1, db1));
        eventually(
                "ready",
                () -> status(one).filter(seen -> seen.phase() == Phase.READY).isPresent());
        eventually(
                "ready",
                () -> status(two).filter(seen -> seen.phase() == Phase.READY).isPresent());
        return one;
    }

    private Optional<ResourceStatus> status(Reconciler satellite) {
        return Optional.ofNullable(satellite
                .status()
                .resources()
                .get(db1.replicas.get(satellite.status().node()).uuid));
    }

    private void syncs(ReplicationState state, long leftKib, String suspended) {
        synchronized (world) {
            n1.syncs.put(
                    "db1/n2",
                    new PeerVolumeStatus(
                            0, state, DiskState.UP_TO_DATE, Bytes.ofKib(leftKib), OptionalDouble.empty(), suspended));
            world.settle("db1");
        }
    }

    private Optional<Problem> problem(Reconciler satellite) {
        return status(satellite).flatMap(ResourceStatus::problem);
    }

    private static void eventually(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, () -> "it never came to this: " + what);
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void aStalledSyncIsShownThenResumedThenConnectedAnewAFewTimesAndNoMore() {
        Reconciler satellite = replicated(new SyncRule(PATIENCE, SyncRule.Cure.RECONNECT));

        syncs(ReplicationState.SYNC_TARGET, 4096, "no");

        eventually(
                "shown",
                () -> problem(satellite)
                        .filter(found -> found.code() == ErrorCode.SYNC_STALLED)
                        .isPresent());
        Problem shown = problem(satellite).orElseThrow();
        assertTrue(shown.what().contains("db1 from n2"), shown.text());
        assertTrue(shown.why().contains("4 MiB are left"), shown.text());
        eventually("three connections", () -> n1.syncCommands.size() >= 5);
        assertEquals(List.of("pause n2", "resume n2", "reconnect n2", "reconnect n2", "reconnect n2"), n1.syncCommands);
        eventually(
                "what was done is told",
                () -> problem(satellite)
                        .filter(found -> found.why().contains("it was connected anew at"))
                        .isPresent());

        syncs(ReplicationState.ESTABLISHED, 0, "no");
        eventually("the sync is done", () -> problem(satellite).isEmpty());
    }

    @Test
    void itGoesNoFurtherThanTheRuleAllows() {
        Reconciler satellite = replicated(new SyncRule(PATIENCE, SyncRule.Cure.RESUME));
        List<StatusDelta> told = new CopyOnWriteArrayList<>();

        syncs(ReplicationState.SYNC_TARGET, 4096, "no");

        eventually(
                "resumed",
                () -> problem(satellite)
                        .filter(found -> found.why().contains("it was paused and resumed"))
                        .isPresent());
        satellite.follow(told::add);
        syncs(ReplicationState.SYNC_TARGET, 4097, "no");
        eventually(
                "stalled again",
                () -> told.stream().anyMatch(delta -> !delta.resources().isEmpty()));
        assertEquals(List.of("pause n2", "resume n2"), n1.syncCommands);
    }

    @Test
    void whatIsPausedIsLeftAsItIs() {
        Reconciler satellite = replicated(new SyncRule(PATIENCE, SyncRule.Cure.RECONNECT));

        syncs(ReplicationState.PAUSED_SYNC_T, 4096, "user");
        eventually(
                "seen",
                () -> status(satellite)
                        .flatMap(found -> found.replication().known())
                        .flatMap(found -> found)
                        .filter(found ->
                                found.connections().get(0).volumes().get(0).replication()
                                        == ReplicationState.PAUSED_SYNC_T)
                        .isPresent());
        // the same volume stalls afterwards: only that is cured
        syncs(ReplicationState.SYNC_TARGET, 4096, "no");
        eventually("cured", () -> !n1.syncCommands.isEmpty());

        assertEquals("pause n2", n1.syncCommands.get(0));
        assertTrue(problem(satellite).isPresent());
    }

    @Test
    void aPauseThatWasCutShortIsTakenBackAtTheNextStart() throws Exception {
        Path notes = directory.resolve("n1").resolve("sync-pauses");
        PauseNotes.open(notes).add(new PauseNotes.Note(db1.replicas.get(new NodeName("n1")).uuid, N2, 0));

        replicated(SyncRule.DEFAULT);
        syncs(ReplicationState.PAUSED_SYNC_T, 4096, "user");

        eventually("resumed", () -> n1.syncCommands.contains("resume n2"));
        eventually("forgotten", () -> !Files.exists(notes));
        assertEquals(List.of(), PauseNotes.open(notes).all());
    }

    @Test
    void damagedNotesStopNothing() throws Exception {
        Path notes = directory.resolve("notes");
        Files.writeString(notes, "{");

        assertEquals(List.of(), PauseNotes.open(notes).all());
    }

    @Test
    void aConnectionIsOnlyTakenAwayWhereNobodyNeedsIt() {
        replicated(SyncRule.DEFAULT);
        ResourceSpec spec = db1.spec(new NodeName("n1")).orElseThrow();
        ReplicationStatus free = n1.status("db1").orElseThrow();

        assertEquals(Optional.empty(), ReconnectRule.against(spec, free, N2));
        assertTrue(against(spec, withRoles(free, Role.PRIMARY, Role.SECONDARY)).contains("in use on this node"));
        assertEquals(Optional.empty(), ReconnectRule.against(spec, withRoles(free, Role.SECONDARY, Role.PRIMARY), N2));
        db1.otherOptions = Map.of(ResourceSpec.QUORUM, "majority");
        ResourceSpec voting = db1.spec(new NodeName("n1")).orElseThrow();
        assertEquals(Optional.empty(), ReconnectRule.against(voting, free, N2));
        assertTrue(
                against(voting, withRoles(free, Role.SECONDARY, Role.PRIMARY)).contains("lose its quorum"));
        assertTrue(
                against(voting, withRoles(free, Role.SECONDARY, Role.UNKNOWN)).contains("lose its quorum"));
        db1.netOptions = Map.of("fencing", "resource-and-stonith");
        ResourceSpec fenced = db1.spec(new NodeName("n1")).orElseThrow();
        assertTrue(against(fenced, free).contains("fenced"));
        assertTrue(against(spec, withPeerDisk(free, DiskState.INCONSISTENT)).contains("not UpToDate"));
        assertTrue(ReconnectRule.against(spec, free, new NodeName("n9")).isPresent());
    }

    private static String against(ResourceSpec spec, ReplicationStatus status) {
        return ReconnectRule.against(spec, status, N2).orElse("");
    }

    private static ReplicationStatus withRoles(ReplicationStatus status, Role own, Role peer) {
        var connection = status.connections().get(0);
        return new ReplicationStatus(
                status.resource(),
                own,
                "no",
                true,
                1,
                status.devices(),
                List.of(new ConnectionStatus(
                        connection.peer(), connection.nodeId(), connection.state(), peer, true, connection.volumes())));
    }

    private static ReplicationStatus withPeerDisk(ReplicationStatus status, DiskState disk) {
        return status.withConnections(List.of(status.connections()
                .get(0)
                .withVolumes(List.of(new PeerVolumeStatus(
                        0, ReplicationState.ESTABLISHED, disk, Bytes.ZERO, OptionalDouble.empty(), "no")))));
    }
}
