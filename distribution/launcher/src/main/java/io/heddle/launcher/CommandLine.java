package io.heddle.launcher;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The arguments of {@code heddled}.
 *
 * @param action what to do
 * @param file the configuration named with {@code --config}
 * @param settings settings given as {@code --key=value}
 * @param pages what a training run asks of the REST API before it ends
 */
record CommandLine(Action action, Optional<Path> file, Map<String, String> settings, List<String> pages) {
    static final String USAGE = """
            Usage: heddled [--config=FILE] [--KEY=VALUE ...]
              Runs Heddle on this machine until it gets SIGTERM. KEY is a setting of heddle.conf.
            heddled --check [...]       say what is wrong with the configuration, and start nothing
            heddled --train=PATH,...    start, ask the REST API for the paths, stop (makes the class archive)
            heddled --print-config      print heddle.conf with all defaults
            heddled --version
            heddled --help
            """;

    /** What {@code heddled} was asked for. */
    enum Action {
        RUN,
        CHECK,
        TRAIN,
        PRINT_CONFIG,
        VERSION,
        HELP
    }

    static CommandLine parse(String... arguments) throws RefusedException {
        Action action = Action.RUN;
        Optional<Path> file = Optional.empty();
        Map<String, String> settings = new LinkedHashMap<>();
        List<String> pages = List.of();
        List<String> mistakes = new ArrayList<>();
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            String value = equals < 0 ? "" : argument.substring(equals + 1);
            switch (name) {
                case "--check" -> action = Action.CHECK;
                case "--print-config" -> action = Action.PRINT_CONFIG;
                case "--version" -> action = Action.VERSION;
                case "--help", "-h" -> action = Action.HELP;
                case "--train" -> {
                    action = Action.TRAIN;
                    pages = Check.list(value);
                }
                case "--config" -> file = Optional.of(Path.of(value));
                default -> {
                    if (name.startsWith("--") && equals > 0) {
                        settings.put(name.substring(2), value);
                    } else {
                        mistakes.add("Argument " + argument + " is not known; heddled --help shows what is.");
                    }
                }
            }
        }
        if (!mistakes.isEmpty()) {
            throw new RefusedException(mistakes);
        }
        return new CommandLine(action, file, settings, pages);
    }
}
