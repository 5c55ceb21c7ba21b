package io.heddle.jmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.OptionPlace;
import io.heddle.core.identity.Identity;
import io.heddle.core.management.AccessRole;
import io.heddle.core.management.ClusterMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import javax.management.Attribute;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanException;
import javax.management.MBeanServer;
import javax.management.MBeanServerConnection;
import javax.management.MalformedObjectNameException;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import javax.rmi.ssl.SslRMIClientSocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** DRBD's options as JConsole sees and edits them, over the remote connector. */
@Timeout(180)
@SuppressWarnings("BanJNDI") // the way JConsole connects is what is tested
class OptionBeansTest {
    private static final String CONTROLLER = "controller";

    @TempDir
    Path directory;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final FakeCluster cluster = new FakeCluster();
    private final OptionBeans beans = new OptionBeans(server, cluster);
    private ObjectName clusterBean;
    private Users users;
    private JmxConnector connector;

    @BeforeEach
    void start() throws Exception {
        Identity identity = Identity.loadOrCreate(directory, "test");
        TrustedKeys.add(identity.fingerprint());
        users = new Users(directory);
        clusterBean = new ObjectName(ClusterMXBean.OBJECT_NAME);
        server.registerMBean(new DescribedMBean(new ClusterBean(cluster), ClusterMXBean.class), clusterBean);
        connector = new JmxConnector(identity, users, InetAddress.getLoopbackAddress(), freePort());
        beans.follow(cluster);
        // controller, group, two nodes; definition, volume, two resources, their connection, its volume
        await(() -> count() == 9);
    }

    @AfterEach
    void stop() throws Exception {
        beans.close();
        connector.close();
        server.unregisterMBean(clusterBean);
        assertEquals(0, count());
    }

    private int count() {
        try {
            return server.queryNames(new ObjectName("io.heddle:type=DrbdOptions,*"), null)
                    .size();
        } catch (MalformedObjectNameException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "controller, c-plan-ahead, 10",
        "controller, max-buffers, 36864",
        "controller, after-sb-0pri, discard-zero-changes",
        "resource-group/DfltRscGrp, max-buffers, 9000",
        "resource-definition/db1, protocol, A",
        "volume-definition/db1/0, on-io-error, pass_on",
        "resource/db1/n1, disk-flushes, no",
        "node-connection/n1/n2, ping-timeout, 9",
        "resource-connection/db1/n1/n2, c-max-rate, 4096",
        "peer-device/db1/n1/n2/0, c-plan-ahead, 7"
    })
    void eachLevelIsEditedByItsAttributes(String place, String option, String value) throws Exception {
        try (JMXConnector client = admin()) {
            MBeanServerConnection connection = client.getMBeanServerConnection();
            ObjectName name = OptionBeans.name(OptionPlace.parse(place));
            Object before = connection.getAttribute(name, option);

            connection.setAttribute(name, new Attribute(option, value));

            assertEquals(value, connection.getAttribute(name, option));
            assertEquals(
                    value,
                    OptionPlace.parse(place).properties(cluster.state()).entrySet().stream()
                            .filter(entry -> entry.getKey().endsWith("/" + option))
                            .findFirst()
                            .orElseThrow()
                            .getValue());
            connection.setAttribute(name, new Attribute(option, ""));
            assertEquals(before, connection.getAttribute(name, option));
            assertEquals(Map.of(), OptionPlace.parse(place).properties(cluster.state()));
        }
    }

    @Test
    void theDescriptorSaysUnitRangeDefaultAndWhereTheValueComesFrom() throws Exception {
        try (JMXConnector client = admin()) {
            MBeanServerConnection connection = client.getMBeanServerConnection();
            ObjectName definition = OptionBeans.name(OptionPlace.parse("resource-definition/db1"));
            ObjectName controller = OptionBeans.name(OptionPlace.parse(CONTROLLER));
            assertEquals("DRBD", attribute(connection, definition, "c-plan-ahead", "effectiveFrom"));
            assertEquals("20", connection.getAttribute(definition, "c-plan-ahead"));

            connection.setAttribute(controller, new Attribute("c-plan-ahead", "1s"));

            assertEquals("10", connection.getAttribute(definition, "c-plan-ahead"));
            assertEquals("controller", attribute(connection, definition, "c-plan-ahead", "effectiveFrom"));
            assertEquals("1/10 seconds", attribute(connection, definition, "c-plan-ahead", "unit"));
            assertEquals("0 to 300 in 1/10 seconds", attribute(connection, definition, "c-plan-ahead", "range"));
            assertEquals("20", attribute(connection, definition, "c-plan-ahead", "defaultValue"));
            assertTrue(Arrays.stream(connection.getMBeanInfo(definition).getAttributes())
                    .allMatch(MBeanAttributeInfo::isWritable));
        }
    }

    @Test
    void aValueOutOfRangeIsRefusedWithTheRange() throws Exception {
        try (JMXConnector client = admin()) {
            ObjectName name = OptionBeans.name(OptionPlace.parse(CONTROLLER));

            MBeanException refusal = assertThrows(
                    MBeanException.class,
                    () -> client.getMBeanServerConnection().setAttribute(name, new Attribute("max-buffers", "31")));

            assertTrue(refusal.getMessage().startsWith("INVALID_PROPERTY"), refusal.getMessage());
            assertTrue(refusal.getMessage().contains("32 to 131072"), refusal.getMessage());
            assertEquals(Map.of(), cluster.state().settings().properties());
        }
    }

    @Test
    void onlyAnAdministratorSetsWhatRunsCommands() throws Exception {
        String secret = users.create("op", AccessRole.OPERATOR);
        ObjectName name = OptionBeans.name(OptionPlace.parse(CONTROLLER));
        String[] two = {String.class.getName(), String.class.getName()};
        try (JMXConnector client = connect("op", secret)) {
            MBeanServerConnection connection = client.getMBeanServerConnection();
            connection.setAttribute(name, new Attribute("max-buffers", "8000"));
            List<Exception> refusals = List.of(
                    assertThrows(
                            MBeanException.class,
                            () -> connection.setAttribute(name, new Attribute("handler-split-brain", "/bin/x"))),
                    assertThrows(
                            MBeanException.class,
                            () -> connection.invoke(
                                    clusterBean,
                                    "setDrbdOptions",
                                    new Object[] {"resource-definition/db1", "handler-split-brain=/bin/x"},
                                    two)),
                    assertThrows(
                            MBeanException.class,
                            () -> connection.invoke(
                                    clusterBean,
                                    "setControllerProperty",
                                    new Object[] {"DrbdOptions/Handlers/split-brain", "/bin/x"},
                                    two)),
                    assertThrows(
                            MBeanException.class,
                            () -> connection.invoke(
                                    clusterBean,
                                    "setControllerProperty",
                                    new Object[] {"DrbdOptions/Handlers/split-brain", ""},
                                    two)));

            refusals.forEach(
                    refusal -> assertTrue(refusal.getMessage().startsWith("NOT_ALLOWED"), refusal.getMessage()));
        }
        try (JMXConnector client = admin()) {
            client.getMBeanServerConnection()
                    .invoke(
                            clusterBean,
                            "setDrbdOptions",
                            new Object[] {"resource-definition/db1", "handler-split-brain=/bin/x 'a b'"},
                            two);
        }
        assertEquals(
                Map.of("DrbdOptions/Handlers/split-brain", "/bin/x 'a b'"),
                OptionPlace.parse("resource-definition/db1").properties(cluster.state()));
        assertEquals(
                Map.of("DrbdOptions/Net/max-buffers", "8000"),
                cluster.state().settings().properties());
    }

    @Test
    void severalOptionsAreSetAndUnsetInOneGoAndAllThatHoldAreListed() throws Exception {
        ClusterBean bean = new ClusterBean(cluster);
        bean.setDrbdOptions("controller", "max-buffers=36k c-plan-ahead=10\nhandler-fence-peer=/x y");
        bean.setDrbdOptions("controller", "c-plan-ahead=");
        bean.setDrbdOptions("node-connection/n2/n1", "max-buffers=9000");

        List<String> rows = bean.listDrbdOptions("resource/db1/n1", false).stream()
                .map(row -> String.join(
                        "|", row.section(), row.option(), row.value(), row.from(), row.peer(), "" + row.volume()))
                .toList();

        assertEquals(
                List.of(
                        "Handlers|fence-peer|/x y|controller||-1",
                        "Disk|on-io-error|detach|Heddle||0",
                        "Net|max-buffers|9000|connections between n1 and n2|n2|-1",
                        "Net|protocol|C|Heddle|n2|-1"),
                rows);
        assertTrue(bean.listDrbdOptions("resource/db1/n1", true).size() > 80);
    }

    @Test
    void beansComeAndGoWithWhatTheyAreOf() {
        cluster.edit(Optional.of(FakeCluster.DB1), edit -> edit.remove(edit.requireDefinition(FakeCluster.DB1)));

        await(() -> !isRegistered("resource-definition/db1") && !isRegistered("peer-device/db1/n1/n2/0"));

        assertTrue(isRegistered("node-connection/n1/n2"));
    }

    private boolean isRegistered(String place) {
        try {
            return server.isRegistered(OptionBeans.name(OptionPlace.parse(place)));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private static Object attribute(MBeanServerConnection connection, ObjectName name, String attribute, String field)
            throws Exception {
        return Arrays.stream(connection.getMBeanInfo(name).getAttributes())
                .filter(info -> info.getName().equals(attribute))
                .findFirst()
                .orElseThrow()
                .getDescriptor()
                .getFieldValue(field);
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < deadline, "not within a minute");
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private JMXConnector admin() throws IOException {
        return connect(
                "admin", Files.readString(directory.resolve(Users.ADMIN_SECRET)).strip());
    }

    private JMXConnector connect(String user, String secret) throws IOException {
        return JMXConnectorFactory.connect(
                new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + connector.port() + "/jmxrmi"),
                Map.of(
                        JMXConnector.CREDENTIALS,
                        new String[] {user, secret},
                        "com.sun.jndi.rmi.factory.socket",
                        new SslRMIClientSocketFactory()));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
