package io.heddle.console;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code heddle}. */
@Command(
        name = "heddle",
        description = "Operates a Heddle cluster. Without a command it opens an interactive shell.",
        synopsisSubcommandLabel = "COMMAND",
        versionProvider = Heddle.VersionText.class,
        scope = CommandLine.ScopeType.INHERIT,
        mixinStandardHelpOptions = true,
        subcommands = {
            NodeCommands.class,
            StoragePoolCommands.class,
            ResourceGroupCommands.class,
            VolumeGroupCommands.class,
            ResourceDefinitionCommands.class,
            VolumeDefinitionCommands.class,
            ResourceCommands.class,
            VolumeCommands.class,
            SnapshotCommands.class,
            NodeConnectionCommands.class,
            ResourceConnectionCommands.class,
            ControllerCommands.class,
            UserCommands.class,
            AutoComplete.GenerateCompletion.class
        },
        footer = {
            "",
            "Examples:",
            "  heddle node create pve1 10.1.0.11",
            "  heddle storage-pool create lvmthin pve1 drbdpool pve/drbdpool",
            "  heddle resource-definition create vm-100-disk-1",
            "  heddle volume-definition create vm-100-disk-1 4G",
            "  heddle resource create vm-100-disk-1 --auto-place 3 -s drbdpool",
            "  heddle controller drbd-options --max-buffers=36864 --c-plan-ahead=10",
            "  heddle -m resource list",
            "",
            "Exit codes: 0 done, 1 refused, 2 the command line is wrong, 3 done, with warnings.",
            "Completion in bash: source <(heddle generate-completion)"
        })
public final class Heddle implements Runnable {
    private final Session session;

    @Spec
    CommandSpec spec;

    Heddle(Session session) {
        this.session = session;
    }

    @Option(
            names = "--controllers",
            scope = CommandLine.ScopeType.INHERIT,
            paramLabel = "HOST[:PORT][,...]",
            description = "JMX address of the controller; of several, the first that answers. Otherwise"
                    + " HEDDLE_CONTROLLERS, or what heddle.conf of this machine says.")
    void controllers(String endpoints) {
        session.controllers(endpoints);
    }

    @Option(
            names = "--user",
            scope = CommandLine.ScopeType.INHERIT,
            description = "Who connects; the secret comes from HEDDLE_SECRET or is asked for. Root on the"
                    + " controller's machine needs neither.")
    void user(String name) {
        session.user(name);
    }

    @Option(
            names = "--fingerprint",
            scope = CommandLine.ScopeType.INHERIT,
            paramLabel = "SHA256",
            description = "Key that the controller must show, in hex.")
    void fingerprint(String key) {
        session.fingerprint(key);
    }

    @Option(
            names = {"-m", "--machine-readable"},
            scope = CommandLine.ScopeType.INHERIT,
            description = "Print JSON.")
    void machineReadable(boolean wanted) {
        session.machineReadable(wanted);
    }

    @Override
    public void run() {
        Shell.run(spec.commandLine(), session);
    }

    /** Runs one command, or the shell. */
    public static void main(String[] arguments) {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(execute(List.of(arguments), out, err, System.getenv()));
    }

    static int execute(List<String> arguments, PrintWriter out, PrintWriter err, Map<String, String> environment) {
        try (Session session = new Session(out, err, environment)) {
            return commandLine(session, DrbdOptionsCommand.neededBy(arguments))
                    .setOut(out)
                    .setErr(err)
                    .execute(arguments.toArray(String[]::new));
        }
    }

    static CommandLine commandLine(Session session) {
        return commandLine(session, true);
    }

    private static CommandLine commandLine(Session session, boolean withDrbdOptions) {
        CommandLine line = new CommandLine(new Heddle(session), new SessionFactory(session));
        DrbdOptionsCommand.addTo(line, session, withDrbdOptions);
        line.setExecutionExceptionHandler((failure, command, result) -> {
            if (failure instanceof Refusal refusal) {
                return session.refused(refusal);
            }
            throw failure;
        });
        line.setAbbreviatedOptionsAllowed(true);
        line.setUsageHelpAutoWidth(true);
        return line;
    }

    /** Gives each group of commands the session. */
    private record SessionFactory(Session session) implements CommandLine.IFactory {
        @Override
        public <K> K create(Class<K> type) throws Exception {
            for (var constructor : type.getDeclaredConstructors()) {
                if (constructor.getParameterCount() == 1 && constructor.getParameterTypes()[0] == Session.class) {
                    return type.cast(constructor.newInstance(session));
                }
            }
            return CommandLine.defaultFactory().create(type);
        }
    }

    static final class VersionText implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"heddle " + Version.CURRENT};
        }
    }
}
