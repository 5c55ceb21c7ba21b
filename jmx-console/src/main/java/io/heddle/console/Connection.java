package io.heddle.console;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.identity.Identity;
import io.heddle.core.management.AccessMXBean;
import io.heddle.core.management.ClusterMXBean;
import java.io.Console;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.lang.reflect.UndeclaredThrowableException;
import java.rmi.ConnectException;
import java.rmi.ConnectIOException;
import java.rmi.NotBoundException;
import java.rmi.registry.LocateRegistry;
import java.security.cert.CertificateException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.JMX;
import javax.management.MBeanException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.openmbean.CompositeData;
import javax.management.remote.JMXConnector;
import javax.management.remote.rmi.RMIConnector;
import javax.management.remote.rmi.RMIServer;
import javax.net.ssl.SSLContext;
import javax.rmi.ssl.SslRMIClientSocketFactory;
import org.jspecify.annotations.Nullable;

/** A connection to a controller, and its beans. Failures of any kind come as {@link Refusal}. */
final class Connection implements AutoCloseable {
    private final JMXConnector connector;
    private final MBeanServerConnection server;

    private Connection(JMXConnector connector, MBeanServerConnection server) {
        this.connector = connector;
        this.server = server;
    }

    /**
     * Connects and logs in.
     *
     * @param fingerprint expected key; empty: the local machine's, a known one, or the one that the user accepts
     */
    static Connection open(
            Endpoint endpoint, Optional<String> user, Optional<String> fingerprint, Map<String, String> environment) {
        LocalFiles local = new LocalFiles(environment);
        boolean own = endpoint.equals(local.endpoint());
        KnownControllers known = new KnownControllers(environment);
        Optional<String> expected = fingerprint
                .or(() -> own ? local.fingerprint() : Optional.empty())
                .or(() -> known.fingerprint(endpoint));
        AtomicReference<String> shown = new AtomicReference<>("");
        SSLContext.setDefault(Identity.tlsWithoutKey((host, port, key) -> {
            shown.set(key);
            String wanted = expected.orElse(null);
            if (wanted == null ? !accept(endpoint, key, known) : !wanted.equals(key)) {
                throw new CertificateException("the controller's key is not the expected one");
            }
        }));
        String[] credentials = credentials(user, own ? local.adminSecret() : Optional.empty(), environment, endpoint);
        try {
            return connect(endpoint, credentials);
        } catch (ConnectException | java.net.ConnectException e) {
            throw new Refusal(
                    ErrorCode.LINK_LOST,
                    "no controller answers at " + endpoint,
                    String.valueOf(e.getMessage()),
                    "see that heddled runs there with the role controller, or name another with --controllers");
        } catch (ConnectIOException e) {
            if (expected.isPresent()
                    && !expected.get().equals(shown.get())
                    && !shown.get().isEmpty()) {
                throw new Refusal(
                        ErrorCode.IDENTITY_MISMATCH,
                        endpoint + " is not the controller that it was",
                        "it shows the key " + shown.get() + " and not " + expected.get(),
                        "find out why; if it was set up anew, remove its line from known-controllers");
            }
            throw new Refusal(
                    ErrorCode.LINK_LOST,
                    "no secure connection to " + endpoint,
                    String.valueOf(e.getMessage()),
                    "see that it is Heddle's JMX port, and that its key was accepted");
        } catch (SecurityException e) {
            throw Refusal.parse(String.valueOf(e.getMessage()));
        } catch (IOException | NotBoundException e) {
            throw new Refusal(
                    ErrorCode.LINK_LOST,
                    "cannot connect to " + endpoint,
                    String.valueOf(e.getMessage()),
                    "see the controller's log");
        }
    }

    @SuppressWarnings("BanJNDI") // the stub comes over TLS from a controller whose key was checked
    private static Connection connect(Endpoint endpoint, String[] credentials) throws IOException, NotBoundException {
        RMIServer stub = (RMIServer)
                LocateRegistry.getRegistry(endpoint.host(), endpoint.port(), new SslRMIClientSocketFactory())
                        .lookup("jmxrmi");
        JMXConnector connector = new RMIConnector(stub, Map.of());
        connector.connect(Map.of(JMXConnector.CREDENTIALS, credentials));
        return new Connection(connector, connector.getMBeanServerConnection());
    }

    private static boolean accept(Endpoint endpoint, String key, KnownControllers known) {
        Console terminal = UserTerminal.attached()
                .orElseThrow(
                        () -> new Refusal(
                                ErrorCode.IDENTITY_MISMATCH,
                                "the key of " + endpoint + " is not known here",
                                "it shows the key " + key + ", and there is no terminal to ask whether it is right",
                                "compare it with 'heddle controller version' on the controller's machine, then give --fingerprint"));
        String answer = terminal.readLine(
                "The controller %s shows the key%n  %s%nthat is not known here. Trust it from now on (yes/no)? ",
                endpoint, key);
        boolean accepted = answer != null && answer.strip().equalsIgnoreCase("yes");
        if (accepted) {
            known.add(endpoint, key);
        }
        return accepted;
    }

    private static String[] credentials(
            Optional<String> user, Optional<String> adminSecret, Map<String, String> environment, Endpoint endpoint) {
        Optional<String> name = user.or(() -> Optional.ofNullable(environment.get("HEDDLE_USER")));
        Optional<String> secret = Optional.ofNullable(environment.get("HEDDLE_SECRET"));
        if (name.isEmpty() && secret.isEmpty() && adminSecret.isPresent()) {
            return new String[] {"admin", adminSecret.get()};
        }
        Optional<Console> terminal = UserTerminal.attached();
        if (name.isPresent() && secret.isEmpty() && terminal.isPresent()) {
            char[] typed = terminal.get().readPassword("Secret of %s at %s: ", name.get(), endpoint);
            secret = Optional.ofNullable(typed).map(String::new);
        }
        if (secret.isEmpty()) {
            throw new Refusal(
                    ErrorCode.UNAUTHENTICATED,
                    "nobody is named who connects to " + endpoint,
                    "only root on the controller's own machine needs no user and secret",
                    "run it there as root, or give --user and HEDDLE_SECRET");
        }
        return new String[] {name.orElse("admin"), secret.get()};
    }

    /** The cluster's operations. */
    ClusterMXBean cluster() {
        return bean(ClusterMXBean.OBJECT_NAME, ClusterMXBean.class);
    }

    /** The users' operations. */
    AccessMXBean access() {
        return bean(AccessMXBean.OBJECT_NAME, AccessMXBean.class);
    }

    /** Version of the controller, read without any class of a fixed version. */
    String controllerVersion() {
        try {
            CompositeData row =
                    (CompositeData) server.getAttribute(new ObjectName(ClusterMXBean.OBJECT_NAME), "Controller");
            return String.valueOf(row.get("version"));
        } catch (JMException e) {
            throw refusal(e);
        } catch (IOException e) {
            throw refusal(e);
        }
    }

    private <T> T bean(String name, Class<T> type) {
        T proxy;
        try {
            proxy = JMX.newMXBeanProxy(server, new ObjectName(name), type);
        } catch (JMException e) {
            throw refusal(e);
        }
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(),
                new Class<?>[] {type},
                (self, method, arguments) -> call(proxy, method, arguments)));
    }

    private static @Nullable Object call(Object proxy, Method method, Object @Nullable [] arguments)
            throws IllegalAccessException {
        try {
            return method.invoke(proxy, arguments);
        } catch (InvocationTargetException e) {
            throw refusal(e.getCause() == null ? e : e.getCause());
        }
    }

    private static Refusal refusal(Throwable failure) {
        if (failure instanceof UndeclaredThrowableException wrapped && wrapped.getCause() != null) {
            return refusal(wrapped.getCause());
        }
        if (failure instanceof Refusal refusal) {
            return refusal;
        }
        // a proxy unpacks a refusal from its MBeanException: what is left is a plain Exception with the text
        if (failure instanceof MBeanException
                || failure instanceof SecurityException
                || failure.getClass() == Exception.class) {
            return Refusal.parse(String.valueOf(failure.getMessage()));
        }
        if (failure instanceof InstanceNotFoundException) {
            return new Refusal(
                    ErrorCode.NOT_SUPPORTED,
                    "this machine is no controller",
                    "its Heddle runs without the role controller",
                    "name the controller with --controllers");
        }
        if (failure instanceof IOException) {
            return new Refusal(
                    ErrorCode.LINK_LOST,
                    "the connection to the controller was lost",
                    String.valueOf(failure.getMessage()),
                    "look whether the command was carried out before you repeat it");
        }
        return new Refusal(
                ErrorCode.VERSION_MISMATCH,
                "the controller's answer is not understood",
                String.valueOf(failure.getMessage()),
                "use a console of the controller's version");
    }

    @Override
    public void close() {
        try {
            connector.close();
        } catch (IOException e) {
            // the command was answered; that the line broke afterwards changes nothing
            System.err.println("heddle: closing the connection failed: " + e.getMessage());
        }
    }
}
