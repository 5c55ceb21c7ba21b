package io.heddle.core.command;

import io.heddle.core.model.Ordered;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/**
 * An external command. Its arguments go to the program as they are, through no shell; none of them may be a secret, since
 * any user can read a process list.
 *
 * @param arguments program and arguments
 * @param deadline when the program is killed
 * @param changes whether it changes the system, and so is logged at INFO
 * @param input what it reads on stdin; empty: an empty stdin
 * @param environment variables beside {@code LC_ALL=C} and a standard {@code PATH}
 */
public record Command(
        List<String> arguments,
        Duration deadline,
        boolean changes,
        Optional<String> input,
        SortedMap<String, String> environment) {
    public Command {
        arguments = List.copyOf(arguments);
        environment = Ordered.map(environment);
        if (arguments.isEmpty()) {
            throw new IllegalArgumentException("a command has a program");
        }
    }

    /** A command that only looks. */
    public static Command query(Duration deadline, String... arguments) {
        return new Command(List.of(arguments), deadline, false, Optional.empty(), Ordered.map(null));
    }

    /** A command that changes something. */
    public static Command change(Duration deadline, String... arguments) {
        return new Command(List.of(arguments), deadline, true, Optional.empty(), Ordered.map(null));
    }

    /** The arguments in one line, for logs and errors. */
    public String text() {
        return String.join(" ", arguments);
    }
}
