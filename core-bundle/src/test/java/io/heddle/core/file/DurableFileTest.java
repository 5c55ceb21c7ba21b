package io.heddle.core.file;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    @TempDir
    Path directory;

    @Test
    void isAbsentBeforeItIsWritten() {
        assertEquals(
                Optional.empty(),
                DurableFile.secret(directory.resolve("a/b/claim")).read());
    }

    @Test
    void holdsWhatWasWrittenLastAndLeavesNothingBeside() throws IOException {
        DurableFile file = DurableFile.secret(directory.resolve("claim"));

        file.replace(bytes("one"));
        file.replace(bytes("two"));

        assertArrayEquals(bytes("two"), file.read().orElseThrow());
        assertEquals(List.of("claim"), names());
    }

    @Test
    void makesItsDirectoryAndItselfForTheOwnerOnly() throws IOException {
        Path path = directory.resolve("satellite/keys/claim");

        DurableFile.secret(path).replace(bytes("x"));

        assertEquals("rw-------", permissions(path));
        assertEquals("rwx------", permissions(directory.resolve("satellite")));
        assertEquals("rwx------", permissions(directory.resolve("satellite/keys")));
    }

    @Test
    void givesThePermissionsAskedForWhateverTheUmask() throws IOException {
        Path path = directory.resolve("db1.res");

        DurableFile.at(path, PosixFilePermissions.fromString("rw-rw-rw-")).replace(bytes("x"));

        assertEquals("rw-rw-rw-", permissions(path));
    }

    @Test
    void removesOnlyItsOwnLeftovers() throws IOException {
        Files.writeString(directory.resolve(".claim.123456.tmp"), "torn");
        Files.writeString(directory.resolve(".claim.code.99.tmp"), "of claim.code");
        Files.writeString(directory.resolve("claim.tmp"), "somebody's");
        Files.writeString(directory.resolve("claim"), "whole");

        DurableFile.secret(directory.resolve("claim")).removeLeftovers();

        assertEquals(List.of(".claim.code.99.tmp", "claim", "claim.tmp"), names());
    }

    @Test
    void isGoneAfterRemovalWhichMayBeRepeated() {
        DurableFile file = DurableFile.secret(directory.resolve("claim"));
        file.replace(bytes("x"));

        file.remove();
        file.remove();

        assertEquals(Optional.empty(), file.read());
    }

    @Test
    void keepsTheOldContentAndNothingElseWhenItCannotBeReplaced() throws IOException {
        Path path = directory.resolve("claim");
        Files.createDirectories(path.resolve("not-empty"));

        HeddleException refused = assertThrows(
                HeddleException.class, () -> DurableFile.secret(path).replace(bytes("x")));

        assertEquals(ErrorCode.FILE_FAILED, refused.code());
        assertEquals(List.of("claim"), names());
    }

    @Test
    void saysThatItCannotBeReadInsteadOfThatItIsAbsent() throws IOException {
        Path path = Files.createDirectory(directory.resolve("claim"));

        HeddleException refused = assertThrows(
                HeddleException.class, () -> DurableFile.secret(path).read());

        assertEquals(ErrorCode.FILE_FAILED, refused.code());
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(each -> each.getFileName().toString()).sorted().toList();
        }
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
