package io.heddle.jmx;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.identity.Identity;
import io.heddle.core.management.AccessMXBean;
import io.heddle.core.management.AccessRole;
import io.heddle.core.management.ClusterMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.net.InetAddress;
import java.rmi.AlreadyBoundException;
import java.rmi.NoSuchObjectException;
import java.rmi.registry.LocateRegistry;
import java.rmi.registry.Registry;
import java.rmi.server.RMIClientSocketFactory;
import java.rmi.server.RMIServerSocketFactory;
import java.rmi.server.UnicastRemoteObject;
import java.security.cert.CertificateException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import javax.management.remote.JMXAuthenticator;
import javax.management.remote.JMXConnectorServer;
import javax.management.remote.JMXPrincipal;
import javax.management.remote.JMXServiceURL;
import javax.management.remote.rmi.RMIConnectorServer;
import javax.management.remote.rmi.RMIJRMPServerImpl;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocketFactory;
import javax.rmi.ssl.SslRMIClientSocketFactory;
import javax.security.auth.Subject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** JMX over RMI on one port, with TLS, users and {@link AccessGuard}. */
final class JmxConnector implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JmxConnector.class);

    /**
     * What may be unpacked from a client's bytes: values of the platform, no class of anybody else's, and bounded. The
     * operations of Heddle's beans take texts and numbers only.
     */
    private static final String UNPACKED = "maxdepth=20;maxarray=100000;maxrefs=1000000;"
            + "java.lang.*;java.util.*;java.math.*;java.rmi.*;java.rmi.server.*;java.rmi.dgc.*;"
            + "javax.management.*;javax.management.openmbean.*;javax.management.remote.*;javax.security.auth.*;!*";

    private final Users users;
    private final Registry registry;
    private final RMIConnectorServer server;
    private final int port;

    /**
     * Listens at once.
     *
     * @param address address to listen on; clients are told to come back to it, so it must be one they reach
     * @param port TCP port; 0 is not possible, since registry and connector share it
     * @throws HeddleException NETWORK_FAILED
     */
    JmxConnector(Identity identity, Users users, InetAddress address, int port) {
        this.users = users;
        this.port = port;
        // RMI writes this into what it hands out; without it, the answer of a name server
        if (!address.isAnyLocalAddress()) {
            System.setProperty("java.rmi.server.hostname", address.getHostAddress());
        }
        SSLContext tls = identity.tls((host, remotePort, fingerprint) -> {
            throw new CertificateException("clients show no key");
        });
        SSLServerSocketFactory sockets = tls.getServerSocketFactory();
        RMIServerSocketFactory serverSockets = chosen -> sockets.createServerSocket(chosen, 50, address);
        RMIClientSocketFactory clientSockets = new SslRMIClientSocketFactory();
        try {
            registry = LocateRegistry.createRegistry(port, clientSockets, serverSockets);
        } catch (IOException e) {
            throw failure(address, port, e);
        }
        try {
            Map<String, Object> environment = new HashMap<>();
            environment.put("jmx.remote.rmi.server.serial.filter.pattern", UNPACKED);
            environment.put("jmx.remote.rmi.server.credentials.filter.pattern", "java.lang.String;maxarray=2;!*");
            environment.put(JMXConnectorServer.AUTHENTICATOR, (JMXAuthenticator) this::authenticate);
            RMIJRMPServerImpl connections = new RMIJRMPServerImpl(port, clientSockets, serverSockets, environment);
            server = new RMIConnectorServer(
                    new JMXServiceURL("rmi", address.getHostAddress(), port),
                    environment,
                    connections,
                    ManagementFactory.getPlatformMBeanServer());
            server.setMBeanServerForwarder(
                    AccessGuard.of(Set.of(ClusterMXBean.class, AccessMXBean.class), this::callerRole));
            server.start();
            registry.bind("jmxrmi", connections.toStub());
        } catch (IOException | AlreadyBoundException e) {
            unexport();
            throw failure(address, port, e);
        }
        LOG.info("JMX listens on {}:{} with key {}", address.getHostAddress(), port, identity.fingerprint());
    }

    private Subject authenticate(Object credentials) {
        if (credentials instanceof String[] pair && pair.length == 2 && pair[0] != null && pair[1] != null) {
            if (users.check(pair[0], pair[1]).isPresent()) {
                return new Subject(true, Set.of(new JMXPrincipal(pair[0])), Set.of(), Set.of());
            }
        }
        throw new SecurityException("UNAUTHENTICATED: user or secret is wrong\nwhy: no such user has that secret\n"
                + "correction: as root on the controller's machine none is needed; otherwise ask for one"
                + " ('heddle user create')");
    }

    private AccessRole callerRole() {
        Subject subject = CURRENT.get();
        if (subject != null) {
            for (JMXPrincipal principal : subject.getPrincipals(JMXPrincipal.class)) {
                return users.role(principal.getName())
                        .orElseThrow(() -> new SecurityException("that user was deleted"));
            }
        }
        throw new SecurityException("nobody is logged in on this connection");
    }

    /** Java 18 and later have Subject.current(); the older way is marked for removal, so both are looked up by name. */
    private static final Supplier<Subject> CURRENT = subjectLookup();

    @SuppressWarnings("removal") // the only way on Java 17
    private static Supplier<Subject> subjectLookup() {
        try {
            var current = Subject.class.getMethod("current");
            return () -> {
                try {
                    return (Subject) current.invoke(null);
                } catch (IllegalAccessException | InvocationTargetException e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (NoSuchMethodException e) {
            return () -> Subject.getSubject(java.security.AccessController.getContext());
        }
    }

    private static HeddleException failure(InetAddress address, int port, Exception cause) {
        return new HeddleException(
                ErrorCode.NETWORK_FAILED,
                "JMX cannot listen on " + address.getHostAddress() + ":" + port,
                String.valueOf(cause.getMessage()),
                "see who has the port (ss -ltnp), or set jmx-port and jmx-address in heddle.conf",
                cause);
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (IOException e) {
            LOG.warn("the JMX connector did not stop cleanly: {}", e.getMessage());
        }
        unexport();
    }

    private void unexport() {
        try {
            UnicastRemoteObject.unexportObject(registry, true);
        } catch (NoSuchObjectException e) {
            LOG.debug("the registry was gone already", e);
        }
    }
}
