package io.heddle.console;

import io.heddle.core.management.VolumeGroupRow;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "volume-group",
        aliases = "vg",
        description = "Volumes of what is spawned from resource groups; these are none of LVM's.")
final class VolumeGroupCommands extends Group {
    private final Session session;

    VolumeGroupCommands(Session session) {
        this.session = session;
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Add a volume to what is spawned from a resource group.",
            footer = {"", "Example: heddle volume-group create vms"})
    int create(
            @Parameters(paramLabel = "GROUP") String group,
            @Option(
                            names = {"-n", "--vlmnr"},
                            defaultValue = "-1",
                            description = "volume number; otherwise the lowest free one")
                    int number,
            @Option(names = "--gross", description = "sizes include DRBD's metadata") boolean gross) {
        return session.replies(session.cluster().createVolumeGroup(group, number, gross));
    }

    @Command(name = "list", aliases = "l", description = "Show volume groups.")
    int list(@Parameters(paramLabel = "GROUP", arity = "0..*", description = "only of these") List<String> groups) {
        List<VolumeGroupRow> rows = session.cluster().listVolumeGroups().stream()
                .filter(row -> matches(groups, row.group()))
                .toList();
        return session.list(rows, new Table("Group", "Volume", "Sizes"), row ->
                new Object[] {row.group(), row.number(), row.gross() ? "with metadata" : "of the device"});
    }

    @Command(
            name = "delete",
            aliases = "d",
            description = "Take a volume out of what is spawned from then on; what was spawned keeps it.")
    int delete(
            @Parameters(paramLabel = "GROUP") String group,
            @Parameters(paramLabel = "VOLUME", description = "volume number") int number) {
        return session.replies(session.cluster().deleteVolumeGroup(group, number));
    }
}
