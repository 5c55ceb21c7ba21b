package io.heddle.console;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.management.ControllerRow;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "controller",
        aliases = "c",
        description = "The controller and what everything inherits from it.",
        subcommands = ControllerCommands.RestCommands.class)
final class ControllerCommands extends Group {
    private final Session session;

    ControllerCommands(Session session) {
        this.session = session;
    }

    @Command(name = "version", aliases = "v", description = "Show version, cluster and key of the controller.")
    int version() {
        ControllerRow row = session.cluster().getController();
        StringBuilder text = new StringBuilder("Heddle " + row.version() + ", cluster " + row.clusterId() + ", epoch "
                + row.epoch() + ", revision " + row.revision() + ", started " + row.startedAt()
                + "\nKey towards satellites: " + row.fingerprint());
        row.quarantined().forEach(sentence -> text.append("\nSet aside: ").append(sentence));
        return session.value(row, text.toString());
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of the controller level.")
    int listProperties() {
        return session.properties(session.cluster().listControllerProperties());
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setControllerProperty(key, value));
    }

    @Command(
            name = "export",
            description = "Write the whole desired state to a file that only you can read; it holds secrets.")
    int export(@Parameters(paramLabel = "FILE", description = "a file that is not there yet") Path file) {
        String document = session.cluster().exportState();
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(
                    file, document, StandardCharsets.UTF_8, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        } catch (IOException e) {
            throw new Refusal(
                    ErrorCode.FILE_FAILED,
                    "cannot write " + file,
                    e.toString(),
                    "name a new file in a folder of yours");
        }
        return session.value(Set.of(file.toString()), "SUCCESS: written to " + file);
    }

    @Command(name = "import", description = "Take an exported state into a cluster that has nothing yet.")
    int importFile(@Parameters(paramLabel = "FILE") Path file) {
        try {
            return session.replies(session.cluster().importState(Files.readString(file)));
        } catch (IOException e) {
            throw new Refusal(ErrorCode.FILE_FAILED, "cannot read " + file, e.toString(), "name an exported file");
        }
    }

    @Command(name = "rest", description = "Who may use the REST API from other machines.")
    static final class RestCommands extends Group {
        private final Session session;

        RestCommands(Session session) {
            this.session = session;
        }

        @Command(
                name = "open",
                description = "Let a network use the REST API without a token.",
                footer = {"", "Example: heddle controller rest open 10.1.0.0/16 --role operator"})
        int open(
                @Parameters(paramLabel = "NETWORK", description = "such as 10.1.0.0/16") String network,
                @Option(
                                names = "--role",
                                defaultValue = "viewer",
                                description = "viewer, operator or admin (${DEFAULT-VALUE})")
                        String role) {
            return session.replies(session.cluster().openRest(network, role));
        }

        @Command(name = "close", description = "Take that back.")
        int close(@Parameters(paramLabel = "NETWORK", description = "as it was given") String network) {
            return session.replies(session.cluster().closeRest(network));
        }

        @Command(
                name = "origins",
                description = "Name the web sites whose pages may change things; without any, none may.",
                footer = {"", "Example: heddle controller rest origins https://ui.example.org"})
        int origins(@Parameters(paramLabel = "ORIGIN", arity = "0..*") List<String> origins) {
            return session.replies(
                    session.cluster().allowRestOrigins(origins == null ? "" : String.join(",", origins)));
        }

        @Command(name = "list", aliases = "l", description = "Show the networks that may.")
        int list() {
            return session.list(
                    List.copyOf(session.cluster().listRestNetworks().entrySet()), new Table("Network", "Role"), entry ->
                            new Object[] {entry.getKey(), entry.getValue()});
        }
    }
}
