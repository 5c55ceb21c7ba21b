package io.heddle.core.identity;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * A key pair (EC P-256) with a certificate around it, kept in {@code identity.pem}, which only its owner can read. It is made
 * at the first start and never again: whoever pinned it knows its holder by nothing else.
 */
public final class Identity {
    /** Name of the file in the identity's directory. */
    public static final String FILE = "identity.pem";

    private static final String KEY = "PRIVATE KEY";
    private static final String CERTIFICATE = "CERTIFICATE";

    private final PrivateKey key;
    private final X509Certificate certificate;

    private Identity(PrivateKey key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /**
     * Reads the identity, or makes one if there is none; a new one is durable when this returns.
     *
     * @param directory where {@code identity.pem} lies; made, for its owner only, if missing
     * @param name written into a new certificate for people to read; nothing depends on it
     * @throws HeddleException FILE_FAILED if the file cannot be read, written or understood. It is never overwritten: all who
     *     pinned the key would refuse a new one.
     */
    public static Identity loadOrCreate(Path directory, String name) {
        DurableFile file = DurableFile.secret(directory.resolve(FILE));
        file.removeLeftovers();
        return file.read().map(content -> read(file, content)).orElseGet(() -> create(file, name));
    }

    /** SHA-256 of the public key, lower-case hex. */
    public String fingerprint() {
        return Fingerprint.of(certificate);
    }

    /** The certificate that is shown to the other side. */
    public X509Certificate certificate() {
        return certificate;
    }

    /**
     * TLS 1.3 with this identity, always shown, and with the other side judged by {@code check} alone, anew for each
     * connection: no session is ever resumed.
     */
    public SSLContext tls(PeerCheck check) {
        return FreshTls.of(() -> context(check));
    }

    private SSLContext context(PeerCheck check) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(
                    new KeyManager[] {new OneKey(key, certificate)}, new TrustManager[] {new CheckedKeys(check)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw HeddleException.of(e);
        }
    }

    /** TLS for a client that shows no key of its own, with the server judged by {@code check} alone. */
    public static SSLContext tlsWithoutKey(PeerCheck check) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {new CheckedKeys(check)}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw HeddleException.of(e);
        }
    }

    private static Identity create(DurableFile file, String name) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            KeyPair keys = generator.generateKeyPair();
            X509Certificate certificate = SelfSignedCertificate.of(keys, name);
            String content = pem(KEY, keys.getPrivate().getEncoded()) + pem(CERTIFICATE, certificate.getEncoded());
            file.replace(content.getBytes(StandardCharsets.US_ASCII));
            return new Identity(keys.getPrivate(), certificate);
        } catch (GeneralSecurityException e) {
            throw HeddleException.of(e);
        }
    }

    private static Identity read(DurableFile file, byte[] content) {
        try {
            // Root may have restored it from a backup with other permissions.
            Files.setPosixFilePermissions(file.path(), DurableFile.PRIVATE);
            String text = new String(content, StandardCharsets.US_ASCII);
            PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(part(text, KEY)));
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(part(text, CERTIFICATE)));
            checkThatTheyBelongTogether(key, certificate);
            return new Identity(key, certificate);
        } catch (GeneralSecurityException | IOException | IllegalArgumentException e) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot use the identity in " + file.path(),
                    e.toString(),
                    "restore the file from a backup, or remove it to get a new identity and pair the nodes again",
                    e);
        }
    }

    private static void checkThatTheyBelongTogether(PrivateKey key, X509Certificate certificate)
            throws GeneralSecurityException {
        byte[] sample = {1};
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(key);
        signature.update(sample);
        byte[] signed = signature.sign();
        signature.initVerify(certificate.getPublicKey());
        signature.update(sample);
        if (!signature.verify(signed)) {
            throw new GeneralSecurityException("the key and the certificate in it do not belong together");
        }
    }

    /** RFC 7468. */
    private static String pem(String label, byte[] content) {
        return "-----BEGIN " + label + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content) + "\n-----END " + label
                + "-----\n";
    }

    private static byte[] part(String text, String label) {
        String begin = "-----BEGIN " + label + "-----";
        int from = text.indexOf(begin);
        int to = text.indexOf("-----END " + label + "-----");
        if (from < 0 || to < from) {
            throw new IllegalArgumentException("there is no whole " + label + " in it");
        }
        return Base64.getMimeDecoder().decode(text.substring(from + begin.length(), to));
    }
}
