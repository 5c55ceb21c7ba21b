package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.spec.SplitBrainAnswer;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.Role;
import io.heddle.core.status.StatusDelta;
import io.heddle.core.status.Unclaimed;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Version;

class ReconcilerTest {
    private static final PoolName SLOW = new PoolName("slow");
    private static final SatelliteSettings.Times QUICK = new SatelliteSettings.Times(
            Duration.ofMillis(300),
            Duration.ofMillis(300),
            Duration.ofMillis(5),
            Duration.ofMillis(1200),
            new BackOff(Duration.ofMillis(20), Duration.ofMillis(200)));

    @TempDir
    Path directory;

    private final World world = new World();
    private final List<Reconciler> running = new ArrayList<>();
    private final AtomicInteger hanging = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);
    private Pattern keep = SatelliteSettings.KEEP_NONE;
    private String bootId = "boot-1";
    private SatelliteSettings.Times times = QUICK;

    @AfterEach
    void end() {
        released.countDown();
        running.forEach(Reconciler::close);
        assertEquals(List.of(), world.violations);
    }

    private Reconciler satellite(String node) {
        Reconciler satellite = bare(node);
        satellite.add(new FakeStorage(world.machine(node)), 1, new Version("1.0.0"));
        satellite.add(new FakeDrbd(world.machine(node)), 2, new Version("1.0.0"));
        return satellite;
    }

    private Reconciler bare(String node) {
        world.machine(node);
        Reconciler satellite = new Reconciler(
                new SatelliteSettings(directory.resolve(node), new NodeName(node), node, "0.1.0", bootId, keep, times),
                Clock.systemUTC());
        satellite.start();
        running.add(satellite);
        return satellite;
    }

    private static NodeSpec spec(String node, long revision, Wish... wishes) {
        return Wish.node(node, new SpecVersion(1, new UUID(9, 1), revision), List.of(Wish.POOL, SLOW), List.of(wishes));
    }

    private static ResourceStatus status(Reconciler satellite, Wish wish) {
        NodeName node = satellite.status().node();
        UUID uuid = wish.replicas.get(node).uuid;
        return Optional.ofNullable(satellite.status().resources().get(uuid))
                .orElseThrow(() -> new AssertionError(wish.name + " is not in the status of " + node));
    }

    private static void eventually(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it never came to this: " + what);
            }
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void awaitPhase(Reconciler satellite, Wish wish, Phase phase) {
        eventually(wish.name + " " + phase, () -> has(satellite, wish, status -> status.phase() == phase));
    }

    private static void awaitProblem(Reconciler satellite, Wish wish, ErrorCode code) {
        eventually(
                wish.name + " " + code,
                () -> has(
                        satellite,
                        wish,
                        status -> status.problem().map(Problem::code).equals(Optional.of(code))));
    }

    private static boolean has(Reconciler satellite, Wish wish, Predicate<ResourceStatus> condition) {
        UUID uuid = wish.replicas.get(satellite.status().node()).uuid;
        ResourceStatus status = satellite.status().resources().get(uuid);
        return status != null && condition.test(status);
    }

    private static boolean isUpToDate(Reconciler satellite, Wish wish) {
        return has(
                satellite,
                wish,
                status -> status.replication()
                        .known()
                        .flatMap(found -> found)
                        .flatMap(found -> found.device(0))
                        .filter(device -> device.disk() == DiskState.UP_TO_DATE)
                        .isPresent());
    }

    private void hang(String node, String call) {
        world.machine(node).chaos = new Machine.Chaos() {
            @Override
            public void before(String each) {
                if (each.startsWith(call)) {
                    hanging.incrementAndGet();
                    boolean done = false;
                    while (!done) {
                        try {
                            released.await();
                            done = true;
                        } catch (InterruptedException ignored) {
                            // as a process in uninterruptible sleep does
                            done = false;
                        }
                    }
                }
            }
        };
    }

    @Test
    void oneVolumeIsReplicatedBetweenTwoNodes() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = satellite("n1");
        Reconciler n2 = satellite("n2");

        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));

        awaitPhase(n1, db1, Phase.READY);
        awaitPhase(n2, db1, Phase.READY);
        assertTrue(isUpToDate(n1, db1));
        eventually("n2 UpToDate", () -> isUpToDate(n2, db1));
        ResourceStatus status = status(n1, db1);
        assertEquals(1, status.specRevision());
        assertEquals(Optional.empty(), status.problem());
        assertEquals(Optional.of("/dev/drbd1000"), status.volumes().get(0).devicePath());
        assertEquals(Optional.of(Bytes.ofMib(68)), status.volumes().get(0).backingSize());
        assertEquals(Optional.of(new SpecVersion(1, new UUID(9, 1), 1)), n1.held());
        assertEquals(1, n1.status().specRevision());
    }

    /** Each call of a driver is one command, or a few of them; a look at pools is one for all. */
    @ParameterizedTest
    @ValueSource(ints = {20, 500})
    void aStartCostsEachResourceTheSameHoweverManyThereAre(int count) {
        Wish[] wishes = IntStream.range(0, count)
                .mapToObj(number -> Wish.of("db" + number, "n1"))
                .toArray(Wish[]::new);
        times = new SatelliteSettings.Times(
                Duration.ofHours(1), Duration.ofHours(1), QUICK.gather(), QUICK.grace(), QUICK.backOff());
        Reconciler first = satellite("n1");
        first.take(spec("n1", 1, wishes));
        awaitAllReady(first, wishes);

        first.close();
        assertEquals(Map.of("adjust", count), callsOfAStart(wishes));

        running.get(running.size() - 1).close();
        world.machine("n1").losePower();
        bootId = "boot-2";
        assertEquals(Map.of("activate", count, "adjust", count), callsOfAStart(wishes));
    }

    private Map<String, Integer> callsOfAStart(Wish... wishes) {
        Map<String, Integer> calls = new ConcurrentHashMap<>();
        world.machine("n1").chaos = new Machine.Chaos() {
            @Override
            public void before(String call) {
                calls.merge(call.split(" ")[0], 1, Integer::sum);
            }
        };
        FakeStorage storage = new FakeStorage(world.machine("n1"));
        Reconciler satellite = bare("n1");
        satellite.add(storage, 1, new Version("1.0.0"));
        satellite.add(new FakeDrbd(world.machine("n1")), 2, new Version("1.0.0"));
        awaitAllReady(satellite, wishes);
        assertTrue(storage.looks.get() <= 3, storage.looks.get() + " looks at the pools");
        calls.remove("observe");
        return calls;
    }

    private static void awaitAllReady(Reconciler satellite, Wish... wishes) {
        for (Wish wish : wishes) {
            awaitPhase(satellite, wish, Phase.READY);
        }
    }

    @Test
    void whatIsNotWantedAnyMoreIsKeptUntilItIsWantedAgain() {
        Wish db1 = Wish.of("db1", "n1");
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;
        Reconciler before = satellite("n1");
        before.take(spec("n1", 1, db1));
        awaitPhase(before, db1, Phase.READY);
        ResourceSpec wanted = db1.spec(new NodeName("n1")).orElseThrow();

        before.take(spec("n1", 2));
        before.close();
        Reconciler n1 = satellite("n1");

        eventually("it is told with what was wanted", () -> orphans(n1).contains(wanted));
        assertEquals(1, world.machine("n1").files.size());
        n1.take(spec("n1", 3, db1));
        awaitPhase(n1, db1, Phase.READY);
        eventually("it is no orphan any more", () -> orphans(n1).isEmpty());
        assertTrue(isUpToDate(n1, db1));
        assertEquals(uuid, status(n1, db1).uuid());
    }

    @Test
    void whatATombstoneRemovedIsNoOrphan() {
        Wish db1 = Wish.of("db1", "n1");
        Reconciler n1 = satellite("n1");
        n1.take(spec("n1", 1, db1));
        awaitPhase(n1, db1, Phase.READY);
        db1.deleting = true;
        synchronized (world) {
            world.deleted.add(db1.definition.toString());
        }
        n1.take(spec("n1", 2, db1));
        awaitPhase(n1, db1, Phase.REMOVED);

        n1.take(spec("n1", 3));

        eventually("the spec is taken", () -> n1.status().specRevision() == 3);
        assertEquals(List.of(), orphans(n1));
        assertEquals(
                List.of(),
                SpecKeeper.open(directory.resolve("n1").resolve("spec")).orphans().all().stream()
                        .toList());
    }

    @Test
    void whatIsForgottenIsNotListedAndStays() throws Exception {
        Wish db1 = Wish.of("db1", "n1");
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;
        Reconciler n1 = satellite("n1");
        n1.take(spec("n1", 1, db1));
        awaitPhase(n1, db1, Phase.READY);
        n1.take(spec("n1", 2));
        eventually("it is unclaimed", () -> n1.status().unclaimed().size() == 4);

        n1.perform(new NodeAction(NodeAction.Kind.FORGET_UNCLAIMED, db1.name, uuid, false))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);

        eventually("nothing is listed", () -> n1.status().unclaimed().isEmpty());
        assertEquals(1, world.machine("n1").files.size());
        assertTrue(world.machine("n1").disk(Wish.POOL, "db1_00000").isPresent());
        n1.close();
        Reconciler later = satellite("n1");
        eventually("it has looked", () -> later.status().specRevision() == 2);
        assertEquals(List.of(), later.status().unclaimed());
    }

    private static List<ResourceSpec> orphans(Reconciler satellite) {
        return satellite.status().unclaimed().stream()
                .flatMap(found -> found.former().stream())
                .toList();
    }

    @Test
    void everythingComesUpFromItsOwnDiskWithNoController() {
        Wish db1 = Wish.of("db1", "n1");
        Wish later = Wish.of("later", "n1").in(SLOW);
        Reconciler before = satellite("n1");
        before.take(spec("n1", 1, db1));
        awaitPhase(before, db1, Phase.READY);
        world.machine("n1").pool(SLOW).failing = true;
        eventually(
                "the pool fails",
                () -> before.status().pools().get(SLOW).capacity().unknown().isPresent());
        before.take(spec("n1", 2, db1, later));
        awaitProblem(before, later, ErrorCode.OBSERVATION_FAILED);
        before.close();
        world.machine("n1").losePower();
        world.machine("n1").pool(SLOW).failing = false;
        bootId = "boot-2";

        Reconciler after = satellite("n1");

        awaitPhase(after, db1, Phase.READY);
        assertTrue(isUpToDate(after, db1));
        awaitProblem(after, later, ErrorCode.SPEC_NOT_CONFIRMED);
        assertTrue(world.machine("n1").pool(SLOW).disks.isEmpty());

        assertTrue(after.take(nothingNew(spec("n1", 2))));
        awaitPhase(after, later, Phase.READY);
    }

    private static SpecDelta nothingNew(NodeSpec held) {
        return new SpecDelta(held.version().revision(), held.version(), Optional.empty(), List.of(), Ordered.set(null));
    }

    @Test
    void aRestartWithoutARebootStaysConfirmed() {
        Wish db1 = Wish.of("db1", "n1");
        Wish later = Wish.of("later", "n1");
        Reconciler before = satellite("n1");
        before.take(spec("n1", 1, db1));
        awaitPhase(before, db1, Phase.READY);
        hang("n1", "create later_00000");
        before.take(spec("n1", 2, db1, later));
        before.close();
        world.machine("n1").chaos = Machine.Chaos.NONE;

        Reconciler after = satellite("n1");

        awaitPhase(after, later, Phase.READY);
    }

    @Test
    void aPoolThatHangsStallsNoOtherAndNotTheEnd() {
        hang("n1", "create stuck");
        Reconciler satellite = satellite("n1");
        List<Wish> wishes = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            wishes.add(Wish.of("stuck" + i, "n1").in(SLOW));
        }
        for (int i = 0; i < 12; i++) {
            wishes.add(Wish.of("db" + i, "n1"));
        }

        satellite.take(spec("n1", 1, wishes.toArray(new Wish[0])));

        for (Wish wish : wishes.subList(12, 24)) {
            awaitPhase(satellite, wish, Phase.READY);
        }
        assertEquals(1, hanging.get(), "commands that change the pool at a time");
        long begin = System.nanoTime();
        satellite.close();
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(2), "the end waited for the pool");
    }

    @Test
    void aPoolThatCannotEvenBeLookedAtHidesNoOther() {
        hang("n1", "observe slow");
        Wish stuck = Wish.of("stuck", "n1").in(SLOW);
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");

        satellite.take(spec("n1", 1, stuck, db1));

        awaitPhase(satellite, db1, Phase.READY);
        assertEquals(Phase.PENDING, status(satellite, stuck).phase());

        released.countDown();
        awaitPhase(satellite, stuck, Phase.READY);
    }

    @Test
    void aFailedLookIsShownAndNothingIsMadeUntilOneSucceeds() {
        world.machine("n1").pool(Wish.POOL).failing = true;
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");

        satellite.take(spec("n1", 1, db1));

        awaitProblem(satellite, db1, ErrorCode.OBSERVATION_FAILED);
        assertEquals(Phase.FAILED, status(satellite, db1).phase());
        assertTrue(
                satellite.status().pools().get(Wish.POOL).capacity().unknown().isPresent());
        world.machine("n1").pool(Wish.POOL).failing = false;
        awaitPhase(satellite, db1, Phase.READY);
        assertTrue(satellite.status().pools().get(Wish.POOL).capacity().known().isPresent());
    }

    @Test
    void whatFailsIsShownAndTriedForEver() {
        AtomicInteger tries = new AtomicInteger();
        world.machine("n1").chaos = new Machine.Chaos() {
            @Override
            public void before(String call) {
                if (call.startsWith("create ") && tries.incrementAndGet() <= 5) {
                    throw new HeddleException(ErrorCode.POOL_FULL, "cannot create", "the pool is full", "extend it");
                }
            }
        };
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");
        List<ErrorCode> shown = new CopyOnWriteArrayList<>();
        satellite.follow(delta -> delta.resources()
                .forEach(resource -> resource.problem().map(Problem::code).ifPresent(shown::add)));

        satellite.take(spec("n1", 1, db1));

        awaitPhase(satellite, db1, Phase.READY);
        assertEquals(6, tries.get());
        assertTrue(shown.contains(ErrorCode.POOL_FULL), shown.toString());
        assertEquals(Optional.empty(), status(satellite, db1).problem());
    }

    @Test
    void whoDiesAsPrimaryInTheFirstSyncIsSecondaryAgain() {
        AtomicInteger deaths = new AtomicInteger();
        for (String node : List.of("n1", "n2")) {
            world.machine(node).dialect = KernelStatus.Dialect.DRBD_8_4;
        }
        world.machine("n1").chaos = new Machine.Chaos() {
            @Override
            public void after(String call) {
                if (call.startsWith("primary --force") && deaths.getAndIncrement() == 0) {
                    throw new HeddleException(ErrorCode.COMMAND_TIMED_OUT, "cannot begin", "it was killed", "wait");
                }
            }
        };
        Wish db1 = Wish.of("db1", "n1", "n2");
        db1.volumes.get(0).firstGeneration = Optional.of(new FirstGeneration(
                FirstGeneration.Mode.FULL_SYNC, new NodeName("n1"), Ordered.set(db1.replicas.keySet())));
        Reconciler n1 = satellite("n1");
        Reconciler n2 = satellite("n2");

        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));

        awaitPhase(n1, db1, Phase.READY);
        awaitPhase(n2, db1, Phase.READY);
        assertEquals(1, deaths.get());
        assertEquals(Role.SECONDARY, world.machine("n1").kernel.get("db1").role);
    }

    @Test
    void aDriverThatIsAbsentIsShownAndItsReturnGoesOn() {
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = bare("n1");
        satellite.add(new FakeDrbd(world.machine("n1")), 2, new Version("1.0.0"));
        satellite.take(spec("n1", 1, db1));
        awaitProblem(satellite, db1, ErrorCode.DRIVER_ABSENT);
        assertEquals(Phase.FAILED, status(satellite, db1).phase());

        satellite.add(new FakeStorage(world.machine("n1")), 1, new Version("1.0.0"));
        awaitPhase(satellite, db1, Phase.READY);

        satellite.removeStorage(1);
        awaitProblem(satellite, db1, ErrorCode.DRIVER_ABSENT);
        assertTrue(world.machine("n1").kernel.containsKey("db1"), "it serves on");
        satellite.add(new FakeStorage(world.machine("n1")), 3, new Version("1.0.0"));
        awaitPhase(satellite, db1, Phase.READY);

        satellite.removeReplication(2);
        awaitProblem(satellite, db1, ErrorCode.DRIVER_ABSENT);
        satellite.add(new FakeDrbd(world.machine("n1")), 4, new Version("1.0.0"));
        awaitPhase(satellite, db1, Phase.READY);
        eventually("drivers are listed", () -> satellite.status().drivers().size() == 2);
    }

    @Test
    void aDriverThatIsShownIsNotSaidToBeAbsentWhileItLooksForTheFirstTime() {
        Reconciler satellite = bare("n1");
        satellite.add(new FakeDrbd(world.machine("n1")), 1, new Version("1.0.0"));
        satellite.removeReplication(1);
        eventually("it is absent", () -> kernelProblem(satellite).equals(Optional.of(ErrorCode.DRIVER_ABSENT)));

        FakeDrbd slow = new FakeDrbd(world.machine("n1"));
        slow.looksAtTheKernel = new CompletableFuture<>();
        satellite.add(slow, 2, new Version("1.0.0"));
        eventually("it is shown", () -> satellite.status().drivers().size() == 1);
        assertEquals(Optional.of(ErrorCode.OBSERVATION_FAILED), kernelProblem(satellite));

        slow.looksAtTheKernel.complete(null);
        eventually("it has looked", () -> kernelProblem(satellite).isEmpty());
    }

    private static Optional<ErrorCode> kernelProblem(Reconciler satellite) {
        return satellite.status().kernel().problem().map(Problem::code);
    }

    @Test
    void ofTwoVersionsOfADriverTheNewestServesAndTheOlderTakesOverAgain() {
        Reconciler satellite = satellite("n1");
        FakeStorage newer = new FakeStorage(world.machine("n1"));
        satellite.add(newer, 7, new Version("1.1.0"));
        Wish db1 = Wish.of("db1", "n1");
        satellite.take(spec("n1", 1, db1));
        awaitPhase(satellite, db1, Phase.READY);
        assertTrue(newer.looks.get() > 0);

        satellite.removeStorage(7);
        Wish db2 = Wish.of("db2", "n1");
        satellite.take(spec("n1", 2, db1, db2));
        awaitPhase(satellite, db2, Phase.READY);
        assertEquals(Phase.READY, status(satellite, db1).phase());
    }

    @Test
    void aTombstoneIsCarriedOutAndForgottenWhenTheControllerSaysSo() {
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");
        satellite.take(spec("n1", 1, db1));
        awaitPhase(satellite, db1, Phase.READY);
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;

        db1.deleting = true;
        synchronized (world) {
            world.deleted.add(db1.definition.toString());
        }
        satellite.take(spec("n1", 2, db1));

        awaitPhase(satellite, db1, Phase.REMOVED);
        assertTrue(world.machine("n1").pool(Wish.POOL).disks.isEmpty());
        assertTrue(world.machine("n1").files.isEmpty());
        SpecVersion next = new SpecVersion(1, new UUID(9, 1), 3);
        assertTrue(satellite.take(new SpecDelta(2, next, Optional.empty(), List.of(), Ordered.set(Set.of(uuid)))));
        eventually("it is gone", () -> !satellite.status().resources().containsKey(uuid));
        assertFalse(directory.resolve("n1/records/" + uuid + ".json").toFile().exists());
    }

    @Test
    void aNameThatIsCreatedAgainWaitsForItsOlderIncarnation() {
        Wish old = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");
        satellite.take(spec("n1", 1, old));
        awaitPhase(satellite, old, Phase.READY);
        synchronized (world) {
            world.machine("n1").kernel.get("db1").open = true;
        }
        old.deleting = true;
        world.deleted.add(old.definition.toString());
        Wish renewed = new Wish("db1", "_1");
        renewed.replica("n1");
        renewed.volume(0);
        renewed.replacesOlder = true;

        satellite.take(spec("n1", 2, old, renewed));

        awaitProblem(satellite, old, ErrorCode.IN_USE);
        eventually(
                "it waits",
                () -> has(
                        satellite,
                        renewed,
                        status -> status.phase() == Phase.WORKING
                                && status.steps().toString().contains("older")));
        synchronized (world) {
            world.machine("n1").kernel.get("db1").open = false;
        }
        awaitPhase(satellite, old, Phase.REMOVED);
        awaitPhase(satellite, renewed, Phase.READY);
        assertEquals(
                Set.of("db1_1_00000"), world.machine("n1").pool(Wish.POOL).disks.keySet());
    }

    @Test
    void keepResHoldsADeleteAndSaysTheWayOut() {
        keep = SatelliteComponent.keep("vm-100");
        Wish disk = Wish.of("vm-100-disk-1", "n1");
        Wish other = Wish.of("vm-200-disk-1", "n1");
        Reconciler satellite = satellite("n1");
        satellite.take(spec("n1", 1, disk, other));
        awaitPhase(satellite, disk, Phase.READY);
        awaitPhase(satellite, other, Phase.READY);

        disk.deleting = true;
        other.deleting = true;
        world.deleted.add(disk.definition.toString());
        world.deleted.add(other.definition.toString());
        satellite.take(spec("n1", 2, disk, other));

        awaitPhase(satellite, other, Phase.REMOVED);
        awaitProblem(satellite, disk, ErrorCode.HELD_BY_KEEP_RES);
        assertEquals(Phase.HELD, status(satellite, disk).phase());
        assertTrue(world.machine("n1").kernel.containsKey("vm-100-disk-1"));
    }

    @Test
    void whatIsInNoSpecIsLeftRunningAndListed() {
        Wish db1 = Wish.of("db1", "n1");
        Wish stays = Wish.of("stays", "n1");
        Reconciler satellite = satellite("n1");
        satellite.take(spec("n1", 1, db1, stays));
        awaitPhase(satellite, db1, Phase.READY);
        awaitPhase(satellite, stays, Phase.READY);
        assertEquals(List.of(), satellite.status().unclaimed());

        satellite.take(spec("n1", 2, stays));

        eventually("it is listed", () -> satellite.status().unclaimed().size() == 4);
        assertEquals(
                List.of("DRBD resource db1", "backing volume fast/db1_00000", "resource db1", "resource file db1"),
                satellite.status().unclaimed().stream()
                        .map(each -> each.kind() + " " + each.name())
                        .toList());
        assertTrue(world.machine("n1").kernel.containsKey("db1"));
        assertTrue(world.machine("n1").disk(Wish.POOL, "db1_00000").isPresent());
    }

    @Test
    void whatTheControllerCanSayNothingAboutIsServedAsBeforeAcrossAPowerCut() {
        Wish db1 = Wish.of("db1", "n1");
        Wish stays = Wish.of("stays", "n1");
        Reconciler before = satellite("n1");
        before.take(spec("n1", 1, db1, stays));
        awaitPhase(before, db1, Phase.READY);
        awaitPhase(before, stays, Phase.READY);

        before.take(silentOn(db1, spec("n1", 2, stays)));
        assertEquals(Phase.READY, status(before, db1).phase());
        before.close();
        world.machine("n1").losePower();
        bootId = "boot-2";
        Reconciler after = satellite("n1");

        awaitPhase(after, db1, Phase.READY);
        assertTrue(isUpToDate(after, db1));
        assertEquals(List.of(), after.status().unclaimed());
    }

    @Test
    void whatTheControllerCanSayNothingAboutIsOnlyServed() {
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");
        world.machine("n1").pool(Wish.POOL).failing = true;
        satellite.take(spec("n1", 1, db1));
        awaitProblem(satellite, db1, ErrorCode.OBSERVATION_FAILED);

        satellite.take(silentOn(db1, spec("n1", 2)));
        world.machine("n1").pool(Wish.POOL).failing = false;

        awaitProblem(satellite, db1, ErrorCode.SPEC_NOT_CONFIRMED);
        assertTrue(world.machine("n1").disk(Wish.POOL, "db1_00000").isEmpty());
        long begin = System.nanoTime();
        satellite.take(spec("n1", 3, db1));
        awaitPhase(satellite, db1, Phase.READY);
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(50), "it waited for the second look");
    }

    private static NodeSpec silentOn(Wish wish, NodeSpec spec) {
        return new NodeSpec(
                spec.clusterId(),
                spec.node(),
                spec.version(),
                spec.pools(),
                spec.resources(),
                Ordered.set(Set.of(wish.definition)));
    }

    @Test
    void aForeignVolumeOfTheNameIsListedAndHoldsTheResource() {
        Machine.Disk foreign =
                new Machine.Disk(Wish.POOL, "db1_00000", Optional.empty(), Optional.empty(), Bytes.ofMib(8));
        world.machine("n1").pool(Wish.POOL).disks.put("db1_00000", foreign);
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");

        satellite.take(spec("n1", 1, db1));

        awaitProblem(satellite, db1, ErrorCode.FOREIGN_VOLUME);
        eventually(
                "it is listed",
                () -> satellite.status().unclaimed().stream()
                        .map(Unclaimed::name)
                        .toList()
                        .equals(List.of("fast/db1_00000")));
        world.machine("n1").pool(Wish.POOL).disks.remove("db1_00000");
        awaitPhase(satellite, db1, Phase.READY);
    }

    @Test
    void followersSeeWhatTheStatusBecomes() throws Exception {
        Reconciler satellite = satellite("n1");
        List<StatusDelta> deltas = new CopyOnWriteArrayList<>();
        NodeStatus[] followed = new NodeStatus[1];
        AutoCloseable following;
        synchronized (deltas) {
            following = satellite.follow(deltas::add);
            followed[0] = satellite.status();
        }
        List<Wish> wishes = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            wishes.add(Wish.of("db" + i, "n1"));
        }
        satellite.take(spec("n1", 1, wishes.toArray(new Wish[0])));
        for (Wish wish : wishes) {
            awaitPhase(satellite, wish, Phase.READY);
        }

        eventually("the followers have all", () -> {
            NodeStatus seen = followed[0];
            for (StatusDelta delta : deltas) {
                seen = seen.apply(delta);
            }
            return seen.resources().equals(satellite.status().resources())
                    && seen.pools().equals(satellite.status().pools());
        });
        following.close();
        int count = deltas.size();
        satellite.take(spec("n1", 2));
        eventually("it is told", () -> satellite.status().resources().isEmpty());
        assertEquals(count, deltas.size());
    }

    @Test
    void oneMoreResourceCostsNoLookAtAllTheOthers() {
        times = new SatelliteSettings.Times(
                Duration.ofHours(1), Duration.ofHours(1), QUICK.gather(), QUICK.grace(), QUICK.backOff());
        Reconciler satellite = bare("n1");
        FakeStorage storage = new FakeStorage(world.machine("n1"));
        satellite.add(new FakeDrbd(world.machine("n1")), 2, Version.emptyVersion);
        satellite.add(storage, 1, Version.emptyVersion);
        Wish first = Wish.of("db0", "n1");
        satellite.take(spec("n1", 0, first));
        awaitPhase(satellite, first, Phase.READY);
        int looks = storage.looks.get();

        for (int i = 1; i < 30; i++) {
            Wish wish = Wish.of("db" + i, "n1");
            SpecVersion version = new SpecVersion(1, new UUID(9, 1), i);
            ResourceSpec added = wish.spec(new NodeName("n1")).orElseThrow();
            assertTrue(
                    satellite.take(new SpecDelta(i - 1, version, Optional.empty(), List.of(added), Ordered.set(null))));
            awaitPhase(satellite, wish, Phase.READY);
        }

        assertEquals(looks, storage.looks.get());
    }

    @Test
    void promotesAndDemotesOnAnExplicitWordOnly() throws Exception {
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");
        satellite.take(spec("n1", 1, db1));
        awaitPhase(satellite, db1, Phase.READY);
        UUID uuid = db1.replicas.get(new NodeName("n1")).uuid;

        perform(satellite, NodeAction.Kind.PROMOTE, db1, uuid);
        eventually("Primary", () -> role(satellite, db1) == Role.PRIMARY);
        perform(satellite, NodeAction.Kind.DEMOTE, db1, uuid);
        eventually("Secondary", () -> role(satellite, db1) == Role.SECONDARY);

        HeddleException refused = assertThrows(
                HeddleException.class, () -> perform(satellite, NodeAction.Kind.PROMOTE, db1, UUID.randomUUID()));
        assertEquals(ErrorCode.RESOURCE_NOT_FOUND, refused.code());
    }

    private static void perform(Reconciler satellite, NodeAction.Kind kind, Wish wish, UUID incarnation)
            throws Exception {
        CompletableFuture<Void> done = satellite
                .perform(new NodeAction(kind, wish.name, incarnation, false))
                .toCompletableFuture();
        try {
            done.get(60, TimeUnit.SECONDS);
        } catch (ExecutionException failure) {
            throw (Exception) failure.getCause();
        }
    }

    private static Role role(Reconciler satellite, Wish wish) {
        return status(satellite, wish)
                .replication()
                .known()
                .flatMap(found -> found)
                .orElseThrow()
                .role();
    }

    @Test
    void aGrowthGoesThroughOnBothNodes() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = satellite("n1");
        Reconciler n2 = satellite("n2");
        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));
        eventually("UpToDate", () -> isUpToDate(n1, db1) && isUpToDate(n2, db1));

        db1.volumes.get(0).firstGeneration = Optional.empty();
        db1.volumes.get(0).size = Bytes.ofMib(128);
        n1.take(spec("n1", 2, db1));
        n2.take(spec("n2", 2, db1));

        for (Reconciler satellite : List.of(n1, n2)) {
            eventually(
                    "grown",
                    () -> has(
                            satellite,
                            db1,
                            status -> status.phase() == Phase.READY
                                    && status.specRevision() == 2
                                    && status.replication()
                                            .known()
                                            .flatMap(found -> found)
                                            .flatMap(found -> found.device(0))
                                            .filter(device -> device.size().equals(Bytes.ofMib(128)))
                                            .isPresent()));
        }
        assertEquals(
                Bytes.ofMib(128),
                world.machine("n2").files.get("db1").spec().volumes().get(0).size());
    }

    @Test
    void aConnectionThatIsBeingMadeIsNotTakenForOneThatWasRefused() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = bare("n1");
        FakeDrbd drbd = new FakeDrbd(world.machine("n1"));
        drbd.connectionsAfter = Duration.ofMillis(300);
        n1.add(new FakeStorage(world.machine("n1")), 1, Version.emptyVersion);
        n1.add(drbd, 2, Version.emptyVersion);
        satellite("n2").take(spec("n2", 1, db1));

        n1.take(spec("n1", 1, db1));

        eventually(
                "an end",
                () -> has(
                        n1,
                        db1,
                        status -> status.phase() == Phase.READY
                                || status.problem().map(Problem::code).equals(Optional.of(ErrorCode.SPLIT_BRAIN))));
        assertEquals(Optional.empty(), status(n1, db1).problem());
    }

    @Test
    void afterASplitBrainTheConnectionIsShownAndNotHammered() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = bare("n1");
        FakeDrbd drbd = new FakeDrbd(world.machine("n1"));
        n1.add(new FakeStorage(world.machine("n1")), 1, Version.emptyVersion);
        n1.add(drbd, 2, Version.emptyVersion);
        Reconciler n2 = satellite("n2");
        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));
        awaitPhase(n1, db1, Phase.READY);
        eventually("UpToDate", () -> isUpToDate(n1, db1) && isUpToDate(n2, db1));

        synchronized (world) {
            world.machine("n1").kernel.get("db1").standAlone.add(new NodeName("n2"));
            world.settle("db1");
        }

        awaitProblem(n1, db1, ErrorCode.SPLIT_BRAIN);
        int adjusts = drbd.adjusts.get();
        for (int i = 0; i < 20; i++) {
            synchronized (world) {
                world.settle("db1");
            }
        }
        n1.take(spec("n1", 2, db1));
        eventually("it was looked at again", () -> n1.status().specRevision() == 2);
        assertEquals(adjusts, drbd.adjusts.get());

        synchronized (world) {
            world.machine("n1").kernel.get("db1").standAlone.clear();
            world.settle("db1");
        }
        awaitPhase(n1, db1, Phase.READY);
    }

    /** Both have changes that the other lacks, and DRBD has said so. */
    private void diverge(String resource, String round) {
        synchronized (world) {
            for (String[] side : new String[][] {{"n1", "n2"}, {"n2", "n1"}}) {
                Machine.InKernel there = world.machine(side[0]).kernel.get(resource);
                there.standAlone.add(new NodeName(side[1]));
                there.splitBrain.add(new NodeName(side[1]));
                there.volumes.values().forEach(volume -> volume.disk.metadata.content = round + " of " + side[0]);
            }
            world.settle(resource);
        }
    }

    private static SplitBrainAnswer answer(UUID word, boolean discardHere, Reconciler satellite, Wish wish) {
        TreeMap<Integer, String> generations = new TreeMap<>();
        TreeMap<Integer, Long> written = new TreeMap<>();
        status(satellite, wish).cutOffs().get(0).volumes().forEach(volume -> {
            generations.put(volume.number(), volume.generation().current());
            written.put(volume.number(), volume.written());
        });
        DataMark mark = new DataMark(generations, written);
        return new SplitBrainAnswer(word, discardHere, discardHere ? mark : mark.ofGenerations(), true);
    }

    private static boolean tellsItsGeneration(Reconciler satellite, Wish wish) {
        return has(
                satellite,
                wish,
                status -> status.cutOffs().size() == 1
                        && status.cutOffs().get(0).splitBrain()
                        && !status.cutOffs().get(0).volumes().isEmpty());
    }

    @Test
    void aSplitBrainIsResolvedAsDecidedAndTheNextOneIsNot() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = bare("n1");
        FakeStorage storage = new FakeStorage(world.machine("n1"));
        FakeDrbd drbd = new FakeDrbd(world.machine("n1"));
        n1.add(storage, 1, Version.emptyVersion);
        n1.add(drbd, 2, Version.emptyVersion);
        Reconciler n2 = satellite("n2");
        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));
        awaitPhase(n1, db1, Phase.READY);
        eventually("UpToDate", () -> isUpToDate(n1, db1) && isUpToDate(n2, db1));

        diverge("db1", "first");
        awaitProblem(n1, db1, ErrorCode.SPLIT_BRAIN);
        eventually("both tell", () -> tellsItsGeneration(n1, db1) && tellsItsGeneration(n2, db1));
        UUID word = UUID.randomUUID();
        SplitBrainAnswer gives = answer(word, true, n1, db1);
        SplitBrainAnswer keeps = answer(word, false, n2, db1);
        db1.answers = (own, peer) -> Optional.of(own.equals(new NodeName("n1")) ? gives : keeps);
        n1.take(spec("n1", 2, db1));
        n2.take(spec("n2", 2, db1));

        awaitPhase(n1, db1, Phase.READY);
        eventually("one again", () -> has(n1, db1, status -> status.cutOffs().isEmpty()) && isUpToDate(n1, db1));
        assertEquals(1, drbd.discards.get());
        assertEquals(List.of("first of n1"), List.copyOf(storage.snapshots.values()));

        diverge("db1", "second");
        awaitProblem(n1, db1, ErrorCode.SPLIT_BRAIN);
        n1.take(spec("n1", 3, db1));
        n2.take(spec("n2", 3, db1));
        eventually("both tell", () -> tellsItsGeneration(n1, db1) && tellsItsGeneration(n2, db1));
        awaitProblem(n1, db1, ErrorCode.SPLIT_BRAIN);
        assertEquals(1, drbd.discards.get());
    }

    @Test
    void whatIsWrittenBetweenTheSnapshotAndTheDiscardIsNotLost() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = bare("n1");
        FakeStorage storage = new FakeStorage(world.machine("n1"));
        FakeDrbd drbd = new FakeDrbd(world.machine("n1"));
        n1.add(storage, 1, Version.emptyVersion);
        n1.add(drbd, 2, Version.emptyVersion);
        Reconciler n2 = satellite("n2");
        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));
        eventually("UpToDate", () -> isUpToDate(n1, db1) && isUpToDate(n2, db1));
        diverge("db1", "first");
        eventually("both tell", () -> tellsItsGeneration(n1, db1) && tellsItsGeneration(n2, db1));
        UUID word = UUID.randomUUID();
        SplitBrainAnswer gives = answer(word, true, n1, db1);
        db1.answers = (own, peer) -> Optional.of(gives);
        drbd.refusedByPeers = true;
        storage.afterSnapshot = () -> {
            storage.afterSnapshot = () -> {};
            world.machine("n1").written.addAndGet(4096);
        };

        n1.take(spec("n1", 2, db1));

        eventually(
                "it has lapsed",
                () -> has(
                        n1,
                        db1,
                        status -> status.cutOffs().stream()
                                .anyMatch(cutOff -> cutOff.lapsedWord().equals(Optional.of(word)))));
        eventually(
                "it says why",
                () -> has(
                        n1,
                        db1,
                        status -> status.problem()
                                .filter(problem -> problem.code() == ErrorCode.SPLIT_BRAIN
                                        && problem.why().contains("it was written after that"))
                                .isPresent()));
        assertEquals(0, drbd.discards.get());
        assertEquals(1, storage.snapshots.size(), "what was kept stays");
    }

    @Test
    void whatIsKnownOfASplitBrainSurvivesARestartOfTheSatellite() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = satellite("n1");
        Reconciler n2 = satellite("n2");
        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));
        awaitPhase(n1, db1, Phase.READY);
        eventually("UpToDate", () -> isUpToDate(n1, db1) && isUpToDate(n2, db1));
        diverge("db1", "first");
        awaitProblem(n1, db1, ErrorCode.SPLIT_BRAIN);
        eventually("it tells", () -> tellsItsGeneration(n1, db1));
        CutOff before = status(n1, db1).cutOffs().get(0);

        n1.close();
        synchronized (world) {
            // what DRBD said was said to nobody now
            world.machine("n1").kernel.get("db1").splitBrain.clear();
        }
        Reconciler again = bare("n1");
        FakeDrbd drbd = new FakeDrbd(world.machine("n1"));
        drbd.refusedByPeers = true;
        again.add(new FakeStorage(world.machine("n1")), 1, Version.emptyVersion);
        again.add(drbd, 2, Version.emptyVersion);

        awaitProblem(again, db1, ErrorCode.SPLIT_BRAIN);
        eventually("it tells again", () -> tellsItsGeneration(again, db1));
        CutOff after = status(again, db1).cutOffs().get(0);
        assertEquals(before.since(), after.since());
        assertEquals(before.role(), after.role());
        assertEquals(before.volumes(), after.volumes());
        assertTrue(before.watched());
        assertFalse(after.watched(), "nobody looked for a while");
    }

    @Test
    void whenADeviceWasWrittenThatAPeerDoesNotSeeIsTold() {
        Wish db1 = Wish.of("db1", "n1", "n2");
        Reconciler n1 = satellite("n1");
        Reconciler n2 = satellite("n2");
        n1.take(spec("n1", 1, db1));
        n2.take(spec("n2", 1, db1));
        awaitPhase(n1, db1, Phase.READY);
        eventually("UpToDate", () -> isUpToDate(n1, db1) && isUpToDate(n2, db1));
        diverge("db1", "first");
        eventually("it tells", () -> tellsItsGeneration(n1, db1));
        assertEquals(Optional.empty(), status(n1, db1).cutOffs().get(0).lastWrite());

        eventually("a write", () -> {
            world.machine("n1").written.incrementAndGet();
            return has(
                    n1,
                    db1,
                    status -> status.cutOffs().stream()
                            .anyMatch(cutOff -> cutOff.lastWrite().isPresent()));
        });
        assertEquals(Optional.empty(), status(n2, db1).cutOffs().get(0).lastWrite());
    }

    @Test
    void anOlderControllerIsRefusedAndChangesNothing() {
        Wish db1 = Wish.of("db1", "n1");
        Reconciler satellite = satellite("n1");
        satellite.take(spec("n1", 5, db1));
        awaitPhase(satellite, db1, Phase.READY);
        db1.deleting = true;

        HeddleException refused = assertThrows(HeddleException.class, () -> satellite.take(spec("n1", 4, db1)));

        assertEquals(ErrorCode.STALE_CONTROLLER, refused.code());
        assertEquals(Phase.READY, status(satellite, db1).phase());
        assertEquals(5, satellite.held().orElseThrow().revision());
    }
}
