package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.link.SnapshotOrder;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.SnapshotVolume;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.ResourceStatus;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

class SnapshotWindowsTest {
    private static final UUID SNAPSHOT = new UUID(7L << 32, 7);

    @TempDir
    Path directory;

    private final World world = new World();
    private final Wish db1 = Wish.of("db1", "n1");
    private final FakeStorage storage = new FakeStorage(world.machine("n1"));
    private final FakeDrbd drbd = new FakeDrbd(world.machine("n1"));
    private Reconciler satellite;

    @BeforeEach
    void start(TestInfo test) throws InterruptedException {
        if (test.getTags().contains("drbd84")) {
            world.machine("n1").dialect = Dialect.DRBD_8_4;
        }
        start(SatelliteSettings.KEEP_NONE);
    }

    private void start(Pattern keep) throws InterruptedException {
        if (satellite != null) {
            satellite.close();
        }
        satellite = reconciler(keep);
        satellite.take(Wish.node("n1", new SpecVersion(1, new UUID(9, 1), 1), List.of(Wish.POOL), List.of(db1)));
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (satellite.status().resources().get(uuid) == null
                || satellite.status().resources().get(uuid).phase() != ResourceStatus.Phase.READY
                || !isUpToDate(satellite.status().resources().get(uuid))) {
            assertTrue(System.nanoTime() < deadline, "it never came up: " + satellite.status());
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    private Reconciler reconciler(Pattern keep) {
        Reconciler made = new Reconciler(
                new SatelliteSettings(
                        directory.resolve("n1"),
                        new NodeName("n1"),
                        "n1",
                        "0.1.0",
                        "boot-1",
                        keep,
                        new SatelliteSettings.Times(
                                Duration.ofMillis(300),
                                Duration.ofMillis(300),
                                Duration.ofMillis(5),
                                Duration.ofMillis(1200),
                                new BackOff(Duration.ofMillis(20), Duration.ofMillis(200)))),
                Clock.systemUTC());
        made.start();
        made.add(storage, 1, new Version("1.0.0"));
        made.add(drbd, 2, new Version("1.0.0"));
        return made;
    }

    private static boolean isUpToDate(ResourceStatus status) {
        return status.inKernel().toString().contains("UP_TO_DATE");
    }

    @AfterEach
    void end() {
        satellite.close();
        assertEquals(List.of(), world.violations);
    }

    private SnapshotOrder order(UUID window, boolean counted) {
        Wish.Replica replica = db1.replicas.get(new NodeName("n1"));
        return new SnapshotOrder(
                window,
                30,
                List.of(new SnapshotOrder.Part(
                        db1.name,
                        replica.uuid,
                        SNAPSHOT,
                        counted,
                        List.of(new SnapshotVolume(0, replica.volumes.get(0), Wish.POOL, "db1_00000", 7)))));
    }

    private void step(NodeAction.Kind kind, SnapshotOrder order) throws Exception {
        try {
            satellite.perform(NodeAction.of(kind, order)).toCompletableFuture().get(60, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw (Exception) failure.getCause();
        }
    }

    private void refused(ErrorCode code, NodeAction.Kind kind, SnapshotOrder order) {
        assertEquals(
                code,
                assertThrows(HeddleException.class, () -> step(kind, order)).code());
    }

    @Test
    void takesASnapshotWhileIoIsSuspendedAndOnlyThen() throws Exception {
        SnapshotOrder order = order(new UUID(1, 1), false);
        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.TAKE_SNAPSHOTS, order);
        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.SUSPEND_IO, order);

        step(NodeAction.Kind.PREPARE_SNAPSHOTS, order);
        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.TAKE_SNAPSHOTS, order);
        assertEquals(Set.of(), storage.snapshots.keySet());
        step(NodeAction.Kind.SUSPEND_IO, order);
        assertEquals(Set.of("db1"), drbd.suspended);
        step(NodeAction.Kind.TAKE_SNAPSHOTS, order);
        step(NodeAction.Kind.TAKE_SNAPSHOTS, order);
        assertEquals(Set.of("db1_00000_snap_00000007"), storage.snapshots.keySet());
        step(NodeAction.Kind.RESUME_IO, order);
        assertEquals(Set.of(), drbd.suspended);

        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.TAKE_SNAPSHOTS, order);
        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.RESUME_IO, order);
        step(NodeAction.Kind.DELETE_SNAPSHOTS, order(new UUID(2, 2), true));
        step(NodeAction.Kind.DELETE_SNAPSHOTS, order(new UUID(2, 2), true));
        assertEquals(Set.of(), storage.snapshots.keySet());
    }

    private static SnapshotOrder.Part part(Wish wish, PoolName pool) {
        Wish.Replica replica = wish.replicas.get(new NodeName("n1"));
        return new SnapshotOrder.Part(
                wish.name,
                replica.uuid,
                SNAPSHOT,
                false,
                List.of(new SnapshotVolume(0, replica.volumes.get(0), pool, wish.name + "_00000", 7)));
    }

    @Test
    void takesInSeveralPoolsAtOnce() throws Exception {
        PoolName slow = new PoolName("slow");
        Wish log = Wish.of("log", "n1").in(slow);
        satellite.take(
                Wish.node("n1", new SpecVersion(1, new UUID(9, 1), 2), List.of(Wish.POOL, slow), List.of(db1, log)));
        SnapshotOrder order = new SnapshotOrder(new UUID(1, 1), 30, List.of(part(db1, Wish.POOL), part(log, slow)));
        awaitPrepared(order);
        step(NodeAction.Kind.SUSPEND_IO, order);
        CountDownLatch together = new CountDownLatch(2);
        world.machine("n1").chaos = new Machine.Chaos() {
            @Override
            public void before(String call) {
                if (call.startsWith("take ")) {
                    together.countDown();
                    try {
                        assertTrue(together.await(30, TimeUnit.SECONDS), "one after the other");
                    } catch (InterruptedException stopped) {
                        Thread.currentThread().interrupt();
                    }
                }
            }
        };

        step(NodeAction.Kind.TAKE_SNAPSHOTS, order);

        assertEquals(Set.of("db1_00000_snap_00000007", "log_00000_snap_00000007"), storage.snapshots.keySet());
        step(NodeAction.Kind.RESUME_IO, order);
    }

    private void awaitPrepared(SnapshotOrder order) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (true) {
            try {
                step(NodeAction.Kind.PREPARE_SNAPSHOTS, order);
                return;
            } catch (HeddleException notYet) {
                assertTrue(System.nanoTime() < deadline, notYet.getMessage());
                TimeUnit.MILLISECONDS.sleep(5);
            }
        }
    }

    @Test
    void doesNotConfirmWhatSomebodyHasResumed() throws Exception {
        SnapshotOrder order = order(new UUID(1, 1), false);
        step(NodeAction.Kind.PREPARE_SNAPSHOTS, order);
        step(NodeAction.Kind.SUSPEND_IO, order);
        step(NodeAction.Kind.TAKE_SNAPSHOTS, order);
        drbd.suspended.clear();

        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.RESUME_IO, order);
    }

    @Test
    void aDeletionThatComesFirstEndsTheTaking() throws Exception {
        SnapshotOrder order = order(new UUID(1, 1), false);
        step(NodeAction.Kind.PREPARE_SNAPSHOTS, order);
        step(NodeAction.Kind.SUSPEND_IO, order);
        step(NodeAction.Kind.DELETE_SNAPSHOTS, order);

        refused(ErrorCode.IO_SUSPENDED, NodeAction.Kind.TAKE_SNAPSHOTS, order);
        assertEquals(Set.of(), storage.snapshots.keySet());
    }

    private void promote() throws Exception {
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;
        satellite
                .perform(new NodeAction(NodeAction.Kind.PROMOTE, db1.name, uuid, false))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!satellite.status().resources().get(uuid).inKernel().toString().contains("PRIMARY")) {
            assertTrue(System.nanoTime() < deadline, "it was never promoted");
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    @Test
    @Tag("drbd84")
    void takesNothingOfWhatIsInUseOnDrbd84() throws Exception {
        SnapshotOrder order = order(new UUID(1, 1), false);
        promote();

        refused(ErrorCode.NOT_SUPPORTED, NodeAction.Kind.PREPARE_SNAPSHOTS, order);

        assertEquals(Map.of(), drbd.leased);
    }

    @Test
    void goesBackOnlyWhereNobodyUsesItAndItsPartIsThere() throws Exception {
        SnapshotOrder order = order(new UUID(1, 1), true);
        refused(ErrorCode.SNAPSHOT_NOT_FOUND, NodeAction.Kind.CHECK_ROLLBACK, order);
        storage.snapshots.put("db1_00000_snap_00000007", "");
        step(NodeAction.Kind.CHECK_ROLLBACK, order);
        promote();
        refused(ErrorCode.IN_USE, NodeAction.Kind.CHECK_ROLLBACK, order);

        start(Pattern.compile("db"));
        refused(ErrorCode.HELD_BY_KEEP_RES, NodeAction.Kind.CHECK_ROLLBACK, order);
    }

    @Test
    void whatIsHaltedIsTakenDownAndNotBroughtUpByAnother() throws Exception {
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;
        db1.halted = true;
        for (int start = 1; start <= 2; start++) {
            if (start == 1) {
                satellite.take(
                        Wish.node("n1", new SpecVersion(1, new UUID(9, 1), 2), List.of(Wish.POOL), List.of(db1)));
            } else {
                satellite.close();
                satellite = reconciler(SatelliteSettings.KEEP_NONE);
            }
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (satellite.status().resources().get(uuid) == null
                    || satellite.status().resources().get(uuid).phase() != ResourceStatus.Phase.READY
                    || satellite.status().resources().get(uuid).inKernel().isPresent()) {
                assertTrue(System.nanoTime() < deadline, "it was never down: " + satellite.status());
                TimeUnit.MILLISECONDS.sleep(5);
            }
            TimeUnit.MILLISECONDS.sleep(300);
            assertTrue(world.machine("n1").kernel.isEmpty());
            assertEquals(1, world.machine("n1").pool(Wish.POOL).disks.size(), "all of it stays");
        }
    }

    @Test
    void keepsOneThatHasCountedWhereKeepResNamesItsResource() throws Exception {
        start(Pattern.compile("db"));
        storage.snapshots.put("db1_00000_snap_00000007", "");

        refused(ErrorCode.HELD_BY_KEEP_RES, NodeAction.Kind.DELETE_SNAPSHOTS, order(new UUID(1, 1), true));
        assertEquals(1, storage.snapshots.size());
        step(NodeAction.Kind.DELETE_SNAPSHOTS, order(new UUID(1, 1), false));
        assertEquals(0, storage.snapshots.size());
    }
}
