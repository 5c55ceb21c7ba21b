package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleException;

/** The messages are those of Felix 7.0.5. */
class FailureTextTest {
    @Test
    void namesThePackageThatNobodyBrings() {
        assertEquals(
                "io.heddle.bad needs the package nowhere.found of version 1.0.0 or later, which no bundle brings",
                FailureText.of(new BundleException(
                        "Unable to resolve io.heddle.bad [3](R 3.0): missing requirement [io.heddle.bad [3](R 3.0)]"
                                + " osgi.wiring.package; (&(osgi.wiring.package=nowhere.found)(version>=1.0.0)(!(version>=2.0.0)))"
                                + " Unresolved requirements: [[io.heddle.bad [3](R 3.0)] osgi.wiring.package;"
                                + " (&(osgi.wiring.package=nowhere.found)(version>=1.0.0)(!(version>=2.0.0)))]")));
    }

    @Test
    void namesTheLastLinkOfAChain() {
        assertEquals(
                "b needs the package c.d, which no bundle brings",
                FailureText.of(new BundleException(
                        "Unable to resolve a [3](R 3.0): missing requirement [a [3](R 3.0)] osgi.wiring.package;"
                                + " (osgi.wiring.package=b.x) [caused by: Unable to resolve b [2](R 2.0): missing"
                                + " requirement [b [2](R 2.0)] osgi.wiring.package; (osgi.wiring.package=c.d)]")));
    }

    @Test
    void namesWhatAnActivatorThrew() {
        assertEquals(
                "java.lang.IllegalStateException: no disk",
                FailureText.of(new BundleException(
                        "Activator start error in bundle x [1].", new IllegalStateException("no disk"))));
    }
}
