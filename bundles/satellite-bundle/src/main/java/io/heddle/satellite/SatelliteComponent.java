package io.heddle.satellite;

import io.heddle.core.cluster.LocalNode;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.Network;
import io.heddle.core.model.NodeName;
import io.heddle.satellite.link.LinkServer;
import io.heddle.satellite.link.LinkServerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.framework.Version;
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
 * Puts the satellite together where {@code heddle.roles} names it, and does nothing elsewhere. Drivers come and go while it
 * runs. Where the link cannot listen, the node is served without a controller, and listening is tried again.
 */
@Component(
        immediate = true,
        service = {})
public final class SatelliteComponent {
    private static final Logger LOG = LoggerFactory.getLogger(SatelliteComponent.class);
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
    private static final long LISTEN_AGAIN_SECONDS = 10;
    /** The controller is the one to decide that a link is lost. */
    private static final int LONGER_THAN_AT_THE_CONTROLLER = 3;

    private final BundleContext context;
    private final Optional<Reconciler> reconciler;
    private @Nullable Link link;
    private @Nullable ServiceRegistration<LocalNode> registration;

    /** The link's server with the threads that it works on. */
    private record Link(LinkServer server, ExecutorService executor, ScheduledExecutorService scheduler) {}

    /**
     * Reads what is stored.
     *
     * @throws HeddleException FILE_FAILED, and codes of what is wrong in the configuration
     */
    @Activate
    public SatelliteComponent(BundleContext context) {
        this.context = context;
        boolean wanted =
                Arrays.asList(property("heddle.roles", "").split("[,\\s]+", -1)).contains("satellite");
        this.reconciler = wanted ? Optional.of(new Reconciler(settings(), Clock.systemUTC())) : Optional.empty();
    }

    /** Brings everything up from the stored spec, and waits for the controller. */
    @Activate
    void start() {
        if (reconciler.isEmpty()) {
            return;
        }
        Reconciler satellite = reconciler.get();
        satellite.start();
        registration = context.registerService(LocalNode.class, satellite, null);
        ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "timer"));
        ExecutorService executor = Executors.newCachedThreadPool(task -> daemon(task, "work"));
        LinkServer server = new LinkServer(linkSettings(), directory(), satellite, executor, scheduler);
        link = new Link(server, executor, scheduler);
        listen(server, scheduler);
    }

    /** Ends the link and the work; volumes stay up. Returns within two seconds, even if a command hangs. */
    @Deactivate
    void stop() {
        Link ending = link;
        if (ending != null) {
            ending.scheduler().shutdownNow();
            ending.server().close();
            ending.executor().shutdownNow();
        }
        ServiceRegistration<LocalNode> registered = registration;
        if (registered != null) {
            registered.unregister();
        }
        reconciler.ifPresent(Reconciler::close);
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindStorage(StorageDriver driver, ServiceReference<StorageDriver> reference) {
        reconciler.ifPresent(satellite -> satellite.add(driver, id(reference), version(reference)));
    }

    void unbindStorage(ServiceReference<StorageDriver> reference) {
        reconciler.ifPresent(satellite -> satellite.removeStorage(id(reference)));
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindReplication(ReplicationDriver driver, ServiceReference<ReplicationDriver> reference) {
        reconciler.ifPresent(satellite -> satellite.add(driver, id(reference), version(reference)));
    }

    void unbindReplication(ServiceReference<ReplicationDriver> reference) {
        reconciler.ifPresent(satellite -> satellite.removeReplication(id(reference)));
    }

    private static long id(ServiceReference<?> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }

    private static Version version(ServiceReference<?> reference) {
        // the bundle may be gone already
        return reference.getBundle() == null
                ? Version.emptyVersion
                : reference.getBundle().getVersion();
    }

    private static void listen(LinkServer server, ScheduledExecutorService scheduler) {
        try {
            server.start();
        } catch (HeddleException failure) {
            LOG.error("{}; tried again in {} s", failure.problem().text(), LISTEN_AGAIN_SECONDS);
            var unused = scheduler.schedule(() -> listen(server, scheduler), LISTEN_AGAIN_SECONDS, TimeUnit.SECONDS);
        }
    }

    private SatelliteSettings settings() {
        return new SatelliteSettings(
                directory(),
                nodeName(),
                hostName(),
                version(),
                line(BOOT_ID),
                keep(property("heddle.keep-res", "")),
                SatelliteSettings.Times.DEFAULT);
    }

    private LinkServerConfig linkSettings() {
        return new LinkServerConfig(
                new IpAddress(property("heddle.link-address", "0.0.0.0")),
                Integer.parseInt(property("heddle.link-port", "3366")),
                LinkEncryption.valueOf(property("heddle.link-encryption", "TLS")),
                Network.list(property("heddle.claim-from", "")),
                nodeName().value(),
                hostName(),
                version(),
                LinkServerConfig.Times.DEFAULT.with(
                        seconds("heddle.link-heartbeat", "1"),
                        seconds("heddle.link-lost-after", "5").multipliedBy(LONGER_THAN_AT_THE_CONTROLLER)));
    }

    /** {@code keep-res} is a regular expression that is found anywhere in a name; empty covers none. */
    static Pattern keep(String expression) {
        return expression.isBlank() ? SatelliteSettings.KEEP_NONE : Pattern.compile(expression);
    }

    private Path directory() {
        return Path.of(property("heddle.state-directory", "/var/lib/heddle"), "satellite");
    }

    private NodeName nodeName() {
        String configured = property("heddle.node-name", "");
        return new NodeName(configured.isEmpty() ? hostName() : configured);
    }

    private String version() {
        return context.getBundle().getVersion().toString();
    }

    private static String hostName() {
        return line(HOST_NAME);
    }

    private static String line(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException failure) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot read " + file,
                    failure.toString(),
                    "mount /proc, and start heddled again",
                    failure);
        }
    }

    private String property(String name, String preset) {
        String value = context.getProperty(name);
        return value == null || value.isBlank() ? preset : value.strip();
    }

    private Duration seconds(String name, String preset) {
        return Duration.ofSeconds(Long.parseLong(property(name, preset)));
    }

    private static Thread daemon(Runnable task, String name) {
        Thread thread = new Thread(task, "heddle-link-" + name);
        thread.setDaemon(true);
        return thread;
    }
}
