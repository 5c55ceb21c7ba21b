package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundleFileTest {
    @TempDir
    private Path bundles;

    @BeforeEach
    void fill() throws Exception {
        for (String jar : List.of(
                "60-satellite/s.jar", "10/b.jar", "10/a.jar", "10/note.txt", "20-controller/c.jar", "70/z.jar")) {
            Path file = bundles.resolve(jar);
            Files.createDirectories(file.getParent());
            Files.createFile(file);
        }
    }

    @Test
    void aMachineWithBothRolesStartsEverythingLevelByLevel() throws Exception {
        assertEquals(
                List.of("10 a.jar", "10 b.jar", "20 c.jar", "60 s.jar", "70 z.jar"), below(EnumSet.allOf(Role.class)));
    }

    @Test
    void aSatelliteLeavesOutWhatOnlyAControllerNeeds() throws Exception {
        assertEquals(List.of("10 a.jar", "10 b.jar", "60 s.jar", "70 z.jar"), below(EnumSet.of(Role.SATELLITE)));
    }

    @Test
    void aFolderThatSaysNothingIsRefused() throws Exception {
        Files.createDirectory(bundles.resolve("late"));

        assertThrows(RefusedException.class, () -> below(EnumSet.allOf(Role.class)));
    }

    @Test
    void aFolderForAnUnknownRoleIsRefused() throws Exception {
        Files.createDirectory(bundles.resolve("20-witness"));

        assertThrows(RefusedException.class, () -> below(EnumSet.allOf(Role.class)));
    }

    private List<String> below(EnumSet<Role> roles) throws RefusedException {
        return BundleFile.below(bundles, roles).stream()
                .map(file -> file.startLevel() + " " + file.jar().getFileName())
                .toList();
    }
}
