package io.heddle.rest;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LocalConnector;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Server;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.SynchronousBundleListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees clients off when the HTTP server stops. By itself it takes its servlets away before it closes its ports, and answers 404 in
 * between, which a client reads as "your volume does not exist". So the ports are closed first; what was asked is answered, and
 * each connection ends with its answer; what comes after that is cut off without one, which clients take for what it is.
 */
final class Farewell implements SynchronousBundleListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Farewell.class);

    /** How long it takes at most; a stop of everything has five seconds. What runs on then is answered by the waiting room. */
    private static final Duration LIMIT = Duration.ofSeconds(1);

    /** The part of it that is left to the requests that came in last. */
    private static final Duration LAST_ONES = Duration.ofMillis(200);

    /** How long a connection stays on which nothing is asked: as long as a request may be on its way. */
    private static final Duration IDLE = Duration.ofMillis(200);

    private final BundleContext context;

    private Farewell(BundleContext context) {
        this.context = context;
    }

    /** Watches the HTTP server's bundle until it is closed. */
    static Farewell of(BundleContext context) {
        Farewell farewell = new Farewell(context);
        context.addBundleListener(farewell);
        return farewell;
    }

    /** Called before the bundle does anything of what it does when it stops, which waits for this. */
    @Override
    public void bundleChanged(BundleEvent event) {
        if (event.getType() == BundleEvent.STOPPING
                && event.getBundle().equals(FrameworkUtil.getBundle(ConnectorFactory.class))) {
            server().ifPresent(Farewell::seeOff);
        }
    }

    /** The HTTP server, which shows itself only to who brings it a connector; this one has no port, and goes at once. */
    private Optional<Server> server() {
        AtomicReference<Server> seen = new AtomicReference<>();
        ConnectorFactory asking = server -> {
            seen.set(server);
            return new LocalConnector(server, null, null, null, 0, new HttpConnectionFactory());
        };
        context.registerService(ConnectorFactory.class, asking, FrameworkUtil.asDictionary(Map.of()))
                .unregister();
        return Optional.ofNullable(seen.get());
    }

    private static void seeOff(Server server) {
        LastGuests guests = new LastGuests();
        Set<HttpConfiguration> told = Collections.newSetFromMap(new IdentityHashMap<>());
        List<CompletableFuture<Void>> left = new ArrayList<>();
        for (Connector connector : server.getConnectors()) {
            HttpConnectionFactory factory = connector.getConnectionFactory(HttpConnectionFactory.class);
            if (factory != null && told.add(factory.getHttpConfiguration())) {
                factory.getHttpConfiguration().addCustomizer(guests);
            }
            if (connector instanceof AbstractConnector known) {
                known.setShutdownIdleTimeout(IDLE.toMillis());
            }
            left.add(connector.shutdown());
        }
        try {
            CompletableFuture.allOf(left.toArray(CompletableFuture[]::new))
                    .get(LIMIT.minus(LAST_ONES).toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException busy) {
            LOG.debug("requests still run while the HTTP server stops", busy);
        } catch (ExecutionException failure) {
            LOG.warn("the HTTP server does not close its ports before it stops", failure);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
        try {
            guests.admitNoMore();
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        context.removeBundleListener(this);
    }

    /** Requests that come over connections that are there still. */
    private static final class LastGuests implements HttpConfiguration.Customizer {
        // Guarded by this.
        private int inside;
        private boolean closed;

        @Override
        public Request customize(Request request, HttpFields.Mutable responseHeaders) {
            if (enters()) {
                Request.addCompletionListener(request, failure -> leaves());
                responseHeaders.put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE);
            } else {
                request.getConnectionMetaData().getConnection().close();
            }
            return request;
        }

        private synchronized boolean enters() {
            if (!closed) {
                inside++;
            }
            return !closed;
        }

        private synchronized void leaves() {
            inside--;
            notifyAll();
        }

        /** Lets those finish that are inside, for a moment. */
        synchronized void admitNoMore() throws InterruptedException {
            closed = true;
            long end = System.nanoTime() + LAST_ONES.toNanos();
            long millis = LAST_ONES.toMillis();
            while (inside > 0 && millis > 0) {
                wait(millis);
                millis = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        }
    }
}
