package io.heddle.lvmthin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** LVM's commands. Each asks nobody anything, and none opens a device of DRBD or ZFS, where it could hang or find guests' VGs. */
final class Lvm {
    private static final Duration QUERY = Duration.ofSeconds(60);
    private static final Duration CHANGE = Duration.ofMinutes(3);
    private static final Pattern VERSION = Pattern.compile("LVM version:\\s+([0-9][^\\s(]*)");

    private final CommandRunner runner;
    private final DeviceFilter filter;
    private final GroupDevices devices = new GroupDevices();

    Lvm(CommandRunner runner, DeviceFilter filter) {
        this.runner = runner;
        this.filter = filter;
    }

    /** Version of LVM; empty text if there is none. */
    String toolVersion() {
        try {
            Matcher matcher =
                    VERSION.matcher(run(false, QUERY, List.of("lvm", "version")).output());
            return matcher.find() ? matcher.group(1) : "";
        } catch (HeddleException absent) {
            return "";
        }
    }

    /**
     * All volumes of these VGs, with one command.
     *
     * @throws HeddleException if nothing at all could be seen
     */
    Report volumes(Collection<String> groups) {
        return report("lvs", Report.VOLUME_FIELDS, groups);
    }

    /** These VGs themselves, with one command; those without a volume too. */
    Report groups(Collection<String> groups) {
        return report("vgs", Report.GROUP_FIELDS, groups);
    }

    private Report report(String program, String fields, Collection<String> names) {
        return Report.of(reported(program, fields, names));
    }

    private CommandResult reported(String program, String fields, Collection<String> names) {
        List<String> arguments = new ArrayList<>(List.of(
                program,
                "--config",
                filter.setting(),
                "--reportformat",
                "json",
                "--units",
                "b",
                "--nosuffix",
                "--options",
                fields));
        arguments.addAll(names);
        Set<String> groups = names.stream().map(Lvm::group).collect(Collectors.toSet());
        // Of several VGs with one command: a disk that hangs hangs it, and they are asked about one by one then.
        return groups.size() == 1
                ? run(groups.iterator().next(), false, QUERY, arguments)
                : run(false, QUERY, arguments);
    }

    private static String group(String name) {
        int slash = name.indexOf('/');
        return slash < 0 ? name : name.substring(0, slash);
    }

    /** Finds out which devices these VGs are on, if it is not known: later commands about one of them open no others. */
    void learnDevices(Collection<String> groups) {
        if (devices.knows(groups)) {
            return;
        }
        try {
            devices.learn(run(
                    false,
                    QUERY,
                    List.of(
                            "pvs",
                            "--config",
                            filter.setting(),
                            "--reportformat",
                            "json",
                            "--options",
                            GroupDevices.FIELDS)));
        } catch (HeddleException unseen) {
            // Every command looks everywhere then, as ever; a disk that hangs shows in the next look at all VGs.
            groups.forEach(devices::forget);
        }
    }

    /**
     * One volume by name, whosever it is; empty if the VG is there and has none of the name.
     *
     * @throws HeddleException POOL_UNUSABLE, COMMAND_FAILED, OUTPUT_UNREADABLE
     */
    Optional<LogicalVolume> volume(String group, String name) {
        CommandResult result = reported("lvs", Report.VOLUME_FIELDS, List.of(group + "/" + name));
        if (LvmFailure.saysNoSuchVolume(result)) {
            return Optional.empty();
        }
        if (!result.succeeded()) {
            throw LvmFailure.of(result, "cannot look at the logical volume " + group + "/" + name);
        }
        List<LogicalVolume> found = Report.of(result).volumes();
        if (found.size() != 1) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot look at the logical volume " + group + "/" + name,
                    "'" + result.command().text() + "' showed " + found.size() + " volumes",
                    "run it by hand");
        }
        return Optional.of(found.get(0));
    }

    /** Creates a thin volume that carries its tags from the moment it exists, and activates it. */
    CommandResult createThin(LvmPool pool, BackingIdentity identity, Bytes size) {
        return create(pool, identity, "--virtualsize", size, List.of("--thin", pool.text()));
    }

    /** Creates a thick volume that carries its tags from the moment it exists, activates it and wipes what earlier ones left. */
    CommandResult createThick(LvmPool pool, BackingIdentity identity, Bytes size) {
        return create(pool, identity, "--size", size, List.of("--zero", "y", "--wipesignatures", "y", pool.group()));
    }

    private CommandResult create(
            LvmPool pool, BackingIdentity identity, String option, Bytes size, List<String> where) {
        List<String> arguments = new ArrayList<>(List.of(
                "lvcreate",
                "--config",
                filter.setting(),
                "--yes",
                "--activate",
                "y",
                "--setactivationskip",
                "n",
                "--name",
                identity.name(),
                "--addtag",
                LogicalVolume.clusterTag(identity),
                "--addtag",
                LogicalVolume.volumeTag(identity),
                "--addtag",
                LogicalVolume.NEW,
                option,
                size.value() + "b"));
        arguments.addAll(where);
        return run(pool.group(), true, CHANGE, arguments);
    }

    /** Creates a thin snapshot, which carries its tags from the moment it exists; its origin's identity must have been seen. */
    CommandResult snapshot(String group, BackingIdentity origin, String name) {
        return run(true, CHANGE, snapshot(group, origin, name, List.of()));
    }

    /** The same for one that carries an identity of its own. */
    CommandResult takeSnapshot(String group, SnapshotIdentity identity) {
        return run(
                group,
                true,
                CHANGE,
                snapshot(
                        group,
                        identity.origin(),
                        identity.name(),
                        // No device comes, so nothing waits for udev: it may be busy, or have a look at what is
                        // suspended.
                        List.of("--noudevsync", "--addtag", LogicalVolume.snapshotIdTag(identity))));
    }

    /**
     * Creates a volume of what a snapshot keeps, which carries its tags from the moment it exists, and activates it; the snapshot's
     * identity must have been seen.
     */
    CommandResult restore(String group, SnapshotIdentity snapshot, BackingIdentity identity) {
        return run(
                group,
                true,
                CHANGE,
                List.of(
                        "lvcreate",
                        "--config",
                        filter.setting(),
                        "--yes",
                        "--snapshot",
                        "--activate",
                        "y",
                        "--setactivationskip",
                        "n",
                        "--name",
                        identity.name(),
                        "--addtag",
                        LogicalVolume.clusterTag(identity),
                        "--addtag",
                        LogicalVolume.volumeTag(identity),
                        "--addtag",
                        LogicalVolume.RESTORED,
                        group + "/" + snapshot.name()));
    }

    private List<String> snapshot(String group, BackingIdentity origin, String name, List<String> more) {
        List<String> arguments = new ArrayList<>(List.of(
                "lvcreate",
                "--config",
                filter.setting(),
                "--yes",
                "--snapshot",
                "--setactivationskip",
                "y",
                "--name",
                name,
                "--addtag",
                LogicalVolume.clusterTag(origin),
                "--addtag",
                LogicalVolume.snapshotTag(origin)));
        arguments.addAll(more);
        arguments.add(group + "/" + origin.name());
        return arguments;
    }

    /** Removes this very snapshot: LVM looks at the tags once more, under the lock of the VG. */
    CommandResult removeSnapshot(String group, SnapshotIdentity identity) {
        return run(
                true,
                CHANGE,
                List.of(
                        "lvremove",
                        "--config",
                        filter.setting(),
                        "--yes",
                        "--select",
                        "lv_tags={\"" + LogicalVolume.clusterTag(identity.origin()) + "\" && \""
                                + LogicalVolume.snapshotIdTag(identity) + "\"} && lv_attr!~\"^[oO]\"",
                        group + "/" + identity.name()));
    }

    CommandResult activate(String group, BackingIdentity identity) {
        // Without -K a volume with the skip flag stays inactive, and the exit code is 0.
        return change(group, identity, "--activate", "y", "--ignoreactivationskip");
    }

    CommandResult deactivate(String group, BackingIdentity identity) {
        return change(group, identity, "--activate", "n");
    }

    /** Changes a volume of this identity in this very pool, and passes over any other with exit code 0. */
    CommandResult markReady(LvmPool pool, BackingIdentity identity) {
        return change(
                pool.group(),
                identity,
                ours(identity) + " && pool_lv=\"" + pool.thinPool().orElse("") + "\"",
                new String[] {"--deltag", LogicalVolume.NEW, "--deltag", LogicalVolume.RESTORED});
    }

    private CommandResult change(String group, BackingIdentity identity, String... how) {
        return change(group, identity, ours(identity), how);
    }

    private CommandResult change(String group, BackingIdentity identity, String selected, String[] how) {
        List<String> arguments = new ArrayList<>(List.of("lvchange", "--config", filter.setting(), "--yes"));
        arguments.addAll(List.of(how));
        arguments.addAll(List.of("--select", selected, group + "/" + identity.name()));
        return run(true, CHANGE, arguments);
    }

    /** Grows a volume; lvextend knows no selection, so its identity must have been seen just before. */
    CommandResult extend(String group, BackingIdentity identity, Bytes size) {
        return run(
                group,
                true,
                CHANGE,
                List.of(
                        "lvextend",
                        "--config",
                        filter.setting(),
                        "--yes",
                        "--size",
                        size.value() + "b",
                        group + "/" + identity.name()));
    }

    /**
     * Removes a volume. With an origin its thick snapshots would go, whoever made them, so an origin is not
     * selected.
     */
    CommandResult remove(String group, BackingIdentity identity) {
        return run(
                true,
                CHANGE,
                List.of(
                        "lvremove",
                        "--config",
                        filter.setting(),
                        "--yes",
                        "--select",
                        ours(identity) + " && lv_attr!~\"^[oO]\"",
                        group + "/" + identity.name()));
    }

    /** LVM itself checks the identity once more, under the lock of the VG: what is not selected is passed over. */
    private static String ours(BackingIdentity identity) {
        return "lv_tags={\"" + LogicalVolume.clusterTag(identity) + "\" && \"" + LogicalVolume.volumeTag(identity)
                + "\"}";
    }

    /**
     * A command about one VG; without the devices known of it if they turn out to be others by now, which changed nothing. Not for
     * lvchange and lvremove: where a device that a VG was extended to is not named, these write the VG's description without it,
     * and LVM takes that device for missing from then on, and refuses its volumes (seen with 2.03.16). lvs writes nothing;
     * lvcreate and lvextend refuse.
     */
    private CommandResult run(String group, boolean changes, Duration deadline, List<String> arguments) {
        List<String> option = devices.option(group);
        if (option.isEmpty()) {
            return run(changes, deadline, arguments);
        }
        List<String> restricted = new ArrayList<>(arguments);
        restricted.addAll(1, option);
        CommandResult result = run(changes, deadline, restricted);
        if (!LvmFailure.saysDevicesAreMissing(result)) {
            return result;
        }
        devices.forget(group);
        return run(changes, deadline, arguments);
    }

    private CommandResult run(boolean changes, Duration deadline, List<String> arguments) {
        // LVM complains of every file descriptor that it inherits.
        SortedMap<String, String> environment = new TreeMap<>(Map.of("LVM_SUPPRESS_FD_WARNINGS", "1"));
        return runner.run(new Command(arguments, deadline, changes, Optional.empty(), environment));
    }
}
