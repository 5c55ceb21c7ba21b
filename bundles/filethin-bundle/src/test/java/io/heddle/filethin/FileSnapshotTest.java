package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.spec.PoolSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Snapshots on real file systems that let files share blocks, and on some that do not. Needs root and loop devices. */
@Tag("loop")
class FileSnapshotTest {
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final BackingIdentity VOLUME =
            new BackingIdentity("db1_00000", CLUSTER, UUID.fromString("22222222-2222-4222-8222-222222222222"));
    private static final SnapshotIdentity SNAPSHOT =
            new SnapshotIdentity(VOLUME, UUID.fromString("33333333-3333-4333-8333-333333333333"));
    private static final Bytes SIZE = Bytes.ofMib(8);
    private static final int BLOCK = 4096;

    @TempDir
    Path temporary;

    private final FileThinDriver driver = new FileThinDriver();
    private Optional<ReflinkDisk> made = Optional.empty();

    @AfterEach
    void unmount() {
        made.ifPresent(ReflinkDisk::close);
    }

    private ReflinkDisk disk(String... mkfs) throws IOException {
        ReflinkDisk disk = ReflinkDisk.make(temporary.toRealPath(), mkfs);
        made = Optional.of(disk);
        return disk;
    }

    private PoolSpec xfs() throws IOException {
        return LoopMachine.pool(
                DriverKind.FILE_THIN, disk("mkfs.xfs", "-q", "-m", "reflink=1").path());
    }

    private String served(PoolSpec pool) {
        String device = driver.create(pool, VOLUME, SIZE).device().orElseThrow();
        driver.markReady(pool, VOLUME);
        return device;
    }

    private static void write(String device, int value) throws IOException {
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) value);
        try (FileChannel channel = FileChannel.open(Path.of(device), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(block), BLOCK);
            channel.force(true);
        }
    }

    private static int kept(PoolSpec pool, SnapshotIdentity snapshot) throws IOException {
        return Files.readAllBytes(Path.of(pool.backing()).resolve(snapshot.name()))[BLOCK];
    }

    private PoolObservation observed(PoolSpec pool) {
        return driver.observe(List.of(pool)).get(pool.name()).known().orElseThrow();
    }

    private static HeddleException refused(ErrorCode code, Runnable call) {
        HeddleException refusal = assertThrows(HeddleException.class, call::run);
        assertEquals(code, refusal.code(), refusal.getMessage());
        return refusal;
    }

    private static List<String> files(PoolSpec pool) {
        return Arrays.stream(Path.of(pool.backing()).toFile().list()).sorted().toList();
    }

    private static int at(String device) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            ByteBuffer one = ByteBuffer.allocate(1);
            channel.read(one, BLOCK);
            return one.get(0);
        }
    }

    @Test
    void restoresWhatItKeepsAsAVolumeOfItsOwn() throws IOException {
        PoolSpec pool = xfs();
        BackingIdentity clone = new BackingIdentity("old_00000", CLUSTER, new UUID(3, 3));
        String device = served(pool);
        write(device, 1);
        refused(ErrorCode.SNAPSHOT_NOT_FOUND, () -> driver.restore(pool, SNAPSHOT, clone));
        driver.takeSnapshot(pool, SNAPSHOT);
        write(device, 2);

        for (int i = 0; i < 2; i++) {
            BackingVolume restored = driver.restore(pool, SNAPSHOT, clone);
            assertTrue(restored.is(clone), restored.toString());
            assertEquals(Stage.RESTORED, restored.stage());
            assertEquals(1, at(restored.device().orElseThrow()));
        }
        driver.deactivate(pool, clone);
        Path directory = Path.of(pool.backing());
        Files.move(directory.resolve("old_00000"), directory.resolve(".old_00000.heddle-clone"));
        assertEquals(1, at(driver.activate(pool, clone).device().orElseThrow()));
        driver.markReady(pool, clone);
        BackingVolume ready = driver.restore(pool, SNAPSHOT, clone);
        assertEquals(Stage.READY, ready.stage());
        write(ready.device().orElseThrow(), 5);
        assertEquals(1, kept(pool, SNAPSHOT));

        driver.deleteSnapshot(pool, SNAPSHOT);
        driver.delete(pool, VOLUME);
        assertEquals(5, at(ready.device().orElseThrow()));
        driver.delete(pool, clone);
        assertEquals(List.of(), files(pool));
    }

    private void keepsWhatTheVolumeHeld(PoolSpec pool) throws IOException {
        String device = served(pool);
        write(device, 1);
        driver.prepareSnapshot(pool, SNAPSHOT);
        assertEquals(2, files(pool).size());

        driver.takeSnapshot(pool, SNAPSHOT);
        write(device, 2);
        driver.takeSnapshot(pool, SNAPSHOT);

        assertEquals(1, kept(pool, SNAPSHOT));
        assertEquals(2, Files.readAllBytes(Path.of(device))[BLOCK]);
        assertTrue(observed(pool).capacity().snapshots());
        assertEquals(SIZE.value(), Files.size(Path.of(pool.backing()).resolve(SNAPSHOT.name())));

        driver.deleteSnapshot(pool, SNAPSHOT);
        driver.deleteSnapshot(pool, SNAPSHOT);
        assertEquals(List.of("db1_00000", "db1_00000.heddle.json"), files(pool));
        assertEquals(2, Files.readAllBytes(Path.of(device))[BLOCK]);
    }

    @Test
    void keepsWhatTheVolumeHeldOnXfs() throws IOException {
        keepsWhatTheVolumeHeld(xfs());
    }

    @Test
    void keepsWhatTheVolumeHeldOnBtrfs() throws IOException {
        keepsWhatTheVolumeHeld(
                LoopMachine.pool(DriverKind.FILE_THIN, disk("mkfs.btrfs", "-q").path()));
    }

    @Test
    void isNoVolumeWhoeverLooks() throws IOException {
        PoolSpec pool = xfs();
        served(pool);
        driver.takeSnapshot(pool, SNAPSHOT);

        BackingVolume seen = observed(pool).volumes().stream()
                .filter(volume -> volume.name().equals(SNAPSHOT.name()))
                .findFirst()
                .orElseThrow();

        assertEquals(Stage.TAKEN, seen.stage());
        assertEquals(Optional.of(CLUSTER), seen.cluster());
        assertEquals(Optional.empty(), seen.volume());
        assertEquals(Optional.empty(), seen.fault());
        assertEquals(2, observed(pool).volumes().size());
        BackingIdentity disguised = new BackingIdentity(SNAPSHOT.name(), CLUSTER, VOLUME.volume());
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.delete(pool, disguised));
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.create(pool, disguised, SIZE));
    }

    @Test
    void staysWhenTheVolumeIsDeleted() throws IOException {
        PoolSpec pool = xfs();
        write(served(pool), 1);
        driver.takeSnapshot(pool, SNAPSHOT);

        driver.delete(pool, VOLUME);

        assertEquals(1, kept(pool, SNAPSHOT));
        driver.deleteSnapshot(pool, SNAPSHOT);
        assertEquals(List.of(), files(pool));
    }

    @Test
    void isOnTheDiskWhenItIsTaken() throws IOException {
        ReflinkDisk disk = disk("mkfs.xfs", "-q", "-m", "reflink=1");
        PoolSpec pool = LoopMachine.pool(DriverKind.FILE_THIN, disk.path());
        write(served(pool), 1);

        driver.takeSnapshot(pool, SNAPSHOT);
        disk.cutPower();

        assertEquals(1, kept(pool, SNAPSHOT));
        driver.deleteSnapshot(pool, SNAPSHOT);
        disk.cutPower();
        assertEquals(List.of("db1_00000", "db1_00000.heddle.json"), files(pool));
        assertEquals(Stage.READY, driver.activate(pool, VOLUME).stage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"after the sidecar", "within the clone"})
    void finishesOrDeletesATakingThatWasBrokenOff(String moment) throws IOException {
        PoolSpec pool = xfs();
        Path directory = Path.of(pool.backing());
        write(served(pool), 1);
        for (boolean finished : new boolean[] {true, false}) {
            Files.writeString(
                    directory.resolve(SNAPSHOT.name() + SnapshotFile.SIDECAR),
                    Json.write(SnapshotSidecar.of(SNAPSHOT, SIZE)));
            if (moment.equals("within the clone")) {
                Files.write(directory.resolve("." + SNAPSHOT.name() + ".heddle-clone"), new byte[] {7});
            }
            assertEquals(1, observed(pool).volumes().size());

            if (finished) {
                driver.takeSnapshot(pool, SNAPSHOT);
                assertEquals(1, kept(pool, SNAPSHOT));
            }
            driver.deleteSnapshot(pool, SNAPSHOT);
            assertEquals(List.of("db1_00000", "db1_00000.heddle.json"), files(pool));
        }
    }

    @Test
    void touchesNothingOfOthers() throws IOException {
        PoolSpec pool = xfs();
        Path file = Path.of(pool.backing()).resolve(SNAPSHOT.name());
        served(pool);
        Files.writeString(file, "somebody's");
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.prepareSnapshot(pool, SNAPSHOT));
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.takeSnapshot(pool, SNAPSHOT));
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.deleteSnapshot(pool, SNAPSHOT));
        assertEquals("somebody's", Files.readString(file));
        Files.delete(file);

        SnapshotIdentity another =
                new SnapshotIdentity(VOLUME, UUID.fromString("33333333-0000-4000-8000-000000000000"));
        driver.takeSnapshot(pool, another);
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.takeSnapshot(pool, SNAPSHOT));
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.deleteSnapshot(pool, SNAPSHOT));
        assertTrue(Files.exists(file));
        driver.deleteSnapshot(pool, another);

        SnapshotIdentity ofAnother =
                new SnapshotIdentity(new BackingIdentity("db1_00000", CLUSTER, new UUID(5, 5)), SNAPSHOT.snapshot());
        refused(ErrorCode.FOREIGN_VOLUME, () -> driver.takeSnapshot(pool, ofAnother));
        assertFalse(Files.exists(file));
    }

    @Test
    void deletesNothingThatIsInUse() throws IOException {
        PoolSpec pool = xfs();
        served(pool);
        driver.takeSnapshot(pool, SNAPSHOT);
        String file = Path.of(pool.backing()).resolve(SNAPSHOT.name()).toString();
        LoopMachine.run("losetup", "--read-only", "--find", "--show", file);

        refused(ErrorCode.IN_USE, () -> driver.deleteSnapshot(pool, SNAPSHOT));

        assertTrue(Files.exists(Path.of(file)));
    }

    @Test
    void keepsWhatASideOfASplitBrainGivesUp() throws IOException {
        PoolSpec pool = xfs();
        String device = served(pool);
        write(device, 1);

        driver.snapshot(pool, VOLUME, "db1_00000_discarded_12345678");
        write(device, 2);
        driver.snapshot(pool, VOLUME, "db1_00000_discarded_12345678");

        Path file = Path.of(pool.backing()).resolve("db1_00000_discarded_12345678");
        assertEquals(1, Files.readAllBytes(file)[BLOCK]);
        assertTrue(observed(pool).volumes().stream().anyMatch(volume -> volume.stage() == Stage.SNAPSHOT));
        assertTrue(driver.careOfSnapshot(pool, file.getFileName().toString()).contains("rm " + file));
    }

    private void refusesWithTheWayOut(PoolSpec pool, String reason) {
        served(pool);

        assertFalse(observed(pool).capacity().snapshots());
        for (HeddleException refusal : List.of(
                refused(ErrorCode.NOT_SUPPORTED, () -> driver.prepareSnapshot(pool, SNAPSHOT)),
                refused(ErrorCode.NOT_SUPPORTED, () -> driver.takeSnapshot(pool, SNAPSHOT)),
                refused(ErrorCode.NOT_SUPPORTED, () -> driver.snapshot(pool, VOLUME, "kept")))) {
            assertTrue(refusal.why().contains(reason), refusal.why());
            assertTrue(refusal.correction().contains("FILE_THIN pool on xfs or btrfs"), refusal.correction());
        }
        driver.deleteSnapshot(pool, SNAPSHOT);
        assertEquals(
                List.of("db1_00000", "db1_00000.heddle.json"),
                files(pool).stream().filter(name -> !name.equals("lost+found")).toList());
    }

    @Test
    void refusesOnExt4() throws IOException {
        refusesWithTheWayOut(
                LoopMachine.pool(DriverKind.FILE_THIN, disk("mkfs.ext4", "-q").path()), "ext4");
    }

    @Test
    void refusesOnXfsWithoutReflinks() throws IOException {
        refusesWithTheWayOut(
                LoopMachine.pool(
                        DriverKind.FILE_THIN,
                        disk("mkfs.xfs", "-q", "-m", "reflink=0").path()),
                "xfs");
    }

    @Test
    void refusesWhereSpaceIsReserved() throws IOException {
        PoolSpec pool = xfs();
        refusesWithTheWayOut(LoopMachine.pool(DriverKind.FILE, Path.of(pool.backing())), "reserved");
    }

    @Test
    void asksTheFileSystemOnce() throws IOException {
        PoolSpec pool = xfs();
        observed(pool);
        long before = Files.getLastModifiedTime(Path.of(pool.backing())).toMillis();

        observed(pool);
        observed(pool);

        assertEquals(before, Files.getLastModifiedTime(Path.of(pool.backing())).toMillis());
        assertArrayEquals(new String[0], Path.of(pool.backing()).toFile().list());
    }
}
