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
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
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
