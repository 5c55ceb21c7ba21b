package io.heddle.lvmthin;

import io.heddle.core.command.CommandResult;
import io.heddle.core.command.FailureMeaning;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What failed LVM commands mean. LVM has few exit codes (3: wrong arguments, 5: anything else), so its messages decide; they
 * are in English, since every command runs with LC_ALL=C.
 */
final class LvmFailure {
    /** The first that matches counts. */
    private static final List<FailureMeaning> MEANINGS = List.of(
            FailureMeaning.of(
                    "Failed to find logical volume|Logical volume \\S+ not found in volume group",
                    ErrorCode.BACKING_VOLUME_MISSING,
                    "if it is lost, delete this replica and create it again"),
            FailureMeaning.of(
                    "while PVs are missing",
                    ErrorCode.POOL_UNUSABLE,
                    "bring the missing disk back and run vgextend --restoremissing, or vgreduce --removemissing if it is"
                            + " lost"),
            FailureMeaning.of(
                    "Refusing activation of partial LV",
                    ErrorCode.BACKING_VOLUME_FAILED,
                    "bring the missing disk back; if it is lost, delete this replica and create it again"),
            FailureMeaning.of(
                    "manual repair|needs? repair|Check of pool \\S+ failed|transaction_id is [0-9]+",
                    ErrorCode.POOL_UNUSABLE,
                    "repair the thin pool: deactivate its volumes, then lvconvert --repair"),
            FailureMeaning.of(
                    "free space in thin pool \\S+ reached threshold|new volumes are not allowed|is out of data space",
                    ErrorCode.POOL_FULL,
                    "extend the thin pool (lvextend, or lvextend --poolmetadatasize), or place the volume elsewhere"),
            FailureMeaning.of(
                    "insufficient free space|insufficient suitable|Insufficient free extents",
                    ErrorCode.POOL_FULL,
                    "extend the volume group (vgextend), or place the volume elsewhere"),
            FailureMeaning.of(
                    "too large for circular buffer",
                    ErrorCode.POOL_FULL,
                    "the volume group has no room for the description of more volumes: remove some, or move to a volume"
                            + " group with a larger --metadatasize"),
            FailureMeaning.of(
                    "Volume group \"\\S+\" not found|Multiple VGs found",
                    ErrorCode.POOL_UNUSABLE,
                    "see whether its disks are there and hold one volume group of this name (pvs, vgs)"),
            FailureMeaning.of(
                    "Pool \\S+ not found in Volume group|is not a thin pool",
                    ErrorCode.POOL_UNUSABLE,
                    "create the thin pool (lvcreate --type thin-pool), or correct the name in the storage pool"),
            FailureMeaning.of(
                    "already exists in volume group",
                    ErrorCode.FOREIGN_VOLUME,
                    "rename or remove the volume that has the name, if it is not needed"),
            FailureMeaning.of(
                    "Logical volume \\S+ (?:contains a filesystem )?in use|is used by another device",
                    ErrorCode.IN_USE,
                    "end what uses it (see findmnt, lsblk, drbdsetup status); it is tried again"),
            FailureMeaning.of(
                    "are reserved|Logical volume name \"[^\"]*\" is invalid",
                    ErrorCode.INVALID_NAME,
                    "choose a name that LVM takes (lvm(8), VALID NAMES)"));

    private static final Pattern DEVICES_MISSING = Pattern.compile(
            "Couldn't find device|missing PV|PVs are missing|PV is missing|partial LV|Volume group \"\\S+\" not found"
                    + "|not found or rejected|unrecognized option|Failed to find (?:device|physical volume)",
            Pattern.CASE_INSENSITIVE);

    private LvmFailure() {}

    /** A failed command under the code that its message stands for. */
    static HeddleException of(CommandResult result, String what) {
        return FailureMeaning.exception(MEANINGS, result, what);
    }

    /** Whether it failed because the volume is not there. Its VG is there then, or the message were another. */
    static boolean saysNoSuchVolume(CommandResult result) {
        return !result.succeeded() && of(result, "").code() == ErrorCode.BACKING_VOLUME_MISSING;
    }

    /** Whether lvcreate failed because the VG has a volume of the name. */
    static boolean saysItIsThere(CommandResult result) {
        return !result.succeeded() && result.errorOutput().contains("already exists in volume group");
    }

    /** Whether a command found not all devices of a VG, or does not know how to be kept to some. */
    static boolean saysDevicesAreMissing(CommandResult result) {
        return DEVICES_MISSING.matcher(result.errorOutput()).find();
    }

    /** Whether lvextend failed because there was nothing to do. */
    static boolean saysLargeEnough(CommandResult result) {
        return result.errorOutput().contains("matches existing size")
                || result.errorOutput().contains("not larger than existing size");
    }
}
