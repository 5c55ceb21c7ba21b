package io.heddle.core.command;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.time.Duration;

/** The time between two looks at something that takes a while. */
public final class Pause {
    private Pause() {}

    /**
     * Lets some time go by.
     *
     * @param what is waited for, as in {@code a zvol to be closed}
     * @throws HeddleException SHUTTING_DOWN if the thread was interrupted, which it is again then
     */
    public static void of(Duration time, String what) {
        try {
            Thread.sleep(time.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HeddleException(
                    ErrorCode.SHUTTING_DOWN,
                    "the wait for " + what + " was broken off",
                    "the program is being stopped",
                    "nothing to do: it is taken up again at the next start",
                    interrupted);
        }
    }
}
