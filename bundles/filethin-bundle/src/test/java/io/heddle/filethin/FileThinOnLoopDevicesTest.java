package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.command.RunningCommand;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.spec.PoolSpec;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The driver with the real losetup. Needs root and loop devices. */
@Tag("loop")
class FileThinOnLoopDevicesTest {
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final BackingIdentity IDENTITY =
            new BackingIdentity("db1_00000", CLUSTER, UUID.fromString("22222222-2222-4222-8222-222222222222"));
    private static final Bytes SIZE = Bytes.ofMib(8);

    @TempDir
    Path temporary;

    private Path directory;
    private Path data;
    private PoolSpec pool;
    private final FileThinDriver driver = new FileThinDriver();

    @BeforeAll
    static void needsLoopDevices() {
        LoopMachine.require();
    }

    @BeforeEach
    void makeThePool() throws IOException {
        directory = temporary.toRealPath();
        data = directory.resolve("db1_00000");
        pool = LoopMachine.pool(DriverKind.FILE_THIN, directory);
    }

    @AfterEach
    void leaveNothing() {
        LoopMachine.detachBelow(directory);
    }

    private static ErrorCode refusal(Runnable call) {
        return assertThrows(HeddleException.class, call::run).code();
    }

    private PoolObservation observed() {
        return driver.observe(List.of(pool)).get(pool.name()).known().orElseThrow();
    }

    private static byte[] read(String device, long position, int length) throws IOException {
        try (InputStream bytes = Files.newInputStream(Path.of(device))) {
            bytes.skipNBytes(position);
            return bytes.readNBytes(length);
        }
    }

    private static void write(String device, long position, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(Path.of(device), StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), position);
            channel.force(true);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FILE", "FILE_THIN"})
    void createsOnceHoweverOftenItIsAsked(String kind) throws IOException {
        PoolSpec of = LoopMachine.pool(new DriverKind(kind), directory);

        BackingVolume first = driver.create(of, IDENTITY, SIZE);
        write(first.device().orElseThrow(), 4096, new byte[] {1, 2, 3});
        BackingVolume second = driver.create(of, IDENTITY, SIZE);

        assertEquals(first.device(), second.device());
        assertTrue(second.is(IDENTITY));
        assertEquals(Stage.NEW, second.stage());
        assertEquals(SIZE, second.size());
        assertEquals(Optional.empty(), second.fault());
        assertArrayEquals(new byte[] {1, 2, 3}, read(second.device().orElseThrow(), 4096, 3));
        assertEquals(1, LoopMachine.devicesBelow(directory).size());
        assertEquals(2, directory.toFile().list().length);
    }

    @Test
    void takesSpaceOnlyWhereThePoolIsThick() {
        BackingVolume thin = driver.create(pool, IDENTITY, SIZE);
        BackingIdentity thickOne = new BackingIdentity("db2_00000", CLUSTER, UUID.randomUUID());
        BackingVolume thick = driver.create(LoopMachine.pool(DriverKind.FILE, directory), thickOne, SIZE);

        assertTrue(thin.allocated().orElseThrow().compareTo(Bytes.ofKib(64)) <= 0, thin.toString());
        assertTrue(thick.allocated().orElseThrow().compareTo(SIZE) >= 0, thick.toString());
        assertEquals(SIZE, thick.size());
        assertTrue(observed().capacity().thin());
        assertEquals(SIZE.plus(SIZE), observed().capacity().provisioned());
    }

    @ParameterizedTest
    @ValueSource(strings = {"FILE", "FILE_THIN"})
    void givesVolumesThatReadAsZeros(String kind) throws IOException {
        PoolSpec of = LoopMachine.pool(new DriverKind(kind), directory);

        String device = driver.create(of, IDENTITY, SIZE).device().orElseThrow();
        driver.grow(of, IDENTITY, Bytes.ofMib(12));

        assertArrayEquals(new byte[(int) Bytes.ofMib(12).value()], read(device, 0, (int)
                Bytes.ofMib(12).value()));
        assertTrue(observed().capacity().zeroes());
    }

    @Test
    void letsOnlyItsOwnerReadAVolume() throws IOException {
        driver.create(pool, IDENTITY, SIZE);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(data)));
    }

    @Test
    void finishesAMakingThatWasBrokenOffAfterTheSidecar() throws IOException {
        Files.writeString(directory.resolve("db1_00000.heddle.json"), Json.write(Sidecar.fresh(IDENTITY, SIZE)));

        assertEquals(SIZE, driver.create(pool, IDENTITY, SIZE).size());
        assertEquals(SIZE.value(), Files.size(data));
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 4096})
    void finishesAMakingThatWasBrokenOffBeforeTheLength(long length) throws IOException {
        Files.writeString(directory.resolve("db1_00000.heddle.json"), Json.write(Sidecar.fresh(IDENTITY, SIZE)));
        Files.write(data, new byte[(int) length]);

        assertEquals(SIZE, driver.activate(pool, IDENTITY).size());
        assertEquals(SIZE.value(), Files.size(data));
    }

    @Test
    void finishesADeletionThatWasBrokenOffAfterTheFile() throws IOException {
        driver.create(pool, IDENTITY, SIZE);
        driver.markReady(pool, IDENTITY);
        LoopMachine.detachBelow(directory);
        Files.delete(data);

        driver.delete(pool, IDENTITY);

        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void marksReadyOnceAndForAll() {
        driver.create(pool, IDENTITY, SIZE);

        driver.markReady(pool, IDENTITY);
        driver.markReady(pool, IDENTITY);

        assertEquals(Stage.READY, observed().volumes().get(0).stage());
        assertEquals(Stage.READY, driver.create(pool, IDENTITY, SIZE).stage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"FILE", "FILE_THIN"})
    void growsUnderAnOpenDeviceAndKeepsTheBytes(String kind) throws IOException {
        PoolSpec of = LoopMachine.pool(new DriverKind(kind), directory);
        String device = driver.create(of, IDENTITY, SIZE).device().orElseThrow();
        write(device, SIZE.value() - 4096, new byte[] {7, 7, 7});

        BackingVolume grown;
        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            grown = driver.grow(of, IDENTITY, Bytes.ofMib(16));
            assertTrue(open.isOpen());
        }

        assertEquals(Bytes.ofMib(16), grown.size());
        assertEquals(Optional.of(device), grown.device());
        assertArrayEquals(new byte[] {7, 7, 7}, read(device, SIZE.value() - 4096, 3));
        write(device, Bytes.ofMib(16).value() - 4096, new byte[] {9});
    }

    @Test
    void neverShrinks() {
        driver.create(pool, IDENTITY, SIZE);

        assertEquals(SIZE, driver.grow(pool, IDENTITY, Bytes.ofMib(4)).size());
        assertEquals(SIZE, driver.create(pool, IDENTITY, Bytes.ofMib(4)).size());
        assertEquals(SIZE, driver.activate(pool, IDENTITY).size());
    }

    @Test
    void finishesAGrowthThatReachedTheFileAndNotTheDevice() throws IOException {
        driver.create(pool, IDENTITY, SIZE);
        new VolumeFile(directory, "db1_00000").lengthen(Bytes.ofMib(16));

        assertEquals(SIZE, observed().volumes().get(0).size());
        assertEquals(Bytes.ofMib(16), driver.activate(pool, IDENTITY).size());
    }

    @Test
    void growsAVolumeThatIsNotActiveWithoutActivatingIt() {
        driver.create(pool, IDENTITY, SIZE);
        driver.deactivate(pool, IDENTITY);

        BackingVolume grown = driver.grow(pool, IDENTITY, Bytes.ofMib(16));

        assertEquals(Bytes.ofMib(16), grown.size());
        assertEquals(Optional.empty(), grown.device());
    }

    @Test
    void refusesToDetachOrDeleteAnOpenDeviceAndLeavesItAsItWas() throws IOException {
        String device = driver.create(pool, IDENTITY, SIZE).device().orElseThrow();

        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            assertEquals(ErrorCode.IN_USE, refusal(() -> driver.deactivate(pool, IDENTITY)));
            assertEquals(ErrorCode.IN_USE, refusal(() -> driver.delete(pool, IDENTITY)));
            assertTrue(open.isOpen());
        }

        assertTrue(Files.exists(data));
        List<LoopDevice> left = LoopMachine.devicesBelow(directory);
        assertEquals(1, left.size());
        assertFalse(left.get(0).autoclear());
        driver.delete(pool, IDENTITY);
        assertEquals(0, directory.toFile().list().length);
        assertEquals(List.of(), LoopMachine.devicesBelow(directory));
    }

    @Test
    void keepsADeviceThatSomebodyDetachedWhileItWasOpen() throws IOException {
        String device = driver.create(pool, IDENTITY, SIZE).device().orElseThrow();

        try (FileChannel open = FileChannel.open(Path.of(device), StandardOpenOption.READ)) {
            LoopMachine.run("losetup", "--detach", device);
            assertTrue(LoopMachine.devicesBelow(directory).get(0).autoclear());
            assertEquals(Optional.of(device), observed().volumes().get(0).device());
            assertEquals(Optional.of(device), driver.activate(pool, IDENTITY).device());
            assertTrue(open.isOpen());
        }

        assertEquals(1, LoopMachine.devicesBelow(directory).size());
        assertFalse(LoopMachine.devicesBelow(directory).get(0).autoclear());
    }

    @Test
    void attachesAgainAfterARestartOfTheMachine() throws IOException {
        String device = driver.create(pool, IDENTITY, SIZE).device().orElseThrow();
        write(device, 4096, new byte[] {5});
        driver.markReady(pool, IDENTITY);
        LoopMachine.detachBelow(directory);
        assertEquals(Optional.empty(), observed().volumes().get(0).device());

        BackingVolume again = driver.activate(pool, IDENTITY);

        assertArrayEquals(new byte[] {5}, read(again.device().orElseThrow(), 4096, 1));
        assertEquals(again.device(), observed().volumes().get(0).device());
    }

    @Test
    void deactivatesTwiceAndDeletesTwice() {
        driver.create(pool, IDENTITY, SIZE);

        driver.deactivate(pool, IDENTITY);
        driver.deactivate(pool, IDENTITY);
        driver.delete(pool, IDENTITY);
        driver.delete(pool, IDENTITY);

        assertEquals(List.of(), observed().volumes());
        assertEquals(List.of(), LoopMachine.devicesBelow(directory));
    }

    @Test
    void showsAFileThatIsAttachedTwice() {
        driver.create(pool, IDENTITY, SIZE);
        LoopMachine.run("losetup", "--find", "--show", data.toString());

        BackingVolume volume = observed().volumes().get(0);

        assertTrue(volume.fault().orElseThrow().contains("attached to the same file"), volume.toString());
        driver.delete(pool, IDENTITY);
        assertEquals(List.of(), LoopMachine.devicesBelow(directory));
    }

    @Test
    void refusesADeviceThatShowsAPartOfTheFileOnly() {
        driver.create(pool, IDENTITY, SIZE);
        driver.deactivate(pool, IDENTITY);
        LoopMachine.run("losetup", "--find", "--show", "--offset", "4096", data.toString());

        assertEquals(ErrorCode.IN_USE, refusal(() -> driver.activate(pool, IDENTITY)));
        BackingVolume volume = observed().volumes().get(0);
        assertEquals(Optional.empty(), volume.device());
        assertTrue(volume.fault().orElseThrow().contains("in part only"), volume.toString());
    }

    @Test
    void warnsOfAFileThatWasDeletedUnderItsDevice() throws IOException {
        driver.create(pool, IDENTITY, SIZE);
        driver.markReady(pool, IDENTITY);
        Files.delete(data);

        PoolObservation seen = observed();

        assertTrue(seen.capacity().warnings().toString().contains("somebody has deleted"), seen.toString());
        assertTrue(seen.volumes().get(0).fault().orElseThrow().contains("is gone"));
        assertEquals(Optional.empty(), seen.volumes().get(0).device());
    }

    @Test
    void takesNoDeviceOfAnotherFileThatHasTheNameNow() throws IOException {
        String device = driver.create(pool, IDENTITY, SIZE).device().orElseThrow();
        Files.move(data, directory.resolve("moved"));
        Files.write(data, new byte[(int) SIZE.value()]);

        Optional<String> other = driver.activate(pool, IDENTITY).device();

        assertFalse(other.equals(Optional.of(device)), other.toString());
    }

    @Test
    void leavesNothingBehindWhereAVolumeDoesNotFit() throws IOException {
        Path small = Files.createDirectory(directory.resolve("small"));
        assertTrue(LoopMachine.run("mount", "-t", "tmpfs", "-o", "size=4M", "none", small.toString())
                .succeeded());
        try {
            PoolSpec thick = LoopMachine.pool(DriverKind.FILE, small);
            BackingIdentity fits = new BackingIdentity("fits_00000", CLUSTER, UUID.randomUUID());
            driver.create(thick, fits, Bytes.ofMib(1));

            assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.create(thick, IDENTITY, SIZE)));
            assertEquals(ErrorCode.POOL_FULL, refusal(() -> driver.grow(thick, fits, SIZE)));

            assertEquals(2, small.toFile().list().length);
            PoolObservation seen =
                    driver.observe(List.of(thick)).get(thick.name()).known().orElseThrow();
            assertEquals(Bytes.ofMib(1), seen.volumes().get(0).size());
            assertTrue(seen.capacity().free().compareTo(Bytes.ofMib(2)) > 0, seen.toString());
            assertTrue(seen.capacity().warnings().toString().contains("kept in memory"), seen.toString());
            driver.delete(thick, fits);
        } finally {
            LoopMachine.detachBelow(small);
            LoopMachine.run("umount", small.toString());
        }
    }

    @Test
    void servesAVolumeThatAnotherVersionOfTheDriverMade() {
        String device = driver.create(pool, IDENTITY, SIZE).device().orElseThrow();

        FileThinDriver newer = new FileThinDriver();

        assertEquals(Optional.of(device), newer.activate(pool, IDENTITY).device());
        newer.delete(pool, IDENTITY);
        assertEquals(List.of(), observed().volumes());
    }

    @Test
    void followsALinkToThePoolOnce() throws IOException {
        Path link = Files.createSymbolicLink(
                directory.resolve("link.to.pool"), Files.createDirectory(directory.resolve("real")));
        PoolSpec linked = LoopMachine.pool(DriverKind.FILE_THIN, link);

        driver.create(linked, IDENTITY, SIZE);

        assertTrue(Files.exists(directory.resolve("real").resolve("db1_00000")));
        driver.delete(linked, IDENTITY);
    }

    private static CommandRunner watching(List<String> ran, Consumer<Command> after) {
        CommandRunner real = new ExecCommandRunner();
        return new CommandRunner() {
            @Override
            public CommandResult run(Command command) {
                ran.add(command.text());
                CommandResult result = real.run(command);
                after.accept(command);
                return result;
            }

            @Override
            public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
                throw new AssertionError("nobody expected '" + command.text() + "' to be started");
            }
        };
    }

    @Test
    void looksAtNoDeviceOfAnotherVolumeHoweverManyThereAre() {
        List<String> others = new ArrayList<>();
        for (int number = 0; number < 20; number++) {
            BackingIdentity other = new BackingIdentity("other" + number + "_00000", CLUSTER, UUID.randomUUID());
            others.add(driver.create(pool, other, SIZE).device().orElseThrow());
        }
        List<String> ran = new ArrayList<>();
        FileThinDriver watched = new FileThinDriver(watching(ran, command -> {}), Path.of("/sys/block"));

        watched.create(pool, IDENTITY, SIZE);
        assertEquals(
                List.of("losetup --direct-io=on --find --show " + data, "losetup --json --list", "find -P " + data),
                ran.stream()
                        .map(command -> command.replaceAll("(--list|" + data + ") .*", "$1"))
                        .toList());
        watched.create(pool, IDENTITY, SIZE);
        watched.markReady(pool, IDENTITY);
        watched.activate(pool, IDENTITY);
        watched.grow(pool, IDENTITY, Bytes.ofMib(16));
        watched.deactivate(pool, IDENTITY);
        watched.activate(pool, IDENTITY);
        watched.delete(pool, IDENTITY);

        List<String> asked = ran.stream()
                .filter(command -> command.startsWith("losetup") && !command.endsWith(" " + data))
                .map(command -> command.substring(command.lastIndexOf(' ') + 1))
                .toList();
        assertTrue(asked.size() >= 6, ran.toString());
        assertTrue(asked.stream().allMatch(device -> device.matches("/dev/loop[0-9]+")), ran.toString());
        assertTrue(asked.stream().noneMatch(others::contains), ran.toString());
    }

    @Test
    void takesItsOwnDeviceOffWhereAnotherCameAtTheSameMoment() {
        List<String> theirs = new ArrayList<>();
        FileThinDriver late = new FileThinDriver(
                watching(new ArrayList<>(), command -> {
                    if (theirs.isEmpty() && command.text().contains("--find")) {
                        theirs.add(LoopMachine.run("losetup", "--find", "--show", data.toString())
                                .output()
                                .strip());
                    }
                }),
                Path.of("/sys/block"));

        Optional<String> device = late.create(pool, IDENTITY, SIZE).device();

        assertEquals(Optional.of(theirs.get(0)), device);
        assertEquals(
                theirs,
                LoopMachine.devicesBelow(directory).stream()
                        .map(LoopDevice::name)
                        .toList());
    }

    @Test
    void findsADeviceThatWasAttachedUnderAnotherNameOfTheFile() throws IOException {
        driver.create(pool, IDENTITY, SIZE);
        driver.deactivate(pool, IDENTITY);
        Path link = Files.createLink(directory.resolve("link"), data);
        String device = LoopMachine.run("losetup", "--find", "--show", link.toString())
                .output()
                .strip();

        assertEquals(Optional.of(device), driver.activate(pool, IDENTITY).device());
        Files.delete(link);
        assertEquals(Optional.of(device), driver.activate(pool, IDENTITY).device());
        driver.delete(pool, IDENTITY);
        assertEquals(List.of(), LoopMachine.devicesBelow(directory));
    }

    /** As after a restart in another mount namespace: the kernel then shows the path without its beginning. */
    @Test
    void findsADeviceThatWasAttachedThroughAMountThatIsGone() throws IOException {
        driver.create(pool, IDENTITY, SIZE);
        driver.deactivate(pool, IDENTITY);
        Path mount = Files.createDirectory(directory.resolve("mount"));
        LoopMachine.run("mount", "--bind", directory.toString(), mount.toString())
                .orThrow("cannot mount", "see dmesg");
        String device;
        try {
            device = LoopMachine.run(
                            "losetup",
                            "--find",
                            "--show",
                            mount.resolve(data.getFileName()).toString())
                    .output()
                    .strip();
        } finally {
            LoopMachine.run("umount", "--lazy", mount.toString()).orThrow("cannot unmount", "see dmesg");
        }
        String shown = Files.readString(
                Path.of("/sys/block", Path.of(device).getFileName().toString(), "loop", "backing_file"));
        assertFalse(shown.startsWith(mount.toString()), shown);

        assertEquals(Optional.of(device), driver.activate(pool, IDENTITY).device());
        driver.delete(pool, IDENTITY);
        assertFalse(
                Files.exists(Path.of("/sys/block", Path.of(device).getFileName().toString(), "loop")));
    }
}
