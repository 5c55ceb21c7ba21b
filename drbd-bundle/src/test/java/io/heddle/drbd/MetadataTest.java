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
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
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
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The real drbdmeta, on a loop device. */
@Timeout(120)
class MetadataTest {
    private static final int MINOR = LoopDevice.MINOR;
    private static final String SOMEBODYS = "89F44DE43C3F1A7E";
    private static final long GENERATION = 0x89F44DE43C3F1A7EL;
    /** MDF_PRIMARY_IND of drbd.h. */
    private static final String CRASHED_PRIMARY = "00000004";

    /** MDF_AL_CLEAN. */
    private static final String CLEAN = "00000080";

    private static final Bytes SIZE = Bytes.ofMib(64);
    private static final long OWN = 0x1122334455667788L;
    private static final long ANOTHERS = 0x2222222222222222L;
    private static final Path LAST_KNOWN_SIZE = Path.of("/var/lib/drbd/drbd-minor-" + MINOR + ".lkbd");

    private final ExecCommandRunner runner = new ExecCommandRunner();
    private final DrbdTools tools = new DrbdTools(runner);
    private final Metadata metadata = new Metadata(tools, Path.of("/var/lib/drbd"));

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

        metadata.create(MINOR, format, device, 7, OWN);

        assertEquals(MetadataState.PRESENT, metadata.look(MINOR, format, device, 0));
        assertEquals(Optional.of(Metadata.JUST_CREATED), metadata.generation(MINOR, format, device, 0));
        metadata.create(MINOR, format, device, 7, OWN);
        assertEquals(MetadataState.PRESENT, metadata.look(MINOR, format, device, 0));
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void metadataOfTheOtherDrbdIsNotAbsent(MetadataFormat format) {
        metadata.create(MINOR, format.other(), device, 7, OWN);

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
        metadata.create(MINOR, MetadataFormat.V08, device, 1, OWN);
        run("mkfs.ext4", "-q", "-F", device, "16M");
        metadata.create(MINOR, MetadataFormat.V09, device, 7, OWN);
        assertEquals(Optional.of(Metadata.JUST_CREATED), metadata.generation(MINOR, MetadataFormat.V09, device, 0));

        run("mkfs.ext4", "-q", "-F", device);
        metadata.create(MINOR, MetadataFormat.V09, device, 5, OWN);

        CommandResult dump = tools.drbdmetaQuery(MINOR, MetadataFormat.V09, device, "dump-md");
        assertTrue(dump.output().contains("max-peers 5;"), dump::output);
        assertFalse(runner.run(Command.query(Duration.ofMinutes(1), "blkid", "-p", "-s", "TYPE", device))
                .output()
                .contains("ext"));
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void wholeMetadataOfAnEarlierOwnerDoesNotLiveOn(MetadataFormat format) {
        metadata.create(MINOR, format, device, 7, OWN);
        useIt(format);
        assertEquals(Optional.of(SOMEBODYS), metadata.generation(MINOR, format, device, 0));

        metadata.create(MINOR, format, device, 7, OWN);

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
                    assertThrows(HeddleException.class, () -> metadata.create(MINOR, format, device, 7, OWN));

            assertEquals(ErrorCode.IN_USE, refused.code());
            assertArrayEquals(before, Files.readAllBytes(file));
        } finally {
            run("umount", mountPoint.toString());
        }
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void saysWhatDrbdmetaSays(MetadataFormat format) throws IOException {
        metadata.create(MINOR, format, device, 7, OWN);
        assertEquals(Optional.empty(), metadata.sizeInUse(device, OWN));

        restore(format, 120_000, CLEAN);

        assertEquals(Optional.of(new Bytes(120_000 * 512L)), metadata.sizeInUse(device, OWN));
        Superblock found = Superblock.at(Path.of(device), SIZE).orElseThrow();
        assertEquals(
                new Superblock(
                        format, new Bytes(120_000 * 512L), GENERATION, OWN, format == MetadataFormat.V08 ? 1 : 7),
                found);
    }

    /** That of a Primary that lost its power, which dump-md does not show. */
    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void saysWhatTheMetadataOfACrashedPrimarySays(MetadataFormat format) throws IOException {
        metadata.create(MINOR, format, device, 7, OWN);
        restore(format, 120_000, CRASHED_PRIMARY);
        CommandResult dump = tools.drbdmetaQuery(MINOR, format, device, "dump-md");
        assertTrue(dump.errorOutput().contains("unclean"), dump::explanation);

        assertEquals(Optional.of(new Bytes(120_000 * 512L)), metadata.sizeInUse(device, OWN));
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void movesToTheEndOfADeviceThatHasGrown(MetadataFormat format) throws IOException {
        metadata.create(MINOR, format, device, 7, OWN);
        restore(format, 120_000, CRASHED_PRIMARY);
        forget();
        grow(128);
        assertEquals(MetadataState.ABSENT, metadata.look(MINOR, format, device, 0));
        assertMissing(() -> metadata.sizeInUse(device, OWN));
        assertMissing(() -> metadata.requireAtEnd(device));

        for (int i = 0; i < 2; i++) {
            metadata.move(MINOR, format, device, OWN, Ordered.set(List.of(SIZE)));

            assertEquals(MetadataState.PRESENT, metadata.look(MINOR, format, device, 0));
            assertEquals(Optional.of(new Bytes(120_000 * 512L)), metadata.sizeInUse(device, OWN));
            metadata.requireAtEnd(device);
        }
    }

    @ParameterizedTest
    @EnumSource(MetadataFormat.class)
    void whatWasClonedGetsAnotherIdentityAndKeepsAllElse(MetadataFormat format) throws IOException {
        metadata.create(MINOR, format, device, 7, ANOTHERS);
        restore(format, 120_000, CLEAN);
        byte[] before = Files.readAllBytes(file);
        HeddleException refused =
                assertThrows(HeddleException.class, () -> metadata.adopt(MINOR, format, device, 7, OWN, false));
        assertEquals(ErrorCode.METADATA_UNREADABLE, refused.code());
        assertArrayEquals(before, Files.readAllBytes(file));
        assertTrue(said(format).contains(CRASHED_IN_WORDS.get(format)[0]), said(format));

        for (int i = 0; i < 2; i++) {
            metadata.adopt(MINOR, format, device, ANOTHERS, OWN, true);

            assertEquals(Optional.of(new Bytes(120_000 * 512L)), metadata.sizeInUse(device, OWN));
            assertTrue(said(format).contains(CRASHED_IN_WORDS.get(format)[1]), said(format));
        }
    }

    /** What get-gi says of one that was no Primary, and of one that was and crashed. */
    private static final java.util.Map<MetadataFormat, String[]> CRASHED_IN_WORDS = java.util.Map.of(
            MetadataFormat.V08, new String[] {":0:0:0", ":0:0:1"},
            MetadataFormat.V09, new String[] {":0:0:1:0", ":0:1:1:0"});

    private String said(MetadataFormat format) {
        List<String> arguments = new ArrayList<>(List.of("get-gi"));
        if (format == MetadataFormat.V09) {
            arguments.add("--node-id=0");
        }
        return tools.drbdmetaQuery(MINOR, format, device, arguments.toArray(String[]::new))
                .output();
    }

    @Test
    void ofWhatDrbdLeftBehindTheLatestIsMoved() throws IOException {
        metadata.create(MINOR, MetadataFormat.V09, device, 7, OWN);
        restore(MetadataFormat.V09, 120_000, CLEAN);
        byte[] left = block(SIZE);
        grow(96);
        metadata.move(MINOR, MetadataFormat.V09, device, OWN, Ordered.set(List.of(SIZE)));
        restore(MetadataFormat.V09, 180_000, CLEAN);
        put(left, SIZE);
        grow(128);
        remember(SIZE);

        metadata.move(MINOR, MetadataFormat.V09, device, OWN, Ordered.set(List.of(SIZE, Bytes.ofMib(96))));

        assertEquals(Optional.of(new Bytes(180_000 * 512L)), metadata.sizeInUse(device, OWN));
    }

    @Test
    void whatDrbdLeftBehindIsNotTakenForTheMetadata() throws IOException {
        metadata.create(MINOR, MetadataFormat.V09, device, 7, OWN);
        grow(128);
        remember(SIZE);
        byte[] before = Files.readAllBytes(file);

        assertMissing(() -> metadata.requireAtEnd(device));
        HeddleException unsure =
                assertThrows(HeddleException.class, () -> metadata.look(MINOR, MetadataFormat.V09, device, 0));

        assertEquals(ErrorCode.OBSERVATION_FAILED, unsure.code());
        assertArrayEquals(before, Files.readAllBytes(file));
    }

    @Test
    void metadataOfAnotherReplicaInTheNewSpaceIsNotTaken() throws IOException {
        metadata.create(MINOR, MetadataFormat.V09, device, 7, OWN);
        restore(MetadataFormat.V09, 120_000, CLEAN);
        byte[] own = block(SIZE);
        grow(128);
        metadata.create(MINOR, MetadataFormat.V09, device, 7, ANOTHERS);
        put(own, SIZE);
        HeddleException refused = assertThrows(HeddleException.class, () -> metadata.sizeInUse(device, OWN));
        assertEquals(ErrorCode.METADATA_UNREADABLE, refused.code());

        metadata.move(MINOR, MetadataFormat.V09, device, OWN, Ordered.set(List.of(SIZE)));

        assertEquals(Optional.of(new Bytes(120_000 * 512L)), metadata.sizeInUse(device, OWN));
    }

    /** A sync copies it into the data, to where the metadata once was (seen with 9.2.18). */
    @Test
    void whatAPeersDrbdLeftBehindIsNotTaken() throws IOException {
        metadata.create(MINOR, MetadataFormat.V09, device, 7, ANOTHERS);
        byte[] peers = block(SIZE);
        grow(128);
        metadata.create(MINOR, MetadataFormat.V09, device, 7, OWN);
        restore(MetadataFormat.V09, 200_000, CLEAN);
        put(peers, SIZE);

        metadata.move(MINOR, MetadataFormat.V09, device, OWN, Ordered.set(List.of(SIZE)));

        assertEquals(Optional.of(new Bytes(200_000 * 512L)), metadata.sizeInUse(device, OWN));
    }

    @Test
    void nothingIsMadeWhereNoMetadataLies() throws IOException {
        grow(128);
        byte[] before = Files.readAllBytes(file);

        assertMissing(() -> metadata.move(MINOR, MetadataFormat.V09, device, OWN, Ordered.set(List.of(SIZE))));

        assertArrayEquals(before, Files.readAllBytes(file));
    }

    private static void assertMissing(Executable call) {
        assertEquals(
                ErrorCode.METADATA_MISSING,
                assertThrows(HeddleException.class, call).code());
    }

    private void grow(long mib) throws IOException {
        try (RandomAccessFile backing = new RandomAccessFile(file.toFile(), "rw")) {
            backing.setLength(mib << 20);
        }
        run("losetup", "--set-capacity", device);
    }

    /** What a reinstalled machine, or one that lost its power, knows of the size that drbdmeta saw last. */
    private static void forget() throws IOException {
        Files.deleteIfExists(LAST_KNOWN_SIZE);
    }

    private void remember(Bytes size) throws IOException {
        Files.writeString(LAST_KNOWN_SIZE, size.value() + "\t" + device + "\n");
    }

    private byte[] block(Bytes end) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(device, "r")) {
            byte[] block = new byte[4096];
            raw.seek(end.value() - block.length);
            raw.readFully(block);
            return block;
        }
    }

    private void put(byte[] block, Bytes end) throws IOException {
        try (RandomAccessFile raw = new RandomAccessFile(device, "rwd")) {
            raw.seek(end.value() - block.length);
            raw.write(block);
        }
    }

    /** Writes metadata as it is after use, through drbdmeta. */
    private void restore(MetadataFormat format, long sectors, String flags) throws IOException {
        CommandResult dump = tools.drbdmetaQuery(MINOR, format, device, "dump-md");
        assertTrue(dump.succeeded(), dump::explanation);
        String used = dump.output()
                .replaceFirst("la-size-sect [0-9]+", "la-size-sect " + sectors)
                .replaceFirst("0x" + Metadata.JUST_CREATED, "0x" + SOMEBODYS)
                .replaceFirst("flags 0x[0-9A-Fa-f]{8}", "flags 0x" + flags);
        Path text = Files.writeString(directory.resolve("dump"), used);
        run(
                "drbdmeta",
                "--force",
                String.valueOf(MINOR),
                format.word(),
                device,
                "internal",
                "restore-md",
                text.toString());
    }

    @Test
    void aSparseDeviceStaysSparse() {
        metadata.create(MINOR, MetadataFormat.V09, device, 7, OWN);

        CommandResult blocks = runner.run(Command.query(Duration.ofMinutes(1), "stat", "--format=%b", file.toString()));
        long allocated = 512 * Long.parseLong(blocks.output().strip());

        assertTrue(allocated < 1 << 20, () -> allocated + " bytes were allocated");
    }
}
