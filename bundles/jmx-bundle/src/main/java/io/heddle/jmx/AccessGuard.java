package io.heddle.jmx;

import io.heddle.core.management.AccessRole;
import io.heddle.core.management.Requires;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.management.MBeanServer;
import javax.management.ObjectInstance;
import javax.management.ObjectName;
import javax.management.remote.MBeanServerForwarder;
import org.jspecify.annotations.Nullable;

/**
 * What a remote JMX client may do: an allow-list in front of the MBean server, since the platform's own beans can load
 * classes, write files and end the process. Heddle's beans are used as the caller's role allows; of the platform's, harmless
 * ones are read. Everything else is refused, and does not show.
 */
final class AccessGuard implements InvocationHandler {
    private static final String DOMAIN = "io.heddle";

    /** Beans of the platform that JConsole and VisualVM read; none of their attributes is a secret of Heddle's. */
    private static final Set<String> READABLE_DOMAINS =
            Set.of("java.lang", "java.nio", "java.util.logging", "JMImplementation");

    /** Operations of {@code java.lang:type=Threading} that only read; JConsole's thread tab needs them. */
    private static final Set<String> READING_OPERATIONS = Set.of(
            "getThreadInfo",
            "dumpAllThreads",
            "findDeadlockedThreads",
            "findMonitorDeadlockedThreads",
            "getThreadCpuTime",
            "getThreadUserTime",
            "getThreadAllocatedBytes");

    /** The class loader questions are the connector's own, for unpacking arguments; no client can ask them. */
    private static final Set<String> HARMLESS = Set.of(
            "getMBeanCount",
            "getDefaultDomain",
            "getDomains",
            "getClassLoaderRepository",
            "getClassLoaderFor",
            "getClassLoader");

    private static final Set<String> READING = Set.of(
            "getAttribute",
            "getAttributes",
            "getMBeanInfo",
            "getObjectInstance",
            "isRegistered",
            "isInstanceOf",
            "addNotificationListener",
            "removeNotificationListener");
    private static final Set<String> WRITING = Set.of("setAttribute", "setAttributes");

    private final Map<String, AccessRole> operations;
    private final Supplier<AccessRole> caller;
    private @Nullable MBeanServer server;

    private AccessGuard(Map<String, AccessRole> operations, Supplier<AccessRole> caller) {
        this.operations = operations;
        this.caller = caller;
    }

    /**
     * A guard for beans of the given interfaces.
     *
     * @param caller role of the user whose call is being carried out; throws SecurityException if there is none
     */
    static MBeanServerForwarder of(Set<Class<?>> interfaces, Supplier<AccessRole> caller) {
        Map<String, AccessRole> operations = interfaces.stream()
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .collect(Collectors.toMap(Method::getName, AccessGuard::required, AccessGuard::stricter));
        return (MBeanServerForwarder) Proxy.newProxyInstance(
                AccessGuard.class.getClassLoader(),
                new Class<?>[] {MBeanServerForwarder.class},
                new AccessGuard(operations, caller));
    }

    private static AccessRole required(Method method) {
        Requires requires = method.getAnnotation(Requires.class);
        return requires == null ? AccessRole.OPERATOR : requires.value();
    }

    private static AccessRole stricter(AccessRole one, AccessRole other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        String name = method.getName();
        if (name.equals("setMBeanServer") && arguments != null) {
            server = (MBeanServer) arguments[0];
            return null;
        }
        if (name.equals("getMBeanServer")) {
            return server;
        }
        if (name.equals("queryNames") || name.equals("queryMBeans")) {
            // what may not be read does not show, so a client's tree has no node that only gives errors
            return ((Set<?>) call(method, arguments))
                    .stream().filter(found -> isReadable(nameOf(found))).collect(Collectors.toSet());
        }
        if (!HARMLESS.contains(name)) {
            check(name, arguments);
            return Calling.as(caller.get(), () -> call(method, arguments));
        }
        return call(method, arguments);
    }

    private void check(String method, Object @Nullable [] arguments) {
        if (arguments == null || !(arguments[0] instanceof ObjectName bean)) {
            throw refused(method, "it is not among what a remote client may do");
        }
        boolean own = bean.getDomain().equals(DOMAIN);
        if (READING.contains(method) && isReadable(bean)) {
            need(AccessRole.VIEWER, method, bean);
        } else if (WRITING.contains(method) && own) {
            need(AccessRole.OPERATOR, method, bean);
        } else if (method.equals("invoke") && own) {
            String operation = String.valueOf(arguments[1]);
            need(operations.getOrDefault(operation, AccessRole.ADMIN), operation, bean);
        } else if (method.equals("invoke")
                && bean.toString().equals("java.lang:type=Threading")
                && READING_OPERATIONS.contains(String.valueOf(arguments[1]))) {
            need(AccessRole.VIEWER, method, bean);
        } else {
            throw refused(method + " on " + bean, "it is not among what a remote client may do");
        }
    }

    private void need(AccessRole role, String operation, ObjectName bean) {
        AccessRole held = caller.get();
        if (held.compareTo(role) < 0) {
            throw refused(operation + " on " + bean, "it needs the role " + role + ", and yours is " + held);
        }
    }

    private static boolean isReadable(ObjectName bean) {
        return bean.getDomain().equals(DOMAIN) || READABLE_DOMAINS.contains(bean.getDomain());
    }

    private static ObjectName nameOf(Object found) {
        return found instanceof ObjectName name ? name : ((ObjectInstance) found).getObjectName();
    }

    private static SecurityException refused(String what, String why) {
        return new SecurityException("NOT_ALLOWED: " + what + " is refused\nwhy: " + why
                + "\ncorrection: use an operation of io.heddle, or a user with that role");
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Throwable {
        try {
            return method.invoke(server, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }
}
