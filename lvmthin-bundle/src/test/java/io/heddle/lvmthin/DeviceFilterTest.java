package io.heddle.lvmthin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeviceFilterTest {
    private static final String OURS = "\"r|^/dev/drbd|\",\"r|^/dev/zd[0-9]|\",\"r|^/dev/zvol/|\"";

    @TempDir
    Path directory;

    @ParameterizedTest
    @CsvSource(
            delimiter = '!',
            quoteCharacter = '\'',
            value = {
                "lvmconfig-unset ! ''",
                "lvmconfig-set-1 ! ',\"r|^/dev/sdz|\",\"a|.*|\"'",
                "lvmconfig-set-2 ! ',\"r|^/dev/sdz|\"'",
                "lvmconfig-set-3 ! ''"
            })
    void putsItsPatternsBeforeThoseOfTheAdministrator(String recording, String theirs) {
        assertEquals("devices{global_filter=[" + OURS + theirs + "]}", DeviceFilter.with(Recorded.result(recording)));
    }

    @Test
    void doesNotGuessWhereTheConfigurationCannotBeRead() {
        assertThrows(HeddleException.class, () -> DeviceFilter.with(Recorded.result("lvmconfig-broken")));
    }

    @Test
    void asksAgainOnlyWhereAFileHasChanged() throws IOException {
        ScriptedRunner runner =
                new ScriptedRunner().answer("lvmconfig", command -> Recorded.result("lvmconfig-set-1", command));
        DeviceFilter filter = new DeviceFilter(runner, directory);

        filter.setting();
        filter.setting();
        assertEquals(1, runner.ran.size());

        Path file = Files.writeString(directory.resolve("lvm.conf"), "devices { }");
        filter.setting();
        filter.setting();
        assertEquals(2, runner.ran.size());

        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000));
        filter.setting();
        assertEquals(3, runner.ran.size());
    }
}
