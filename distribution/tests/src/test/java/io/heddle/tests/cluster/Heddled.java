package io.heddle.tests.cluster;

/** A {@code heddled} that can be killed and started again on the same state. */
public interface Heddled extends AutoCloseable {
    /** What it is, for messages. */
    String name();

    /** Starts it; returns at once. Does nothing if it runs. */
    void start();

    /** Waits until it has said that it is up. */
    void awaitUp();

    /** Ends it between two instructions, as {@code kill -9} does. Does nothing if it does not run. */
    void kill();

    /** What it has logged since the last start. */
    String log();

    /** Starts it and waits. */
    default void startAndWait() {
        start();
        awaitUp();
    }

    @Override
    void close();
}
