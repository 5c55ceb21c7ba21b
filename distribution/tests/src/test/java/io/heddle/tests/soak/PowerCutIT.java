package io.heddle.tests.soak;

import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Skip;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short part of the soak in the lab, beside {@link SoakIT} and not behind it, for each takes minutes. */
@Tag("cluster")
@Tag("soak")
@Tag("lab")
class PowerCutIT {
    @Test
    void nothingIsLostOrLeftOverWhenNodesLoseTheirPower() {
        Skip.because(Lab.whyNot());
        System.out.println(Soak.soak(new LabGround(), SoakIT.SEED, Integer.getInteger("heddle.lab-kills", 3), 2));
    }
}
