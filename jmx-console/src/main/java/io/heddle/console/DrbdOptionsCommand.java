package io.heddle.console;

import io.heddle.core.management.DrbdOptionRow;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import io.heddle.core.option.PropertyLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * The commands {@code drbd-options} and {@code drbd-peer-options}: one option of the command line for each of DRBD's, made from
 * the catalogue, and one with {@code --unset-} before it. Made only where they are asked for: there are very many.
 */
final class DrbdOptionsCommand implements Callable<Integer> {
    private static final String UNSET = "unset-";
    private static final String LIST = "--list";
    private static final String ALL = "--all";
    private static final String VOLUME = "--volume";

    private final Session session;
    private final Kind kind;
    private final CommandSpec spec;

    /** On what they are set. */
    private enum Kind {
        CONTROLLER("controller", PropertyLevel.CONTROLLER, names -> "controller"),
        GROUP("resource-group", PropertyLevel.RESOURCE_GROUP, names -> "resource-group/" + names.get(0), "GROUP"),
        DEFINITION(
                "resource-definition",
                PropertyLevel.RESOURCE_DEFINITION,
                names -> "resource-definition/" + names.get(0),
                "RESOURCE"),
        VOLUME_DEFINITION(
                "volume-definition",
                PropertyLevel.VOLUME_DEFINITION,
                names -> "volume-definition/" + names.get(0) + "/" + names.get(1),
                "RESOURCE",
                "VOLUME"),
        RESOURCE(
                "resource",
                PropertyLevel.RESOURCE,
                names -> "resource/" + names.get(1) + "/" + names.get(0),
                "NODE",
                "RESOURCE"),
        NODES(
                "node-connection",
                PropertyLevel.NODE_CONNECTION,
                names -> "node-connection/" + names.get(0) + "/" + names.get(1),
                "NODE",
                "NODE"),
        CONNECTION(
                "resource-connection",
                PropertyLevel.RESOURCE_CONNECTION,
                names -> "resource-connection/" + names.get(2) + "/" + names.get(0) + "/" + names.get(1),
                "NODE",
                "NODE",
                "RESOURCE");

        private final String noun;
        private final PropertyLevel level;
        private final Function<List<String>, String> place;
        private final List<String> parameters;

        Kind(String noun, PropertyLevel level, Function<List<String>, String> place, String... parameters) {
            this.noun = noun;
            this.level = level;
            this.place = place;
            this.parameters = List.of(parameters);
        }
    }

    private DrbdOptionsCommand(Session session, Kind kind, boolean complete) {
        this.session = session;
        this.kind = kind;
        this.spec = CommandSpec.wrapWithoutInspection(this);
        spec.usageMessage().description(description());
        for (int i = 0; i < kind.parameters.size(); i++) {
            spec.addPositional(PositionalParamSpec.builder()
                    .index(Integer.toString(i))
                    .paramLabel(kind.parameters.get(i))
                    .arity("1")
                    .type(String.class)
                    .build());
        }
        spec.addOption(OptionSpec.builder(LIST)
                .type(boolean.class)
                .arity("0")
                .description("show what holds and where each comes from; so does the command without any option")
                .build());
        spec.addOption(OptionSpec.builder(ALL)
                .type(boolean.class)
                .arity("0")
                .description("the same, with all that only have DRBD's default")
                .build());
        if (kind == Kind.CONNECTION) {
            spec.addOption(OptionSpec.builder(VOLUME)
                    .type(Integer.class)
                    .paramLabel("NUMBER")
                    .description("only for this volume of the connection")
                    .build());
        }
        if (complete) {
            options(kind.level).forEach(this::add);
        }
    }

    private String description() {
        return "Set, unset or show DRBD options of "
                + switch (kind) {
                    case CONTROLLER -> "everything.";
                    case GROUP -> "all resources of a group.";
                    case DEFINITION -> "a resource.";
                    case VOLUME_DEFINITION -> "a volume.";
                    case RESOURCE -> "a resource on one node.";
                    case NODES -> "all connections between two nodes.";
                    case CONNECTION -> "the connection of a resource between two nodes.";
                }
                + " Running volumes have them at once.";
    }

    private void add(String name, DrbdOption option) {
        spec.addOption(OptionSpec.builder("--" + name)
                .type(String.class)
                .paramLabel("VALUE")
                .description(option.range()
                        + option.initial()
                                .map(initial -> " (DRBD: " + initial + ")")
                                .orElse("")
                        + (option.change() == DrbdOption.Change.LIVE
                                ? ""
                                : "; holds " + option.change().text()))
                .build());
        spec.addOption(OptionSpec.builder("--" + UNSET + name)
                .type(boolean.class)
                .arity("0")
                .description("let what is inherited hold")
                .build());
    }

    /** The options of a level by their words on the command line. */
    private static Map<String, DrbdOption> options(PropertyLevel level) {
        return DrbdOptionCatalogue.settable(level, option -> "disk-" + option.name());
    }

    /**
     * Adds the commands to the groups that they belong to.
     *
     * @param complete whether with DRBD's options; without, only the names of the commands are known
     */
    static void addTo(CommandLine line, Session session, boolean complete) {
        for (Kind kind : Kind.values()) {
            boolean between = kind == Kind.NODES || kind == Kind.CONNECTION;
            String name = between ? "drbd-peer-options" : "drbd-options";
            String alias = between ? "dpo" : "opt";
            line.getSubcommands()
                    .get(kind.noun)
                    .addSubcommand(name, new DrbdOptionsCommand(session, kind, complete).spec, alias);
        }
        line.getSubcommands()
                .get("resource")
                .addSubcommand(
                        "drbd-peer-options", new DrbdOptionsCommand(session, Kind.CONNECTION, complete).spec, "dpo");
    }

    /** Whether a command line may need them: it names one, asks for help or completion, or opens the shell. */
    static boolean neededBy(List<String> arguments) {
        return arguments.isEmpty()
                || arguments.get(arguments.size() - 1).startsWith("-")
                || arguments.stream()
                        .anyMatch(argument -> argument.startsWith("drbd-")
                                || argument.equals("opt")
                                || argument.equals("dpo")
                                || argument.startsWith("generate-"));
    }

    @Override
    public Integer call() {
        CommandLine.ParseResult given = spec.commandLine().getParseResult();
        List<String> names = given.matchedPositionals().stream()
                .map(positional -> String.valueOf(positional.<Object>getValue()))
                .toList();
        String place = kind.place.apply(names);
        if (given.hasMatchedOption(VOLUME)) {
            place = place.replaceFirst("resource-connection", "peer-device") + "/"
                    + given.matchedOptionValue(VOLUME, 0);
        }
        List<String> changes = new ArrayList<>();
        options(kind.level).forEach((name, option) -> {
            String spelt = option.section() == OptionSection.HANDLERS
                    ? option.spelling()
                    : option.section().word() + "/" + option.name();
            if (given.hasMatchedOption("--" + name)) {
                changes.add(spelt + "=" + oneLine(name, given.matchedOptionValue("--" + name, "")));
            }
            if (given.hasMatchedOption("--" + UNSET + name)) {
                changes.add(spelt + "=");
            }
        });
        return changes.isEmpty()
                ? list(place, given.hasMatchedOption(ALL))
                : session.replies(session.cluster().setDrbdOptions(place, String.join("\n", changes)));
    }

    /** A value with a blank would be taken for two options, and one with a line's end for two changes. */
    private String oneLine(String name, String value) {
        boolean blank = value.chars().anyMatch(Character::isWhitespace);
        boolean lineEnds = value.chars().anyMatch(character -> character == '\n' || character == '\r');
        if (lineEnds || (blank && !name.startsWith("handler-")) || value.isBlank()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "heddle: --" + name + " takes one word"
                            + (value.isBlank() ? "; --unset-" + name + " unsets it" : ""));
        }
        return value;
    }

    private int list(String place, boolean all) {
        List<DrbdOptionRow> rows = session.cluster().listDrbdOptions(place, all);
        return session.list(
                rows, new Table("Section", "Option", "Value", "From", "Peer", "Volume", "May be"), row -> new Object[] {
                    row.section(),
                    row.option(),
                    row.value(),
                    row.note().isEmpty() ? row.from() : row.from() + "\n" + Group.wrap(row.note()),
                    row.peer(),
                    row.volume() < 0 ? "" : row.volume(),
                    Group.wrap(row.range())
                });
    }
}
