package io.heddle.launcher;

import java.util.List;

/** Heddle cannot start, for reasons the administrator can mend. Each reason is one sentence. */
final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    RefusedException(List<String> reasons) {
        super(String.join("\n", reasons));
    }

    RefusedException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
