package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.CommandResult;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the driver does with a directory, without any loop device. */
class FileThinDriverTest {
    private static final UUID CLUSTER = UUID.fromString("11111111-1111-4111-8111-111111111111");
    private static final UUID VOLUME = UUID.fromString("22222222-2222-4222-8222-222222222222");
    private static final BackingIdentity IDENTITY = new BackingIdentity("db1_00000", CLUSTER, VOLUME);

    @TempDir
    Path directory;

    private final ScriptedRunner runner = new ScriptedRunner()
            .answer("losetup --json --list", command -> Recorded.result("list-none", command))
            .answer("find -P", command -> new CommandResult(command, 0, "", "", command.deadline()))
            .answer(
                    "cp --reflink=always",
                    command -> new CommandResult(
                            command,
                            1,
                            "",
                            "cp: failed to clone 'a' from 'b': Operation not supported",
                            command.deadline()));

    private final FileThinDriver driver = new FileThinDriver(runner, Path.of("/sys/block"));

    private static PoolSpec pool(String name, Path path) {
        return new PoolSpec(new PoolName(name), new UUID(0, 1), DriverKind.FILE_THIN, path.toString(), new TreeMap<>());
    }

    private PoolObservation observed() {
        return driver.observe(List.of(pool("files", directory)))
                .get(new PoolName("files"))
                .known()
                .orElseThrow();
    }

    private static ErrorCode refusal(Runnable call) {
        return assertThrows(HeddleException.class, call::run).code();
    }

    private void sidecar(String name, Sidecar content) throws IOException {
        Files.writeString(directory.resolve(name + ".heddle.json"), Json.write(content));
    }

    @Test
    void looksAtAllPoolsWithOneLosetupAndOneFindAndTriesOnceWhetherFilesCanShareBlocks() throws IOException {
        Path other = Files.createDirectory(directory.resolve("other"));
        driver.observe(List.of(pool("first", directory), pool("second", other)));
        assertEquals(4, runner.ran.size(), runner.ran.toString());
        runner.ran.clear();

        Map<PoolName, Observation<PoolObservation>> seen =
                driver.observe(List.of(pool("first", directory), pool("second", other)));

        assertEquals(2, seen.size());
        assertEquals(2, runner.ran.size(), runner.ran.toString());
    }

    @Test
    void tellsAnUnusablePoolFromAnEmptyOne() {
        Map<PoolName, Observation<PoolObservation>> seen =
                driver.observe(List.of(pool("gone", directory.resolve("nosuch")), pool("empty", directory)));

        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                seen.get(new PoolName("gone")).unknown().orElseThrow().code());
        assertEquals(
                List.of(), seen.get(new PoolName("empty")).known().orElseThrow().volumes());
    }

    @Test
    void doesNotMakeADirectoryThatIsPerhapsAMissingMount() {
        Path missing = directory.resolve("nosuch");

        assertEquals(
                ErrorCode.POOL_UNUSABLE, refusal(() -> driver.create(pool("gone", missing), IDENTITY, Bytes.ofMib(4))));
        assertFalse(Files.exists(missing));
    }

    @Test
    void refusesAPoolThatIsAFileOrARelativePath() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));

        assertEquals(ErrorCode.POOL_UNUSABLE, refusal(() -> driver.create(pool("p", file), IDENTITY, Bytes.ofMib(4))));
        assertEquals(
                ErrorCode.POOL_UNUSABLE,
                refusal(() -> driver.create(pool("p", Path.of("pool")), IDENTITY, Bytes.ofMib(4))));
    }

    @Test
    void knowsNothingWhenLosetupFails() {
        ScriptedRunner broken =
                new ScriptedRunner().answer("losetup", command -> Recorded.result("detach-missing", command));

        Observation<PoolObservation> seen = new FileThinDriver(broken, Path.of("/sys/block"))
                .observe(List.of(pool("files", directory)))
                .get(new PoolName("files"));

        assertEquals(ErrorCode.COMMAND_FAILED, seen.unknown().orElseThrow().code());
    }

    @Test
    void looksAtNothingWhereThereIsNoPool() {
        assertEquals(Map.of(), driver.observe(List.of()));
        assertEquals(List.of(), runner.ran);
    }

    @Test
    void roundsUpToWholePages() {
        assertEquals(new Bytes(8192), driver.roundUp(pool("files", directory), new Bytes(4097)));
        assertEquals(new Bytes(4096), driver.roundUp(pool("files", directory), new Bytes(4096)));
    }

    @Test
    void showsAFileWithoutASidecarAsForeign() throws IOException {
        Files.writeString(directory.resolve("db1_00000"), "precious");

        BackingVolume volume = observed().volumes().get(0);

        assertEquals(Optional.empty(), volume.cluster());
        assertEquals(Optional.empty(), volume.volume());
        assertEquals(Stage.READY, volume.stage());
        assertEquals(new Bytes(8), volume.size());
    }

    @Test
    void touchesNoFileThatHasNoValidSidecarOfTheVolume() throws IOException {
        Sidecar other = new Sidecar("db1_00000", CLUSTER, new UUID(0, 9), Stage.NEW, Bytes.ofMib(4));
        for (String content : List.of(
                "",
                "{",
                "null",
                Json.write(other),
                Json.write(new Sidecar("x", CLUSTER, VOLUME, Stage.NEW, Bytes.ZERO)))) {
            Files.writeString(directory.resolve("db1_00000"), "precious");
            Files.writeString(directory.resolve("db1_00000.heddle.json"), content);

            refusesEverything();

            assertEquals("precious", Files.readString(directory.resolve("db1_00000")), content);
            assertEquals(content, Files.readString(directory.resolve("db1_00000.heddle.json")));
        }
    }

    @Test
    void touchesNoFileThatHasNoSidecar() throws IOException {
        Files.writeString(directory.resolve("db1_00000"), "precious");

        refusesEverything();

        assertEquals("precious", Files.readString(directory.resolve("db1_00000")));
        assertFalse(Files.exists(directory.resolve("db1_00000.heddle.json")));
    }

    @Test
    void touchesNeitherALinkNorADirectoryEvenWithASidecar() throws IOException {
        Path precious = Files.writeString(directory.resolve("precious.txt"), "precious");
        Files.createSymbolicLink(directory.resolve("db1_00000"), precious);
        sidecar("db1_00000", Sidecar.fresh(IDENTITY, Bytes.ofMib(4)));

        refusesEverything();
        assertEquals("precious", Files.readString(precious));

        Files.delete(directory.resolve("db1_00000"));
        Files.createDirectory(directory.resolve("db1_00000"));

        refusesEverything();
        assertTrue(Files.isDirectory(directory.resolve("db1_00000")));
    }

    private void refusesEverything() {
        PoolSpec pool = pool("files", directory);
        for (Runnable call : List.<Runnable>of(
                () -> driver.create(pool, IDENTITY, Bytes.ofMib(8)),
                () -> driver.activate(pool, IDENTITY),
                () -> driver.deactivate(pool, IDENTITY),
                () -> driver.markReady(pool, IDENTITY),
                () -> driver.grow(pool, IDENTITY, Bytes.ofMib(8)),
                () -> driver.delete(pool, IDENTITY))) {
            assertEquals(ErrorCode.FOREIGN_VOLUME, refusal(call));
        }
        assertFalse(observed().volumes().stream().anyMatch(volume -> volume.is(IDENTITY)));
    }

    @Test
    void refusesNamesThatLeaveTheDirectoryOrMeanASidecar() {
        for (String name : List.of("../x", "a/b", "", ".", "-x", "db1_00000.heddle.json", "a b", "ä")) {
            BackingIdentity identity = new BackingIdentity(name, CLUSTER, VOLUME);

            assertEquals(
                    ErrorCode.INVALID_NAME,
                    refusal(() -> driver.create(pool("files", directory), identity, Bytes.ofMib(4))),
                    name);
        }
    }

    @Test
    void showsASidecarWithoutAFileAsAVolumeOfOursThatIsStillNew() throws IOException {
        sidecar("db1_00000", Sidecar.fresh(IDENTITY, Bytes.ofMib(4)));

        BackingVolume volume = observed().volumes().get(0);

        assertTrue(volume.is(IDENTITY));
        assertEquals(Stage.NEW, volume.stage());
        assertEquals(Bytes.ofMib(4), volume.size());
        assertEquals(Optional.empty(), volume.device());
        assertEquals(Optional.empty(), volume.fault());
    }

    @Test
    void deletesASidecarThatWasLeftAlone() throws IOException {
        sidecar("db1_00000", Sidecar.fresh(IDENTITY, Bytes.ofMib(4)).ready());
        Files.writeString(directory.resolve(".db1_00000.heddle.json.123.tmp"), "half");

        driver.delete(pool("files", directory), IDENTITY);
        driver.delete(pool("files", directory), IDENTITY);

        assertEquals(0, directory.toFile().list().length);
    }

    @Test
    void neverMakesTheLostFileOfAVolumeInServiceAgain() throws IOException {
        sidecar("db1_00000", Sidecar.fresh(IDENTITY, Bytes.ofMib(4)).ready());
        PoolSpec pool = pool("files", directory);

        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.create(pool, IDENTITY, Bytes.ofMib(4))));
        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.activate(pool, IDENTITY)));
        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.grow(pool, IDENTITY, Bytes.ofMib(8))));
        assertFalse(Files.exists(directory.resolve("db1_00000")));
        assertTrue(observed().volumes().get(0).fault().orElseThrow().contains("is gone"));
    }

    @Test
    void refusesAVolumeInServiceThatSomebodyHasCut() throws IOException {
        sidecar("db1_00000", Sidecar.fresh(IDENTITY, Bytes.ofMib(4)).ready());
        Files.writeString(directory.resolve("db1_00000"), "short");
        PoolSpec pool = pool("files", directory);

        assertEquals(ErrorCode.BACKING_VOLUME_FAILED, refusal(() -> driver.activate(pool, IDENTITY)));
        assertEquals("short", Files.readString(directory.resolve("db1_00000")));
        assertTrue(observed().volumes().get(0).fault().orElseThrow().contains("cut"));
    }

    @Test
    void saysThatAVolumeIsMissing() {
        PoolSpec pool = pool("files", directory);

        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.activate(pool, IDENTITY)));
        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.markReady(pool, IDENTITY)));
        assertEquals(ErrorCode.BACKING_VOLUME_MISSING, refusal(() -> driver.grow(pool, IDENTITY, Bytes.ofMib(4))));
        driver.deactivate(pool, IDENTITY);
        driver.delete(pool, IDENTITY);
    }

    @Test
    void readsWhatFilesTake() {
        assertEquals(
                Map.of(new FileIdentity(254, 0, 12), new Bytes(4096), new FileIdentity(254, 0, 13), Bytes.ZERO),
                AllocatedSpace.parse("65024 12 8\n65024 13 0\nrubbish\n"));
    }

    @Test
    void declaresItsKindsToTheContainer() throws IOException {
        try (InputStream description =
                FileThinDriver.class.getResourceAsStream("/OSGI-INF/" + FileThinDriver.class.getName() + ".xml")) {
            String text = new String(description.readAllBytes(), StandardCharsets.UTF_8);

            assertTrue(text.contains("driver.kind"), text);
            driver.kinds().forEach(kind -> assertTrue(text.contains(kind.value()), text));
        }
    }
}
