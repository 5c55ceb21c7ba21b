package io.heddle.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.RunningCommand;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the driver makes of what a real ZFS printed. */
class RecordedOutputTest {
    private static Zfs answering(String recording) {
        return new Zfs(new CommandRunner() {
            @Override
            public CommandResult run(Command command) {
                return Recorded.result(recording, command);
            }

            @Override
            public RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended) {
                throw new AssertionError("nobody expected '" + command.text() + "'");
            }
        });
    }

    @ParameterizedTest
    @CsvSource({
        "module-missing,POOL_UNUSABLE",
        "zpool-list-missing,POOL_UNUSABLE",
        "zpool-status-none,POOL_UNUSABLE",
        "zfs-create-exists,FOREIGN_VOLUME",
        "zfs-create-name-invalid,INVALID_NAME",
        "zfs-create-name-invalid2,INVALID_NAME",
        "zfs-create-no-parent,POOL_UNUSABLE",
        "zfs-create-pool-missing,POOL_UNUSABLE",
        "zfs-create-no-space,POOL_FULL",
        "zfs-create-pool-full,POOL_FULL",
        "zfs-snapshot-pool-full,POOL_FULL",
        "zfs-destroy-has-snap,IN_USE",
        "zfs-destroy-open,IN_USE",
        "zfs-destroy-snap-has-clone,IN_USE",
        "zfs-destroy-missing,BACKING_VOLUME_MISSING",
        "zfs-list-missing,BACKING_VOLUME_MISSING",
        "zfs-set-volsize-missing,BACKING_VOLUME_MISSING",
        "zfs-set-volsize-odd,COMMAND_FAILED",
        "zfs-set-volsize-no-space,POOL_FULL",
        "zfs-snapshot-exists,FOREIGN_VOLUME"
    })
    void knowsWhatAFailedCommandMeans(String recording, ErrorCode code) {
        HeddleException failure = ZfsFailure.of(Recorded.result(recording), "it failed");

        assertEquals(code, failure.code());
        assertTrue(failure.why().contains("exit code"), failure.why());
    }

    @Test
    void onlyAMissingDatasetIsMissing() {
        assertTrue(ZfsFailure.saysMissingOnly(Recorded.result("zfs-list-missing")));
        assertFalse(ZfsFailure.saysMissingOnly(Recorded.result("module-missing")));
        assertFalse(ZfsFailure.saysMissingOnly(Recorded.result("zpool-list-missing")));
        assertFalse(ZfsFailure.saysMissingOnly(Recorded.result("zfs-destroy-open")));
        assertFalse(ZfsFailure.saysMissingOnly(Recorded.result("zfs-get")));
        assertFalse(ZfsFailure.saysMissingOnly(
                new CommandResult(Command.query(Duration.ofSeconds(1), "zfs"), 1, "", "", Duration.ZERO)));
    }

    @Test
    void readsAVolume() {
        Dataset volume =
                Report.of(Recorded.result("zfs-get")).dataset("tank/vols/db1_0").orElseThrow();

        assertTrue(volume.isVolume());
        assertEquals("db1_0", volume.lastName());
        assertEquals(Bytes.ofMib(128), volume.size());
        assertEquals(Bytes.ofKib(16), volume.blockSize());
        assertEquals(Bytes.ZERO, volume.reservation());
        assertEquals(new Bytes(398266880), volume.available());
        assertEquals(Optional.empty(), volume.origin());
        assertEquals(Optional.empty(), volume.volume());
        assertFalse(volume.hasDevice() || volume.isWithoutSync() || volume.isLocked());
    }

    @Test
    void readsTheHealthOfAZpool() {
        Map<String, Zpool> seen = new TreeMap<>();

        assertTrue(answering("zpool-list-columns").zpools(List.of("tank"), seen).succeeded());

        assertEquals(Map.of("tank", new Zpool("tank", "ONLINE", 0)), seen);
        seen.get("tank").requireUsable();
        assertThrows(HeddleException.class, () -> new Zpool("tank", "SUSPENDED", 0).requireUsable());
    }

    @Test
    void readsTheVersionOfTheTools() {
        assertEquals("2.1.11-1+deb12u1", answering("version").toolVersion());
        assertEquals("", answering("module-missing").toolVersion());
    }

    @Test
    void whatHasAnotherFormIsUnreadableAndNotEmpty() {
        CommandResult odd =
                new CommandResult(Command.query(Duration.ofSeconds(1), "zfs"), 0, "tank\ttype\n", "", Duration.ZERO);

        assertEquals(
                ErrorCode.OUTPUT_UNREADABLE,
                assertThrows(HeddleException.class, () -> Report.of(odd)).code());
    }
}
