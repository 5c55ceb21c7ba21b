package io.heddle.tests.soak;

import io.heddle.tests.cluster.Lab;
import io.heddle.tests.cluster.Skip;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A short part of what befalls a writer in the lab, beside {@link SoakIT} and not behind it, for each takes minutes. */
@Tag("cluster")
@Tag("soak")
@Tag("lab")
class WriterRoundsIT {
    @Test
    void noAcknowledgedWriteIsLostWhateverBefallsTheNodesOfAWriter() {
        Skip.because(Lab.whyNot());
        System.out.println(WriterRounds.run(SoakIT.SEED, Integer.getInteger("heddle.writer-rounds", 3)));
    }
}
