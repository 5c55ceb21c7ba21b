package io.heddle.console;

import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "user", description = "Who may connect with the console, JConsole or VisualVM.")
final class UserCommands extends Group {
    private final Session session;

    UserCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Make a user, or give one a new secret; the secret is shown once and kept nowhere.",
            footer = {"", "Example: heddle user create alice --role operator"})
    int create(
            @Parameters(paramLabel = "NAME") String name,
            @Option(
                            names = "--role",
                            defaultValue = "viewer",
                            description = "viewer, operator or admin (${DEFAULT-VALUE})")
                    String role) {
        String secret = session.access().createUser(name, role);
        return session.value(Map.of("user", name, "secret", secret), "Secret of " + name + ": " + secret);
    }

    @Command(name = "list", aliases = "l", description = "Show users beside admin.")
    int list() {
        return session.list(List.copyOf(session.access().listUsers().entrySet()), new Table("User", "Role"), entry ->
                new Object[] {entry.getKey(), entry.getValue()});
    }

    @Command(name = "delete", aliases = "d", description = "Delete a user; its connections lose their rights at once.")
    int delete(@Parameters(paramLabel = "NAME") String name) {
        session.access().deleteUser(name);
        return session.value(List.of(), "SUCCESS: user " + name + " is deleted");
    }
}
