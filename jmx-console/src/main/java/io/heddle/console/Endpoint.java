package io.heddle.console;

import io.heddle.core.error.ErrorCode;

/**
 * Where a controller's JMX connector listens.
 *
 * @param host name or address
 * @param port TCP port
 */
record Endpoint(String host, int port) {
    static final int DEFAULT_PORT = 3369;

    /** Reads {@code host}, {@code host:port} or {@code [fd00::1]:port}. */
    static Endpoint parse(String text) {
        String host = text.strip();
        int port = DEFAULT_PORT;
        int colon = host.lastIndexOf(':');
        boolean bracketed = host.startsWith("[");
        if (colon > host.indexOf(']') && (bracketed || host.indexOf(':') == colon)) {
            try {
                port = Integer.parseInt(host.substring(colon + 1));
            } catch (NumberFormatException e) {
                throw invalid(text);
            }
            host = host.substring(0, colon);
        }
        if (bracketed) {
            host = host.substring(1, host.length() - 1);
        }
        if (host.isEmpty() || port < 1 || port > 65535) {
            throw invalid(text);
        }
        return new Endpoint(host, port);
    }

    private static Refusal invalid(String text) {
        return new Refusal(
                ErrorCode.INVALID_ADDRESS,
                "'" + text + "' is no controller's address",
                "it is host, host:port or [IPv6]:port",
                "correct --controllers or HEDDLE_CONTROLLERS");
    }

    boolean isIpv6() {
        return host.indexOf(':') >= 0;
    }

    @Override
    public String toString() {
        return (isIpv6() ? "[" + host + "]" : host) + ":" + port;
    }
}
