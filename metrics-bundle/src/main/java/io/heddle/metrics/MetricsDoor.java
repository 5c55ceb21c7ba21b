package io.heddle.metrics;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.LocalNode;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.hotspot.DefaultExports;
import jakarta.servlet.Servlet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
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

/**
 * The door {@code /metrics}, for Prometheus. A scrape reads memory only: it asks no satellite and waits for nothing; while
 * the controller is being replaced, the series of the cluster are missing, which alert rules can see.
 */
@Component(
        immediate = true,
        service = {})
public final class MetricsDoor {
    /** Of this instance alone, so that an updated bundle leaves nothing behind. */
    private final CollectorRegistry registry = new CollectorRegistry();

    private final AtomicReference<@Nullable ClusterView> view = new AtomicReference<>();
    private final AtomicReference<@Nullable LocalNode> local = new AtomicReference<>();
    private @Nullable ServiceRegistration<Servlet> registration;

    /** Begins to answer. */
    @Activate
    public void start(BundleContext context) {
        DefaultExports.register(registry);
        registry.register(new Collector() {
            @Override
            public List<MetricFamilySamples> collect() {
                Families families = new Families();
                ClusterView cluster = view.get();
                if (cluster != null) {
                    ClusterMetrics.collect(cluster, families);
                }
                LocalNode node = local.get();
                if (node != null) {
                    NodeMetrics.collect(node.status(), families);
                }
                return families.samples();
            }
        });
        registration = context.registerService(
                Servlet.class,
                new MetricsServlet(registry),
                FrameworkUtil.asDictionary(Map.of("osgi.http.whiteboard.servlet.pattern", "/metrics")));
    }

    /** Answers no longer. */
    @Deactivate
    public void stop() {
        if (registration != null) {
            registration.unregister();
        }
        registry.clear();
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindView(ClusterView arriving) {
        view.set(arriving);
    }

    void unbindView(ClusterView leaving) {
        view.compareAndSet(leaving, null);
    }

    @Reference(
            cardinality = ReferenceCardinality.OPTIONAL,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindLocal(LocalNode arriving) {
        local.set(arriving);
    }

    void unbindLocal(LocalNode leaving) {
        local.compareAndSet(leaving, null);
    }
}
