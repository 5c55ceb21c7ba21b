package io.heddle.tests.cluster;

import io.heddle.core.identity.Identity;
import io.heddle.core.management.ClusterMXBean;
import java.io.IOException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.rmi.NoSuchObjectException;
import java.rmi.NotBoundException;
import java.rmi.registry.LocateRegistry;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.logging.Level;
import java.util.logging.Logger;
import javax.management.Attribute;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.rmi.RMIConnector;
import javax.management.remote.rmi.RMIServer;
import javax.net.ssl.SSLContext;
import javax.rmi.ssl.SslRMIClientSocketFactory;
import org.jspecify.annotations.Nullable;

/** The operations of a controller on this machine, over JMX as the console does, one call at a time. */
public final class ClusterClient implements AutoCloseable {
    /** Longer than any operation waits for satellites. */
    private static final long LIMIT_SECONDS = 300;

    /** The JDK warns here of each connection to a controller that was killed, which is what these tests do. */
    private static final Logger CONNECTIONS = Logger.getLogger("javax.management.remote.misc");

    static {
        CONNECTIONS.setLevel(Level.OFF);
        // The default context is asked for once in the life of a JVM, so it has to suit every controller that tests
        // start;
        // all of them are on the loopback address.
        SSLContext.setDefault(Identity.tlsWithoutKey((host, port, fingerprint) -> {}));
    }

    private final Path secret;
    private final int port;
    private final ExecutorService calls = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "call of a controller");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable JMXConnector connector;
    private @Nullable ClusterMXBean cluster;

    /**
     * Of the controller that keeps its state there and has its JMX connector at that port. Connects when it is first asked, and
     * again after each failure.
     */
    public ClusterClient(Path stateDirectory, int port) {
        this.secret = stateDirectory.resolve("jmx/admin.secret");
        this.port = port;
    }

    /**
     * Calls an operation.
     *
     * @throws Refused when the controller says no
     * @throws NoAnswer when there is no controller, or it goes away meanwhile
     */
    public <T> T ask(Function<ClusterMXBean, T> question) {
        try {
            return CompletableFuture.supplyAsync(() -> call(question), calls)
                    .orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS)
                    .join();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof Refused refusal) {
                throw refusal;
            }
            if (failed.getCause() instanceof NoAnswer nobody) {
                throw nobody;
            }
            throw new AssertionError("an answer that a client cannot use", failed.getCause());
        }
    }

    /**
     * Writes an attribute of a bean, as JConsole does.
     *
     * @throws Refused when the controller says no
     */
    public void setAttribute(String bean, String attribute, String value) {
        ask(cluster -> {
            JMXConnector open = Objects.requireNonNull(connector);
            try {
                open.getMBeanServerConnection().setAttribute(new ObjectName(bean), new Attribute(attribute, value));
            } catch (MBeanException refusal) {
                throw new Refused(String.valueOf(refusal.getMessage()));
            } catch (IOException | JMException failed) {
                throw new AssertionError(failed);
            }
            return attribute;
        });
    }

    private <T> T call(Function<ClusterMXBean, T> question) {
        try {
            return question.apply(connected());
        } catch (UndeclaredThrowableException failed) {
            if (!(failed.getCause() instanceof NoSuchObjectException)) {
                throw answered(failed);
            }
            // The controller is another process than the one that this connection was to, and nothing was carried out.
            disconnect();
        }
        try {
            return question.apply(connected());
        } catch (UndeclaredThrowableException failed) {
            throw answered(failed);
        }
    }

    /** What to tell the caller of a failed call. */
    private RuntimeException answered(UndeclaredThrowableException failed) {
        Throwable cause = failed.getCause();
        if (cause != null && cause.getClass() == Exception.class) {
            // The proxy takes the text out of the MBeanException that it came in.
            return new Refused(String.valueOf(cause.getMessage()));
        }
        disconnect();
        return cause instanceof IOException || cause instanceof InstanceNotFoundException
                ? new NoAnswer(cause)
                : failed;
    }

    private ClusterMXBean connected() {
        ClusterMXBean open = cluster;
        if (open == null) {
            open = connect();
            cluster = open;
        }
        return open;
    }

    @SuppressWarnings("BanJNDI") // from the loopback address
    private ClusterMXBean connect() {
        try {
            String password = Files.readString(secret, StandardCharsets.UTF_8).strip();
            RMIServer stub = (RMIServer) LocateRegistry.getRegistry("127.0.0.1", port, new SslRMIClientSocketFactory())
                    .lookup("jmxrmi");
            // No thread that asks now and then whether the controller is there: a connection that it gave up refuses
            // calls
            // without having tried.
            JMXConnector opened = new RMIConnector(stub, Map.of("jmx.remote.x.client.connection.check.period", 0L));
            opened.connect(Map.of(JMXConnector.CREDENTIALS, new String[] {"admin", password}));
            connector = opened;
            return JMX.newMXBeanProxy(
                    opened.getMBeanServerConnection(), new ObjectName(ClusterMXBean.OBJECT_NAME), ClusterMXBean.class);
        } catch (IOException | NotBoundException absent) {
            throw new NoAnswer(absent);
        } catch (JMException wrong) {
            throw new AssertionError(wrong);
        }
    }

    private void disconnect() {
        JMXConnector open = connector;
        connector = null;
        cluster = null;
        if (open != null) {
            // A thread of its own: with a controller that was killed it can take a while.
            Thread closing = new Thread(() -> close(open), "end of a connection");
            closing.setDaemon(true);
            closing.start();
        }
    }

    private static void close(JMXConnector connector) {
        try {
            connector.close();
        } catch (IOException gone) {
            System.getLogger(ClusterClient.class.getName())
                    .log(System.Logger.Level.DEBUG, "the other end was gone already", gone);
        }
    }

    @Override
    public void close() {
        calls.execute(this::disconnect);
        calls.shutdown();
    }
}
