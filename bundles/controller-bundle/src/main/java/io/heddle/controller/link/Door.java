package io.heddle.controller.link;

import io.heddle.core.model.NetInterface;

/**
 * Where a satellite is dialled.
 *
 * @param host literal address, as in the URI but without brackets
 * @param port TCP port
 */
record Door(String host, int port) {
    static Door of(NetInterface address) {
        return new Door(address.address().value(), address.linkPort());
    }

    /** The door as TLS knows it, which may leave the brackets around an IPv6 address. */
    static Door dialled(String host, int port) {
        return new Door(host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host, port);
    }

    /** As written in a URI. */
    String authority() {
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }
}
