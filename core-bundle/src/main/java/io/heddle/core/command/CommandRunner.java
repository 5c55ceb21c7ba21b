package io.heddle.core.command;

import java.util.function.Consumer;

/** Runs external commands. Safe for use by many threads; a call blocks its thread until the command has ended. */
public interface CommandRunner {
    /**
     * Runs a command to its end. Any exit code is a result; what it means is the caller's to say.
     *
     * @throws io.heddle.core.error.HeddleException COMMAND_NOT_FOUND if there is no such program, COMMAND_TIMED_OUT if it was
     *     killed at its deadline (it may or may not have done its work: look again), OUTPUT_UNREADABLE if it printed more
     *     than 64 MiB, SHUTTING_DOWN if the thread was interrupted
     */
    CommandResult run(Command command);

    /**
     * Starts a command that goes on printing, such as {@code drbdsetup events2}; its deadline is not used.
     *
     * @param lines is given each line of stdout, on one thread, in order
     * @param ended is told the exit code and stderr when it has ended by itself or by {@link RunningCommand#close}
     * @throws io.heddle.core.error.HeddleException COMMAND_NOT_FOUND
     */
    RunningCommand start(Command command, Consumer<String> lines, Consumer<CommandResult> ended);
}
