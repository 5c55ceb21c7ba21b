package io.heddle.controller.link;

import io.heddle.core.identity.Identity;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/**
 * Which connection is at which door. One {@code HttpClient} has one trust manager for all satellites; it knows of a connection
 * only where it leads. So there is never more than one connection to a door, and the trust manager finds there which key is
 * expected, and leaves there which was shown.
 */
final class Doors {
    private final Map<Door, Connection> open = new ConcurrentHashMap<>();

    /** Puts a connection at its door; the one that is there already, if any, in which case nothing is done. */
    Optional<Connection> enter(Connection connection) {
        return Optional.ofNullable(open.putIfAbsent(connection.door(), connection));
    }

    /** Frees the door of a connection that is over; may be repeated. */
    void leave(Connection connection) {
        open.remove(connection.door(), connection);
    }

    /** TLS with the controller's key, and the satellites' judged by the pins of their connections. */
    SSLContext tls(Identity identity) {
        return identity.tls(this::check);
    }

    private void check(String host, int port, String fingerprint) throws CertificateException {
        Connection connection = open.get(Door.dialled(host, port));
        if (connection == null) {
            throw new CertificateException("nobody waits for a connection to " + host + " port " + port);
        }
        connection.check(fingerprint);
    }
}
