package io.heddle.core.identity;

import java.security.SecureRandom;
import java.util.function.Supplier;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLContextSpi;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocketFactory;
import javax.net.ssl.SSLSessionContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * TLS with a context of its own for each connection. A session that is resumed is not judged again, even if another key is
 * expected by then; and Java has no switch to turn resumption off for one context.
 */
final class FreshTls extends SSLContextSpi {
    private final Supplier<SSLContext> contexts;
    private final SSLContext example;

    private FreshTls(Supplier<SSLContext> contexts) {
        this.contexts = contexts;
        this.example = contexts.get();
    }

    static SSLContext of(Supplier<SSLContext> contexts) {
        FreshTls fresh = new FreshTls(contexts);
        return new SSLContext(fresh, fresh.example.getProvider(), fresh.example.getProtocol()) {};
    }

    @Override
    protected SSLEngine engineCreateSSLEngine() {
        return contexts.get().createSSLEngine();
    }

    @Override
    protected SSLEngine engineCreateSSLEngine(String host, int port) {
        return contexts.get().createSSLEngine(host, port);
    }

    @Override
    protected SSLSocketFactory engineGetSocketFactory() {
        return contexts.get().getSocketFactory();
    }

    @Override
    protected SSLServerSocketFactory engineGetServerSocketFactory() {
        return contexts.get().getServerSocketFactory();
    }

    @Override
    protected SSLSessionContext engineGetServerSessionContext() {
        return example.getServerSessionContext();
    }

    @Override
    protected SSLSessionContext engineGetClientSessionContext() {
        return example.getClientSessionContext();
    }

    @Override
    protected SSLParameters engineGetDefaultSSLParameters() {
        return example.getDefaultSSLParameters();
    }

    @Override
    protected SSLParameters engineGetSupportedSSLParameters() {
        return example.getSupportedSSLParameters();
    }

    @Override
    protected void engineInit(
            KeyManager @Nullable [] keys, TrustManager @Nullable [] trust, @Nullable SecureRandom random) {
        throw new IllegalStateException("it is made ready for use");
    }
}
