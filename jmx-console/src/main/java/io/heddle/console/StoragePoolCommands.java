package io.heddle.console;

import io.heddle.core.management.StoragePoolRow;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "storage-pool", aliases = "sp", description = "Where the bytes of volumes are.")
final class StoragePoolCommands extends Group {
    private final Session session;

    StoragePoolCommands(Session session) {
        this.session = session;
    }

    /** The words of the command line for the kinds of drivers. */
    enum Driver {
        lvm("LVM"),
        lvmthin("LVM_THIN"),
        zfs("ZFS"),
        zfsthin("ZFS_THIN"),
        file("FILE"),
        filethin("FILE_THIN");

        private final String kind;

        Driver(String kind) {
            this.kind = kind;
        }
    }

    @Command(
            name = "create",
            aliases = "c",
            description = "Register a storage pool that is there on a node.",
            footer = {
                "",
                "Examples:",
                "  heddle storage-pool create lvmthin pve1 drbdpool pve/drbdpool",
                "  heddle storage-pool create zfsthin pve1 tank tank/heddle",
                "  heddle storage-pool create filethin pve1 files /srv/heddle"
            })
    int create(
            @Parameters(paramLabel = "DRIVER", description = "${COMPLETION-CANDIDATES}") Driver driver,
            @Parameters(paramLabel = "NODE") String node,
            @Parameters(paramLabel = "POOL", description = "its name in Heddle") String pool,
            @Parameters(paramLabel = "BACKING", description = "vg/thinpool, vg, zpool/dataset or a directory")
                    String backing) {
        return session.replies(session.cluster().createStoragePool(driver.kind, node, pool, backing));
    }

    @Command(
            name = "list",
            aliases = "l",
            description = "Show storage pools: driver, free and total capacity, snapshots, state.")
    int list(
            @Option(
                            names = {"-n", "--nodes"},
                            split = ",",
                            description = "only on these nodes")
                    List<String> nodes,
            @Option(
                            names = {"-s", "--storage-pools"},
                            split = ",",
                            description = "only these")
                    List<String> pools) {
        List<StoragePoolRow> rows = session.cluster().listStoragePools().stream()
                .filter(row -> matches(nodes, row.node()) && matches(pools, row.pool()))
                .toList();
        return session.list(
                rows,
                new Table("StoragePool", "Node", "Driver", "PoolName", "Free", "Total", "Snapshots", "State"),
                row -> new Object[] {
                    row.pool(),
                    row.node(),
                    row.driver(),
                    row.poolName(),
                    size(row.freeBytes()),
                    size(row.totalBytes()),
                    row.snapshots() ? "yes" : "no",
                    row.problem().isEmpty() ? row.state() : row.state() + "\n" + wrap(row.problem())
                });
    }

    @Command(name = "delete", aliases = "d", description = "Remove a pool from Heddle; what it stands on stays.")
    int delete(@Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "POOL") String pool) {
        return session.replies(session.cluster().deleteStoragePool(node, pool));
    }

    @Command(
            name = "set-property",
            aliases = "sp",
            description = "Set a property; without a value, remove it.",
            footer = {"", "Example: heddle storage-pool set-property pve1 drbdpool PrefNic data"})
    int setProperty(
            @Parameters(paramLabel = "NODE") String node,
            @Parameters(paramLabel = "POOL") String pool,
            @Parameters(paramLabel = "KEY") String key,
            @Parameters(paramLabel = "VALUE", arity = "0..1", defaultValue = "") String value) {
        return session.replies(session.cluster().setStoragePoolProperty(node, pool, key, value));
    }

    @Command(name = "list-properties", aliases = "lp", description = "Show the properties of a pool.")
    int listProperties(@Parameters(paramLabel = "NODE") String node, @Parameters(paramLabel = "POOL") String pool) {
        String wanted = (node + "/" + pool).toLowerCase(Locale.ROOT);
        return session.properties(one(
                        session.cluster().listStoragePools(),
                        row -> (row.node() + "/" + row.pool())
                                .toLowerCase(Locale.ROOT)
                                .equals(wanted),
                        "storage pool " + pool + " on node " + node)
                .properties());
    }
}
