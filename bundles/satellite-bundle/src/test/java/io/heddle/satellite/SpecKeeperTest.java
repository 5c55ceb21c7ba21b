package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecKeeperTest {
    @TempDir
    Path directory;

    private final Wish db1 = Wish.of("db1", "n1", "n2");
    private final Wish db2 = Wish.of("db2", "n1", "n2");

    private SpecKeeper open() {
        return SpecKeeper.open(directory);
    }

    private NodeSpec spec(long epoch, long revision, Wish... wishes) {
        return Wish.node("n1", epoch, revision, wishes);
    }

    private SpecDelta delta(NodeSpec base, long revision, List<ResourceSpec> changed, Set<UUID> forgotten) {
        return new SpecDelta(
                base.version().revision(),
                new SpecVersion(base.version().epoch(), base.version().instance(), revision),
                Optional.empty(),
                changed,
                Ordered.set(forgotten));
    }

    private static ResourceSpec on1(Wish wish) {
        return wish.spec(new NodeName("n1")).orElseThrow();
    }

    private Path fileOf(Wish wish) {
        return directory.resolve("resources").resolve(on1(wish).uuid() + ".json");
    }

    private static void assertRefused(ErrorCode code, Runnable call) {
        assertEquals(code, assertThrows(HeddleException.class, call::run).code());
    }

    @Test
    void whatWasTakenIsThereAfterARestart() {
        open().take(spec(1, 10, db1, db2));

        assertEquals(Optional.of(spec(1, 10, db1, db2)), open().spec());
        assertEquals(Optional.of(spec(1, 10).version()), open().held());
    }

    @Test
    void aChangeIsThereAfterARestart() {
        NodeSpec base = spec(1, 10, db1);
        SpecKeeper keeper = open();
        keeper.take(base);

        assertTrue(keeper.take(delta(base, 11, List.of(on1(db2)), Set.of(on1(db1).uuid()))));

        assertEquals(Optional.of(spec(1, 11, db2)), open().spec());
        assertFalse(Files.exists(fileOf(db1)));
    }

    @Test
    void aChangeThatDoesNotBuildOnWhatIsHeldIsNotTaken() {
        SpecKeeper keeper = open();
        keeper.take(spec(1, 10, db1));

        assertFalse(keeper.take(delta(spec(1, 9), 11, List.of(on1(db2)), Set.of())));
        assertFalse(keeper.take(delta(spec(2, 10), 11, List.of(on1(db2)), Set.of())));
        assertFalse(open().take(delta(spec(3, 10), 11, List.of(), Set.of())));
        assertEquals(Optional.of(spec(1, 10, db1)), open().spec());
    }

    @Test
    void aChangeThatChangesNothingIsTakenAndWritesNothing() throws IOException {
        NodeSpec base = spec(1, 10, db1);
        SpecKeeper keeper = open();
        keeper.take(base);
        Map<Path, FileTime> before = times();

        assertTrue(keeper.take(delta(base, 10, List.of(), Set.of())));

        assertEquals(before, times());
    }

    @Test
    void anOlderControllerIsRefusedForEver() {
        open().take(spec(5, 10, db1));

        assertRefused(ErrorCode.STALE_CONTROLLER, () -> open().take(spec(4, 99, db1)));
        assertRefused(ErrorCode.STALE_CONTROLLER, () -> open().take(spec(5, 9, db1)));
        assertRefused(ErrorCode.STALE_CONTROLLER, () -> open().take(delta(spec(4, 10), 99, List.of(), Set.of())));
        assertEquals(Optional.of(spec(5, 10, db1)), open().spec());
    }

    @Test
    void aSecondCopyOfTheControllerIsRefused() {
        open().take(spec(5, 10, db1));
        SpecVersion copy = new SpecVersion(5, UUID.randomUUID(), 11);

        assertRefused(
                ErrorCode.STALE_CONTROLLER, () -> open().take(Wish.node("n1", copy, List.of(Wish.POOL), List.of(db1))));
    }

    @Test
    void anOlderControllerIsTakenOnceOnRootsWord() {
        open().take(spec(5, 10, db1));
        open().acceptOlder();

        assertEquals(Optional.empty(), open().held());
        open().take(spec(3, 7, db2));

        assertEquals(Optional.of(spec(3, 7, db2)), open().spec());
        assertRefused(ErrorCode.STALE_CONTROLLER, () -> open().take(spec(2, 99)));
    }

    @Test
    void anotherClusterOrNodeIsRefused() {
        NodeSpec ours = spec(1, 10, db1);
        open().take(ours);

        assertRefused(
                ErrorCode.IDENTITY_MISMATCH,
                () -> open().take(new NodeSpec(
                        UUID.randomUUID(),
                        ours.node(),
                        ours.version(),
                        ours.pools(),
                        ours.resources(),
                        ours.unsaid())));
        assertRefused(ErrorCode.IDENTITY_MISMATCH, () -> open().take(Wish.node("n2", 1, 11, db1)));
    }

    @Test
    void oneMoreResourceWritesItsOwnFileAndTheHeadOnly() throws IOException {
        NodeSpec base = spec(1, 10, manyWishes(200));
        SpecKeeper keeper = open();
        keeper.take(base);
        Map<Path, FileTime> before = times();

        assertTrue(keeper.take(delta(base, 11, List.of(on1(db2)), Set.of())));

        Map<Path, FileTime> after = times();
        after.entrySet().removeIf(file -> file.getValue().equals(before.get(file.getKey())));
        assertEquals(Set.of(fileOf(db2), directory.resolve("head.json")), after.keySet());
    }

    @Test
    void aTornTemporaryFileIsIgnoredAtEveryLength() throws IOException {
        open().take(spec(1, 10, db1));
        byte[] content = Files.readAllBytes(fileOf(db1));
        Path torn = fileOf(db1).resolveSibling("." + on1(db1).uuid() + ".json.123.tmp");

        for (int length = 0; length <= content.length; length += 31) {
            Files.write(torn, Arrays.copyOf(content, length));
            assertEquals(Optional.of(spec(1, 10, db1)), open().spec());
        }
        assertFalse(Files.exists(torn));
    }

    @Test
    void aResourceFileCutAtAnyByteLosesNoOtherAndIsToldAgain() throws IOException {
        open().take(spec(1, 10, db1, db2));
        byte[] content = Files.readAllBytes(fileOf(db1));

        for (int length = 0; length < content.length; length += 173) {
            Files.write(fileOf(db1), Arrays.copyOf(content, length));

            SpecKeeper keeper = open();

            assertEquals(Optional.of(spec(1, 10, db2)), keeper.spec());
            assertEquals(Optional.empty(), keeper.held());
            assertEquals(1, keeper.unreadable().size());
            assertFalse(keeper.take(delta(spec(1, 10), 11, List.of(), Set.of())));
            assertRefused(ErrorCode.STALE_CONTROLLER, () -> keeper.take(spec(0, 99, db1, db2)));
            keeper.take(spec(1, 10, db1, db2));
            assertEquals(Optional.of(spec(1, 10, db1, db2)), open().spec());
            assertEquals(List.of(), open().unreadable());
        }
    }

    @Test
    void aLostHeadLosesNoResourceAndNoVersion() throws IOException {
        open().take(spec(5, 10, db1, db2));
        Files.write(directory.resolve("head.json"), new byte[0]);

        SpecKeeper keeper = open();

        assertEquals(
                spec(5, 10, db1, db2).resources(), keeper.spec().orElseThrow().resources());
        assertEquals(Optional.empty(), keeper.held());
        assertFalse(keeper.unreadable().isEmpty());
        assertRefused(ErrorCode.STALE_CONTROLLER, () -> keeper.take(spec(4, 99)));
        keeper.take(spec(5, 11, db1, db2));
        assertEquals(Optional.of(spec(5, 11, db1, db2)), open().spec());
        assertEquals(List.of(), open().unreadable());
    }

    @Test
    void aChangeCutOffBetweenItsFilesIsTakenAgain() throws IOException {
        NodeSpec base = spec(1, 10, db1);
        SpecKeeper keeper = open();
        keeper.take(base);
        byte[] head = Files.readAllBytes(directory.resolve("head.json"));
        SpecDelta delta = delta(base, 11, List.of(on1(db2)), Set.of());
        keeper.take(delta);
        Files.write(directory.resolve("head.json"), head);

        SpecKeeper after = open();

        assertEquals(Optional.of(base.version()), after.held());
        assertTrue(after.take(delta));
        assertEquals(Optional.of(spec(1, 11, db1, db2)), open().spec());
    }

    @Test
    void aFailedWriteIsMadeGoodByTheNextWholeSpec() throws IOException {
        NodeSpec base = spec(1, 10, db1);
        SpecKeeper keeper = open();
        keeper.take(base);
        db1.maxBuffers = "9000";
        // a directory that is not empty cannot be replaced by a file
        Path head = directory.resolve("head.json");
        Files.delete(head);
        Files.createDirectories(head.resolve("in-the-way"));
        assertRefused(ErrorCode.FILE_FAILED, () -> keeper.take(delta(base, 11, List.of(on1(db1)), Set.of())));
        Files.delete(head.resolve("in-the-way"));
        Files.delete(head);
        db1.maxBuffers = "2048";

        assertFalse(keeper.take(delta(base, 11, List.of(), Set.of())));
        keeper.take(spec(1, 12, db1));

        assertEquals(Optional.of(spec(1, 12, db1)), open().spec());
    }

    private static Wish[] manyWishes(int count) {
        List<Wish> wishes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            wishes.add(Wish.of("r" + i, "n1"));
        }
        return wishes.toArray(new Wish[0]);
    }

    private Map<Path, FileTime> times() throws IOException {
        Map<Path, FileTime> times = new TreeMap<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                times.put(file, Files.getLastModifiedTime(file));
            }
        }
        return times;
    }
}
