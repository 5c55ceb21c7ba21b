package io.heddle.drbd;

import io.heddle.core.error.HeddleException;
import io.heddle.core.model.IpAddress;
import java.util.Optional;

/**
 * An end of a path as drbdsetup writes it: {@code ipv4:10.1.0.11:7000}, {@code ipv6:[fd00::11]:7000}.
 *
 * @param address the address
 * @param port the TCP port
 */
record Endpoint(IpAddress address, int port) {
    /** Reads one; empty if it is none that Heddle would have made. */
    static Optional<Endpoint> of(String text) {
        int family = text.indexOf(':');
        int port = text.lastIndexOf(':');
        if (family < 0 || port <= family) {
            return Optional.empty();
        }
        String address = text.substring(family + 1, port);
        boolean bracketed = address.startsWith("[") && address.endsWith("]");
        try {
            return Optional.of(new Endpoint(
                    new IpAddress(bracketed ? address.substring(1, address.length() - 1) : address),
                    Integer.parseInt(text.substring(port + 1))));
        } catch (HeddleException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** As drbdsetup reads it. */
    String text() {
        return address.isV6() ? "ipv6:[" + address + "]:" + port : "ipv4:" + address + ":" + port;
    }
}
