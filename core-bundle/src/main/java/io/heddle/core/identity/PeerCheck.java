package io.heddle.core.identity;

import java.security.cert.CertificateException;

/** Says whether a key is the right one for the other side of a connection. */
@FunctionalInterface
public interface PeerCheck {
    /**
     * Judges the other side while the TLS handshake runs; the proof that it holds the key comes right after. Must not block.
     *
     * @param host the host that was dialled, as written in the address; empty where the other side dialled
     * @param port the port that was dialled; -1 where the other side dialled
     * @param fingerprint SHA-256 of the key it shows, lower-case hex
     * @throws CertificateException to end the handshake
     */
    void check(String host, int port, String fingerprint) throws CertificateException;
}
