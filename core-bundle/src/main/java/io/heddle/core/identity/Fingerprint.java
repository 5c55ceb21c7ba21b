package io.heddle.core.identity;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;

/**
 * SHA-256 of a public key in its SubjectPublicKeyInfo form (RFC 5280, 4.1.2.7), as lower-case hex. It says nothing of the
 * certificate around the key: names and dates do not count.
 */
public final class Fingerprint {
    private Fingerprint() {}

    /** The fingerprint of the key in a certificate; 64 hex digits. */
    public static String of(X509Certificate certificate) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(certificate.getPublicKey().getEncoded());
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
