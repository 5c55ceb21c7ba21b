package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a failed command of drbd-utils means, from its exit code and message: the one table of that. The messages are those
 * of drbd-utils 9.22 with DRBD 8.4.11, 9.2.18 and 9.3.3; the numbers in parentheses are DRBD's own (drbd.h, enum
 * drbd_ret_code and drbd_state_rv) and stay the same between versions.
 */
enum Failure {
    HELD_OPEN("(-12) Device is held open", ErrorCode.IN_USE, "close what uses it: unmount it, stop the VM"),
    OTHER_PRIMARY("(-1) Multiple primaries", ErrorCode.IN_USE, "make the other node Secondary first"),
    NO_UP_TO_DATE_DATA(
            "(-2) Need access to UpToDate data",
            ErrorCode.PROMOTION_REFUSED,
            "connect a node whose data is UpToDate, or wait for the sync to end"),
    NO_QUORUM("(-25) No quorum", ErrorCode.PROMOTION_REFUSED, "bring back enough of the resource's nodes"),
    NO_METADATA(
            "No valid meta data found",
            ErrorCode.METADATA_MISSING,
            "do not create it: see what became of the backing device, and restore it or delete this replica"),
    MINOR_TAKEN("(161) Minor or volume exists already", ErrorCode.NUMBER_TAKEN, "see what uses it: drbdsetup status"),
    PORT_TAKEN("(102) Local address(port) already in use", ErrorCode.NUMBER_TAKEN, "see what uses it: drbdsetup show"),
    PATH_TAKEN("(173) Combination of local address(port)", ErrorCode.NUMBER_TAKEN, "see what uses it: drbdsetup show"),
    WOULD_SHRINK(
            "refusing to truncate a consistent device",
            ErrorCode.SHRINK_REFUSED,
            "set the volume's size back to what it was"),
    NO_MODULE("Failed to modprobe drbd", ErrorCode.MODULE_ABSENT, "install the DRBD module for this kernel"),
    NO_DEVICE(
            "failed: No such file or directory",
            ErrorCode.BACKING_VOLUME_MISSING,
            "see why its storage pool does not have it"),
    IO_ERROR("Input/output error", ErrorCode.BACKING_VOLUME_FAILED, "replace the disk: see dmesg for its errors"),
    NO_FILE("no resources defined!", ErrorCode.FILE_FAILED, "it is written anew by itself; see who removed it"),
    FILE_GONE("Can not open '", ErrorCode.FILE_FAILED, "it is written anew by itself; see who removed it"),
    OTHER_NODE_NAME(
            "not defined in your config (for this host)",
            ErrorCode.COMMAND_FAILED,
            "let the node's name in Heddle be what uname -n prints on it"),
    ANY("", ErrorCode.COMMAND_FAILED, "see dmesg on this node; it is tried again");

    /** DRBD's message for a resource that the kernel does not have. */
    static final String NO_SUCH_RESOURCE = "No such resource";

    /** DRBD's message for a connection that the kernel does not have; 8.4 forgets one that is StandAlone. */
    static final String UNKNOWN_CONNECTION = "unknown connection";

    /** DRBD's message for a connection that is connected or being connected. */
    static final String HAS_A_CONNECTION = "(125) Device has a net-config";

    /** drbdadm repeats a failed drbdsetup with all of its arguments, the secret among them. */
    private static final Pattern SECRET = Pattern.compile("(--shared-secret=)('[^']*'|\"[^\"]*\"|\\S+)");

    private final String message;
    private final ErrorCode code;
    private final String correction;

    Failure(String message, ErrorCode code, String correction) {
        this.message = message;
        this.code = code;
        this.correction = correction;
    }

    ErrorCode code() {
        return code;
    }

    /** What a failed command means: the first row whose message it printed. */
    static Failure of(CommandResult result) {
        for (Failure failure : List.of(values())) {
            if (result.errorOutput().contains(failure.message)
                    || result.output().contains(failure.message)) {
                return failure;
            }
        }
        return ANY;
    }

    /** The failure as an exception. */
    static HeddleException exception(CommandResult result, String what) {
        Failure failure = of(result);
        return result.failure(failure.code, what, failure.correction);
    }

    /** The same result without the shared secret, which must reach no log and no error. */
    static CommandResult redacted(CommandResult result) {
        return new CommandResult(
                result.command(),
                result.exitCode(),
                SECRET.matcher(result.output()).replaceAll("$1(secret)"),
                SECRET.matcher(result.errorOutput()).replaceAll("$1(secret)"),
                result.duration());
    }
}
