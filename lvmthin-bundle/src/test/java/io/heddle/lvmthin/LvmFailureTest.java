package io.heddle.lvmthin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LvmFailureTest {
    @ParameterizedTest
    @CsvSource({
        "messages/lvchange-activate-missing-pv, BACKING_VOLUME_FAILED",
        "messages/lvchange-deactivate-open, IN_USE",
        "messages/lvcreate-metadata-full, POOL_FULL",
        "messages/lvcreate-metadata-over-75-percent, POOL_FULL",
        "messages/lvcreate-missing-pv, POOL_UNUSABLE",
        "messages/lvcreate-name-invalid, INVALID_NAME",
        "messages/lvcreate-name-reserved, INVALID_NAME",
        "messages/lvcreate-name-reserved2, INVALID_NAME",
        "messages/lvcreate-no-space, POOL_FULL",
        "messages/lvcreate-pool-missing, POOL_UNUSABLE",
        "messages/lvcreate-snapshot-exists, FOREIGN_VOLUME",
        "messages/lvcreate-thick-exact, COMMAND_FAILED",
        "messages/lvcreate-thin-metadata-over-75-percent, POOL_FULL",
        "messages/lvcreate-thin-pool-full, POOL_FULL",
        "messages/lvcreate-vg-missing, POOL_UNUSABLE",
        "messages/lvextend-missing, BACKING_VOLUME_MISSING",
        "messages/lvextend-no-space, POOL_FULL",
        "messages/lvremove-missing, BACKING_VOLUME_MISSING",
        "messages/lvremove-no-confirm, COMMAND_FAILED",
        "messages/lvremove-open, IN_USE",
        "messages/lvs-corrupt-option, COMMAND_FAILED",
        "messages/lvs-missing-vg, POOL_UNUSABLE",
        "messages/lvs-one-missing, BACKING_VOLUME_MISSING",
        "lvchange-in-use, IN_USE",
        "lvchange-missing-disk, BACKING_VOLUME_FAILED",
        "lvcreate-exists, FOREIGN_VOLUME",
        "lvcreate-missing-disk, POOL_UNUSABLE",
        "lvcreate-not-a-pool, POOL_UNUSABLE",
        "lvcreate-pool-full, POOL_FULL",
        "lvremove-in-use, IN_USE",
        "lvs-no-volume, BACKING_VOLUME_MISSING",
        "lvs-volume-without-group, POOL_UNUSABLE",
        "lvmconfig-broken, COMMAND_FAILED"
    })
    void knowsWhatAFailedCommandMeans(String recording, ErrorCode expected) {
        HeddleException failure = LvmFailure.of(Recorded.result(recording), "cannot do it");

        assertEquals(expected, failure.code());
        assertTrue(failure.why().contains("ended with exit code"), failure.why());
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages/lvextend-same", "messages/lvextend-smaller"})
    void knowsThatAVolumeIsLargeEnough(String recording) {
        assertTrue(LvmFailure.saysLargeEnough(Recorded.result(recording)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"messages/lvextend-no-space", "messages/lvextend-missing"})
    void takesNoOtherFailureForALargeEnoughVolume(String recording) {
        assertFalse(LvmFailure.saysLargeEnough(Recorded.result(recording)));
    }

    @ParameterizedTest
    @CsvSource({
        "lvs-no-volume, true",
        "messages/lvremove-missing, true",
        "lvs-volume-without-group, false",
        "lvs-volume, false",
        "messages/lvremove-open, false"
    })
    void tellsAMissingVolumeFromAMissingGroup(String recording, boolean expected) {
        assertEquals(expected, LvmFailure.saysNoSuchVolume(Recorded.result(recording)));
    }
}
