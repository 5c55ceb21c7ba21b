package io.heddle.jmx;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.management.AccessRole;
import org.jspecify.annotations.Nullable;

/**
 * Whose call is being carried out on this thread. Most rights hang on the operation, and {@link AccessGuard} sees to those; some
 * hang on an argument, and the bean asks here. A call that came by no connector is of this process or of root, who attached to
 * it, and may do everything.
 */
final class Calling {
    private static final ThreadLocal<AccessRole> ROLE = new ThreadLocal<>();

    private Calling() {}

    /** A call, and what it gives or throws. */
    interface Call {
        @Nullable
        Object go() throws Throwable;
    }

    /** Makes a call for somebody of a role. */
    static @Nullable Object as(AccessRole role, Call call) throws Throwable {
        AccessRole outer = ROLE.get();
        ROLE.set(role);
        try {
            return call.go();
        } finally {
            if (outer == null) {
                ROLE.remove();
            } else {
                ROLE.set(outer);
            }
        }
    }

    /**
     * Refuses who is no administrator.
     *
     * @throws HeddleException NOT_ALLOWED
     */
    static void requireAdministrator(String what, String why) {
        AccessRole held = ROLE.get();
        if (held != null && held.compareTo(AccessRole.ADMIN) < 0) {
            throw new HeddleException(
                    ErrorCode.NOT_ALLOWED,
                    "cannot " + what,
                    why + "; that takes the role ADMIN, and yours is " + held,
                    "have an administrator do it");
        }
    }
}
