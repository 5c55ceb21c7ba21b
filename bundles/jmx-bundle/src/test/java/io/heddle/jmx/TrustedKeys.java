package io.heddle.jmx;

import io.heddle.core.identity.Identity;
import java.security.cert.CertificateException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.net.ssl.SSLContext;

/** Keys that the clients of these tests trust. RMI asks for the default context once in the life of a JVM, so all share one. */
final class TrustedKeys {
    private static final Set<String> KEYS = ConcurrentHashMap.newKeySet();

    static {
        SSLContext.setDefault(Identity.tlsWithoutKey((host, port, fingerprint) -> {
            if (!KEYS.contains(fingerprint)) {
                throw new CertificateException("another key");
            }
        }));
    }

    private TrustedKeys() {}

    static void add(String fingerprint) {
        KEYS.add(fingerprint);
    }
}
