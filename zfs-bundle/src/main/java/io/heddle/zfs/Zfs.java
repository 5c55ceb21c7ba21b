package io.heddle.zfs;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * ZFS's commands. None of them recurses, forces, or names anything but a zpool, a dataset of a storage pool with its direct
 * children, or one volume.
 */
final class Zfs {
    private static final Duration QUERY = Duration.ofSeconds(60);
    private static final Duration CHANGE = Duration.ofMinutes(3);
    private static final Pattern VERSION = Pattern.compile("(?m)^zfs-([0-9]\\S*)");
    private static final int HEALTH_COLUMNS = 8;
    private static final int CAPACITY = 4;
    private static final int HEALTH = 5;

    private final CommandRunner runner;

    Zfs(CommandRunner runner) {
        this.runner = runner;
    }

    /** Version of the ZFS tools; empty text if there are none. */
    String toolVersion() {
        try {
            Matcher matcher = VERSION.matcher(query("zfs", "version").output());
            return matcher.find() ? matcher.group(1) : "";
        } catch (HeddleException absent) {
            return "";
        }
    }

    /**
     * Those of these zpools that are there, with one command.
     *
     * @param seen is given each zpool that was seen
     * @return the command's result, which tells why others were not
     */
    CommandResult zpools(Collection<String> names, Map<String, Zpool> seen) {
        List<String> arguments =
                new ArrayList<>(List.of("zpool", "list", "-Hp", "-o", "name,size,alloc,free,cap,health,guid,ashift"));
        arguments.addAll(names);
        CommandResult result = query(arguments.toArray(String[]::new));
        for (String line : result.output().lines().toList()) {
            String[] columns = line.split("\t", -1);
            if (columns.length == HEALTH_COLUMNS) {
                // What cannot be opened has "-" in the place of its numbers.
                int capacity = columns[CAPACITY].matches("[0-9]{1,3}") ? Integer.parseInt(columns[CAPACITY]) : 0;
                seen.put(columns[0], new Zpool(columns[0], columns[HEALTH], capacity));
            }
        }
        return result;
    }

    /** These datasets and their direct children; never anything further down. */
    Report children(Collection<String> datasets) {
        List<String> arguments = new ArrayList<>(
                List.of("zfs", "get", "-Hp", "-d", "1", "-t", "filesystem,volume", "-o", "name,property,value,source"));
        arguments.add(Report.PROPERTIES);
        arguments.addAll(datasets);
        return Report.of(query(arguments.toArray(String[]::new)));
    }

    /** These datasets, those of them that are there. */
    Report datasets(String... names) {
        List<String> arguments =
                new ArrayList<>(List.of("zfs", "get", "-Hp", "-o", "name,property,value,source", Report.PROPERTIES));
        arguments.addAll(Arrays.asList(names));
        return Report.of(query(arguments.toArray(String[]::new)));
    }

    /** The snapshots of a volume, each with its clones. */
    Report snapshots(String volume) {
        return snapshots("type,createtxg,clones,defer_destroy,", List.of(volume));
    }

    /** The snapshots of these volumes, each with what would be free without it. */
    Report snapshotSpace(Collection<String> volumes) {
        return snapshots("type,used,", volumes);
    }

    private Report snapshots(String properties, Collection<String> volumes) {
        List<String> arguments = new ArrayList<>(
                List.of("zfs", "get", "-Hp", "-d", "1", "-t", "snapshot", "-o", "name,property,value,source"));
        arguments.add(properties + Dataset.CLUSTER + "," + Dataset.VOLUME + "," + Dataset.SNAPSHOT_OF + ","
                + Dataset.SNAPSHOT);
        arguments.addAll(volumes);
        return Report.of(query(arguments.toArray(String[]::new)));
    }

    /** Creates a zvol under the name that carries its identity, without a device. */
    CommandResult create(ZfsPool pool, BackingIdentity identity, Bytes size) {
        List<String> arguments = new ArrayList<>(List.of("zfs", "create"));
        if (pool.isThin()) {
            arguments.add("-s");
        }
        arguments.addAll(List.of("-b", Long.toString(pool.options().blockSize().value())));
        pool.options().properties().forEach(property -> arguments.addAll(List.of("-o", property)));
        if (!pool.options().saysSync()) {
            // A parent with sync=disabled would have it lose writes that were acknowledged.
            arguments.addAll(List.of("-o", "sync=standard"));
        }
        arguments.addAll(List.of("-o", "volmode=none"));
        marks(identity).forEach((mark, value) -> arguments.addAll(List.of("-o", mark + "=" + value)));
        arguments.addAll(List.of("-V", Long.toString(size.value()), pool.child(Unfinished.name(identity))));
        return change(arguments);
    }

    /** Sets the marks of a new volume that lacks them. */
    CommandResult mark(String name, BackingIdentity identity) {
        List<String> arguments = new ArrayList<>(List.of("zfs", "set", "sync=standard", "volmode=none"));
        marks(identity).forEach((mark, value) -> arguments.add(mark + "=" + value));
        arguments.add(name);
        return change(arguments);
    }

    private static Map<String, String> marks(BackingIdentity identity) {
        return new TreeMap<>(Map.of(
                Dataset.CLUSTER, identity.cluster().toString(),
                Dataset.VOLUME, identity.volume().toString(),
                Dataset.STAGE, Dataset.NEW));
    }

    CommandResult set(String name, String property, String value) {
        return change(List.of("zfs", "set", property + "=" + value, name));
    }

    /** Gives a volume another name in the same dataset; refused by ZFS if anything has that name. */
    CommandResult rename(String from, String to) {
        return change(List.of("zfs", "rename", from, to));
    }

    /** Destroys one volume or snapshot. Without -r, -R and -f ZFS refuses if it has snapshots or clones, or is open. */
    CommandResult destroy(String name) {
        return change(List.of("zfs", "destroy", name));
    }

    /** Destroys a snapshot; where volumes stand on it, as soon as the last of them is gone. */
    CommandResult destroyLater(String snapshot) {
        return change(List.of("zfs", "destroy", "-d", snapshot));
    }

    /** Takes a snapshot that says of which volume it is. */
    CommandResult snapshot(String volume, String snapshot, BackingIdentity origin) {
        return change(List.of(
                "zfs",
                "snapshot",
                "-o",
                Dataset.CLUSTER + "=" + origin.cluster(),
                "-o",
                Dataset.SNAPSHOT_OF + "=" + origin.volume(),
                volume + "@" + snapshot));
    }

    /**
     * Takes snapshots of volumes of one zpool that carry an identity of their own, all in one transaction: all, or none. ZFS gives all
     * the same properties, so that each carries the identities of all; its name says which of them is its own.
     */
    CommandResult takeSnapshots(ZfsPool pool, List<SnapshotIdentity> identities) {
        List<String> arguments = new ArrayList<>(List.of(
                "zfs",
                "snapshot",
                "-o",
                Dataset.CLUSTER + "=" + identities.get(0).origin().cluster(),
                "-o",
                Dataset.SNAPSHOT + "="
                        + identities.stream()
                                .map(identity -> identity.snapshot().toString())
                                .distinct()
                                .collect(Collectors.joining(","))));
        identities.forEach(
                identity -> arguments.add(pool.child(identity.origin().name()) + "@" + identity.name()));
        return change(arguments);
    }

    /** Makes a volume of a snapshot that says of which volume it is, without a device. */
    CommandResult cloneOf(String snapshot, String name, BackingIdentity origin) {
        return change(List.of(
                "zfs",
                "clone",
                "-o",
                "volmode=none",
                "-o",
                Dataset.CLUSTER + "=" + origin.cluster(),
                "-o",
                Dataset.SNAPSHOT_OF + "=" + origin.volume(),
                snapshot,
                name));
    }

    /** Makes a volume of its own of a snapshot, under the name that carries its identity, without a device. */
    CommandResult restore(String snapshot, String name, BackingIdentity identity) {
        List<String> arguments = new ArrayList<>(List.of("zfs", "clone", "-o", "sync=standard", "-o", "volmode=none"));
        restoredMarks(identity).forEach((mark, value) -> arguments.addAll(List.of("-o", mark + "=" + value)));
        arguments.addAll(List.of(snapshot, name));
        return change(arguments);
    }

    /** Sets the marks of one that lacks them. */
    CommandResult markRestored(String name, BackingIdentity identity) {
        List<String> arguments = new ArrayList<>(List.of("zfs", "set", "sync=standard", "volmode=none"));
        restoredMarks(identity).forEach((mark, value) -> arguments.add(mark + "=" + value));
        arguments.add(name);
        return change(arguments);
    }

    private static Map<String, String> restoredMarks(BackingIdentity identity) {
        Map<String, String> marks = marks(identity);
        marks.put(Dataset.STAGE, Dataset.RESTORED);
        return marks;
    }

    /** Sets the marks of a clone that lacks them. */
    CommandResult markSnapshot(String name, BackingIdentity origin) {
        return change(List.of(
                "zfs",
                "set",
                "volmode=none",
                Dataset.CLUSTER + "=" + origin.cluster(),
                Dataset.SNAPSHOT_OF + "=" + origin.volume(),
                name));
    }

    /** Hands the snapshot that a clone stands on over to the clone, so that its origin can go. */
    CommandResult promote(String clone) {
        return change(List.of("zfs", "promote", clone));
    }

    private CommandResult query(String... arguments) {
        return runner.run(Command.query(QUERY, arguments));
    }

    private CommandResult change(List<String> arguments) {
        return runner.run(Command.change(CHANGE, arguments.toArray(String[]::new)));
    }
}
