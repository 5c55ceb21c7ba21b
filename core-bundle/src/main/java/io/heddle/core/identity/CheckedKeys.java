package io.heddle.core.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts keys and not certificates: no authority, name or date is looked at. Being an <em>extended</em> trust manager it is
 * the only judge: Java adds no check of host names or of algorithms to it.
 */
final class CheckedKeys extends X509ExtendedTrustManager {
    private final PeerCheck check;

    CheckedKeys(PeerCheck check) {
        this.check = check;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        check.check("", -1, fingerprint(chain));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        String host = engine.getPeerHost();
        check.check(host == null ? "" : host, engine.getPeerPort(), fingerprint(chain));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw withoutConnection();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw withoutConnection();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        throw withoutConnection();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket)
            throws CertificateException {
        if (!(socket instanceof SSLSocket dialled)) {
            throw withoutConnection();
        }
        SSLSession session = dialled.getHandshakeSession();
        String host = session.getPeerHost();
        check.check(host == null ? "" : host, session.getPeerPort(), fingerprint(chain));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static String fingerprint(X509Certificate[] chain) throws CertificateException {
        if (chain == null || chain.length == 0) {
            throw new CertificateException("the other side showed no key");
        }
        return Fingerprint.of(chain[0]);
    }

    private static CertificateException withoutConnection() {
        return new CertificateException("a key is judged for a connection only");
    }
}
