package io.heddle.rest.access;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import jakarta.servlet.http.HttpServletRequest;

/**
 * Who sent a request.
 *
 * @param address literal address it came from
 * @param role what it may do
 */
public record Caller(String address, Role role) {
    private static final String ATTRIBUTE = Caller.class.getName();

    /** Who sent {@code request}, as {@link AccessFilter} found; NOT_ALLOWED if that filter did not see the request. */
    public static Caller of(HttpServletRequest request) {
        if (request.getAttribute(ATTRIBUTE) instanceof Caller caller) {
            return caller;
        }
        throw refusal("answer a request that nobody checked", "the access filter is not in place");
    }

    void attachTo(HttpServletRequest request) {
        request.setAttribute(ATTRIBUTE, this);
    }

    /**
     * Refuses what takes a higher role.
     *
     * @throws HeddleException NOT_ALLOWED
     */
    public void require(Role needed, String what) {
        if (!role.includes(needed)) {
            throw refusal(what, "that takes the role " + needed + ", and " + address + " has the role " + role);
        }
    }

    private static HeddleException refusal(String what, String why) {
        return new HeddleException(
                ErrorCode.NOT_ALLOWED,
                "may not " + what,
                why,
                "do it on the controller's machine, or have its administrator give the network another role");
    }
}
