package io.heddle.console;

import io.heddle.core.management.SnapshotRow;
import io.heddle.core.model.Bytes;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "snapshot", aliases = "s", description = "What resources held at one moment, on all of their nodes.")
final class SnapshotCommands extends Group {
    private final Session session;

    SnapshotCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Take a snapshot of a resource on all nodes that have a replica.",
            footer = {"", "Example: heddle snapshot create db1 before-upgrade"})
    int create(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SNAPSHOT") String snapshot) {
        return session.replies(session.cluster().createSnapshot(resource, snapshot));
    }

    @Command(
            name = "create-multiple",
            aliases = "cm",
            description = "Take snapshots of several resources at the same moment.",
            footer = {"", "Example: heddle snapshot create-multiple data log --snapshot before-upgrade"})
    int createMultiple(
            @Parameters(paramLabel = "RESOURCE", arity = "1..*") List<String> resources,
            @Option(names = "--snapshot", required = true, description = "name of each of the snapshots")
                    String snapshot) {
        return session.replies(session.cluster().createSnapshot(String.join(",", resources), snapshot));
    }

    @Command(name = "list", aliases = "l", description = "Show snapshots.")
    int list(
            @Option(
                            names = {"-r", "--resources"},
                            split = ",",
                            description = "only of these")
                    List<String> resources,
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only on these")
                    List<String> nodes) {
        List<SnapshotRow> rows = session.cluster().listSnapshots().stream()
                .filter(row -> matches(resources, row.resource()))
                .filter(row -> row.nodes().stream().anyMatch(node -> matches(nodes, node)))
                .toList();
        return session.list(
                rows,
                new Table("Resource", "Snapshot", "Nodes", "Volumes", "Used", "Created", "State"),
                row -> new Object[] {
                    row.resource(),
                    row.snapshot(),
                    String.join(", ", row.nodes()),
                    row.sizes().entrySet().stream()
                            .map(size -> size.getKey() + ": " + new Bytes(size.getValue()))
                            .collect(Collectors.joining(", ")),
                    row.used().entrySet().stream()
                            .map(used -> used.getKey() + ": " + new Bytes(used.getValue()))
                            .collect(Collectors.joining(", ")),
                    row.createdAt(),
                    state(row)
                });
    }

    private static String state(SnapshotRow row) {
        String failed = row.failure().isEmpty() ? "" : ": " + row.failure();
        boolean goes = row.state().equals("FAILED") || row.state().equals("DELETING");
        String left =
                goes && !row.remaining().isEmpty() ? " (still on " + String.join(", ", row.remaining()) + ")" : "";
        return row.state() + failed + left;
    }

    @Command(
            name = "restore",
            aliases = "r",
            description = {
                "Make another resource of what a snapshot keeps.",
                "It costs no space at first, and the snapshot stays. All that was acknowledged when the snapshot was taken is in it, as"
                        + " after a power cut at that moment."
            },
            footer = {
                "",
                "Examples:",
                "  heddle snapshot restore db1 before-upgrade db1-old",
                "  heddle snapshot restore db1 before-upgrade db1-old --nodes n1,n2"
            })
    int restore(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SNAPSHOT") String snapshot,
            @Parameters(paramLabel = "NEW_RESOURCE") String newResource,
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only on these of the nodes that have a part of it")
                    List<String> nodes) {
        String named = nodes == null ? "" : String.join(",", nodes);
        return session.replies(Progress.of(
                session, newResource, cluster -> cluster.restoreSnapshot(resource, snapshot, newResource, named)));
    }

    @Command(
            name = "rollback",
            aliases = "rb",
            description = {
                "Have a resource go back to a snapshot, on all of its nodes.",
                "What was written since is lost. The snapshot stays, and it can be gone back to again. Nobody may use the resource meanwhile."
            },
            footer = {"", "Example: heddle snapshot rollback db1 before-upgrade"})
    int rollback(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SNAPSHOT") String snapshot) {
        return session.replies(
                Progress.of(session, resource, cluster -> cluster.rollBackToSnapshot(resource, snapshot)));
    }

    @Command(name = "delete", aliases = "d", description = "Delete snapshots of a resource on all of their nodes.")
    int delete(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SNAPSHOT", arity = "1..*") List<String> snapshots) {
        int worst = 0;
        for (String snapshot : snapshots) {
            worst = Math.max(worst, session.replies(session.cluster().deleteSnapshot(resource, snapshot)));
        }
        return worst;
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SNAPSHOT") String snapshot,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setSnapshotProperty(resource, snapshot, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a snapshot.")
    int listProperties(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SNAPSHOT") String snapshot) {
        return session.properties(one(
                        session.cluster().listSnapshots(),
                        row -> row.resource().equalsIgnoreCase(resource)
                                && row.snapshot().equalsIgnoreCase(snapshot),
                        "snapshot " + snapshot + " of " + resource)
                .properties());
    }
}
