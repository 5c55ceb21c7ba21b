package io.heddle.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.SafetySnapshot;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ZfsDriverTest {
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final BackingIdentity DB1 =
            new BackingIdentity("db1_00000", CLUSTER, UUID.fromString("22222222-2222-4222-8222-222222222222"));
    private static final BackingIdentity DB2 =
            new BackingIdentity("db2_00000", CLUSTER, UUID.fromString("33333333-3333-4333-8333-333333333333"));
    private static final String NAME = "tank/vols/db1_00000";
    private static final String UNFINISHED =
            NAME + ".heddle-new.11111111111141118111111111111111.22222222222242228222222222222222";
    private static final PoolSpec THIN = pool("thin", DriverKind.ZFS_THIN, "tank/vols");
    private static final PoolSpec THICK = pool("thick", DriverKind.ZFS, "tank/vols");
    private static final String KEPT = SafetySnapshot.name(DB1.name(), new UUID(7L << 32, 7));

    @TempDir
    private Path root;

    private ZfsMachine machine;
    private ZfsDriver driver;

    @BeforeEach
    void powerOn() {
        machine = new ZfsMachine(root);
        restart();
    }

    private void restart() {
        driver = new ZfsDriver(machine, root, Duration.ofMillis(50), Duration.ofMillis(400), Duration.ofMillis(300));
    }

    private static PoolSpec pool(String name, DriverKind kind, String backing) {
        return new PoolSpec(new PoolName(name), new UUID(0, 1), kind, backing, new TreeMap<>());
    }

    private static PoolSpec with(PoolSpec pool, String options) {
        return new PoolSpec(
                pool.name(),
                pool.uuid(),
                pool.kind(),
                pool.backing(),
                new TreeMap<>(Map.of("StorDriver/ZfscreateOptions", options)));
    }

    private Observation<PoolObservation> observe(PoolSpec pool) {
        return driver.observe(List.of(pool)).get(pool.name());
    }

    private PoolObservation known(PoolSpec pool) {
        return observe(pool).known().orElseThrow(() -> new AssertionError(observe(pool)));
    }

    private static ErrorCode refusal(Runnable call) {
        return assertThrows(HeddleException.class, call::run).code();
    }

    private List<String> changes() {
        return machine.ran.stream()
                .filter(command -> !command.startsWith("zpool list") && !command.startsWith("zfs get"))
                .filter(command -> !command.contains("zvol_id"))
                .toList();
    }

    @Test
    void createsAThinVolumeWithItsIdentityAndADevice() {
        BackingVolume made = driver.create(THIN, DB1, Bytes.ofMib(64));

        assertTrue(made.is(DB1));
        assertEquals(Stage.NEW, made.stage());
        assertEquals(Bytes.ofMib(64), made.size());
        assertEquals(Optional.of("/dev/zvol/" + NAME), made.device());
        assertEquals(machine.deviceOf(NAME), machine.device(root.resolve("dev/zvol/" + NAME)));
        assertEquals(
                List.of(
                        "zfs create -s -b 16384 -o sync=standard -o volmode=none -o heddle:cluster=" + CLUSTER
                                + " -o heddle:stage=new -o heddle:volume=" + DB1.volume() + " -V 67108864 "
                                + UNFINISHED,
                        "zfs rename " + UNFINISHED + " " + NAME,
                        "zfs set volmode=dev " + NAME),
                changes());
    }

    @Test
    void createsAThickVolumeWithItsSpaceReserved() {
        driver.create(THICK, DB1, Bytes.ofMib(64));

        assertFalse(changes().get(0).contains(" -s "), changes().toString());
        assertTrue(Long.parseLong(machine.value(NAME, "refreservation")) >= 64 << 20);
    }

    @Test
    void createsWithTheOptionsOfThePool() {
        PoolSpec pool = with(THIN, "-b 8k -o compression=lz4 -o sync=always");

        assertEquals(new Bytes(10_002_432), driver.roundUp(pool, new Bytes(10_000_000)));
        driver.create(pool, DB1, new Bytes(10_002_432));

        assertTrue(
                changes().get(0).startsWith("zfs create -s -b 8192 -o compression=lz4 -o sync=always -o volmode=none "),
                changes().toString());
        assertEquals(new Bytes(8192), known(pool).capacity().unit());
    }

    @Test
    void createsAgainWhatIsThereAndChangesNothing() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        int before = changes().size();

        assertTrue(driver.create(THIN, DB1, Bytes.ofMib(64)).is(DB1));

        assertEquals(before, changes().size());
    }

    /** Each of the three commands of a creation, cut before it, after it, and between ZFS's transactions. */
    @ParameterizedTest
    @EnumSource(ZfsMachine.Cut.class)
    void whateverStepOfACreationThePowerFailsAtTheNextCallFinishesIt(ZfsMachine.Cut cut) {
        for (PoolSpec pool : List.of(THIN, THICK)) {
            for (int step = 1; step <= 3; step++) {
                machine.failAt(step, cut);
                assertThrows(ZfsMachine.PowerCut.class, () -> driver.create(pool, DB1, Bytes.ofMib(64)));
                machine.reboot();
                restart();

                List<BackingVolume> left = known(pool).volumes();
                assertTrue(left.stream().allMatch(volume -> volume.is(DB1)), left.toString());
                assertTrue(left.stream().allMatch(volume -> volume.stage() == Stage.NEW), left.toString());
                BackingVolume made = driver.create(pool, DB1, Bytes.ofMib(64));

                assertTrue(made.is(DB1) && made.device().isPresent(), made.toString());
                assertEquals(Stage.NEW, made.stage());
                assertEquals(List.of(made), known(pool).volumes());
                assertEquals("standard", machine.value(NAME, "sync"));
                assertEquals(
                        pool.equals(THICK),
                        Long.parseLong(machine.value(NAME, "refreservation")) >= 64 << 20,
                        machine.value(NAME, "refreservation"));
                driver.delete(pool, DB1);
                assertEquals(List.of("tank", "tank/vols"), List.copyOf(machine.datasets.keySet()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(ZfsMachine.Cut.class)
    void whatABrokenOffCreationLeftIsDeletedByItsIdentity(ZfsMachine.Cut cut) {
        machine.failAt(cut == ZfsMachine.Cut.BEFORE ? 2 : 1, cut);
        assertThrows(ZfsMachine.PowerCut.class, () -> driver.create(THIN, DB1, Bytes.ofMib(64)));
        machine.reboot();
        assertTrue(known(THIN).volumes().get(0).is(DB1));

        driver.delete(THIN, DB2);
        assertTrue(machine.datasets.containsKey(UNFINISHED));
        driver.delete(THIN, DB1);

        assertEquals(List.of("tank", "tank/vols"), List.copyOf(machine.datasets.keySet()));
    }

    @Test
    void whatDoesNotFitIsNotLeftHalfMade() {
        machine.failAt(1, ZfsMachine.Cut.WITHIN);
        assertThrows(ZfsMachine.PowerCut.class, () -> driver.create(THICK, DB1, Bytes.ofMib(64)));
        machine.reboot();
        machine.space = 32 << 20;

        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(THICK, DB1, Bytes.ofMib(64))));
        assertEquals(List.of("tank", "tank/vols"), List.copyOf(machine.datasets.keySet()));

        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(THICK, DB1, Bytes.ofMib(64))));
        assertEquals(List.of("tank", "tank/vols"), List.copyOf(machine.datasets.keySet()));
    }

    private void nothingTouches(String dataset) {
        Map<String, Map<String, ZfsMachine.Value>> before = new TreeMap<>();
        machine.datasets.forEach((name, values) -> before.put(name, new TreeMap<>(values)));
        List<Runnable> calls = List.of(
                () -> driver.create(THIN, DB1, Bytes.ofMib(64)),
                () -> driver.activate(THIN, DB1),
                () -> driver.deactivate(THIN, DB1),
                () -> driver.markReady(THIN, DB1),
                () -> driver.grow(THIN, DB1, Bytes.ofMib(128)),
                () -> driver.delete(THIN, DB1),
                () -> driver.snapshot(THIN, DB1, KEPT));

        for (Runnable call : calls) {
            assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(call));
        }
        assertEquals(before, machine.datasets, dataset);
        assertEquals(List.of(), changes());
    }

    @Test
    void aVolumeOfTheNameThatHeddleDidNotMakeIsNotTouched() {
        machine.addForeignVolume(NAME, 64 << 20);

        nothingTouches(NAME);
        assertFalse(known(THIN).volumes().get(0).is(DB1));
    }

    @Test
    void aFileSystemOfTheNameIsNotTouched() {
        machine.add(NAME, "filesystem");

        nothingTouches(NAME);
    }

    @Test
    void aVolumeOfAnotherIdentityIsNotTouched() {
        machine.addForeignVolume(NAME, 64 << 20);
        machine.set(NAME, "heddle:cluster", CLUSTER.toString());
        machine.set(NAME, "heddle:volume", DB2.volume().toString());

        nothingTouches(NAME);
    }

    /** User properties are inherited: somebody who marks a dataset would mark all that is in it. */
    @Test
    void whatInheritsOurMarksIsNotOurs() {
        machine.addForeignVolume(NAME, 64 << 20);
        machine.set("tank/vols", "heddle:cluster", CLUSTER.toString());
        machine.set("tank/vols", "heddle:volume", DB1.volume().toString());

        nothingTouches(NAME);
        assertEquals(Optional.empty(), known(THIN).volumes().get(0).volume());
    }

    /** A copy made by zfs send -p and zfs receive has the properties of its source. */
    @Test
    void aReceivedCopyOfOursIsNotOurs() {
        machine.addForeignVolume(NAME, 64 << 20);
        machine.datasets.get(NAME).put("heddle:cluster", new ZfsMachine.Value(CLUSTER.toString(), "received"));
        machine.datasets
                .get(NAME)
                .put("heddle:volume", new ZfsMachine.Value(DB1.volume().toString(), "received"));

        nothingTouches(NAME);
    }

    @Test
    void aSnapshotAndACloneOfOursAreNotTakenForTheVolume() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.snapshot(THIN, DB1, KEPT);

        List<BackingVolume> volumes = known(THIN).volumes();

        assertEquals(1, volumes.stream().filter(volume -> volume.is(DB1)).count());
        BackingVolume kept = volumes.stream()
                .filter(volume -> volume.name().equals(KEPT))
                .findFirst()
                .orElseThrow();
        assertEquals(Stage.SNAPSHOT, kept.stage());
        assertEquals(Optional.of(CLUSTER), kept.cluster());
        assertEquals(Optional.empty(), kept.volume());
        assertEquals(Optional.empty(), kept.device());
    }

    @Test
    void looksAtAllPoolsWithOneCommandForZpoolsAndOneForDatasetsAndAtNothingElse() {
        machine.add("tank/other", "filesystem");
        machine.add("tank/other/deep", "filesystem");
        machine.addForeignVolume("tank/other/deep/guest", 64 << 20);
        machine.ran.clear();

        Map<PoolName, Observation<PoolObservation>> seen =
                driver.observe(List.of(THIN, pool("other", DriverKind.ZFS, "tank/other")));

        assertTrue(seen.values().stream().allMatch(found -> found.known().isPresent()), seen.toString());
        assertEquals(2, machine.ran.size(), machine.ran.toString());
        assertTrue(
                machine.ran.get(1).startsWith("zfs get -Hp -d 1 -t filesystem,volume ")
                        && machine.ran.get(1).endsWith(" tank/other tank/vols"),
                machine.ran.get(1));
        assertTrue(seen.values().stream()
                .allMatch(found -> found.known().orElseThrow().volumes().isEmpty()));
    }

    @Test
    void aPoolThatIsTheWholeZpoolSeesItsOwnVolumesOnly() {
        PoolSpec whole = pool("whole", DriverKind.ZFS_THIN, "tank");
        driver.create(whole, DB2, Bytes.ofMib(16));
        driver.create(THIN, DB1, Bytes.ofMib(16));

        assertEquals(
                List.of("db2_00000"),
                known(whole).volumes().stream().map(BackingVolume::name).toList());
        assertEquals(
                List.of("db1_00000"),
                known(THIN).volumes().stream().map(BackingVolume::name).toList());
    }

    @Test
    void tellsTheCapacityOfThinAndThickPools() {
        driver.create(THIN, DB1, Bytes.ofMib(64));

        assertEquals(new Bytes(1L << 30), known(THIN).capacity().free());
        assertEquals(Bytes.ofMib(64), known(THIN).capacity().provisioned());
        assertTrue(known(THIN).capacity().thin() && known(THIN).capacity().zeroes());
        Bytes largest = known(THICK).capacity().free();
        assertFalse(known(THICK).capacity().thin());
        // 64 MiB of 16 KiB take 66 MiB and something: what is told free must fit, with what ZFS reserves beside it.
        assertTrue(largest.value() < (1L << 30) / 64 * 63, largest.toString());
        assertTrue(largest.value() > (1L << 30) / 64 * 60, largest.toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUSPENDED", "FAULTED", "UNAVAIL"})
    void onAZpoolThatWouldHangNoOtherCommandIsRun(String health) {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.zpools.put("tank", health);
        machine.zpools.put("fast", "ONLINE");
        machine.add("fast", "filesystem");
        machine.ran.clear();

        Map<PoolName, Observation<PoolObservation>> seen =
                driver.observe(List.of(THIN, pool("fast", DriverKind.ZFS_THIN, "fast")));

        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                seen.get(THIN.name()).unknown().orElseThrow().code());
        assertTrue(seen.get(new PoolName("fast")).known().isPresent());
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.delete(THIN, DB1)));
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.activate(THIN, DB1)));
        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.create(THIN, DB2, Bytes.ofMib(64))));
        assertTrue(
                machine.ran.stream().noneMatch(command -> command.startsWith("zfs") && command.contains("tank")),
                machine.ran.toString());
    }

    @Test
    void aDegradedZpoolServesAndIsTold() {
        machine.zpools.put("tank", "DEGRADED");

        assertTrue(known(THIN).capacity().warnings().get(0).contains("DEGRADED"));
        assertTrue(driver.create(THIN, DB1, Bytes.ofMib(64)).device().isPresent());
    }

    @Test
    void aZpoolOrDatasetThatIsNotThereIsUnknownAndNothingInItIsAbsent() {
        for (PoolSpec pool : List.of(
                pool("gone", DriverKind.ZFS_THIN, "gone/vols"), pool("none", DriverKind.ZFS_THIN, "tank/none"))) {
            assertEquals(
                    ErrorCode.POOL_UNUSABLE,
                    observe(pool).unknown().orElseThrow().code());
            assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.activate(pool, DB1)));
            assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.delete(pool, DB1)));
        }
        assertEquals(List.of(), changes());
    }

    @Test
    void oneDatasetThatIsNotThereHidesNoOther() {
        Map<PoolName, Observation<PoolObservation>> seen =
                driver.observe(List.of(pool("none", DriverKind.ZFS_THIN, "tank/none"), THIN));

        assertTrue(seen.get(THIN.name()).known().isPresent());
        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                seen.get(new PoolName("none")).unknown().orElseThrow().code());
    }

    @Test
    void aVolumeIsNoPool() {
        machine.addForeignVolume("tank/zvol", 64 << 20);

        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                observe(pool("zvol", DriverKind.ZFS_THIN, "tank/zvol"))
                        .unknown()
                        .orElseThrow()
                        .code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-tank", "tank/", "tank//a", "tank@a", "tank/a@b", "tank/a b", "tank/%recv", "/tank"})
    void aTextThatNamesNoDatasetIsRefusedBeforeAnyCommand(String backing) {
        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                observe(pool("bad", DriverKind.ZFS, backing))
                        .unknown()
                        .orElseThrow()
                        .code());
        assertEquals(List.of(), machine.ran);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b", "a+b", "-r", "a/b", "", ".a", "a b"})
    void aNameThatZfsDoesNotTakeIsRefusedBeforeAnyCommand(String name) {
        BackingIdentity identity = new BackingIdentity(name, CLUSTER, DB1.volume());

        assertEquals(ErrorCode.INVALID_NAME, refusal(() -> driver.delete(THIN, identity)));
        assertEquals(List.of(), machine.ran);
    }

    @Test
    void marksReadyOnTheVolumeItselfWhateverItsParentSays() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.set("tank/vols", "heddle:stage", "new");

        driver.markReady(THIN, DB1);

        assertEquals(Stage.READY, known(THIN).volumes().get(0).stage());
        int before = changes().size();
        driver.markReady(THIN, DB1);
        assertEquals(before, changes().size());
    }

    @Test
    void growsToAMultipleOfTheUnitThatTheVolumeHas() {
        driver.create(with(THIN, "-b 64k"), DB1, Bytes.ofMib(64));

        BackingVolume grown = driver.grow(THIN, DB1, Bytes.ofMib(64).plus(Bytes.ofKib(16)));

        assertEquals(Bytes.ofMib(64).plus(Bytes.ofKib(64)), grown.size());
    }

    /** zfs set volsize cuts a volume without a question. */
    @Test
    void neverSetsASizeThatIsNotLarger() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        int before = changes().size();

        assertEquals(Bytes.ofMib(64), driver.grow(THIN, DB1, Bytes.ofMib(32)).size());
        assertEquals(Bytes.ofMib(64), driver.grow(THIN, DB1, Bytes.ofMib(64)).size());

        assertEquals(before, changes().size());
    }

    @Test
    void reservesWhatAThickVolumeHasGrownBy() {
        driver.create(THICK, DB1, Bytes.ofMib(64));

        driver.grow(THICK, DB1, Bytes.ofMib(128));

        assertTrue(Long.parseLong(machine.value(NAME, "refreservation")) >= 128 << 20);
        machine.space = 256 << 20;
        assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.grow(THICK, DB1, Bytes.ofMib(512))));
    }

    @Test
    void deletesTheVolumeAloneAndNeverWithForceOrWhatDependsOnIt() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.create(THIN, DB2, Bytes.ofMib(64));

        driver.delete(THIN, DB1);
        driver.delete(THIN, DB1);

        assertEquals(
                List.of("zfs destroy " + NAME),
                changes().stream()
                        .filter(command -> command.contains("destroy"))
                        .toList());
        assertTrue(known(THIN).volumes().get(0).is(DB2));
    }

    @Test
    void doesNotDeleteWhatIsOpen() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.open.add(NAME);

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, DB1)));

        assertTrue(machine.datasets.containsKey(NAME));
    }

    @Test
    void doesNotDeleteWhatSomebodyTookASnapshotOf() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.add(NAME + "@daily", "snapshot");

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, DB1)));

        assertTrue(machine.datasets.containsKey(NAME + "@daily"));
        assertTrue(changes().stream().noneMatch(command -> command.contains("destroy")));
    }

    @Test
    void doesNotDeleteWhatSomebodyMadeACloneOf() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.snapshot(THIN, DB1, KEPT);
        machine.add("tank/theirs", "volume").put("origin", new ZfsMachine.Value(NAME + "@" + KEPT, "-"));

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, DB1)));
    }

    @Test
    void whatKeepsTheDataOfASplitBrainStaysWhenTheVolumeGoes() {
        String later = SafetySnapshot.name(DB1.name(), new UUID(9L << 32, 9));
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.snapshot(THIN, DB1, KEPT);
        driver.snapshot(THIN, DB1, KEPT);
        driver.snapshot(THIN, DB1, later);

        driver.delete(THIN, DB1);

        assertEquals(
                List.of(KEPT, later).stream().sorted().toList(),
                known(THIN).volumes().stream().map(BackingVolume::name).sorted().toList());
        assertTrue(known(THIN).volumes().stream().allMatch(volume -> volume.stage() == Stage.SNAPSHOT));
        assertFalse(machine.datasets.containsKey(NAME));
    }

    @ParameterizedTest
    @EnumSource(ZfsMachine.Cut.class)
    void whateverStepOfASnapshotThePowerFailsAtTheNextCallFinishesIt(ZfsMachine.Cut cut) {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.reboot();
        for (int step = 1; step <= 2; step++) {
            machine.failAt(step, cut);
            assertThrows(ZfsMachine.PowerCut.class, () -> driver.snapshot(THIN, DB1, KEPT));
            machine.reboot();
            restart();

            driver.snapshot(THIN, DB1, KEPT);

            assertEquals(
                    1,
                    known(THIN).volumes().stream()
                            .filter(volume -> volume.stage() == Stage.SNAPSHOT)
                            .count());
            machine.datasets.remove("tank/vols/" + KEPT);
            machine.datasets.remove(NAME + "@" + KEPT);
        }
    }

    @ParameterizedTest
    @EnumSource(ZfsMachine.Cut.class)
    void whateverStepOfADeletionThePowerFailsAtTheNextCallFinishesIt(ZfsMachine.Cut cut) {
        for (int step = 1; step <= 2; step++) {
            driver.create(THIN, DB1, Bytes.ofMib(64));
            driver.snapshot(THIN, DB1, KEPT);
            machine.reboot();
            machine.failAt(step, cut);
            assertThrows(ZfsMachine.PowerCut.class, () -> driver.delete(THIN, DB1));
            machine.reboot();
            restart();

            driver.delete(THIN, DB1);

            assertEquals(
                    List.of(KEPT),
                    known(THIN).volumes().stream().map(BackingVolume::name).toList());
            machine.datasets.keySet().removeIf(name -> name.contains(KEPT));
        }
    }

    @Test
    void takesAndDeletesSnapshotsThatAreItsOwn() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        SnapshotIdentity first = new SnapshotIdentity(DB1, new UUID(1L << 32, 1));
        SnapshotIdentity sameName = new SnapshotIdentity(DB1, new UUID(1L << 32, 5));

        driver.prepareSnapshot(THIN, first);
        driver.takeSnapshot(THIN, first);
        driver.takeSnapshot(THIN, first);
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.prepareSnapshot(THIN, sameName)));
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.takeSnapshot(THIN, sameName)));
        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.deleteSnapshot(THIN, sameName)));
        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, DB1)));

        driver.deleteSnapshot(THIN, first);
        driver.deleteSnapshot(THIN, first);
        driver.delete(THIN, DB1);
        driver.deleteSnapshot(THIN, first);
    }

    private static final BackingIdentity CLONE = new BackingIdentity("old_00000", DB1.cluster(), new UUID(3, 3));

    @Test
    void whatIsRestoredIsItsOwnAndNeverNew() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        SnapshotIdentity taken = new SnapshotIdentity(DB1, new UUID(1L << 32, 1));
        assertEquals(ErrorCode.SNAPSHOT_NOT_FOUND, refusal(() -> driver.restore(THIN, taken, CLONE)));
        driver.takeSnapshot(THIN, taken);

        for (int i = 0; i < 2; i++) {
            BackingVolume made = driver.restore(THIN, taken, CLONE);
            assertTrue(made.is(CLONE) && made.device().isPresent(), made.toString());
            assertEquals(Stage.RESTORED, made.stage());
        }
        driver.markReady(THIN, CLONE);
        assertEquals(Stage.READY, driver.restore(THIN, taken, CLONE).stage());
    }

    @Test
    void snapshotAndOriginGoWhileWhatWasRestoredStays() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        SnapshotIdentity first = new SnapshotIdentity(DB1, new UUID(1L << 32, 1));
        SnapshotIdentity second = new SnapshotIdentity(DB1, new UUID(2L << 32, 2));
        BackingIdentity later = new BackingIdentity("later_00000", DB1.cluster(), new UUID(4, 4));
        driver.takeSnapshot(THIN, first);
        driver.takeSnapshot(THIN, second);
        driver.restore(THIN, first, CLONE);
        driver.restore(THIN, second, later);
        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(THIN, DB1)));

        for (SnapshotIdentity each : List.of(first, second, first)) {
            driver.deleteSnapshot(THIN, each);
        }
        driver.delete(THIN, DB1);
        driver.delete(THIN, DB1);

        assertEquals(
                List.of(later.name(), CLONE.name()),
                known(THIN).volumes().stream().map(BackingVolume::name).toList());
        driver.delete(THIN, later);
        driver.delete(THIN, CLONE);
        assertTrue(
                machine.datasets.keySet().stream().noneMatch(name -> name.startsWith("tank/vols/")),
                machine.datasets.keySet().toString());
    }

    @ParameterizedTest
    @EnumSource(ZfsMachine.Cut.class)
    void whateverStepOfARestoreThePowerFailsAtTheNextCallFinishesIt(ZfsMachine.Cut cut) {
        SnapshotIdentity taken = new SnapshotIdentity(DB1, new UUID(1L << 32, 1));
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.takeSnapshot(THIN, taken);
        for (int step = 1; step <= 3; step++) {
            machine.reboot();
            machine.failAt(step, cut);
            assertThrows(ZfsMachine.PowerCut.class, () -> driver.restore(THIN, taken, CLONE));
            machine.reboot();
            restart();
            assertTrue(
                    known(THIN).volumes().stream()
                            .noneMatch(volume -> volume.is(CLONE) && volume.stage() != Stage.RESTORED),
                    () -> known(THIN).volumes().toString());

            assertEquals(Stage.RESTORED, driver.restore(THIN, taken, CLONE).stage());

            driver.delete(THIN, CLONE);
        }
    }

    @Test
    void takesSnapshotsOfSeveralVolumesInOneCommandAndThenEvenIfOneIsThere() {
        SnapshotIdentity first = new SnapshotIdentity(DB1, new UUID(1L << 32, 1));
        SnapshotIdentity second = new SnapshotIdentity(DB2, new UUID(2L << 32, 2));
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.create(THIN, DB2, Bytes.ofMib(64));
        machine.ran.clear();

        driver.takeSnapshots(THIN, List.of(first, second));

        assertEquals(1, machine.ran.size(), machine.ran.toString());
        driver.deleteSnapshot(THIN, second);
        driver.takeSnapshots(THIN, List.of(first, second));
        driver.prepareSnapshot(THIN, first);
        driver.prepareSnapshot(THIN, second);
        assertEquals(
                ErrorCode.FOREIGN_VOLUME,
                refusal(() -> driver.prepareSnapshot(THIN, new SnapshotIdentity(DB1, new UUID(1L << 32, 9)))));
        driver.deleteSnapshot(THIN, first);
        driver.deleteSnapshot(THIN, second);
        driver.delete(THIN, DB1);
    }

    @Test
    void tellsWhatItsOwnSnapshotsTake() {
        SnapshotIdentity snapshot = new SnapshotIdentity(DB1, new UUID(1L << 32, 1));
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.create(THIN, DB2, Bytes.ofMib(64));
        driver.takeSnapshot(THIN, snapshot);
        machine.add(NAME + "@daily", "snapshot");
        machine.set(NAME + "@" + snapshot.name(), "used", "49152");
        machine.ran.clear();

        assertEquals(Map.of(snapshot.name(), new Bytes(49152)), known(THIN).snapshots());
        assertEquals(3, machine.ran.size(), "one more command however many volumes there are: " + machine.ran);
    }

    @Test
    void aSnapshotOfAnotherUnderTheNameIsNotTaken() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.addForeignVolume("tank/vols/" + KEPT, 1 << 20);

        assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(() -> driver.snapshot(THIN, DB1, KEPT)));

        assertTrue(changes().stream().noneMatch(command -> command.contains("clone")));
    }

    @Test
    void takesTheDeviceAwayAndBringsItBack() {
        driver.create(THIN, DB1, Bytes.ofMib(64));

        driver.deactivate(THIN, DB1);
        driver.deactivate(THIN, DB1);

        assertEquals("", machine.deviceOf(NAME));
        assertEquals(Optional.empty(), known(THIN).volumes().get(0).device());
        assertTrue(driver.activate(THIN, DB1).device().isPresent());
    }

    /** ZFS leaves the device of a volume that is open, and exits with 0. */
    @Test
    void theDeviceOfAnOpenVolumeStaysAndThatIsTold() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.open.add(NAME);

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.deactivate(THIN, DB1)));

        assertEquals("dev", machine.value(NAME, "volmode"));
        assertFalse(machine.deviceOf(NAME).isEmpty());
    }

    @Test
    void makesTheLinkWhereNoUdevDoesAndAfterARebootToTheRightDevice() {
        machine.udev = false;
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.create(THIN, DB2, Bytes.ofMib(64));
        machine.reboot();
        restart();
        assertEquals(
                List.of(Optional.empty(), Optional.empty()),
                known(THIN).volumes().stream().map(BackingVolume::device).toList());

        driver.activate(THIN, DB1);
        driver.activate(THIN, DB2);

        for (BackingIdentity each : List.of(DB1, DB2)) {
            String dataset = "tank/vols/" + each.name();
            assertEquals(machine.deviceOf(dataset), machine.device(root.resolve("dev/zvol/" + dataset)));
        }
        driver.delete(THIN, DB1);
        assertFalse(Files.isSymbolicLink(root.resolve("dev/zvol/" + NAME)));
    }

    /** udev that is late leaves the link of an earlier device, which may be another volume's by now. */
    @Test
    void aLinkThatLeadsToAnotherVolumesDeviceIsNotBelieved() throws Exception {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.create(THIN, DB2, Bytes.ofMib(64));
        Path link = root.resolve("dev/zvol/" + NAME);
        Files.delete(link);
        Files.createSymbolicLink(link, root.resolve("dev").resolve(machine.deviceOf("tank/vols/db2_00000")));
        restart();

        assertEquals(Optional.empty(), known(THIN).volumes().get(0).device());
        driver.activate(THIN, DB1);

        assertEquals(machine.deviceOf(NAME), machine.device(link));
    }

    @Test
    void aDeviceThatDoesNotComeIsAFailureAndNoHang() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.set("tank/vols/db1_00000", "volsize", Long.toString(128 << 20));

        assertEquals(ErrorCode.COMMAND_FAILED, refusal(() -> driver.activate(THIN, DB1)));
    }

    @Test
    void asksForTheVolumeOfADeviceOnceHoweverOftenItLooks() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        known(THIN);
        machine.ran.clear();

        known(THIN);
        known(THIN);

        assertTrue(machine.ran.stream().noneMatch(command -> command.contains("zvol_id")), machine.ran.toString());
    }

    @Test
    void warnsOfVolumesThatLoseWritesOrHaveNoSpaceReserved() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.set(NAME, "sync", "disabled");

        assertTrue(known(THIN).capacity().warnings().get(0).contains("sync=standard"));
        assertTrue(known(THICK).capacity().warnings().stream()
                .anyMatch(warning -> warning.contains("refreservation=auto")));
    }

    @Test
    void aVolumeWhoseKeyIsNotLoadedIsAtFault() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        machine.datasets.get(NAME).put("keystatus", new ZfsMachine.Value("unavailable", "-"));

        assertTrue(known(THIN).volumes().get(0).fault().orElseThrow().contains("load-key"));
    }

    @Test
    void noCommandRecursesOrForces() {
        driver.create(THIN, DB1, Bytes.ofMib(64));
        driver.grow(THIN, DB1, Bytes.ofMib(65));
        driver.snapshot(THIN, DB1, KEPT);
        driver.deactivate(THIN, DB1);
        driver.delete(THIN, DB1);
        known(THIN);

        assertTrue(
                machine.ran.stream().noneMatch(command -> command.matches("(zfs|zpool) .* -[rRfF]( .*)?")),
                machine.ran.toString());
    }

    @Test
    void tellsWhatToDoWithASnapshot() {
        assertTrue(driver.careOfSnapshot(THIN, KEPT).contains("zfs destroy tank/vols/" + KEPT));
    }
}
