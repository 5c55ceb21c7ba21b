package io.heddle.rest;

import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.LinkEncryption;
import io.heddle.rest.access.AccessFilter;
import io.heddle.rest.access.AccessRules;
import io.heddle.rest.reply.Answers;
import io.heddle.rest.reply.Entries;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.ws.rs.ext.RuntimeDelegate;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.glassfish.jersey.server.internal.RuntimeDelegateImpl;
import org.glassfish.jersey.servlet.ServletContainer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
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
 * REST v1 over the container's HTTP service: plain Jersey in one whiteboard servlet, behind the access filter and the waiting
 * room. It is there with or without the controller, whose services it follows as they come and go.
 */
@Component(
        immediate = true,
        service = {})
public final class RestDoor {
    private static final Logger LOG = LoggerFactory.getLogger(RestDoor.class);

    /** How long a request waits for a controller that is away: an update takes seconds, clients give up after more. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final int ANSWERING_THREADS = 4;

    private final ClusterServices services = new ClusterServices();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(daemon("rest-timer"));
    private final ExecutorService answering = Executors.newFixedThreadPool(ANSWERING_THREADS, daemon("rest-answer"));
    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private final Listeners listeners;
    private final Farewell farewell;
    private final ScheduledFuture<?> following;
    private volatile AccessRules rules = AccessRules.CLOSED;
    private volatile @Nullable ClusterSettings rulesOf;

    @Activate
    public RestDoor(BundleContext context) {
        Clock clock = Clock.systemUTC();
        // jakarta.ws.rs-api looks for it with the thread's class loader, which finds nothing in OSGi.
        RuntimeDelegate.setInstance(new RuntimeDelegateImpl());
        Answers answers = new Answers(clock, answering);
        ServletContainer jersey =
                new ServletContainer(new RestApplication(services, answers, usualEncryption(context)));
        registrations.add(context.registerService(
                Filter.class,
                new AccessFilter(this::rules, hostName(), clock),
                FrameworkUtil.asDictionary(Map.of(
                        "osgi.http.whiteboard.filter.pattern",
                        "/*",
                        // Also what a stand-in hands over, which nobody has checked yet.
                        "osgi.http.whiteboard.filter.dispatcher",
                        new String[] {"REQUEST", "ASYNC"},
                        "osgi.http.whiteboard.filter.asyncSupported",
                        true,
                        "service.ranking",
                        Integer.MAX_VALUE))));
        registrations.add(context.registerService(
                Servlet.class,
                new WaitingRoom(jersey, () -> keepPlace(clock), services, timer, PATIENCE, clock),
                FrameworkUtil.asDictionary(Map.of(
                        "osgi.http.whiteboard.servlet.pattern", "/v1/*",
                        "osgi.http.whiteboard.servlet.name", "heddle-rest",
                        "osgi.http.whiteboard.servlet.asyncSupported", true))));
        registrations.add(context.registerService(
                Servlet.class,
                new HealthServlet(services),
                FrameworkUtil.asDictionary(Map.of(
                        "osgi.http.whiteboard.servlet.pattern", "/health",
                        "osgi.http.whiteboard.servlet.name", "heddle-health",
                        "osgi.http.whiteboard.servlet.asyncSupported", true))));
        listeners = Listeners.of(context);
        farewell = Farewell.of(context);
        following = timer.scheduleWithFixedDelay(this::followRules, 1, 1, TimeUnit.SECONDS);
    }

    @Deactivate
    void close() {
        following.cancel(false);
        farewell.close();
        listeners.close();
        // The filter last: what is served until then is checked.
        Collections.reverse(registrations);
        registrations.forEach(ServiceRegistration::unregister);
        timer.shutdownNow();
        answering.shutdown();
        RuntimeDelegate.setInstance(null);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindCluster(Cluster cluster) {
        services.cluster(cluster);
    }

    void unbindCluster(Cluster cluster) {
        services.withoutCluster(cluster);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindView(ClusterView view) {
        services.view(view);
    }

    void unbindView(ClusterView view) {
        services.withoutView(view);
    }

    /** REST serves: what kept its place goes, and a new one is ready for the next time. */
    private static void keepPlace(Clock clock) {
        BundleContext http = FrameworkUtil.getBundle(ConnectorFactory.class).getBundleContext();
        if (http != null) {
            StandIn.relieve(http, Entries.failure(ClusterServices.away(), clock.instant()), PATIENCE.toMillis());
        }
    }

    /** The rules as they are now; the last ones known while the controller is away. */
    @SuppressWarnings("ReferenceEquality") // settings are immutable: the same object has the same rules
    private AccessRules rules() {
        ClusterSettings settings = services.settings().orElse(null);
        if (settings != null && settings != rulesOf) {
            rules = AccessRules.of(settings.properties());
            rulesOf = settings;
        }
        return rules;
    }

    private void followRules() {
        try {
            listeners.open(rules().open());
        } catch (RuntimeException e) {
            LOG.warn("REST could not follow the rules of who may come in; it is tried again", e);
        }
    }

    private static LinkEncryption usualEncryption(BundleContext context) {
        return "PLAIN".equalsIgnoreCase(context.getProperty("heddle.link-encryption"))
                ? LinkEncryption.PLAIN
                : LinkEncryption.TLS;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    private static ThreadFactory daemon(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
