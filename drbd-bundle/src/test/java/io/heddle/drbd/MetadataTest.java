package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real drbdmeta, on a loop device. */
@Timeout(120)
class MetadataTest {
    private static final int MINOR = LoopDevice.MINOR;
    private static final String SOMEBODYS = "89F44DE43C3F1A7E";

    private final ExecCommandRunner runner = new ExecCommandRunner();
    private final DrbdTools tools = new DrbdTools(runner);
    private final Metadata metadata = new Metadata(tools);

    @TempDir
    Path directory;

    private Path file;
    private Optional<LoopDevice> loop = Optional.empty();
    private String device = "";

    @BeforeEach
    void makeADevice() throws IOException {
        LoopDevice.assumeUsable();
        file = directory.resolve("backing");
        try (RandomAccessFile backing = new RandomAccessFile(file.toFile(), "rw")) {
            backing.setLength(64L << 20);
        }
        loop = Optional.of(LoopDevice.of(file));
        device = loop.get().path();
    }

    @AfterEach
    void removeTheDevice() {
        loop.ifPresent(LoopDevice::close);
    }

    private void run(String... arguments) {
        CommandResult result = runner.run(Command.change(Duration.ofMinutes(1), arguments));
        assertTrue(result.succeeded(), result::explanation);
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void isAbsentThenPresentAndNewAgain(MetadataFormat format) {
        assertEquals(MetadataState.ABSENT, metadata.look(MINOR, format, device, 0));

        metadata.create(MINOR, format, device, 7);

        assertEquals(MetadataState.PRESENT, metadata.look(MINOR, format, device, 0));
        assertEquals(Optional.of(Metadata.JUST_CREATED), metadata.generation(MINOR, format, device, 0));
        metadata.create(MINOR, format, device, 7);
        assertEquals(MetadataState.PRESENT, metadata.look(MINOR, format, device, 0));
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void metadataOfTheOtherDrbdIsNotAbsent(MetadataFormat format) {
        metadata.create(MINOR, format.other(), device, 7);

        HeddleException refused = assertThrows(HeddleException.class, () -> metadata.look(MINOR, format, device, 0));

        assertEquals(ErrorCode.METADATA_UNREADABLE, refused.code());
    }

    @Test
    void aDeviceThatIsNotThereIsNotAbsentMetadata() {
        HeddleException failed = assertThrows(
                HeddleException.class,
                () -> metadata.look(
                        MINOR, MetadataFormat.V09, directory.resolve("gone").toString(), 0));

        assertEquals(ErrorCode.OBSERVATION_FAILED, failed.code());
    }

    @Test
    void whatAnEarlierOwnerLeftDoesNotGetIntoNewMetadata() {
        metadata.create(MINOR, MetadataFormat.V08, device, 1);
        run("mkfs.ext4", "-q", "-F", device, "16M");
        metadata.create(MINOR, MetadataFormat.V09, device, 7);
        assertEquals(Optional.of(Metadata.JUST_CREATED), metadata.generation(MINOR, MetadataFormat.V09, device, 0));

        run("mkfs.ext4", "-q", "-F", device);
        metadata.create(MINOR, MetadataFormat.V09, device, 5);

        CommandResult dump = tools.drbdmetaQuery(MINOR, MetadataFormat.V09, device, "dump-md");
        assertTrue(dump.output().contains("max-peers 5;"), dump::output);
        assertFalse(runner.run(Command.query(Duration.ofMinutes(1), "blkid", "-p", "-s", "TYPE", device))
                .output()
                .contains("ext"));
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void wholeMetadataOfAnEarlierOwnerDoesNotLiveOn(MetadataFormat format) {
        metadata.create(MINOR, format, device, 7);
        useIt(format);
        assertEquals(Optional.of(SOMEBODYS), metadata.generation(MINOR, format, device, 0));

        metadata.create(MINOR, format, device, 7);

        assertEquals(Optional.of(Metadata.JUST_CREATED), metadata.generation(MINOR, format, device, 0));
    }

    /** Gives it the generations of a replica with data. */
    private void useIt(MetadataFormat format) {
        List<String> arguments = new ArrayList<>(List.of("drbdmeta", "--force", String.valueOf(MINOR), format.word()));
        arguments.addAll(List.of(device, "internal", "set-gi", SOMEBODYS + ":0:0:0:1:1"));
        if (format == MetadataFormat.V09) {
            arguments.add("--node-id=0");
        }
        run(arguments.toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void aDeviceThatIsInUseIsNotTouched(MetadataFormat format) throws IOException {
        run("mkfs.ext4", "-q", "-F", device);
        Path mountPoint = Files.createDirectory(directory.resolve("mounted"));
        run("mount", "-o", "ro,noload", device, mountPoint.toString());
        try {
            byte[] before = Files.readAllBytes(file);

            HeddleException refused =
                    assertThrows(HeddleException.class, () -> metadata.create(MINOR, format, device, 7));

            assertEquals(ErrorCode.IN_USE, refused.code());
            assertArrayEquals(before, Files.readAllBytes(file));
        } finally {
            run("umount", mountPoint.toString());
        }
    }

    @Test
    void aSparseDeviceStaysSparse() {
        metadata.create(MINOR, MetadataFormat.V09, device, 7);

        CommandResult blocks = runner.run(Command.query(Duration.ofMinutes(1), "stat", "--format=%b", file.toString()));
        long allocated = 512 * Long.parseLong(blocks.output().strip());

        assertTrue(allocated < 1 << 20, () -> allocated + " bytes were allocated");
    }
}
