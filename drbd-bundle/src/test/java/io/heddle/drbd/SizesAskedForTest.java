package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesAskedForTest {
    private static final String NINE = "drbd-9.2.18/show-sized";

    private static Map<Integer, Bytes> sizes(String output) {
        CommandResult shown = ScriptedRunner.result(NINE);
        return SizesAskedFor.of(new CommandResult(shown.command(), 0, output, "", shown.duration()));
    }

    private static String text(String recording) {
        return ScriptedRunner.result(recording).output();
    }

    @ParameterizedTest
    @CsvSource({NINE + ",192", "drbd-8.4.11/show-sized,128"})
    void readsTheSizeOfADevice(String recording, long mebibytes) {
        assertEquals(Map.of(1000, Bytes.ofMib(mebibytes)), sizes(text(recording)));
    }

    /** {@code show} leaves out what is as by default. */
    @Test
    void aDeviceThatWasGivenNoSizeHasNone() {
        assertEquals(Map.of(), sizes(text("drbd-9.2.18/drbdsetup-show-text")));
        assertEquals(Map.of(), sizes(""));
    }

    @Test
    void readsEachVolumeOfItsOwn() {
        String one = text(NINE);
        String volume = one.substring(one.indexOf("        volume 0 {"), one.indexOf("    }\n    connection"));
        String two = volume.replace("volume 0", "volume 1")
                .replace("minor 1000", "minor 1001")
                .replaceAll("disk \\{[^}]*}", "");
        String three = volume.replace("volume 0", "volume 2")
                .replace("minor 1000", "minor 1002")
                .replace("393216s", "262144s");

        assertEquals(
                Map.of(1000, Bytes.ofMib(192), 1002, Bytes.ofMib(128)),
                sizes(one.replace(volume, volume + two + three)));
    }

    /** {@code show} writes numbers in another unit than the file has them in (3M is shown as 3072k). */
    @ParameterizedTest
    @CsvSource({"393216s", "196608k", "196608K", "192M"})
    void readsASizeInEachUnit(String size) {
        assertEquals(Map.of(1000, Bytes.ofMib(192)), sizes(text(NINE).replace("393216s", size)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"393216", "393216x", "393216KiB", "99999999999999999999s", "9223372036854775807s"})
    void takesNoSizeThatItCannotReadForNone(String size) {
        String shown = text(NINE).replace("393216s", size);

        assertEquals(
                ErrorCode.OUTPUT_UNREADABLE,
                assertThrows(HeddleException.class, () -> sizes(shown)).code());
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 100, 200, 400})
    void takesNoOutputThatWasCutForWhole(int length) {
        String cut = text(NINE).substring(0, length);

        assertEquals(
                ErrorCode.OUTPUT_UNREADABLE,
                assertThrows(HeddleException.class, () -> sizes(cut)).code());
    }
}
