package io.heddle.console;

import io.heddle.core.management.VolumeDefinitionRow;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "volume-definition", aliases = "vd", description = "Volumes of resource definitions.")
final class VolumeDefinitionCommands extends Group {
    private final Session session;

    VolumeDefinitionCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Add a volume to a resource definition.",
            footer = {"", "Example: heddle volume-definition create vm-100-disk-1 4G"})
    int create(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "SIZE", description = "such as 4G; without a unit KiB") String size,
            @Option(names = "--gross", description = "the size includes DRBD's metadata") boolean gross,
            @Option(
                            names = {"-n", "--vlmnr"},
                            defaultValue = "-1",
                            description = "volume number; otherwise the lowest free one")
                    int number) {
        return session.replies(session.cluster().createVolumeDefinition(resource, size, gross, number));
    }

    @Command(name = "list", aliases = "l", description = "Show volume definitions.")
    int list(
            @Option(
                            names = {"-r", "--resources"},
                            split = ",",
                            description = "only these")
                    List<String> resources) {
        List<VolumeDefinitionRow> rows = session.cluster().listVolumeDefinitions().stream()
                .filter(row -> matches(resources, row.resource()))
                .toList();
        return session.list(rows, new Table("Resource", "Volume", "Size", "Minor", "State"), row ->
                new Object[] {row.resource(), row.number(), size(row.sizeBytes()), row.minor(), row.state()});
    }

    @Command(name = "set-size", aliases = "s", description = "Grow a volume on all of its nodes, while it is in use.")
    int setSize(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "VOLUME", description = "volume number") int number,
            @Parameters(paramLabel = "SIZE", description = "new size, such as 8G") String size) {
        return session.replies(session.cluster().setVolumeDefinitionSize(resource, number, size));
    }

    @Command(name = "delete", aliases = "d", description = "Delete a volume with its data on all nodes.")
    int delete(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "VOLUME", description = "volume number") int number) {
        return session.replies(session.cluster().deleteVolumeDefinition(resource, number));
    }

    @Command(name = "set-property", aliases = "sp", description = "Set a property; without a value, remove it.")
    int setProperty(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "VOLUME", description = "volume number") int number,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setVolumeDefinitionProperty(resource, number, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a volume definition.")
    int listProperties(
            @Parameters(paramLabel = "RESOURCE") String resource,
            @Parameters(paramLabel = "VOLUME", description = "volume number") int number) {
        return session.properties(one(
                        session.cluster().listVolumeDefinitions(),
                        row -> row.resource().equalsIgnoreCase(resource) && row.number() == number,
                        "volume definition " + number + " of " + resource)
                .properties());
    }
}
