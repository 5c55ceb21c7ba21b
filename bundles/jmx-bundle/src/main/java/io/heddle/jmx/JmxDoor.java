package io.heddle.jmx;

import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterEvents;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.identity.Identity;
import io.heddle.core.management.AccessMXBean;
import io.heddle.core.management.ClusterMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import javax.management.InstanceAlreadyExistsException;
import javax.management.InstanceNotFoundException;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The door JMX: the beans of Heddle on the platform's MBean server, and the connector that lets others in. The beans stay
 * while the controller is replaced; calls wait for it, bounded.
 */
@Component(
        immediate = true,
        service = {})
public final class JmxDoor implements ClusterServices {
    private static final Logger LOG = LoggerFactory.getLogger(JmxDoor.class);
    /** An update of the controller takes seconds. */
    private static final long LONGEST_WAIT_SECONDS = 30;
    /** To begin a use case takes no time: the change is queued, and what follows is waited for elsewhere. */
    private static final long LONGEST_PASSING_SECONDS = 2;

    private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Condition passed = lock.newCondition();
    private final Cluster careful = (Cluster) Proxy.newProxyInstance(
            Cluster.class.getClassLoader(), new Class<?>[] {Cluster.class}, (proxy, method, arguments) -> {
                Cluster present = enter();
                try {
                    return method.invoke(present, arguments);
                } catch (InvocationTargetException e) {
                    throw e.getCause();
                } finally {
                    leave();
                }
            });
    private final OptionBeans optionBeans = new OptionBeans(server, this);
    private int passing;
    private int waiting;
    private boolean stopping;
    private @Nullable Cluster cluster;
    private @Nullable ClusterView view;
    private @Nullable JmxConnector connector;

    /** Registers the beans and begins to listen. */
    @Activate
    public void start(BundleContext context) throws JMException, UnknownHostException {
        Path directory = Path.of(property(context, "heddle.state-directory", "/var/lib/heddle"), "jmx");
        Identity identity = Identity.loadOrCreate(directory, "heddle-jmx");
        Users users = new Users(directory);
        if (Arrays.asList(property(context, "heddle.roles", "controller").split("\\s*,\\s*", -1))
                .contains("controller")) {
            register(new DescribedMBean(new ClusterBean(this), ClusterMXBean.class), ClusterMXBean.OBJECT_NAME);
        }
        register(new DescribedMBean(new AccessBean(users), AccessMXBean.class), AccessMXBean.OBJECT_NAME);
        connector = new JmxConnector(
                identity,
                users,
                InetAddress.getByName(property(context, "heddle.jmx-address", "127.0.0.1")),
                Integer.parseInt(property(context, "heddle.jmx-port", "3369")));
    }

    /** Ends the connections and takes the beans away. */
    @Deactivate
    public void stop() throws JMException {
        // Who waits is told so while the classes for that can still be loaded.
        set(() -> stopping = true);
        awaitPassing();
        if (connector != null) {
            connector.close();
        }
        optionBeans.close();
        unregister(ClusterMXBean.OBJECT_NAME);
        unregister(AccessMXBean.OBJECT_NAME);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindCluster(Cluster arriving) {
        set(() -> cluster = arriving);
    }

    void unbindCluster(Cluster leaving) {
        set(() -> cluster = cluster == leaving ? null : cluster);
        awaitPassing();
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindView(ClusterView arriving) {
        set(() -> view = arriving);
    }

    void unbindView(ClusterView leaving) {
        set(() -> view = view == leaving ? null : view);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindEvents(ClusterEvents arriving) {
        optionBeans.follow(arriving);
    }

    void unbindEvents(ClusterEvents leaving) {
        optionBeans.leave(leaving);
    }

    private void set(Runnable change) {
        lock.lock();
        try {
            change.run();
            arrived.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Each of its use cases waits for the controller, and keeps it from going until the use case has begun. */
    @Override
    public Cluster cluster() {
        return careful;
    }

    private Cluster enter() {
        lock.lock();
        try {
            Cluster present = await(() -> cluster);
            passing++;
            return present;
        } finally {
            lock.unlock();
        }
    }

    private void leave() {
        lock.lock();
        try {
            passing--;
            passed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Use cases that are just being begun are let begin, but nobody is kept from going for long. */
    private void awaitPassing() {
        long nanos = TimeUnit.SECONDS.toNanos(LONGEST_PASSING_SECONDS);
        lock.lock();
        try {
            while ((passing > 0 || (stopping && waiting > 0)) && nanos > 0) {
                nanos = passed.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public ClusterView view() {
        return await(() -> view);
    }

    private <T> T await(Lookup<T> lookup) {
        long nanos = TimeUnit.SECONDS.toNanos(LONGEST_WAIT_SECONDS);
        lock.lock();
        waiting++;
        try {
            while (true) {
                T found = lookup.find();
                if (found != null) {
                    return found;
                }
                if (nanos <= 0 || stopping) {
                    throw absent(null);
                }
                nanos = arrived.awaitNanos(nanos);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw absent(e);
        } finally {
            waiting--;
            passed.signalAll();
            lock.unlock();
        }
    }

    private interface Lookup<T> {
        @Nullable
        T find();
    }

    private static HeddleException absent(@Nullable Throwable cause) {
        return new HeddleException(
                ErrorCode.STARTING,
                "the controller is not there",
                "it is starting, being replaced, or failed to start",
                "try again; if it stays so, its log names the reason",
                cause);
    }

    private void register(Object bean, String name) throws JMException {
        ObjectName objectName = new ObjectName(name);
        try {
            server.registerMBean(bean, objectName);
        } catch (InstanceAlreadyExistsException e) {
            // left by an instance that did not end cleanly: it would answer with classes that are gone
            LOG.warn("{} was registered already and is replaced", name);
            server.unregisterMBean(objectName);
            server.registerMBean(bean, objectName);
        }
    }

    private void unregister(String name) throws JMException {
        try {
            server.unregisterMBean(new ObjectName(name));
        } catch (InstanceNotFoundException e) {
            LOG.debug("{} was not registered", name, e);
        }
    }

    private static String property(BundleContext context, String key, String otherwise) {
        String value = context.getProperty(key);
        return value == null || value.isEmpty() ? otherwise : value;
    }
}
