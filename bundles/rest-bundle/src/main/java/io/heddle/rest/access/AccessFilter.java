package io.heddle.rest.access;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.rest.reply.Entries;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one place that decides whether a request over HTTP is let in. It stands before everything that the port serves, metrics
 * included.
 *
 * <p>A caller is known by the network it comes from (tokens are to join in {@link #role}). That alone would let any page that an
 * administrator's browser opens drive a controller which trusts that browser's machine. So a request that a browser marks as
 * another site's changes nothing, and a browser that reaches this port under a name that is not this machine's (a name that
 * was turned to this address) is refused. Programs that are not browsers send none of these marks.
 */
public final class AccessFilter implements Filter {
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
    private static final String LITERAL_V4 = "[0-9.]+";

    private final Supplier<AccessRules> rules;
    private final String hostName;
    private final Clock clock;

    /**
     * @param rules the rules as they are now
     * @param hostName name of this machine
     * @param clock tells the time that refusals carry
     */
    public AccessFilter(Supplier<AccessRules> rules, String hostName, Clock clock) {
        this.rules = rules;
        this.hostName = hostName;
        this.clock = clock;
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest asked && response instanceof HttpServletResponse answer) {
            filter(asked, answer, chain);
        }
    }

    private void filter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        AccessRules present = rules.get();
        Optional<Role> role = role(request, present);
        if (role.isEmpty()) {
            refuse(
                    response,
                    "REST is not open to " + request.getRemoteAddr(),
                    "no rule lets this address in",
                    "on the controller's machine: heddle controller rest open NETWORK --role viewer|operator|admin");
            return;
        }
        boolean reading = READING.contains(request.getMethod());
        if (!reading && !role.get().includes(Role.OPERATOR)) {
            refuse(
                    response,
                    "cannot change anything from " + request.getRemoteAddr(),
                    "its network has the role " + role.get(),
                    "on the controller's machine: heddle controller rest open NETWORK --role operator");
            return;
        }
        String origin = request.getHeader("Origin");
        boolean trusted = origin == null || isOwn(request, origin) || present.allowsOrigin(origin);
        if (isBrowser(request) && !isReachedByOwnName(request, present)) {
            refuse(
                    response,
                    "a page may not use this controller under the name '" + request.getServerName() + "'",
                    "that is not a name of this machine, and a foreign page could have turned it here",
                    "use its address, or list the origin in the controller property REST/cors-origins");
            return;
        }
        if (!reading && (!trusted || (origin == null && isOtherSite(request)))) {
            refuse(
                    response,
                    "a page of another site may not change anything",
                    "it was sent by a page of " + (origin == null ? "another site" : origin),
                    "list that origin in the controller property REST/cors-origins, if it is yours");
            return;
        }
        allowOrigin(response, origin, trusted);
        if (request.getMethod().equals("OPTIONS") && request.getHeader("Access-Control-Request-Method") != null) {
            answerPreflight(response, trusted);
            return;
        }
        new Caller(request.getRemoteAddr(), role.get()).attachTo(request);
        chain.doFilter(request, response);
    }

    /** What the sender may do; empty: nothing. */
    private static Optional<Role> role(HttpServletRequest request, AccessRules rules) {
        try {
            // A literal, so no name server is asked.
            return rules.role(InetAddress.getByName(request.getRemoteAddr()));
        } catch (UnknownHostException e) {
            return Optional.empty();
        }
    }

    private static boolean isBrowser(HttpServletRequest request) {
        return request.getHeader("Origin") != null
                || request.getHeader("Sec-Fetch-Site") != null
                || request.getHeader("Referer") != null;
    }

    private static boolean isOtherSite(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        return site != null && !site.equals("same-origin") && !site.equals("none");
    }

    private boolean isReachedByOwnName(HttpServletRequest request, AccessRules rules) {
        String name = request.getServerName().toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.equals(hostName.toLowerCase(Locale.ROOT))
                || name.indexOf(':') >= 0
                || name.matches(LITERAL_V4)
                || rules.allowsOrigin(request.getScheme() + "://" + request.getHeader("Host"));
    }

    private static boolean isOwn(HttpServletRequest request, String origin) {
        try {
            URI uri = new URI(origin);
            String host = request.getHeader("Host");
            return request.getScheme().equals(uri.getScheme())
                    && uri.getAuthority() != null
                    && uri.getAuthority().equalsIgnoreCase(host);
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** Any page may read, as with other servers of this API; only a trusted one may send changes. */
    private static void allowOrigin(HttpServletResponse response, @Nullable String origin, boolean trusted) {
        response.setHeader("Access-Control-Allow-Origin", origin != null && trusted ? origin : "*");
        response.addHeader("Vary", "Origin");
    }

    private static void answerPreflight(HttpServletResponse response, boolean trusted) {
        response.setStatus(HttpServletResponse.SC_OK);
        response.setHeader("Access-Control-Allow-Methods", trusted ? "GET, POST, PUT, DELETE, PATCH, OPTIONS" : "GET");
        response.setHeader("Access-Control-Allow-Headers", "Authorization, Content-Type");
        response.setHeader("Access-Control-Max-Age", "600");
    }

    private void refuse(HttpServletResponse response, String what, String why, String correction) throws IOException {
        HeddleException refusal = new HeddleException(ErrorCode.NOT_ALLOWED, what, why, correction);
        response.setStatus(refusal.code().type().httpStatus());
        response.setContentType("application/json");
        response.getOutputStream().write(Entries.failure(refusal, clock.instant()));
    }
}
