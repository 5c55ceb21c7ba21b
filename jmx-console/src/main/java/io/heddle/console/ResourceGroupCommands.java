package io.heddle.console;

import io.heddle.core.management.ResourceGroupRow;
import io.heddle.core.management.SizeRow;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "resource-group",
        aliases = "rg",
        description = "Templates that resource definitions follow; DfltRscGrp where none is named.")
final class ResourceGroupCommands extends Group {
    private final Session session;

    ResourceGroupCommands(Session session) {
        this.session = session;
    }

    /** What a group says beside its properties. */
    static final class Wish {
        @Option(
                names = {"-d", "--description"},
                defaultValue = "",
                paramLabel = "TEXT",
                description = "free text")
        String description = "";

        @Option(
                names = "--place-count",
                defaultValue = "0",
                paramLabel = "COUNT",
                description = "diskful replicas that automatic placement makes where it is not told how many")
        int placeCount;

        @Option(
                names = {"-s", "--storage-pool"},
                defaultValue = "",
                paramLabel = "POOL",
                description = "storage pools that may be used, with commas between")
        String pools = "";

        @Option(
                names = "--nodes",
                defaultValue = "",
                paramLabel = "NODE",
                description = "nodes that may be used, with commas between")
        String nodes = "";

        @Option(
                names = "--providers",
                defaultValue = "",
                paramLabel = "DRIVER",
                description = "driver kinds that may be used, with commas between")
        String drivers = "";

        @Option(
                names = {"-l", "--layer-list"},
                defaultValue = "",
                description = "drbd,storage (the default) or storage")
        String layers = "";
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Create a resource group.",
            footer = {"", "Example: heddle resource-group create vms --place-count 3 -s drbdpool"})
    int create(@Parameters(paramLabel = "GROUP") String group, @Mixin Wish wish) {
        return session.replies(session.cluster()
                .createResourceGroup(
                        group, wish.description, wish.placeCount, wish.pools, wish.nodes, wish.drivers, wish.layers));
    }

    @Command(name = "list", aliases = "l", description = "Show resource groups.")
    int list(
            @Option(
                            names = {"-r", "--resource-groups"},
                            split = ",",
                            description = "only these")
                    List<String> groups) {
        List<ResourceGroupRow> rows = session.cluster().listResourceGroups().stream()
                .filter(row -> matches(groups, row.group()))
                .toList();
        return session.list(
                rows,
                new Table("Group", "Replicas", "Placed on", "Volumes", "Definitions", "Description"),
                row -> new Object[] {
                    row.group(), row.placeCount(), place(row), numbers(row), row.definitions(), row.description()
                });
    }

    private static String numbers(ResourceGroupRow row) {
        return row.volumes().stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String place(ResourceGroupRow row) {
        List<String> lines = new ArrayList<>();
        add(lines, "pools", row.pools());
        add(lines, "nodes", row.nodes());
        add(lines, "drivers", row.drivers());
        add(lines, "layers", row.layers());
        return String.join("\n", lines);
    }

    private static void add(List<String> lines, String what, List<String> names) {
        if (!names.isEmpty()) {
            lines.add(what + " " + String.join(", ", names));
        }
    }

    @Command(
            name = "modify",
            aliases = "m",
            description = "Change a resource group; '-' unsets. What is placed already stays where it is.",
            footer = {"", "Example: heddle resource-group modify vms --place-count 2 --nodes -"})
    int modify(@Parameters(paramLabel = "GROUP") String group, @Mixin Wish wish) {
        return session.replies(session.cluster()
                .modifyResourceGroup(
                        group, wish.description, wish.placeCount, wish.pools, wish.nodes, wish.drivers, wish.layers));
    }

    @Command(
            name = "spawn-resources",
            aliases = {"spawn", "sp-r"},
            description = "Make a resource definition with its volumes, and place it as the group says.",
            footer = {
                "",
                "Example: heddle resource-group spawn-resources vms vm-100-disk-1 4G",
                "One size for each volume group of the group, in their order."
            })
    int spawn(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SIZE", arity = "0..*", description = "such as 4G; without a unit KiB")
                    List<String> sizes,
            @Option(
                            names = {"-p", "--partial"},
                            description = "there may be more or fewer sizes than volume groups")
                    boolean partial,
            @Option(
                            names = {"-d", "--definition-only"},
                            description = "place nothing")
                    boolean definitionOnly) {
        return session.replies(session.cluster()
                .spawn(group, resource, sizes == null ? "" : String.join(",", sizes), partial, definitionOnly));
    }

    @Command(
            name = "query-size-info",
            aliases = "qsi",
            description =
                    "Show what resource groups can still take, for each replica, by what was seen of the pools last.")
    int querySizeInfo(
            @Parameters(paramLabel = "GROUP", arity = "0..*", description = "only of these") List<String> groups) {
        List<SizeRow> rows = session.cluster().listSizes().stream()
                .filter(row -> matches(groups, row.group()))
                .toList();
        return session.list(
                rows, new Table("Group", "Largest volume", "Free", "Total", "Next one goes to"), row -> new Object[] {
                    row.group(),
                    size(row.largestBytes()),
                    size(row.freeBytes()),
                    size(row.totalBytes()),
                    row.why().isEmpty() ? String.join("\n", row.places()) : row.why()
                });
    }

    @Command(name = "delete", aliases = "d", description = "Delete resource groups that no resource definition is in.")
    int delete(@Parameters(paramLabel = "GROUP", arity = "1..*") List<String> groups) {
        int worst = 0;
        for (String group : groups) {
            worst = Math.max(worst, session.replies(session.cluster().deleteResourceGroup(group)));
        }
        return worst;
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setResourceGroupProperty(group, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a resource group.")
    int listProperties(@Parameters(paramLabel = "GROUP") String group) {
        return session.properties(one(
                        session.cluster().listResourceGroups(),
                        row -> row.group().equalsIgnoreCase(group),
                        "resource group " + group)
                .properties());
    }
}
