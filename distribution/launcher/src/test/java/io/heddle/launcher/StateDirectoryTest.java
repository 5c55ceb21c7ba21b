package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDirectoryTest {
    @TempDir
    private Path outside;

    @Test
    void isMadeForItsOwnerOnly() throws Exception {
        Path path = outside.resolve("lib/heddle");

        try (StateDirectory state = StateDirectory.take(path)) {
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
            assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(state.deploy())));
        }
    }

    @Test
    void isRefusedWhileAnotherHasIt() throws Exception {
        Path path = outside.resolve("heddle");

        try (StateDirectory first = StateDirectory.take(path)) {
            assertTrue(Files.isDirectory(first.temporary()));
            RefusedException refusal = assertThrows(RefusedException.class, () -> StateDirectory.take(path));
            assertEquals(
                    "Another Heddle is running on " + path + "; stop it first, or set another state-directory.",
                    refusal.getMessage());
        }

        StateDirectory.take(path).close();
    }

    @Test
    void temporaryFilesGoAtTheNextStartAndNothingElse() throws Exception {
        Path path = outside.resolve("heddle");
        Path kept = Files.createDirectories(path.resolve("controller")).resolve("store");
        Files.writeString(kept, "kept");
        Path linked = Files.createDirectory(outside.resolve("linked")).resolve("precious");
        Files.writeString(linked, "precious");
        Path old = Files.createDirectories(path.resolve("tmp/old"));
        Files.writeString(old.resolve("file"), "old");
        Files.createSymbolicLink(path.resolve("tmp/link"), linked.getParent());

        StateDirectory.take(path).close();

        assertFalse(Files.exists(old));
        assertFalse(Files.exists(path.resolve("tmp/link")));
        assertTrue(Files.isDirectory(path.resolve("tmp")));
        assertEquals("precious", Files.readString(linked));
        assertEquals("kept", Files.readString(kept));
    }

    @Test
    void saysWhatIsWrongWhenItCannotBeMade() throws Exception {
        Path file = Files.writeString(outside.resolve("file"), "");

        RefusedException refusal =
                assertThrows(RefusedException.class, () -> StateDirectory.take(file.resolve("heddle")));

        assertTrue(
                refusal.getMessage().startsWith("The state directory " + file.resolve("heddle") + " cannot be used"));
    }
}
