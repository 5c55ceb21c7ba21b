package io.heddle.launcher;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;

/** The framework with its bundles. A bundle that fails is named with the reason, and the others run on. */
final class Container {
    private static final String HTTP_RUNTIME = "org.osgi.service.servlet.runtime.HttpServiceRuntime";

    private final Framework framework;
    private final List<BundleFile> files;
    private final Map<Bundle, Throwable> failures = new ConcurrentHashMap<>();

    Container(Map<String, String> properties, List<BundleFile> files) {
        Map<String, Object> all = new HashMap<>(properties);
        int top = files.stream().mapToInt(BundleFile::startLevel).max().orElse(1);
        all.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, Integer.toString(top));
        all.put("felix.log.logger", new FrameworkLog());
        this.framework = new Felix(all);
        this.files = List.copyOf(files);
    }

    /**
     * Installs and starts all bundles, level by level, and comes back when the last level is reached.
     *
     * @return one sentence for each bundle that does not run; empty when all do
     * @throws BundleException when the framework itself does not start
     */
    List<String> start() throws BundleException, InterruptedException {
        framework.init();
        BundleContext context = framework.getBundleContext();
        CountDownLatch allToldUs = new CountDownLatch(1);
        context.addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.ERROR) {
                failures.putIfAbsent(event.getBundle(), event.getThrowable());
            } else if (event.getType() == FrameworkEvent.STARTED) {
                allToldUs.countDown();
            }
        });
        List<String> problems = new ArrayList<>();
        for (BundleFile file : files) {
            try {
                // The jar is read where it lies: no copy, no time lost.
                Bundle bundle = context.installBundle("reference:" + file.jar().toUri());
                bundle.adapt(BundleStartLevel.class).setStartLevel(file.startLevel());
                if (!isFragment(bundle)) {
                    // Only marks it: nothing starts before the framework does.
                    bundle.start(Bundle.START_ACTIVATION_POLICY);
                }
            } catch (BundleException failure) {
                problems.add("Bundle " + file.jar() + " does not run: " + FailureText.of(failure) + ".");
            }
        }
        framework.start();
        // Events come later than what they tell of, in its order: after this one, no failure is missing.
        allToldUs.await();
        for (Bundle bundle : context.getBundles()) {
            if (!isFragment(bundle) && bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING) {
                problems.add("Bundle " + bundle.getSymbolicName() + " " + bundle.getVersion() + " does not run: "
                        + FailureText.of(failures.get(bundle)) + ".");
            }
        }
        return problems;
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    int bundles() {
        return framework.getBundleContext().getBundles().length - 1;
    }

    /** Where the HTTP server answers; empty when it does not run. */
    Optional<String> httpEndpoint() {
        ServiceReference<?> runtime = framework.getBundleContext().getServiceReference(HTTP_RUNTIME);
        Object endpoints = runtime == null ? null : runtime.getProperty("osgi.http.endpoint");
        if (endpoints instanceof String[] urls) {
            return Arrays.stream(urls).findFirst();
        }
        return Optional.ofNullable(endpoints).map(Object::toString);
    }

    /** Waits for as long as the framework runs. */
    void waitForStop() throws InterruptedException {
        framework.waitForStop(0);
    }

    /**
     * Stops all bundles, last level first. May be called when nothing runs.
     *
     * @return the bundles that were still stopping when the time was over; empty after a clean stop
     */
    List<String> stop(Duration limit) throws BundleException, InterruptedException {
        framework.stop();
        if (framework.waitForStop(limit.toMillis()).getType() != FrameworkEvent.WAIT_TIMEDOUT) {
            return List.of();
        }
        return Arrays.stream(framework.getBundleContext().getBundles())
                .filter(bundle -> bundle.getBundleId() != 0 && bundle.getState() == Bundle.STOPPING)
                .map(Bundle::getSymbolicName)
                .toList();
    }

    private static boolean isFragment(Bundle bundle) {
        return bundle.getHeaders("").get(Constants.FRAGMENT_HOST) != null;
    }
}
