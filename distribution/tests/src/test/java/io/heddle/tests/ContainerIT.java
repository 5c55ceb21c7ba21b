package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Version;

/** The bundles together, in a framework. */
class ContainerIT {
    private static PaxContainer container;

    @BeforeAll
    static void start() throws Exception {
        container = PaxContainer.start(Map.of("node-name", "loom1"));
    }

    @AfterAll
    static void stop() {
        container.close();
    }

    @Test
    void everyBundleIsActive() {
        for (Bundle bundle : container.context().getBundles()) {
            assertEquals(Bundle.ACTIVE, bundle.getState(), bundle.toString());
        }
    }

    @Test
    void oursAreAllThere() {
        List<String> ours = Arrays.stream(container.context().getBundles())
                .map(Bundle::getSymbolicName)
                .filter(name -> name.startsWith("io.heddle."))
                .sorted()
                .toList();

        assertEquals(
                List.of(
                        "io.heddle.controller",
                        "io.heddle.core",
                        "io.heddle.drbd",
                        "io.heddle.filethin",
                        "io.heddle.jmx",
                        "io.heddle.lvmthin",
                        "io.heddle.metrics",
                        "io.heddle.rest",
                        "io.heddle.satellite",
                        "io.heddle.zfs"),
                ours);
    }

    @Test
    void aDriverBundleExportsNothing() {
        for (String driver : List.of("drbd", "filethin", "lvmthin", "zfs")) {
            assertEquals(
                    null, container.bundle("io.heddle." + driver).getHeaders("").get("Export-Package"), driver);
        }
    }

    @Test
    void bundlesSeeTheSettings() {
        assertEquals("loom1", container.context().getProperty("heddle.node-name"));
        assertEquals("0", container.context().getProperty("heddle.rest-port"));
    }

    @Test
    void anUpdatedBundleIsActiveAgainInItsNewVersion() throws Exception {
        Bundle driver = container.bundle("io.heddle.lvmthin");
        Version before = driver.getVersion();

        driver.update(new ByteArrayInputStream(PaxContainer.withVersion(driver, "0.1.1")));

        assertEquals(
                Version.valueOf("0.1.1"), container.bundle("io.heddle.lvmthin").getVersion());
        assertTrue(container.await("the new version", () -> driver.getState() == Bundle.ACTIVE ? true : null));
        assertTrue(driver.getVersion().compareTo(before) > 0);
    }
}
