package io.heddle.tests.cluster;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Optional;

/** Skips what a machine cannot run, and says why where the output is read. */
public final class Skip {
    private Skip() {}

    /** Skips the test, or the class of the {@code BeforeAll}, if there is a reason. */
    public static void because(Optional<String> whyNot) {
        whyNot.ifPresent(reason -> System.out.println("SKIPPED: " + reason));
        assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
    }

    /**
     * Skips what takes minutes, unless DRBD 9 is named or {@code -Dlab.everything=true} asks for it: on 8.4 it runs in every build.
     *
     * @param what begins the reason
     */
    public static void longOnEight(String what) {
        because(
                Lab.hasDrbd9() || Boolean.getBoolean("lab.everything")
                        ? Optional.empty()
                        : Optional.of(what + ": -Dlab.everything=true"));
    }
}
