package io.heddle.drbd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.error.HeddleException;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureTest {
    @ParameterizedTest
    @CsvSource({
        "drbd-8.4.11/down-while-open, HELD_OPEN, IN_USE",
        "drbd-9.2.18/down-while-open, HELD_OPEN, IN_USE",
        "drbd-9.2.18/secondary-while-open, HELD_OPEN, IN_USE",
        "drbd-9.2.18/secondary-while-suspended, HELD_OPEN, IN_USE",
        "drbd-8.4.11/primary-refused-other-primary, OTHER_PRIMARY, IN_USE",
        "drbd-9.2.18/primary-refused-other-primary, OTHER_PRIMARY, IN_USE",
        "drbd-8.4.11/primary-refused-inconsistent, NO_UP_TO_DATE_DATA, PROMOTION_REFUSED",
        "drbd-9.2.18/primary-refused-diskless-no-data, NO_UP_TO_DATE_DATA, PROMOTION_REFUSED",
        "drbd-9.2.18/primary-refused-outdated, NO_UP_TO_DATE_DATA, PROMOTION_REFUSED",
        "drbd-9.2.18/primary-refused-no-quorum, NO_QUORUM, PROMOTION_REFUSED",
        "drbd-9.3.3/primary-refused-no-quorum, NO_QUORUM, PROMOTION_REFUSED",
        "drbd-8.4.11/up-no-metadata, NO_METADATA, METADATA_MISSING",
        "drbd-9.2.18/adjust-no-metadata, NO_METADATA, METADATA_MISSING",
        "drbd-9.2.18/same-minor-c, MINOR_TAKEN, NUMBER_TAKEN",
        "drbd-9.2.18/same-port-c, PORT_TAKEN, NUMBER_TAKEN",
        "drbd-9.2.18/adjust-backing-missing, NO_DEVICE, BACKING_VOLUME_MISSING",
        "drbd-9.2.18/create-md-backing-missing, NO_DEVICE, BACKING_VOLUME_MISSING",
        "drbd-9.2.18/adjust-disk-failed, IO_ERROR, BACKING_VOLUME_FAILED",
        "drbd-9.2.18/get-gi-disk-failed, IO_ERROR, BACKING_VOLUME_FAILED",
        "drbd-9.2.18/adjust-res-file-empty, NO_FILE, FILE_FAILED",
        "drbd-9.2.18/missing-config-file, FILE_GONE, FILE_FAILED",
        "drbd-9.2.18/adjust-node-not-in-config, OTHER_NODE_NAME, COMMAND_FAILED",
        "drbd-9.2.18/adjust-out-of-range, ANY, COMMAND_FAILED",
        "drbd-9.2.18/adjust-unknown-verify-alg, ANY, COMMAND_FAILED",
        "drbd-9.2.18/new-current-uuid-second, ANY, COMMAND_FAILED",
        "drbd-8.4.11/shrink-online, ANY, COMMAND_FAILED"
    })
    void aRecordedFailureMeansWhatItMeans(String recording, Failure failure, String code) {
        CommandResult result = ScriptedRunner.result(recording);

        assertFalse(result.succeeded());
        assertEquals(failure, Failure.of(result));
        assertEquals(code, Failure.exception(result, "x").code().name());
    }

    /** As invalidate does on a SyncTarget. */
    @Test
    void aFailureWithoutAWordIsAFailureAndTellsItsCode() {
        CommandResult result = ScriptedRunner.result("drbd-9.2.18/invalidate-while-sync");

        assertEquals("", result.output() + result.errorOutput());
        HeddleException failure = Failure.exception(result, "cannot do it");
        assertEquals("COMMAND_FAILED", failure.code().name());
        assertTrue(failure.why().contains("exit code 11"), failure::why);
    }

    @Test
    void theOpenerIsNamed() {
        HeddleException failure =
                Failure.exception(ScriptedRunner.result("drbd-9.2.18/down-while-open"), "cannot take it down");

        assertTrue(failure.why().contains("opened by mount (pid 1274)"), failure::why);
    }

    @Test
    void theSharedSecretIsInNoError() {
        for (String secret : new String[] {"7Yq3", "'a b'", "\"a b\""}) {
            CommandResult result = new CommandResult(
                    Command.change(Duration.ofSeconds(1), "drbdadm", "adjust", "db1"),
                    1,
                    "drbdsetup new-peer db1 1 --shared-secret=" + secret + " --cram-hmac-alg=sha256",
                    "Command 'drbdsetup new-peer db1 1 --_name=n2 --shared-secret=" + secret
                            + " --cram-hmac-alg=sha256' terminated with exit code 10",
                    Duration.ZERO);

            CommandResult shown = Failure.redacted(result);

            assertFalse((shown.output() + shown.errorOutput()).contains(secret));
            assertTrue(shown.errorOutput().contains("--shared-secret=(secret) --cram-hmac-alg"), shown::errorOutput);
        }
    }
}
