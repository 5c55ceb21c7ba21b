package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.fail;
import static org.ops4j.pax.exam.CoreOptions.cleanCaches;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.frameworkStartLevel;
import static org.ops4j.pax.exam.CoreOptions.systemPackages;

import io.heddle.launcher.AppliancePlan;
import io.heddle.tests.cluster.BundleJar;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.ops4j.pax.exam.CoreOptions;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.TestContainer;
import org.ops4j.pax.exam.nat.internal.NativeTestContainer;
import org.ops4j.pax.exam.spi.DefaultExamSystem;
import org.ops4j.pax.exam.spi.PaxExamRuntime;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;

/**
 * The bundles of the appliance in a Pax Exam container inside this JVM, driven from outside through the system bundle:
 * for tests that stop, start and update bundles while it runs.
 */
final class PaxContainer implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final TestContainer container;
    private final BundleContext context;

    private PaxContainer(TestContainer container) {
        this.container = container;
        this.context = ((NativeTestContainer) container).getSystemBundle().getBundleContext();
    }

    /** Starts all bundles that the roles in the settings need, on free ports and in directories of its own. */
    static PaxContainer start(Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>();
        for (String port : List.of("rest", "rest-tls", "jmx", "link", "metrics")) {
            all.put(port + "-port", "0");
        }
        all.put("link-address", "127.0.0.1");
        all.put("drbd-directory", Appliance.workDirectory("drbd.d").toString());
        all.put("state-directory", Appliance.workDirectory("state").toString());
        all.putAll(settings);
        AppliancePlan plan = AppliancePlan.of(Appliance.home(), all);

        List<Option> options = new ArrayList<>();
        plan.properties().forEach((key, value) -> {
            if (key.equals(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA)) {
                options.add(systemPackages(value.split(",")));
            } else {
                options.add(frameworkProperty(key).value(value));
            }
        });
        int top = 1;
        for (AppliancePlan.Bundle file : plan.bundles()) {
            options.add(CoreOptions.bundle(file.jar().toUri().toString()).startLevel(file.startLevel()));
            top = Math.max(top, file.startLevel());
        }
        options.add(frameworkStartLevel(top));
        options.add(cleanCaches(true));
        TestContainer container =
                PaxExamRuntime.createContainer(DefaultExamSystem.create(options.toArray(Option[]::new)));
        container.start();
        return new PaxContainer(container);
    }

    BundleContext context() {
        return context;
    }

    /** The bundle of a name, such as {@code io.heddle.lvmthin}; of several versions the newest. */
    Bundle bundle(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()))
                .max((one, other) -> one.getVersion().compareTo(other.getVersion()))
                .orElseThrow(() -> new AssertionError("no bundle " + symbolicName));
    }

    /** Where the HTTP server answers, with a slash at the end. */
    URI httpAddress() throws Exception {
        return await("the HTTP server", () -> {
            // All, since the class of that name on the class path of the tests is not the one of the service.
            ServiceReference<?>[] runtimes =
                    context.getAllServiceReferences("org.osgi.service.servlet.runtime.HttpServiceRuntime", null);
            return runtimes == null ? null : URI.create(((String[]) runtimes[0].getProperty("osgi.http.endpoint"))[0]);
        });
    }

    /** Waits until a look gives something else than null, and gives that. */
    <T> T await(String what, Callable<T> look) throws Exception {
        Instant end = Instant.now().plus(LIMIT);
        while (Instant.now().isBefore(end)) {
            T found = look.call();
            if (found != null) {
                return found;
            }
            Thread.sleep(20);
        }
        return fail("Waited for " + what + " in vain");
    }

    /** The jar of a bundle as it was installed, with another version: what an update brings. */
    static byte[] withVersion(Bundle bundle, String version) throws IOException {
        return BundleJar.withVersion(Path.of(URI.create(bundle.getLocation())), version);
    }

    @Override
    public void close() {
        container.stop();
    }
}
