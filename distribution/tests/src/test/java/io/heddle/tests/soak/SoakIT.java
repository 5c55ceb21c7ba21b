package io.heddle.tests.soak;

import io.heddle.tests.cluster.LoopDevices;
import io.heddle.tests.cluster.Skip;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short part of the soak on this machine, always with the same seed; {@code distribution/lab/soak} runs all of it. */
@Tag("cluster")
@Tag("soak")
class SoakIT {
    static final long SEED = Long.getLong("heddle.seed", 4711);

    @Test
    void nothingIsLostOrLeftOverWhenControllerAndSatelliteAreKilled() {
        Skip.because(LoopDevices.whyNot());
        System.out.println(Soak.soak(new MachineGround(), SEED, Integer.getInteger("heddle.kills", 6), 4));
    }

    @Test
    void aStoreThatWasRolledBackRemovesNothingAndIsRefused() {
        Skip.because(LoopDevices.whyNot());
        try (OlderControllers controllers = new OlderControllers()) {
            System.out.println(controllers.rolledBack());
        }
    }

    @Test
    void aControllerThatWasCopiedIsRefusedWhenItsCopyIsNewer() {
        Skip.because(LoopDevices.whyNot());
        try (OlderControllers controllers = new OlderControllers()) {
            System.out.println(controllers.copiedWhileItRuns());
        }
    }

    @Test
    void ofTwoEqualCopiesOfAControllerOneIsRefused() {
        Skip.because(LoopDevices.whyNot());
        try (OlderControllers controllers = new OlderControllers()) {
            System.out.println(controllers.startedTwice());
        }
    }
}
