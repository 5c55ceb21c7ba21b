package io.heddle.filethin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.spec.PoolSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that share their blocks until one of them is written to (ioctl_ficlone(2)): xfs has them if it was made with
 * {@code reflink=1}, which mkfs.xfs does, and btrfs. Whether the file system of a pool can is tried, once, since its type alone
 * does not tell.
 */
final class Reflinks {
    private static final Logger LOG = LoggerFactory.getLogger(Reflinks.class);
    private static final Duration PROBE = Duration.ofSeconds(30);
    /** A file in very many pieces is cloned piece by piece. */
    private static final Duration CLONE = Duration.ofMinutes(3);

    private static final String TRIAL = ".heddle-reflink-trial.";

    /** What a trial left behind when it was killed. */
    static final Pattern LEFTOVER = Pattern.compile(Pattern.quote(TRIAL) + "[0-9a-f-]{36}(\\.clone)?");

    private final CommandRunner runner;
    private final Map<FileIdentity, Boolean> known = new ConcurrentHashMap<>();
    private final Set<FileIdentity> complained = ConcurrentHashMap.newKeySet();

    Reflinks(CommandRunner runner) {
        this.runner = runner;
    }

    /** Whether files in this directory can; false too if it cannot be found out at the moment, which is tried again. */
    boolean areThere(PoolDirectory directory) {
        FileIdentity where = directory.identity();
        Boolean before = known.get(where);
        if (before != null) {
            return before;
        }
        try {
            CommandResult result = tried(directory.path());
            if (result.succeeded() || saysNotSupported(result)) {
                known.put(where, result.succeeded());
            } else {
                complain(where, directory, result.explanation());
            }
            return result.succeeded();
        } catch (IOException | HeddleException failure) {
            complain(where, directory, failure.toString());
            return false;
        }
    }

    private void complain(FileIdentity where, PoolDirectory directory, String why) {
        if (complained.add(where)) {
            LOG.warn("cannot see whether files in {} can share blocks: {}", directory.path(), why);
        }
    }

    private CommandResult tried(Path directory) throws IOException {
        Path file = directory.resolve(TRIAL + UUID.randomUUID());
        Path clone = directory.resolve(file.getFileName() + ".clone");
        try {
            Files.write(file, new byte[] {1});
            return clone(PROBE, file, clone);
        } finally {
            Files.deleteIfExists(clone);
            Files.deleteIfExists(file);
        }
    }

    /**
     * Makes a file with the bytes of another one, and its blocks; it is not synced.
     *
     * @throws HeddleException NOT_SUPPORTED, POOL_FULL, COMMAND_FAILED
     */
    void copy(Path from, Path to) {
        CommandResult result = clone(CLONE, from, to);
        if (result.succeeded()) {
            return;
        }
        String what = "cannot clone " + from;
        String said = result.errorOutput();
        if (saysNotSupported(result)) {
            throw result.failure(ErrorCode.NOT_SUPPORTED, what, WAY_OUT);
        }
        if (said.contains("No space left on device") || said.contains("Disk quota exceeded")) {
            throw result.failure(
                    ErrorCode.POOL_FULL, what, "free space on the file system of the pool, or delete snapshots");
        }
        throw result.failure(ErrorCode.COMMAND_FAILED, what, "see dmesg; it is tried again");
    }

    private CommandResult clone(Duration deadline, Path from, Path to) {
        return runner.run(Command.change(
                deadline, "cp", "--reflink=always", "--no-target-directory", "--", from.toString(), to.toString()));
    }

    private static boolean saysNotSupported(CommandResult result) {
        String said = result.errorOutput();
        return said.contains("Operation not supported") || said.contains("Inappropriate ioctl for device");
    }

    private static final String WAY_OUT =
            "move the volume to a FILE_THIN pool on xfs or btrfs, to a thin pool of LVM, or to ZFS";

    /** Why a pool takes no snapshots, and what can be done. */
    static HeddleException none(PoolSpec pool, String volume, String why) {
        return new HeddleException(
                ErrorCode.NOT_SUPPORTED,
                "cannot take a snapshot of " + volume + " in storage pool " + pool.name(),
                why,
                WAY_OUT);
    }
}
