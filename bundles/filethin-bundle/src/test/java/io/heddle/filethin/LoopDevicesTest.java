package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoopDevicesTest {
    private static final FileIdentity FIRST = new FileIdentity(254, 0, 1467061);
    private static final FileIdentity SECOND = new FileIdentity(254, 0, 1467062);

    @ParameterizedTest
    @ValueSource(strings = {"list-none", "json-none", "json-none-list"})
    void seesThatThereIsNone(String recording) {
        assertEquals(List.of(), LoopDevices.parse(Recorded.result(recording)));
    }

    @Test
    void readsEveryColumnOfEveryDevice() {
        List<LoopDevice> devices = LoopDevices.parse(Recorded.result("list-several"));

        assertEquals(
                List.of(
                        new LoopDevice(
                                "/dev/loop1",
                                Optional.of(SECOND),
                                "/var/lib/heddle-rec2/db2_00000",
                                false,
                                false,
                                true),
                        new LoopDevice(
                                "/dev/loop4",
                                Optional.of(FIRST),
                                "/var/lib/heddle-rec2/db1_00000",
                                false,
                                false,
                                false),
                        new LoopDevice(
                                "/dev/loop2",
                                Optional.of(new FileIdentity(254, 0, 1467063)),
                                "/var/lib/heddle-rec2/gone_00000 (deleted)",
                                false,
                                false,
                                true),
                        new LoopDevice(
                                "/dev/loop0", Optional.of(FIRST), "/var/lib/heddle-rec2/db1_00000", true, false, true),
                        new LoopDevice(
                                "/dev/loop3",
                                Optional.of(SECOND),
                                "/var/lib/heddle-rec2/db2_00000",
                                false,
                                true,
                                true)),
                devices);
    }

    @Test
    void prefersTheDeviceThatServesTheWholeFile() {
        List<LoopDevice> devices = LoopDevices.parse(Recorded.result("list-several"));

        assertEquals(
                List.of("/dev/loop0", "/dev/loop4"),
                LoopDevices.of(FIRST, devices).stream().map(LoopDevice::name).toList());
        assertEquals(
                List.of("/dev/loop1", "/dev/loop3"),
                LoopDevices.of(SECOND, devices).stream().map(LoopDevice::name).toList());
        assertFalse(LoopDevices.of(SECOND, devices).get(1).serves());
    }

    @Test
    void takesNoDeviceForAFileOfWhichItCannotSayTheIdentity() {
        List<LoopDevice> devices = LoopDevices.parse(Recorded.result("json-many"));

        assertEquals(4, devices.size());
        assertTrue(devices.stream().allMatch(device -> device.file().isEmpty()));
    }

    @Test
    void seesThatABackingFileWasDeleted() {
        LoopDevice device = LoopDevices.parse(Recorded.result("json-deleted")).get(0);

        assertTrue(device.holdsADeletedFile());
        assertEquals("/var/lib/heddle-rec/thick.img", device.pathBeforeDeletion());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[]", "rubbish", "{\"loopdevices\": [{\"name\":\"/etc/passwd\"}]}"})
    void takesNothingElseForAnEmptyList(String output) {
        CommandResult result =
                new CommandResult(Command.query(Duration.ofSeconds(1), "losetup"), 0, output, "", Duration.ofMillis(1));

        assertEquals(
                ErrorCode.OUTPUT_UNREADABLE,
                assertThrows(HeddleException.class, () -> LoopDevices.parse(result))
                        .code());
    }

    @ParameterizedTest
    @CsvSource({
        "attach-missing, BACKING_VOLUME_MISSING",
        "find-missing, BACKING_VOLUME_MISSING",
        "attach-offset-elsewhere, IN_USE",
        "detach-missing, COMMAND_FAILED",
        "detach-unused, COMMAND_FAILED"
    })
    void classifiesWhatLosetupSays(String recording, ErrorCode expected) {
        HeddleException failure = LoopDevices.failure(Recorded.result(recording), "cannot attach it");

        assertEquals(expected, failure.code());
        assertTrue(failure.why().contains("exit code 1"), failure.why());
    }

    @ParameterizedTest
    @CsvSource({"fallocate-full, POOL_FULL", "fallocate-unsupported, POOL_UNUSABLE", "detach-missing, COMMAND_FAILED"})
    void classifiesWhatFallocateSays(String recording, ErrorCode expected) {
        assertEquals(
                expected,
                FileThinDriver.allocationFailure(Recorded.result(recording), Path.of("/pool/db1_00000"), Bytes.ofMib(8))
                        .code());
    }

    private static final String LIST =
            "losetup --json --list --output NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN,AUTOCLEAR,RO,OFFSET,SIZELIMIT";
    private static final VolumeFile.DataFile DATA = new VolumeFile.DataFile(FIRST, Bytes.ofMib(8), false);

    @TempDir
    Path blockDevices;

    /** As the kernel shows a device that is attached; without a path, one that is not. */
    private void device(int number, String... path) throws IOException {
        Path directory = Files.createDirectories(blockDevices.resolve("loop" + number));
        for (String each : path) {
            Files.writeString(Files.createDirectories(directory.resolve("loop")).resolve("backing_file"), each);
        }
    }

    private static CommandResult printed(Command command, FileIdentity file) {
        String name = command.arguments().get(command.arguments().size() - 1);
        return new CommandResult(
                command,
                0,
                "{\"loopdevices\": [{\"name\":\"" + name + "\", \"back-file\":\"x\", \"back-ino\":" + file.inode()
                        + ", \"back-maj:min\":\"" + file.major() + ":" + file.minor()
                        + "\", \"autoclear\":false, \"ro\":false, \"offset\":0, \"sizelimit\":0}]}",
                "",
                Duration.ZERO);
    }

    private static List<String> names(List<LoopDevice> devices) {
        return devices.stream().map(LoopDevice::name).toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 500})
    void asksThoseDevicesOnlyThatCanHaveTheFileHoweverManyThereAre(int others) throws IOException {
        for (int number = 100; number < 100 + others; number++) {
            device(number, "/pool/db" + number + "_00000\n");
            device(1000 + number);
        }
        device(1, "/pool/db1_00000\n");
        device(2, "/elsewhere/db1_00000\n");
        device(3, "/db1_00000\n");
        device(4, "/pool/another (deleted)\n");
        device(5, "");
        Files.createDirectories(blockDevices.resolve("loop6/loop/backing_file"));
        device(7, "/pool/xdb1_00000\n");
        device(8, "/pool/db1_00000/db2_00000\n");
        device(9);
        ScriptedRunner runner = new ScriptedRunner();
        for (int number : new int[] {1, 3, 4, 5, 6}) {
            runner.answer(LIST + " /dev/loop" + number, command -> printed(command, FIRST));
        }
        runner.answer(LIST + " /dev/loop2", command -> printed(command, SECOND));

        List<LoopDevice> found = new LoopDevices(runner, blockDevices).of(Path.of("/pool/db1_00000"), DATA);

        assertEquals(List.of("/dev/loop1", "/dev/loop3", "/dev/loop4", "/dev/loop5", "/dev/loop6"), names(found));
        assertEquals(
                IntStream.rangeClosed(1, 6)
                        .mapToObj(number -> LIST + " /dev/loop" + number)
                        .toList(),
                runner.ran.stream().sorted().toList());
    }

    @Test
    void asksAllDevicesForAFileOfSeveralNames() throws IOException {
        device(0, "/pool/other-name\n");
        ScriptedRunner runner = new ScriptedRunner().answer(LIST, command -> Recorded.result("list-several", command));

        List<LoopDevice> found = new LoopDevices(runner, blockDevices)
                .of(Path.of("/pool/db1_00000"), new VolumeFile.DataFile(FIRST, Bytes.ofMib(8), true));

        assertEquals(List.of("/dev/loop0", "/dev/loop4"), names(found));
        assertEquals(List.of(LIST), runner.ran);
    }

    @Test
    void asksAllDevicesWhereTheKernelShowsNone() {
        ScriptedRunner runner = new ScriptedRunner().answer(LIST, command -> Recorded.result("list-several", command));
        LoopDevices blind = new LoopDevices(runner, blockDevices.resolve("nosuch"));

        assertEquals(List.of("/dev/loop0", "/dev/loop4"), names(blind.of(Path.of("/pool/db1_00000"), DATA)));
        assertEquals(List.of(LIST), runner.ran);
    }

    @Test
    void takesADeviceThatWentMeanwhileForGoneAndAFailedLookForNone() throws IOException {
        device(0, "/pool/db1_00000\n");
        Path shown = blockDevices.resolve("loop0/loop/backing_file");
        ScriptedRunner runner = new ScriptedRunner().answer(LIST, command -> Recorded.result("one-not-there", command));
        LoopDevices devices = new LoopDevices(runner, blockDevices);

        assertEquals(
                ErrorCode.COMMAND_FAILED,
                assertThrows(HeddleException.class, () -> devices.of(Path.of("/pool/db1_00000"), DATA))
                        .code());

        runner.answer(LIST, command -> {
            assertTrue(shown.toFile().delete());
            return Recorded.result("one-not-there", command);
        });
        assertEquals(List.of(), devices.of(Path.of("/pool/db1_00000"), DATA));
    }

    @Test
    void takesADeviceThatIsAttachedToNothingForNobodys() {
        assertEquals(
                Optional.empty(),
                LoopDevices.parse(Recorded.result("one-unused")).get(0).file());
    }

    /** losetup then exits with 1 and leaves the device attached (losetup.c, lo_set_post). */
    @Test
    void usesADeviceThatRefusedDirectInputAndOutputOnly() throws IOException {
        ScriptedRunner runner = new ScriptedRunner().answer("losetup --direct-io=on", command -> {
            devicesAttached("/pool/db1_00000\n");
            return new CommandResult(
                    command, 1, "/dev/loop0\n", "losetup: /dev/loop0: set direct io failed\n", Duration.ZERO);
        });
        runner.answer(LIST + " /dev/loop0", command -> printed(command, FIRST));

        List<LoopDevice> attached =
                new LoopDevices(runner, blockDevices).attach(Path.of("/pool/db1_00000"), DATA, false);

        assertEquals(List.of("/dev/loop0"), names(attached));
        assertEquals(List.of("losetup --direct-io=on --find --show /pool/db1_00000", LIST + " /dev/loop0"), runner.ran);
    }

    /** Nobody can have attached a file that was not there; who did since then is seen afterwards. */
    @Test
    void looksForTheDevicesOfAFileThatWasJustMadeAfterAttachingItOnly() throws IOException {
        device(1, "/elsewhere/db1_00000\n");
        ScriptedRunner runner = new ScriptedRunner()
                .answer("losetup --direct-io=on", command -> {
                    devicesAttached("/pool/db1_00000\n");
                    return new CommandResult(command, 0, "/dev/loop0\n", "", Duration.ZERO);
                })
                .answer(LIST + " /dev/loop0", command -> printed(command, FIRST))
                .answer(LIST + " /dev/loop1", command -> printed(command, SECOND));

        LoopDevices devices = new LoopDevices(runner, blockDevices);
        assertEquals(List.of("/dev/loop0"), names(devices.attach(Path.of("/pool/db1_00000"), DATA, true)));

        assertEquals("losetup --direct-io=on --find --show /pool/db1_00000", runner.ran.get(0));
        assertEquals(
                List.of(LIST + " /dev/loop0", LIST + " /dev/loop1"),
                runner.ran.subList(1, runner.ran.size()).stream().sorted().toList());
    }

    @Test
    void attachesWithCachedInputAndOutputWhereDirectOneAttachedNothing() {
        ScriptedRunner runner = new ScriptedRunner()
                .answer(
                        "losetup --direct-io=on",
                        command -> new CommandResult(command, 1, "", "losetup: failed\n", Duration.ZERO))
                .answer("losetup --find", command -> {
                    devicesAttached("/pool/db1_00000\n");
                    return new CommandResult(command, 0, "/dev/loop0\n", "", Duration.ZERO);
                })
                .answer(LIST + " /dev/loop0", command -> printed(command, FIRST));

        assertEquals(
                List.of("/dev/loop0"),
                names(new LoopDevices(runner, blockDevices).attach(Path.of("/pool/db1_00000"), DATA, false)));
    }

    private void devicesAttached(String path) {
        try {
            device(0, path);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void readsItsVersion() {
        ScriptedRunner runner =
                new ScriptedRunner().answer("losetup --version", command -> Recorded.result("version", command));

        assertEquals("2.38.1", new LoopDevices(runner, Path.of("/sys/block")).toolVersion());
    }

    @ParameterizedTest
    @CsvSource({"65024, 254, 0", "27, 0, 27", "1048832, 1, 256", "17592186044417, 4096, 1"})
    void takesADeviceNumberApart(long device, long major, long minor) {
        assertEquals(new FileIdentity(major, minor, 7), FileIdentity.of(device, 7));
    }
}
