package io.heddle.console;

import java.io.Console;
import java.lang.reflect.InvocationTargetException;
import java.util.Optional;

/** The terminal of a person who can be asked. */
final class UserTerminal {
    private UserTerminal() {}

    /** The terminal; empty in scripts. Java 22 and later have a console there too, and a method that says so. */
    @SuppressWarnings("SystemConsoleNull")
    static Optional<Console> attached() {
        Console console = System.console();
        if (console == null) {
            return Optional.empty();
        }
        try {
            boolean terminal = (Boolean) Console.class.getMethod("isTerminal").invoke(console);
            return terminal ? Optional.of(console) : Optional.empty();
        } catch (NoSuchMethodException e) {
            return Optional.of(console);
        } catch (IllegalAccessException | InvocationTargetException e) {
            throw new IllegalStateException(e);
        }
    }
}
