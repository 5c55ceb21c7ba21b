package io.heddle.controller;

import io.heddle.controller.link.SatelliteLinksConfig;
import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterEvents;
import io.heddle.core.cluster.ClusterView;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Has a controller on this machine if the configuration says so ({@code roles}), and offers its services. Where it does not, this
 * component is there and does nothing.
 */
@Component(
        immediate = true,
        service = {})
public final class ControllerComponent {
    private static final String ROLES = "heddle.roles";
    private static final String STATE_DIRECTORY = "heddle.state-directory";
    private static final String DEADLINE_SECONDS = "heddle.answer-within";
    private static final long STANDARD_DEADLINE_SECONDS = 60;
    private static final String HEARTBEAT_SECONDS = "heddle.link-heartbeat";
    private static final long STANDARD_HEARTBEAT_SECONDS = 1;
    private static final String LOST_AFTER_SECONDS = "heddle.link-lost-after";
    private static final long STANDARD_LOST_AFTER_SECONDS = 5;

    private final List<ServiceRegistration<?>> registrations = new ArrayList<>();
    private final @Nullable Controller controller;

    /** Opens the controller; an error names the store or key that is in the way. */
    @Activate
    public ControllerComponent(BundleContext context) {
        if (!roles(context).contains("controller")) {
            controller = null;
            return;
        }
        Controller opened = Controller.open(
                Path.of(context.getProperty(STATE_DIRECTORY)).resolve("controller"),
                SatelliteLinksConfig.standard(context.getBundle().getVersion().toString())
                        .with(
                                seconds(context, HEARTBEAT_SECONDS, STANDARD_HEARTBEAT_SECONDS),
                                seconds(context, LOST_AFTER_SECONDS, STANDARD_LOST_AFTER_SECONDS)),
                seconds(context, DEADLINE_SECONDS, STANDARD_DEADLINE_SECONDS));
        controller = opened;
        ClusterService service = opened.service();
        registrations.add(context.registerService(ClusterView.class, service, null));
        registrations.add(context.registerService(ClusterEvents.class, service.events(), null));
        registrations.add(context.registerService(Cluster.class, service, null));
    }

    private static List<String> roles(BundleContext context) {
        String given = context.getProperty(ROLES);
        return given == null
                ? List.of()
                : Arrays.stream(given.split(",")).map(String::strip).toList();
    }

    private static Duration seconds(BundleContext context, String key, long standard) {
        String given = context.getProperty(key);
        return Duration.ofSeconds(given == null ? standard : Long.parseLong(given));
    }

    /** Services first, so that nobody calls what is going. */
    @Deactivate
    void close() {
        registrations.forEach(ServiceRegistration::unregister);
        Controller open = controller;
        if (open != null) {
            open.close();
        }
    }
}
