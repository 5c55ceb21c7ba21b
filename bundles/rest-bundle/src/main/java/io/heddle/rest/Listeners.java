package io.heddle.rest;

import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the HTTP port is heard beyond this machine. The container's HTTP service listens on loopback; once a rule lets a network
 * in, it listens on each other address of the machine as well, under the same port, and stops when the last rule goes. That is
 * added and taken away beside what is there, so no connection of others notices. Used by one thread.
 */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(Listeners.class);

    private final BundleContext context;
    private final int port;
    private final boolean loopbackOnly;
    private final Map<InetAddress, Listener> listeners = new HashMap<>();
    private final Set<InetAddress> failed = new HashSet<>();

    private Listeners(BundleContext context, int port, boolean loopbackOnly) {
        this.context = context;
        this.port = port;
        this.loopbackOnly = loopbackOnly;
    }

    /** The listeners beside the HTTP service that the framework's properties configure; none are open yet. */
    static Listeners of(BundleContext context) {
        String host = context.getProperty("org.apache.felix.http.host");
        String port = context.getProperty("org.osgi.service.http.port");
        boolean loopbackOnly = host != null && isLoopback(host);
        return new Listeners(context, port == null ? 0 : Integer.parseInt(port), loopbackOnly);
    }

    private static boolean isLoopback(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1") || host.equals("[::1]");
    }

    /** Listens beyond this machine, or not; called again and again, since addresses come and go. */
    void open(boolean wanted) {
        if (!loopbackOnly || port == 0) {
            // The administrator's own choice of addresses stands.
            return;
        }
        Set<InetAddress> addresses = wanted ? addresses() : Set.of();
        for (InetAddress gone : Set.copyOf(listeners.keySet())) {
            if (!addresses.contains(gone)) {
                listeners.remove(gone).close();
                LOG.info("REST is not heard any more at address={} port={}", literal(gone), port);
            }
        }
        failed.retainAll(addresses);
        for (InetAddress address : addresses) {
            if (!listeners.containsKey(address)) {
                listen(address);
            }
        }
    }

    private void listen(InetAddress address) {
        Listener listener = new Listener(address, port);
        listener.registration =
                context.registerService(ConnectorFactory.class, listener, FrameworkUtil.asDictionary(Map.of()));
        if (listener.isListening()) {
            listeners.put(address, listener);
            failed.remove(address);
            LOG.warn(
                    "REST is open without encryption at address={} port={}, to the networks that a rule lets in",
                    literal(address),
                    port);
        } else {
            listener.close();
            if (failed.add(address)) {
                LOG.error(
                        "REST cannot be heard at address={} port={}: the port is taken, or the HTTP service is away;"
                                + " it is tried again",
                        literal(address),
                        port);
            }
        }
    }

    /** Stops listening beyond this machine. */
    void close() {
        listeners.values().forEach(Listener::close);
        listeners.clear();
    }

    /** The address without the name of the interface, which only says where it was seen. */
    private static String literal(InetAddress address) {
        String text = address.getHostAddress();
        int scope = text.indexOf('%');
        return scope < 0 ? text : text.substring(0, scope);
    }

    private static Set<InetAddress> addresses() {
        Set<InetAddress> addresses = new HashSet<>();
        try {
            NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                    .forEach(addresses::add);
        } catch (SocketException e) {
            LOG.warn("the addresses of this machine cannot be read; they are tried again", e);
        }
        return addresses;
    }

    /** One address that the HTTP server listens on. */
    private static final class Listener implements ConnectorFactory {
        private final InetAddress address;
        private final int port;
        private volatile ServiceRegistration<ConnectorFactory> registration;
        private volatile ServerConnector connector;

        Listener(InetAddress address, int port) {
            this.address = address;
            this.port = port;
        }

        @Override
        public Connector createConnector(Server server) {
            ServerConnector added = new ServerConnector(server, 1, 1, connectionFactory(server));
            added.setName("heddle-rest-" + literal(address));
            added.setHost(literal(address));
            added.setPort(port);
            // The default of 50 turns connections away when many clients come at once.
            added.setAcceptQueueSize(1024);
            connector = added;
            return added;
        }

        /** HTTP as the server's own connector speaks it. */
        private static HttpConnectionFactory connectionFactory(Server server) {
            for (Connector present : server.getConnectors()) {
                HttpConnectionFactory factory = present.getConnectionFactory(HttpConnectionFactory.class);
                if (factory != null) {
                    return new HttpConnectionFactory(factory.getHttpConfiguration());
                }
            }
            return new HttpConnectionFactory();
        }

        boolean isListening() {
            ServerConnector added = connector;
            return added != null && added.isOpen() && added.isStarted();
        }

        void close() {
            registration.unregister();
        }
    }
}
