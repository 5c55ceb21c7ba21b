package io.heddle.core.identity;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;

/**
 * Writes the smallest certificate that TLS takes: a name, a key, a signature of its own (RFC 5280, 4.1). Java has no public
 * way to make one, and a library for it would be larger than the rest of the link.
 */
final class SelfSignedCertificate {
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int VERSION = 0xa0;

    /** 1.2.840.10045.4.3.2, ecdsa-with-SHA256 (RFC 5758, 3.2), with tag and length. */
    private static final byte[] ECDSA_WITH_SHA256 = {0x06, 0x08, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
    /** 2.5.4.3, commonName, with tag and length. */
    private static final byte[] COMMON_NAME = {0x06, 0x03, 0x55, 0x04, 0x03};

    private SelfSignedCertificate() {}

    /** A certificate over an EC key that never expires, since clocks are wrong after power-on. */
    static X509Certificate of(KeyPair keys, String name) throws GeneralSecurityException {
        byte[] algorithm = value(SEQUENCE, ECDSA_WITH_SHA256);
        byte[] names = value(
                SEQUENCE,
                value(SET, value(SEQUENCE, COMMON_NAME, value(UTF8_STRING, name.getBytes(StandardCharsets.UTF_8)))));
        byte[] validity = value(
                SEQUENCE,
                value(UTC_TIME, "700101000000Z".getBytes(StandardCharsets.US_ASCII)),
                // "No well-defined expiration date" (RFC 5280, 4.1.2.5).
                value(GENERALIZED_TIME, "99991231235959Z".getBytes(StandardCharsets.US_ASCII)));
        byte[] toBeSigned = value(
                SEQUENCE,
                value(VERSION, value(INTEGER, new byte[] {2})),
                value(
                        INTEGER,
                        new BigInteger(127, new SecureRandom()).setBit(126).toByteArray()),
                algorithm,
                names,
                validity,
                names,
                keys.getPublic().getEncoded());

        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update(toBeSigned);
        byte[] noUnusedBits = {0};
        byte[] whole = value(SEQUENCE, toBeSigned, algorithm, value(BIT_STRING, noUnusedBits, signature.sign()));
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(whole));
    }

    /** Tag, length and content in DER (X.690, 8.1 and 10.1). */
    private static byte[] value(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        int length = content.size();
        if (length < 0x80) {
            whole.write(length);
        } else {
            byte[] digits = BigInteger.valueOf(length).toByteArray();
            int leadingZero = digits[0] == 0 ? 1 : 0;
            whole.write(0x80 | (digits.length - leadingZero));
            whole.write(digits, leadingZero, digits.length - leadingZero);
        }
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }
}
