package io.heddle.console;

import io.heddle.core.management.ResourceRow;
import io.heddle.core.management.SplitBrainRow;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "resource", aliases = "r", description = "Resources on nodes.")
final class ResourceCommands extends Group {
    private final Session session;

    ResourceCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Place a resource: on named nodes, or where it fits best.",
            footer = {
                "",
                "Examples:",
                "  heddle resource create vm-100-disk-1 --auto-place 3 -s drbdpool",
                "  heddle resource create pve1 pve2 vm-100-disk-1 -s drbdpool"
            })
    int create(
            @Parameters(
                            paramLabel = "[NODE...] RESOURCE",
                            arity = "1..*",
                            description = "nodes, unless placed automatically, then the resource definition")
                    List<String> names,
            @Option(
                            names = {"-s", "--storage-pool"},
                            defaultValue = "",
                            description = "storage pool; with --auto-place also several with commas between")
                    String pool,
            @Option(
                            names = "--auto-place",
                            defaultValue = "-1",
                            paramLabel = "COUNT",
                            description = "how many replicas there shall be; 0: as its resource group says")
                    int placeCount,
            @Option(
                            names = {"-d", "--diskless", "--drbd-diskless"},
                            description = "without a disk there")
                    boolean diskless) {
        String resource = names.get(names.size() - 1);
        String nodes = String.join(",", names.subList(0, names.size() - 1));
        if (placeCount < 0 && nodes.isEmpty()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine().getSubcommands().get("create"), "name nodes, or give --auto-place COUNT");
        }
        return session.replies(Progress.of(
                session,
                resource,
                cluster -> placeCount >= 0
                        ? cluster.autoPlace(resource, placeCount, pool, nodes)
                        : cluster.createResource(resource, nodes, pool, diskless)));
    }

    @Command(name = "list", aliases = "l", description = "Show resources: node, port, use, connections, state.")
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
                    List<String> resources,
            @Option(names = "--faulty", description = "only what is not as it should be") boolean faulty) {
        List<ResourceRow> rows = session.cluster().listResources().stream()
                .filter(row -> matches(nodes, row.node()) && matches(resources, row.resource()))
                .filter(row -> !faulty || isFaulty(row))
                .toList();
        return session.list(rows, new Table("Resource", "Node", "Port", "Usage", "Connections", "State"), row ->
                new Object[] {row.resource(), row.node(), row.port(), row.usage(), row.connections(), state(row)});
    }

    /** The state, and below it what stands in the way, or what is being done or waited for. */
    static String state(ResourceRow row) {
        String state = row.syncs().isEmpty() ? row.state() : stateAndSyncs(row);
        if (!row.problem().isEmpty()) {
            return state + "\n" + wrap(row.problem() + " - " + row.correction());
        }
        return row.steps().isEmpty() ? state : state + "\n" + wrap(String.join("; ", row.steps()));
    }

    /** A sync to this node says what its state is; one from it does not. */
    private static String stateAndSyncs(ResourceRow row) {
        String syncs = String.join("\n", row.syncs());
        boolean saysIt = row.syncs().stream().anyMatch(sync -> row.state().startsWith(sync.split(" ", 2)[0]));
        return saysIt ? syncs : row.state() + "\n" + syncs;
    }

    private static boolean isFaulty(ResourceRow row) {
        return !row.problem().isEmpty()
                || !row.connections().equals("Ok")
                || !List.of("UpToDate", "Diskless", "TieBreaker", "Created").contains(row.state());
    }

    @Command(
            name = "list-volumes",
            aliases = "lv",
            description = "Show volumes: pool, device, space taken, state, how far each sync is.")
    int listVolumes(
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
        return VolumeCommands.list(session, nodes, resources);
    }

    @Command(
            name = "wait-sync",
            description = "Wait until all replicas of a resource are UpToDate; show how far they are.",
            footer = {"", "Example: heddle resource wait-sync vm-100-disk-1 --timeout 600"})
    int waitSync(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(
                            names = {"-n", "--node"},
                            defaultValue = "",
                            description = "wait for the replica of this node only")
                    String node,
            @Option(
                            names = "--timeout",
                            defaultValue = "0",
                            paramLabel = "SECONDS",
                            description = "how long to wait at most; 0: until it is in sync")
                    long timeout) {
        return new SyncWait(session, resource, node).upTo(Duration.ofSeconds(timeout));
    }

    @Command(name = "delete", aliases = "d", description = "Delete a resource from nodes, with its data there.")
    int delete(
            @Parameters(paramLabel = "NODE... RESOURCE", arity = "2..*", description = "nodes, then the resource")
                    List<String> names) {
        String resource = names.get(names.size() - 1);
        int worst = 0;
        for (String node : names.subList(0, names.size() - 1)) {
            worst = Math.max(worst, session.replies(session.cluster().deleteResource(resource, node)));
        }
        return worst;
    }

    @Command(
            name = "abandon",
            description = "End a deletion on a node whose disk is dead: its backing volume is left as it is.")
    int abandon(@Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "RESOURCE") String resource) {
        return session.replies(session.cluster().abandonResource(resource, node));
    }

    @Command(
            name = "toggle-disk",
            aliases = "td",
            description =
                    "Give a resource a disk on a node, move the disk of another node there, or take it away with its data.")
    int toggleDisk(
            @Parameters(paramLabel = "NODE") String node,
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(
                            names = {"-s", "--storage-pool"},
                            defaultValue = "",
                            description =
                                    "pool of the disk; without it the one named on a level above, or the only one")
                    String pool,
            @Option(
                            names = {"-d", "--diskless", "--drbd-diskless"},
                            description = "without a disk there")
                    boolean diskless,
            @Option(
                            names = "--migrate-from",
                            paramLabel = "NODE",
                            defaultValue = "",
                            description =
                                    "node whose replica goes when the new disk is UpToDate and nothing uses it there")
                    String from) {
        if (diskless && !(pool.isEmpty() && from.isEmpty())) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(),
                    "a storage pool and a node to migrate from are for a disk: they do not go with --diskless");
        }
        if (!from.isEmpty()) {
            return session.replies(session.cluster().migrateDisk(resource, node, pool, from));
        }
        return session.replies(session.cluster().toggleDisk(resource, node, pool, diskless));
    }

    @Command(
            name = "promote",
            description = "Make a node Primary; needed on DRBD 8.4, where opening the device does not.")
    int promote(
            @Parameters(paramLabel = "NODE") String node,
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(
                            names = "--peer-is-dead",
                            description =
                                    "you have seen that the other node does not run: DRBD 8.4 has no quorum, and two"
                                            + " nodes that both write lose one side's data")
                    boolean peerIsDead) {
        return session.replies(session.cluster().promoteResource(resource, node, peerIsDead));
    }

    @Command(name = "demote", description = "Make a node Secondary.")
    int demote(@Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "RESOURCE") String resource) {
        return session.replies(session.cluster().demoteResource(resource, node));
    }

    @Command(
            name = "split-brain",
            aliases = "sb",
            description = "Show what each side knows of peers that it is cut off from, and the ways out.")
    int splitBrain(
            @Parameters(paramLabel = "RESOURCE", arity = "0..1", defaultValue = "", description = "default: all")
                    String resource) {
        return session.list(
                session.cluster().listSplitBrains(resource),
                new Table(
                        "Resource",
                        "Node",
                        "CutOffFrom",
                        "SplitBrain",
                        "Role",
                        "State",
                        "OutOfSync",
                        "Since",
                        "LastWrite",
                        "Generation"),
                row -> new Object[] {
                    row.resource(),
                    row.node(),
                    row.peer() + "\n" + row.connection(),
                    splitBrainText(row),
                    row.role() + "\n(was " + row.roleThen() + ")",
                    row.state(),
                    row.outOfSync() < 0 ? "unknown" : row.outOfSync() / 1024 + " KiB",
                    sinceText(row),
                    lastWriteText(row),
                    String.join("\n", row.generations())
                });
    }

    private static String sinceText(SplitBrainRow row) {
        if (row.since().isEmpty()) {
            return "unknown";
        }
        return row.watched() ? row.since() : row.since() + "\nor earlier";
    }

    private static String lastWriteText(SplitBrainRow row) {
        if (row.lastWrite().isEmpty()) {
            return row.watched() ? "none seen" : "unknown";
        }
        return row.watched() ? row.lastWrite() : row.lastWrite() + "\nor later";
    }

    private static String splitBrainText(SplitBrainRow row) {
        if (!row.decided().isEmpty()) {
            return wrap("decided: " + row.decided());
        }
        return row.diverged() ? "yes: one of\n" + String.join("\n", row.waysOut()) : "no sign";
    }

    @Command(
            name = "resolve-split-brain",
            description = "Have one side of a split brain give up its changes; a snapshot of them is taken first.")
    int resolveSplitBrain(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Option(
                            names = "--discard",
                            split = ",",
                            defaultValue = "",
                            paramLabel = "NODE",
                            description = "whose changes go")
                    List<String> discard,
            @Option(
                            names = "--without-snapshot",
                            description = "what goes need not be kept; said where a pool takes no snapshots")
                    boolean withoutSnapshot,
            @Option(names = "--withdraw", description = "take back what was decided, as far as it is not done")
                    boolean withdraw) {
        String losers = String.join(",", discard);
        if (withdraw != losers.isBlank()) {
            throw new CommandLine.ParameterException(
                    spec.commandLine().getSubcommands().get("resolve-split-brain"),
                    "say either --discard NODE or --withdraw, and not both");
        }
        if (withdraw) {
            return session.replies(session.cluster().withdrawSplitBrainResolution(resource));
        }
        return session.replies(session.cluster().resolveSplitBrain(resource, losers, withoutSnapshot));
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "NODE") String node,
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setResourceProperty(resource, node, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a resource.")
    int listProperties(
            @Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "RESOURCE") String resource) {
        String wanted = (node + "/" + resource).toLowerCase(Locale.ROOT);
        return session.properties(one(
                        session.cluster().listResources(),
                        row -> (row.node() + "/" + row.resource())
                                .toLowerCase(Locale.ROOT)
                                .equals(wanted),
                        "resource " + resource + " on node " + node)
                .properties());
    }
}
