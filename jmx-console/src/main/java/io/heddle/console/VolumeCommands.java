package io.heddle.console;

import io.heddle.core.management.VolumeRow;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "volume", aliases = "v", description = "Volumes of resources on nodes.")
final class VolumeCommands extends Group {
    private final Session session;

    VolumeCommands(Session session) {
        this.session = session;
    }

    @Command(name = "list", aliases = "l", description = "Show volumes: pool, device, space taken, state.")
    int list(
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only on these nodes")
                    List<String> nodes,
            @Option(
                            names = {"-r", "--resources"},
                            split = ",",
                            description = "only these")
                    List<String> resources) {
        return list(session, nodes, resources);
    }

    static int list(Session session, @Nullable List<String> nodes, @Nullable List<String> resources) {
        List<VolumeRow> rows = session.cluster().listVolumes().stream()
                .filter(row -> matches(nodes, row.node()) && matches(resources, row.resource()))
                .toList();
        return session.list(
                rows,
                new Table(
                        "Node",
                        "Resource",
                        "StoragePool",
                        "Volume",
                        "Minor",
                        "Device",
                        "Allocated",
                        "Usage",
                        "State",
                        "Replication"),
                row -> new Object[] {
                    row.node(),
                    row.resource(),
                    row.pool(),
                    row.number(),
                    row.minor(),
                    row.device(),
                    size(row.allocatedBytes()),
                    row.usage(),
                    row.state(),
                    replication(row)
                });
    }

    private static String replication(VolumeRow row) {
        return row.peers().stream()
                .map(peer -> peer.text().isEmpty() ? peer.replication() + "(" + peer.peer() + ")" : peer.text())
                .collect(Collectors.joining("\n"));
    }
}
