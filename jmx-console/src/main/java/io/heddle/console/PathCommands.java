package io.heddle.console;

import io.heddle.core.management.PathRow;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "path", aliases = "p", description = "Named paths between two nodes; DRBD 9 takes several.")
final class PathCommands extends Group {
    private final Session session;

    PathCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description =
                    "Set a path: an interface of each node. Named paths take the place of the preferred interfaces.",
            footer = {
                "",
                "Example, which adds a second path without a break, since the first is the one in use:",
                "  heddle resource-connection path create pve1 pve2 db1 a default default",
                "  heddle resource-connection path create pve1 pve2 db1 b data data"
            })
    int create(
            @Parameters(paramLabel = "NODE_A") String one,
            @Parameters(paramLabel = "NODE_B") String other,
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "PATH") String path,
            @Parameters(paramLabel = "INTERFACE_A") String oneInterface,
            @Parameters(paramLabel = "INTERFACE_B") String otherInterface) {
        return session.replies(session.cluster().createPath(resource, one, other, path, oneInterface, otherInterface));
    }

    @Command(
            name = "delete",
            aliases = "d",
            description = "Remove a path; without any the preferred interfaces are used.")
    int delete(
            @Parameters(paramLabel = "NODE_A") String one,
            @Parameters(paramLabel = "NODE_B") String other,
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "PATH") String path) {
        return session.replies(session.cluster().deletePath(resource, one, other, path));
    }

    @Command(name = "list", aliases = "l", description = "List the paths between two nodes.")
    int list(
            @Parameters(paramLabel = "NODE_A") String one,
            @Parameters(paramLabel = "NODE_B") String other,
            @Parameters(paramLabel = "RESOURCE") String resource) {
        return session.list(
                session.cluster().listPaths(resource, one, other),
                new Table("Path", "Node", "Interface", "Node", "Interface"),
                (PathRow row) ->
                        new Object[] {row.path(), row.one(), row.oneInterface(), row.other(), row.otherInterface()});
    }
}
