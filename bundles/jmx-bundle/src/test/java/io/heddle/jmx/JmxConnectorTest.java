package io.heddle.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.identity.Identity;
import io.heddle.core.management.AccessMXBean;
import io.heddle.core.management.AccessRole;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.Attribute;
import javax.management.MBeanException;
import javax.management.MBeanInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXPrincipal;
import javax.management.remote.JMXServiceURL;
import javax.rmi.ssl.SslRMIClientSocketFactory;
import javax.security.auth.Subject;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** The connector as a remote client sees it. */
@Timeout(180)
@SuppressWarnings("BanJNDI") // the way JConsole connects is what is tested
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class JmxConnectorTest {
    private static final String[] TWO_STRINGS = {String.class.getName(), String.class.getName()};

    private Path directory;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private ObjectName access;
    private Users users;
    private JmxConnector connector;

    @BeforeAll
    void start(@TempDir Path made) throws Exception {
        directory = made;
        Identity identity = Identity.loadOrCreate(directory, "test");
        TrustedKeys.add(identity.fingerprint());
        users = new Users(directory);
        access = new ObjectName(AccessMXBean.OBJECT_NAME);
        server.registerMBean(new DescribedMBean(new AccessBean(users), AccessMXBean.class), access);
        connector = new JmxConnector(identity, users, InetAddress.getLoopbackAddress(), freePort());
    }

    @AfterAll
    void stop() throws Exception {
        connector.close();
        server.unregisterMBean(access);
    }

    @Test
    void rootReadsTheAdminsSecretFromAFileOfItsOwn() throws Exception {
        Path secret = directory.resolve(Users.ADMIN_SECRET);

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(secret)));
        try (JMXConnector client = connect("admin", Files.readString(secret).strip())) {
            assertTrue(client.getMBeanServerConnection().isRegistered(access));
        }
    }

    @Test
    void aWrongSecretIsRefusedAndSaysNothingOfTheName() {
        String unknown = assertThrows(SecurityException.class, () -> connect("nobody", "x"))
                .getMessage();
        String wrong = assertThrows(SecurityException.class, () -> connect("admin", "x"))
                .getMessage();

        assertEquals(unknown, wrong);
        assertTrue(wrong.startsWith("UNAUTHENTICATED"), wrong);
    }

    @Test
    void withoutALogInNothingIsPossible() {
        assertThrows(
                SecurityException.class,
                () -> JMXConnectorFactory.connect(
                        url(), Map.of("com.sun.jndi.rmi.factory.socket", new SslRMIClientSocketFactory())));
    }

    @Test
    void aViewerLooksAndChangesNothing() throws Exception {
        String secret = users.create("looker", AccessRole.VIEWER);
        try (JMXConnector client = connect("looker", secret)) {
            MBeanServerConnection connection = client.getMBeanServerConnection();

            assertTrue(connection.getMBeanInfo(access).getOperations().length > 0);
            assertRefused(() -> connection.invoke(access, "createUser", new Object[] {"x", "ADMIN"}, TWO_STRINGS));
        }
        assertFalse(users.list().containsKey("x"));
    }

    @Test
    void aDeletedUserLosesItsRightsAtOnce() throws Exception {
        String secret = users.create("leaver", AccessRole.ADMIN);
        try (JMXConnector client = connect("leaver", secret)) {
            MBeanServerConnection connection = client.getMBeanServerConnection();
            connection.getMBeanInfo(access);
            users.delete("leaver");

            assertThrows(SecurityException.class, () -> connection.getMBeanInfo(access));
        }
    }

    @Test
    void nobodyActsAsAnotherByDelegation() throws Exception {
        String secret = users.create("delegator", AccessRole.VIEWER);
        try (JMXConnector client = connect("delegator", secret)) {
            Subject admin = new Subject(true, Set.of(new JMXPrincipal("admin")), Set.of(), Set.of());
            MBeanServerConnection connection = client.getMBeanServerConnection(admin);

            assertThrows(
                    SecurityException.class,
                    () -> connection.invoke(access, "createUser", new Object[] {"y", "ADMIN"}, TWO_STRINGS));
        }
        assertFalse(users.list().containsKey("y"));
    }

    @Test
    void evenAnAdminHasNoWayToRunCodeOrCommands() throws Exception {
        try (JMXConnector client = admin()) {
            MBeanServerConnection connection = client.getMBeanServerConnection();
            ObjectName made = new ObjectName("io.heddle:type=Made");

            assertRefused(() -> connection.createMBean("javax.management.loading.MLet", made));
            assertRefused(() -> connection.unregisterMBean(access));
            assertRefused(() -> connection.invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"),
                    "vmSystemProperties",
                    new Object[0],
                    new String[0]));
            assertRefused(() -> connection.invoke(
                    new ObjectName("com.sun.management:type=HotSpotDiagnostic"),
                    "dumpHeap",
                    new Object[] {"/tmp/x", true},
                    new String[] {"java.lang.String", "boolean"}));
            assertRefused(() ->
                    connection.setAttribute(new ObjectName("java.lang:type=Memory"), new Attribute("Verbose", true)));
            assertRefused(() -> connection.invoke(
                    new ObjectName("java.util.logging:type=Logging"),
                    "setLoggerLevel",
                    new Object[] {"", "FINE"},
                    TWO_STRINGS));
            assertTrue(connection.queryNames(null, null).stream()
                    .noneMatch(name -> name.getDomain().equals("com.sun.management")));
        }
    }

    @Test
    void thePlatformsBeansAreReadAsJConsoleDoes() throws Exception {
        try (JMXConnector client = admin()) {
            MBeanServerConnection connection = client.getMBeanServerConnection();

            assertTrue(connection.getAttribute(new ObjectName("java.lang:type=Memory"), "HeapMemoryUsage") != null);
            assertTrue(connection.invoke(
                            new ObjectName("java.lang:type=Threading"),
                            "dumpAllThreads",
                            new Object[] {false, false},
                            new String[] {"boolean", "boolean"})
                    != null);
        }
    }

    @Test
    void bytesOfAStrangeClassAreNotUnpacked() throws Exception {
        try (JMXConnector client = admin()) {
            MBeanServerConnection connection = client.getMBeanServerConnection();

            assertThrows(
                    Exception.class,
                    () -> connection.invoke(
                            access,
                            "createUser",
                            new Object[] {new HashMap<>(Map.of("a", new Strange())), ""},
                            TWO_STRINGS));
        }
        assertFalse(Strange.unpacked);
    }

    @Test
    void aRefusalIsReadableWithoutAnyClassOfOurs() throws Exception {
        try (JMXConnector client = admin()) {
            MBeanException failure = assertThrows(
                    MBeanException.class,
                    () -> client.getMBeanServerConnection()
                            .invoke(access, "createUser", new Object[] {"A B", "VIEWER"}, TWO_STRINGS));

            List<String> lines = failure.getMessage().lines().toList();
            assertTrue(lines.get(0).startsWith("INVALID_NAME: "), lines.get(0));
            assertTrue(lines.get(1).startsWith("why: "), lines.get(1));
            assertTrue(lines.get(2).startsWith("correction: "), lines.get(2));
            assertEquals(Exception.class, failure.getCause().getClass());
        }
    }

    @Test
    void operationsShowNamesAndTextsOfTheirParameters() throws Exception {
        try (JMXConnector client = admin()) {
            MBeanInfo info = client.getMBeanServerConnection().getMBeanInfo(access);
            MBeanOperationInfo create = List.of(info.getOperations()).stream()
                    .filter(operation -> operation.getName().equals("createUser"))
                    .findFirst()
                    .orElseThrow();

            assertEquals("role", create.getSignature()[1].getName());
            assertEquals("VIEWER, OPERATOR or ADMIN", create.getSignature()[1].getDescription());
        }
    }

    @Test
    void usersSurviveARestartAndTheirSecretsAreNotKept() throws Exception {
        String secret = users.create("keeper", AccessRole.OPERATOR);

        assertEquals(
                AccessRole.OPERATOR,
                new Users(directory).check("keeper", secret).orElseThrow());
        assertFalse(Files.readString(directory.resolve(Users.USERS)).contains(secret));
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve(Users.USERS))));
    }

    @Test
    void aPortInUseIsNamed() {
        HeddleException failure = assertThrows(
                HeddleException.class,
                () -> new JmxConnector(
                        Identity.loadOrCreate(directory, "test"),
                        users,
                        InetAddress.getLoopbackAddress(),
                        connector.port()));

        assertEquals(ErrorCode.NETWORK_FAILED, failure.code());
        assertTrue(failure.what().contains(Integer.toString(connector.port())), failure.what());
    }

    private JMXConnector admin() throws IOException {
        return connect(
                "admin", Files.readString(directory.resolve(Users.ADMIN_SECRET)).strip());
    }

    private JMXConnector connect(String user, String secret) throws IOException {
        return JMXConnectorFactory.connect(
                url(),
                Map.of(
                        JMXConnector.CREDENTIALS,
                        new String[] {user, secret},
                        "com.sun.jndi.rmi.factory.socket",
                        new SslRMIClientSocketFactory()));
    }

    private JMXServiceURL url() throws IOException {
        return new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + connector.port() + "/jmxrmi");
    }

    private static void assertRefused(Executable call) {
        SecurityException refusal = assertInstanceOf(SecurityException.class, assertThrows(Exception.class, call));
        assertTrue(refusal.getMessage().startsWith("NOT_ALLOWED"), refusal.getMessage());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** A class that only this test has; were it unpacked by the server, it would say so. */
    private static final class Strange implements Serializable {
        private static final long serialVersionUID = 1L;
        static volatile boolean unpacked;

        private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
            unpacked = true;
            in.defaultReadObject();
        }
    }
}
