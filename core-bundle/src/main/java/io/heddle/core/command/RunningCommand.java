package io.heddle.core.command;

/** A command that is still running. */
public interface RunningCommand extends AutoCloseable {
    /** Ends the command; idempotent, does not wait. */
    @Override
    void close();
}
