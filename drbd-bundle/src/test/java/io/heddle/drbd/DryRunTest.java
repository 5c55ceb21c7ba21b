package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.CommandResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DryRunTest {
    private static final String SIZE_ONLY = "drbd-9.2.18/adjust-dry-run-peer-brought-its-size";

    private static DryRun printed(String text) {
        CommandResult recorded = ScriptedRunner.result(SIZE_ONLY);
        return DryRun.of(new CommandResult(recorded.command(), 0, text, "", recorded.duration()));
    }

    @ParameterizedTest
    @CsvSource({
        "drbd-8.4.11/adjust-dry-run-peer-brought-its-size,true,true",
        SIZE_ONLY + ",true,true",
        "drbd-9.2.18/adjust-dry-run-nothing,true,true",
        "drbd-9.2.18/adjust-dry-run-net-options-and-size,false,true",
        "drbd-9.2.18/adjust-dry-standalone,false,true",
        "drbd-9.2.18/adjust-dry-run-from-nothing,false,false",
        "drbd-8.4.11/adjust-dry-run-from-nothing,false,false"
    })
    void tellsWhatAnAdjustWouldChange(String recording, boolean sizesAtMost, boolean noDisks) {
        DryRun dryRun = DryRun.of(ScriptedRunner.result(recording));

        assertEquals(sizesAtMost, dryRun.changesSizesAtMost());
        assertEquals(noDisks, dryRun.leavesDisksAlone());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "drbdsetup disk-options 1000 --set-defaults",
                "drbdsetup detach 1000",
                "drbdmeta 1000 v09 /dev/loop0 internal apply-al",
                "drbdsetup",
                "resize",
                "drbd-proxy-ctl resize"
            })
    void takesNothingElseForASizeOrAConnection(String line) {
        DryRun dryRun = printed(ScriptedRunner.result(SIZE_ONLY).output() + line + "\n");

        assertFalse(dryRun.changesSizesAtMost());
        assertFalse(dryRun.leavesDisksAlone());
    }

    @Test
    void aDryRunThatPrintsNothingChangesNothing() {
        assertTrue(printed("\n").changesSizesAtMost());
    }
}
