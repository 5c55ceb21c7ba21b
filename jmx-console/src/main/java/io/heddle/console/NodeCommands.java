package io.heddle.console;

import io.heddle.core.management.NodeRow;
import io.heddle.core.management.UnclaimedRow;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "node",
        aliases = "n",
        description = "Machines of the cluster.",
        subcommands = NodeCommands.InterfaceCommands.class)
final class NodeCommands extends Group {
    private final Session session;

    NodeCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "list-unclaimed",
            aliases = "lu",
            description = "Show what is on nodes and in no specification. It is never touched.")
    int listUnclaimed(
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only on these nodes")
                    List<String> nodes) {
        List<UnclaimedRow> rows = session.cluster().listUnclaimed().stream()
                .filter(row -> matches(nodes, row.node()))
                .toList();
        return session.list(rows, new Table("Node", "Kind", "Name", "UUID", "Why"), row ->
                new Object[] {row.node(), row.kind(), row.name(), row.identity(), wrap(row.why())});
    }

    @Command(
            name = "forget-unclaimed",
            description = "Strike something from the list of what is unclaimed. It stays as it is on the node.")
    int forgetUnclaimed(
            @Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "UUID") String identity) {
        return session.replies(session.cluster().forgetUnclaimed(node, identity));
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Register a node and connect to its satellite.",
            footer = {"", "Example: heddle node create pve1 10.1.0.11"})
    int create(
            @Parameters(paramLabel = "NODE", description = "name, as uname -n prints it there") String node,
            @Parameters(paramLabel = "ADDRESS", description = "IPv4 or IPv6 address") String address,
            @Option(
                            names = "--node-type",
                            defaultValue = "SATELLITE",
                            description = "SATELLITE, COMBINED, CONTROLLER or AUXILIARY (${DEFAULT-VALUE})")
                    String type,
            @Option(
                            names = {"-p", "--port"},
                            defaultValue = "3366",
                            description = "TCP port of the satellite (${DEFAULT-VALUE})")
                    int port,
            @Option(names = "--encryption", defaultValue = "TLS", description = "TLS or PLAIN (${DEFAULT-VALUE})")
                    String encryption,
            @Option(
                            names = "--code",
                            defaultValue = "",
                            description = "one-time code that the satellite printed to its journal")
                    String code) {
        return session.replies(session.cluster().createNode(node, type, address, port, encryption, code));
    }

    @Command(name = "list", aliases = "l", description = "Show nodes: type, addresses with port and encryption, state.")
    int list(
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only these")
                    List<String> nodes) {
        List<NodeRow> rows = session.cluster().listNodes().stream()
                .filter(row -> matches(nodes, row.node()))
                .toList();
        return session.list(rows, new Table("Node", "Type", "Addresses", "State"), row ->
                new Object[] {row.node(), row.type(), String.join("\n", row.addresses()), state(row)});
    }

    private static String state(NodeRow row) {
        StringBuilder text = new StringBuilder(row.state());
        if (row.evacuating()) {
            text.append("\nEVACUATE");
            row.evacuation().forEach(left -> text.append('\n').append(wrap(left)));
        }
        if (!row.problem().isEmpty() && !row.state().equals("ONLINE")) {
            text.append('\n').append(wrap(row.problem() + " - " + row.correction()));
        }
        return text.toString();
    }

    @Command(name = "info", description = "Show what nodes can do, and what on them nobody has claimed.")
    int info(
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only these")
                    List<String> nodes) {
        List<NodeRow> rows = session.cluster().listNodes().stream()
                .filter(row -> matches(nodes, row.node()))
                .toList();
        return session.list(
                rows,
                new Table("Node", "Version", "Replication", "Drivers", "Unclaimed", "Needs a look"),
                row -> new Object[] {
                    row.node(),
                    row.version(),
                    wrap(row.replication()),
                    String.join("\n", row.drivers()),
                    String.join("\n", row.unclaimed()),
                    row.problem().isEmpty() ? "" : wrap(row.problem() + " - " + row.correction())
                });
    }

    @Command(name = "delete", aliases = "d", description = "Remove a node that has no resources.")
    int delete(@Parameters(paramLabel = "NODE") String node) {
        return session.replies(session.cluster().deleteNode(node));
    }

    @Command(
            name = "lost",
            description =
                    "Give a node up for good that is switched off or broken. Its resources count as gone; if it comes back, it"
                            + " cannot rejoin.")
    int lost(
            @Parameters(paramLabel = "NODE") String node,
            @Option(
                            names = "--losing",
                            paramLabel = "RESOURCE",
                            defaultValue = "",
                            description = "resources whose last UpToDate copy may be lost with it, separated by commas")
                    String losing) {
        return session.replies(session.cluster().loseNode(node, losing));
    }

    @Command(
            name = "evacuate",
            description =
                    "Empty a node: its replicas are made elsewhere and then go from it; nothing more is placed on it.")
    int evacuate(
            @Parameters(paramLabel = "NODE") String node,
            @Option(
                            names = "--target",
                            paramLabel = "NODE",
                            defaultValue = "",
                            description = "nodes that may take its replicas, separated by commas")
                    String targets,
            @Option(
                            names = "--do-not-target",
                            paramLabel = "NODE",
                            defaultValue = "",
                            description = "nodes that may take none, separated by commas")
                    String excluded) {
        return session.replies(session.cluster().evacuateNode(node, targets, excluded));
    }

    @Command(name = "restore", description = "End the evacuation of a node: what is on it stays.")
    int restore(@Parameters(paramLabel = "NODE") String node) {
        return session.replies(session.cluster().restoreNode(node));
    }

    @Command(name = "reconnect", aliases = "rc", description = "Connect to a node's satellite at once.")
    int reconnect(
            @Parameters(paramLabel = "NODE") String node,
            @Option(
                            names = "--accept-older",
                            description = "have the satellite take this controller although it has seen a newer one")
                    boolean acceptOlder) {
        return session.replies(
                acceptOlder
                        ? session.cluster().reconnectNodeAsOlder(node)
                        : session.cluster().reconnectNode(node));
    }

    @Command(
            name = "claim",
            description = "Pair with a node's satellite on purpose, forgetting the key that was pinned.")
    int claim(
            @Parameters(paramLabel = "NODE") String node,
            @Option(
                            names = "--code",
                            defaultValue = "",
                            description = "one-time code that the satellite printed to its journal")
                    String code) {
        return session.replies(session.cluster().claimNode(node, code));
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "NODE") String node,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setNodeProperty(node, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a node.")
    int listProperties(@Parameters(paramLabel = "NODE") String node) {
        return session.properties(
                one(session.cluster().listNodes(), row -> row.node().equalsIgnoreCase(node), "node " + node)
                        .properties());
    }

    @Command(name = "interface", aliases = "i", description = "Addresses of a node.")
    static final class InterfaceCommands extends Group {
        private final Session session;

        InterfaceCommands(Session session) {
            this.session = session;
        }

        @Command(
                name = "create",
                aliases = "c",
                description = "Add an address.",
                footer = {"", "Example: heddle node interface create pve1 data 10.2.0.11"})
        int create(
                @Parameters(paramLabel = "NODE") String node,
                @Parameters(paramLabel = "NAME", description = "name of the address") String name,
                @Parameters(paramLabel = "ADDRESS", description = "IPv4 or IPv6 address") String address,
                @Option(
                                names = {"-p", "--port"},
                                defaultValue = "3366",
                                description = "TCP port of the satellite (${DEFAULT-VALUE})")
                        int port,
                @Option(names = "--encryption", defaultValue = "TLS", description = "TLS or PLAIN (${DEFAULT-VALUE})")
                        String encryption,
                @Option(names = "--active", description = "the controller is to use it") boolean active) {
            return session.replies(session.cluster().createNetInterface(node, name, address, port, encryption, active));
        }

        @Command(name = "list", aliases = "l", description = "Show the addresses of a node.")
        int list(@Parameters(paramLabel = "NODE") String node) {
            return session.list(
                    session.cluster().listNetInterfaces(node),
                    new Table("Node", "Name", "Address", "Port", "Encryption", "Active"),
                    row -> new Object[] {
                        row.node(),
                        row.name(),
                        row.address(),
                        row.linkPort(),
                        row.encryption(),
                        row.active() ? "yes" : ""
                    });
        }

        @Command(
                name = "modify",
                aliases = "m",
                description = "Change an address. Connections of running volumes go over to it one after the other; the"
                        + " machine keeps the old one until 'resource list' shows them READY.",
                footer = {"", "Example: heddle node interface modify pve1 data --ip 10.2.0.91"})
        int modify(
                @Parameters(paramLabel = "NODE") String node,
                @Parameters(paramLabel = "NAME") String name,
                @Option(names = "--ip", defaultValue = "", description = "new address") String address,
                @Option(
                                names = {"-p", "--port"},
                                defaultValue = "0",
                                description = "new TCP port of the satellite")
                        int port,
                @Option(names = "--encryption", defaultValue = "", description = "TLS or PLAIN") String encryption,
                @Option(names = "--active", description = "the controller is to use it") boolean active) {
            return session.replies(session.cluster().modifyNetInterface(node, name, address, port, encryption, active));
        }

        @Command(name = "delete", aliases = "d", description = "Remove an address.")
        int delete(@Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "NAME") String name) {
            return session.replies(session.cluster().deleteNetInterface(node, name));
        }
    }
}
