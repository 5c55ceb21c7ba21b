package io.heddle.core.command;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a message of a failed command stands for, where its exit code does not say. Messages are in English, since every command runs
 * with LC_ALL=C.
 *
 * @param message is found in what the command printed on stderr
 * @param code the error
 * @param correction what to do about it
 */
public record FailureMeaning(Pattern message, ErrorCode code, String correction) {
    /** One whose message is a regular expression, in upper or lower case. */
    public static FailureMeaning of(String message, ErrorCode code, String correction) {
        return new FailureMeaning(Pattern.compile(message, Pattern.CASE_INSENSITIVE), code, correction);
    }

    /** A failed command under the first of the meanings that matches; COMMAND_FAILED if none does. */
    public static HeddleException exception(List<FailureMeaning> meanings, CommandResult result, String what) {
        return meanings.stream()
                .filter(meaning ->
                        meaning.message().matcher(result.errorOutput()).find())
                .findFirst()
                .map(meaning -> result.failure(meaning.code(), what, meaning.correction()))
                .orElseGet(() ->
                        result.failure(ErrorCode.COMMAND_FAILED, what, "run the command by hand; it is tried again"));
    }
}
