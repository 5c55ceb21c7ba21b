package io.heddle.zfs;

import io.heddle.core.command.CommandResult;
import io.heddle.core.command.FailureMeaning;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What failed ZFS commands mean. They exit with 1 whatever went wrong (2: wrong arguments, and some missing snapshots), so the
 * messages decide; they are in English, since every command runs with LC_ALL=C.
 */
final class ZfsFailure {
    /** The first that matches counts. */
    private static final List<FailureMeaning> MEANINGS = List.of(
            FailureMeaning.of(
                    "modules are not loaded|/dev/zfs",
                    ErrorCode.POOL_UNUSABLE,
                    "install ZFS for this kernel (zfs-dkms, or the kernel's own), then modprobe zfs"),
            FailureMeaning.of(
                    "currently suspended|I/O is suspended",
                    ErrorCode.POOL_UNUSABLE,
                    "bring the zpool's disks back, then zpool clear; it is tried again"),
            FailureMeaning.of(
                    "no such pool|no pools available",
                    ErrorCode.POOL_UNUSABLE,
                    "import it (zpool import), or correct the name in the storage pool"),
            FailureMeaning.of(
                    "parent does not exist|parent is not a filesystem",
                    ErrorCode.POOL_UNUSABLE,
                    "create the dataset (zfs create -o mountpoint=none), or correct the name in the storage pool"),
            FailureMeaning.of(
                    "key (?:is )?not loaded|key must be loaded|encryption key",
                    ErrorCode.POOL_UNUSABLE,
                    "load the key of the encrypted dataset: zfs load-key"),
            FailureMeaning.of(
                    "read-only|read only",
                    ErrorCode.POOL_UNUSABLE,
                    "the zpool was imported read-only: export it, and import it for writing"),
            FailureMeaning.of(
                    "out of space|greater than available space|quota exceeded|no space left",
                    ErrorCode.POOL_FULL,
                    "free space in the zpool, raise the dataset's quota, or place the volume elsewhere"),
            FailureMeaning.of(
                    "dataset already exists",
                    ErrorCode.FOREIGN_VOLUME,
                    "rename or remove the dataset that has the name, if it is not needed"),
            FailureMeaning.of(
                    "dataset is busy|pool or dataset is busy",
                    ErrorCode.IN_USE,
                    "end what uses it (see findmnt, lsblk, drbdsetup status); it is tried again"),
            FailureMeaning.of(
                    "has children|has dependent clones",
                    ErrorCode.IN_USE,
                    "remove its snapshots and clones first, if they are not needed: zfs list -t snapshot"),
            FailureMeaning.of(
                    "dataset does not exist",
                    ErrorCode.BACKING_VOLUME_MISSING,
                    "if it is lost, delete this replica and create it again"),
            FailureMeaning.of(
                    "invalid character|is not expected here|name is too long|invalid name",
                    ErrorCode.INVALID_NAME,
                    "choose a name that ZFS takes (zfs(8))"),
            FailureMeaning.of(
                    "bad property list|must be one of|invalid property|must be power of 2|cannot be set|not supported",
                    ErrorCode.INVALID_PROPERTY,
                    "this version of ZFS does not take it: correct " + VolumeOptions.PROPERTY));

    private static final Pattern MISSING = Pattern.compile("cannot open '[^']*': dataset does not exist");

    private ZfsFailure() {}

    /** A failed command under the code that its message stands for. */
    static HeddleException of(CommandResult result, String what) {
        return FailureMeaning.exception(MEANINGS, result, what);
    }

    /** Whether all that went wrong is that datasets which were asked about are not there. */
    static boolean saysMissingOnly(CommandResult result) {
        return !result.succeeded()
                && !result.errorOutput().isBlank()
                && result.errorOutput()
                        .lines()
                        .allMatch(line -> MISSING.matcher(line.strip()).matches());
    }
}
