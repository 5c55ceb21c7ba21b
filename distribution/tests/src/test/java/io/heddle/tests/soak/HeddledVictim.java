package io.heddle.tests.soak;

import io.heddle.tests.cluster.Heddled;

/** A process that is killed. */
record HeddledVictim(Heddled heddled, boolean isController) implements Ground.Victim {
    @Override
    public String name() {
        return heddled.name();
    }

    @Override
    public void strike() {
        heddled.kill();
    }

    @Override
    public void restore() {
        heddled.start();
    }

    @Override
    public void awaitUp() {
        heddled.awaitUp();
    }
}
