package io.heddle.core.error;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The one exception of Heddle: what happened, why, and how to correct it. All texts are whole sentences or clauses for a
 * person; none holds a secret.
 */
public final class HeddleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;
    private final String what;
    private final String why;
    private final String correction;

    /** Describes a failure without another exception behind it. */
    public HeddleException(ErrorCode code, String what, String why, String correction) {
        this(code, what, why, correction, null);
    }

    /** Describes a failure; {@code cause} is kept for the log only. */
    public HeddleException(ErrorCode code, String what, String why, String correction, @Nullable Throwable cause) {
        super(what + ": " + why, cause);
        this.code = Objects.requireNonNull(code);
        this.what = Objects.requireNonNull(what);
        this.why = Objects.requireNonNull(why);
        this.correction = Objects.requireNonNull(correction);
    }

    public ErrorCode code() {
        return code;
    }

    /** What could not be done. */
    public String what() {
        return what;
    }

    /** Why it could not be done, with the numbers and, for a failed command, its arguments, exit code and stderr. */
    public String why() {
        return why;
    }

    /** What the reader can do about it. */
    public String correction() {
        return correction;
    }

    /** The same facts as a value that can be stored, sent and shown. */
    public Problem problem() {
        return new Problem(code, what, why, correction);
    }

    /** Wraps anything unexpected as {@link ErrorCode#INTERNAL_ERROR}; a HeddleException is returned as it is. */
    public static HeddleException of(Throwable failure) {
        if (failure instanceof HeddleException known) {
            return known;
        }
        return new HeddleException(
                ErrorCode.INTERNAL_ERROR,
                "an unexpected failure",
                String.valueOf(failure),
                "report it with the log of this time",
                failure);
    }
}
