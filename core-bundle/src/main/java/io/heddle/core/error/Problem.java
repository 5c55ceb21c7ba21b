package io.heddle.core.error;

import java.util.Objects;

/**
 * A failure as a value: shown in a status, sent over the link, answered by the doors.
 *
 * @param code stable code
 * @param what what could not be done
 * @param why the reason, with numbers
 * @param correction what the reader can do
 */
public record Problem(ErrorCode code, String what, String why, String correction) {
    public Problem {
        Objects.requireNonNull(code);
        Objects.requireNonNull(what);
        Objects.requireNonNull(why);
        Objects.requireNonNull(correction);
    }

    /** The problem as an exception, to be thrown where a caller waits. */
    public HeddleException exception() {
        return new HeddleException(code, what, why, correction);
    }

    /** One line for logs and tables. */
    public String text() {
        return code + ": " + what + ": " + why + " (" + correction + ")";
    }
}
