package io.heddle.core.command;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.time.Duration;

/**
 * How a command ended.
 *
 * @param command what was run
 * @param exitCode its exit code
 * @param output its stdout
 * @param errorOutput its stderr
 * @param duration how long it ran
 */
public record CommandResult(Command command, int exitCode, String output, String errorOutput, Duration duration) {
    private static final int SHOWN = 2000;

    public boolean succeeded() {
        return exitCode == 0;
    }

    /**
     * This result if the command succeeded.
     *
     * @throws HeddleException COMMAND_FAILED with arguments, exit code and stderr
     */
    public CommandResult orThrow(String what, String correction) {
        if (!succeeded()) {
            throw failure(ErrorCode.COMMAND_FAILED, what, correction);
        }
        return this;
    }

    /** The failure as an exception under a code that the driver has found by exit code and message. */
    public HeddleException failure(ErrorCode code, String what, String correction) {
        return new HeddleException(code, what, explanation(), correction);
    }

    /** Arguments, exit code and the end of stderr (of stdout where stderr is empty), in one text. */
    public String explanation() {
        String said = errorOutput.isBlank() ? output.strip() : errorOutput.strip();
        if (said.length() > SHOWN) {
            said = "..." + said.substring(said.length() - SHOWN);
        }
        return "'" + command.text() + "' ended with exit code " + exitCode + (said.isEmpty() ? "" : ": " + said);
    }
}
