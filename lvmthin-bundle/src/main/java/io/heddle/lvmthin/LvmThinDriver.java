package io.heddle.lvmthin;

import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.command.Pause;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolLook;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps volumes as LVs: thin ones in a thin pool (LVM_THIN), thick ones in a VG (LVM). Identity and stage are tags, which a volume
 * carries from the moment LVM knows it. All that it keeps in memory are extent sizes and LVM's filter, so it can be swapped
 * at any moment.
 */
@Component(
        service = StorageDriver.class,
        property = {"driver.kind=LVM", "driver.kind=LVM_THIN"})
public final class LvmThinDriver implements StorageDriver {
    private static final Pattern VOLUME_NAME = Pattern.compile("[A-Za-z0-9_+][A-Za-z0-9_+.-]{0,126}");
    /** How long a volume may be held open by somebody who only looks, such as udev's probes, before it counts as used. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private static final Duration PAUSE = Duration.ofMillis(200);

    private final Lvm lvm;
    private final Predicate<String> exists;
    private final Duration settling;
    private final Map<String, Bytes> extents = new ConcurrentHashMap<>();

    /** A driver for the LVM of this machine. */
    @Activate
    public LvmThinDriver() {
        this(new ExecCommandRunner(), Path.of("/etc/lvm"), device -> Files.exists(Path.of(device)), SETTLING);
    }

    LvmThinDriver(CommandRunner runner, Path configuration, Predicate<String> exists, Duration settling) {
        this.lvm = new Lvm(runner, new DeviceFilter(runner, configuration));
        this.exists = exists;
        this.settling = settling;
    }

    @Override
    public Set<DriverKind> kinds() {
        return Set.of(DriverKind.LVM, DriverKind.LVM_THIN);
    }

    @Override
    public String toolVersion() {
        return lvm.toolVersion();
    }

    @Override
    public Map<PoolName, Observation<PoolObservation>> observe(List<PoolSpec> pools) {
        return PoolLook.at(pools, LvmPool::of, this::look);
    }

    private void look(Map<PoolName, LvmPool> pools, Map<PoolName, Observation<PoolObservation>> seen) {
        Set<String> names = new TreeSet<>();
        pools.values().forEach(pool -> names.add(pool.group()));
        Report volumes = lvm.volumes(names);
        Map<String, VolumeGroup> groups = new LinkedHashMap<>(volumes.groups());
        CommandResult last = volumes.result();
        // lvs says nothing of a VG that has no volume yet.
        if (!groups.keySet().containsAll(names)) {
            Report more = lvm.groups(names);
            more.groups().forEach(groups::putIfAbsent);
            last = more.result();
        }
        lvm.learnDevices(names.stream().filter(groups::containsKey).toList());
        for (Map.Entry<PoolName, LvmPool> entry : pools.entrySet()) {
            try {
                VolumeGroup group = groups.get(entry.getValue().group());
                if (group == null) {
                    throw notSeen(entry.getValue(), last);
                }
                extents.put(group.name(), group.extent());
                seen.put(
                        entry.getKey(),
                        Observation.known(new PoolSurvey(entry.getValue(), volumes, group, exists).observe()));
            } catch (HeddleException failure) {
                seen.put(entry.getKey(), Observation.unknown(failure.problem()));
            }
        }
    }

    private static HeddleException notSeen(LvmPool pool, CommandResult result) {
        String what = "cannot see volume group " + pool.group();
        return result.succeeded()
                ? result.failure(ErrorCode.OBSERVATION_FAILED, what, "run the command by hand; it is tried again")
                : LvmFailure.of(result, what);
    }

    @Override
    public Bytes roundUp(PoolSpec pool, Bytes wanted) {
        return wanted.roundUp(extent(LvmPool.of(pool)));
    }

    private Bytes extent(LvmPool pool) {
        Bytes known = extents.get(pool.group());
        if (known != null) {
            return known;
        }
        try {
            Report report = lvm.groups(List.of(pool.group()));
            VolumeGroup group = report.groups().get(pool.group());
            if (group == null) {
                throw notSeen(pool, report.result());
            }
            extents.put(pool.group(), group.extent());
            return group.extent();
        } catch (HeddleException failure) {
            throw new HeddleException(
                    ErrorCode.POOL_UNUSABLE,
                    "cannot look up the extent size of volume group " + pool.group(),
                    failure.getMessage(),
                    failure.correction(),
                    failure);
        }
    }

    @Override
    public BackingVolume create(PoolSpec spec, BackingIdentity identity, Bytes size) {
        LvmPool pool = LvmPool.of(spec);
        requireVolumeName(identity.name());
        Bytes whole = size.roundUp(extent(pool));
        CommandResult result =
                pool.isThin() ? lvm.createThin(pool, identity, whole) : lvm.createThick(pool, identity, whole);
        // lvcreate looks by itself, under the lock of the VG; whose the one is that is there, activate looks
        if (!result.succeeded() && !LvmFailure.saysItIsThere(result)) {
            throw LvmFailure.of(result, "cannot create " + whole + " as " + identity.name() + " in " + pool.text());
        }
        return activate(spec, identity);
    }

    @Override
    public BackingVolume activate(PoolSpec spec, BackingIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        LogicalVolume volume = required(pool, identity);
        if (!volume.attributes().isActive()) {
            CommandResult result = lvm.activate(pool.group(), identity);
            if (!result.succeeded()) {
                throw LvmFailure.of(result, "cannot activate " + volume.text());
            }
            volume = required(pool, identity);
        }
        BackingVolume described = PoolSurvey.describe(pool, volume, exists);
        if (described.device().isEmpty()) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot activate " + volume.text(),
                    described.fault().orElse("lvchange ended well, and it is still not active"),
                    "run lvchange --activate y " + volume.text() + " by hand; it is tried again");
        }
        return described;
    }

    @Override
    public void deactivate(PoolSpec spec, BackingIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        Optional<LogicalVolume> found = find(pool, identity);
        if (found.isEmpty() || !found.get().attributes().isActive()) {
            return;
        }
        requireClosed(pool, identity, found.get(), "deactivate");
        CommandResult result = lvm.deactivate(pool.group(), identity);
        if (!result.succeeded()) {
            throw LvmFailure.of(result, "cannot deactivate " + found.get().text());
        }
        if (find(pool, identity)
                .filter(volume -> volume.attributes().isActive())
                .isPresent()) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot deactivate " + found.get().text() + ", it is still active",
                    "run lvchange --activate n by hand; it is tried again");
        }
    }

    @Override
    public void markReady(PoolSpec spec, BackingIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        requireVolumeName(identity.name());
        CommandResult result = lvm.markReady(pool, identity);
        String what = "cannot take the tags of its making from " + pool.group() + "/" + identity.name();
        if (!result.succeeded()) {
            throw LvmFailure.of(result, what);
        }
        if (required(pool, identity).stage() != Stage.READY) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    what + ", it still has it",
                    "run lvchange --deltag by hand; it is tried again");
        }
    }

    @Override
    public BackingVolume grow(PoolSpec spec, BackingIdentity identity, Bytes size) {
        LvmPool pool = LvmPool.of(spec);
        Bytes whole = size.roundUp(extent(pool));
        LogicalVolume volume = required(pool, identity);
        if (volume.size().compareTo(whole) < 0) {
            CommandResult result = lvm.extend(pool.group(), identity, whole);
            if (!result.succeeded() && !LvmFailure.saysLargeEnough(result)) {
                throw LvmFailure.of(result, "cannot grow " + volume.text() + " to " + whole);
            }
            volume = required(pool, identity);
            if (volume.size().compareTo(whole) < 0) {
                throw result.failure(
                        ErrorCode.COMMAND_FAILED,
                        "cannot grow " + volume.text() + " to " + whole + ", it has " + volume.size(),
                        "run lvextend by hand; it is tried again");
            }
        }
        return PoolSurvey.describe(pool, volume, exists);
    }

    @Override
    public void delete(PoolSpec spec, BackingIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        Optional<LogicalVolume> found = find(pool, identity);
        if (found.isEmpty()) {
            return;
        }
        String name = found.get().text();
        if (found.get().attributes().isOrigin()) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot delete " + name,
                    "it has thick snapshots, which LVM would remove with it",
                    "remove the snapshots first, if they are not needed: lvs -S origin=" + identity.name());
        }
        requireClosed(pool, identity, found.get(), "delete");
        CommandResult result = lvm.remove(pool.group(), identity);
        if (!result.succeeded() && !LvmFailure.saysNoSuchVolume(result)) {
            throw LvmFailure.of(result, "cannot delete " + name);
        }
        if (find(pool, identity).isPresent()) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot delete " + name + ", it is still there",
                    "see what LVM thinks of it (lvs -a " + name + "); it is tried again");
        }
    }

    @Override
    public void snapshot(PoolSpec spec, BackingIdentity origin, String name) {
        LvmPool pool = LvmPool.of(spec);
        if (!pool.isThin()) {
            StorageDriver.super.snapshot(spec, origin, name);
        }
        requireVolumeName(name);
        LogicalVolume volume = required(pool, origin);
        if (findSnapshot(pool, origin, name).isPresent()) {
            return;
        }
        CommandResult result = lvm.snapshot(pool.group(), origin, name);
        if (!result.succeeded()) {
            throw LvmFailure.of(result, "cannot take snapshot " + name + " of " + volume.text());
        }
        if (findSnapshot(pool, origin, name).isEmpty()) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot take snapshot " + name + " of " + volume.text() + ", it is not there",
                    "see what LVM thinks of it (lvs -a " + volume.text() + "); it is tried again");
        }
    }

    @Override
    public String careOfSnapshot(PoolSpec spec, String name) {
        String volume = LvmPool.of(spec).group() + "/" + name;
        return "look into it: lvchange --activate y --ignoreactivationskip " + volume + ", then read /dev/" + volume
                + " (mount -o ro); remove it when nobody misses anything: lvremove " + volume;
    }

    @Override
    public void prepareSnapshot(PoolSpec spec, SnapshotIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        if (!pool.isThin()) {
            StorageDriver.super.prepareSnapshot(spec, identity);
        }
        requireVolumeName(identity.name());
        required(pool, identity.origin());
        findSnapshot(pool, identity);
    }

    @Override
    public void takeSnapshot(PoolSpec spec, SnapshotIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        if (!pool.isThin()) {
            StorageDriver.super.prepareSnapshot(spec, identity);
        }
        CommandResult result = lvm.takeSnapshot(pool.group(), identity);
        boolean there =
                LvmFailure.saysItIsThere(result) && findSnapshot(pool, identity).isPresent();
        if (!result.succeeded() && !there) {
            throw LvmFailure.of(
                    result,
                    "cannot take snapshot " + identity.name() + " of " + pool.group() + "/"
                            + identity.origin().name());
        }
    }

    @Override
    public void deleteSnapshot(PoolSpec spec, SnapshotIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        requireVolumeName(identity.name());
        Optional<LogicalVolume> found = findSnapshot(pool, identity);
        if (found.isEmpty()) {
            return;
        }
        if (found.get().attributes().isOpen()) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot delete " + found.get().text(),
                    "something has it open",
                    "end what uses it (see findmnt, lsblk); it is tried again");
        }
        CommandResult result = lvm.removeSnapshot(pool.group(), identity);
        if (!result.succeeded() && !LvmFailure.saysNoSuchVolume(result)) {
            throw LvmFailure.of(result, "cannot delete " + found.get().text());
        }
        if (findSnapshot(pool, identity).isPresent()) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot delete " + found.get().text() + ", it is still there",
                    "see what LVM thinks of it (lvs -a " + found.get().text() + "); it is tried again");
        }
    }

    @Override
    public void requireReplaceable(PoolSpec spec, SnapshotIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        if (!pool.isThin()) {
            StorageDriver.super.requireReplaceable(spec, identity);
        }
        requireKept(pool, identity, identity.origin());
    }

    private LogicalVolume requireKept(LvmPool pool, SnapshotIdentity snapshot, BackingIdentity identity) {
        return findSnapshot(pool, snapshot)
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.SNAPSHOT_NOT_FOUND,
                        "cannot restore " + identity.name() + " from snapshot " + snapshot.name(),
                        "the logical volume " + pool.group() + "/" + snapshot.name() + " is not there",
                        "if it is lost, delete this resource, and restore it on the nodes that have the snapshot"));
    }

    @Override
    public BackingVolume restore(PoolSpec spec, SnapshotIdentity snapshot, BackingIdentity identity) {
        LvmPool pool = LvmPool.of(spec);
        if (!pool.isThin()) {
            StorageDriver.super.restore(spec, snapshot, identity);
        }
        if (find(pool, identity).isEmpty()) {
            LogicalVolume kept = requireKept(pool, snapshot, identity);
            CommandResult result = lvm.restore(pool.group(), snapshot, identity);
            if (!result.succeeded() && !LvmFailure.saysItIsThere(result)) {
                throw LvmFailure.of(result, "cannot make " + identity.name() + " of " + kept.text());
            }
        }
        return activate(spec, identity);
    }

    private Optional<LogicalVolume> findSnapshot(LvmPool pool, SnapshotIdentity identity) {
        Optional<LogicalVolume> found = lvm.volume(pool.group(), identity.name());
        if (found.isPresent() && !(found.get().is(identity) && pool.holds(found.get()))) {
            throw new HeddleException(
                    ErrorCode.FOREIGN_VOLUME,
                    "the logical volume " + found.get().text() + " is not touched",
                    "snapshot " + identity.snapshot() + " of volume "
                            + identity.origin().volume() + " is to have its name, and it carries the tags "
                            + String.join(", ", found.get().tags()),
                    "rename it (lvrename), or remove it if it is not needed");
        }
        return found;
    }

    private Optional<LogicalVolume> findSnapshot(LvmPool pool, BackingIdentity origin, String name) {
        Optional<LogicalVolume> found = lvm.volume(pool.group(), name);
        if (found.isPresent() && !(found.get().isSnapshotOf(origin) && pool.holds(found.get()))) {
            throw new HeddleException(
                    ErrorCode.FOREIGN_VOLUME,
                    "the logical volume " + found.get().text() + " is not touched",
                    "a snapshot of volume " + origin.volume() + " is to have its name, and it is none",
                    "rename it (lvrename), or remove it if it is not needed");
        }
        return found;
    }

    private void requireClosed(LvmPool pool, BackingIdentity identity, LogicalVolume seen, String verb) {
        long begin = System.nanoTime();
        Optional<LogicalVolume> now = Optional.of(seen);
        while (now.filter(volume -> volume.attributes().isOpen()).isPresent()) {
            if (System.nanoTime() - begin >= settling.toNanos()) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot " + verb + " " + seen.text(),
                        "something has it open",
                        "end what uses it (see findmnt, lsblk, drbdsetup status); it is tried again");
            }
            Pause.of(PAUSE, "a logical volume to be closed");
            now = find(pool, identity);
        }
    }

    /**
     * The volume that is meant; empty if there is none of its name.
     *
     * @throws HeddleException FOREIGN_VOLUME if there is another one of its name
     */
    private Optional<LogicalVolume> find(LvmPool pool, BackingIdentity identity) {
        requireVolumeName(identity.name());
        Optional<LogicalVolume> found = lvm.volume(pool.group(), identity.name());
        found.ifPresent(volume -> requireOurs(pool, identity, volume));
        return found;
    }

    private static void requireVolumeName(String name) {
        if (!VOLUME_NAME.matcher(name).matches()) {
            throw new HeddleException(
                    ErrorCode.INVALID_NAME,
                    "cannot keep a volume as a logical volume of this name",
                    "a logical volume is named with 1 to 127 letters, digits, '_', '+', '.' and '-', not beginning with"
                            + " '-' or '.'",
                    "choose another name");
        }
    }

    private LogicalVolume required(LvmPool pool, BackingIdentity identity) {
        return find(pool, identity)
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.BACKING_VOLUME_MISSING,
                        "cannot use the logical volume " + pool.group() + "/" + identity.name(),
                        "it is not there",
                        "if it is lost, delete this replica and create it again"));
    }

    private static void requireOurs(LvmPool pool, BackingIdentity identity, LogicalVolume volume) {
        if (volume.is(identity) && pool.holds(volume)) {
            return;
        }
        String whose = volume.cluster().isEmpty() && volume.volume().isEmpty()
                ? "it has no tags of Heddle, so Heddle did not make it"
                : volume.is(identity)
                        ? "it is not in " + pool.text()
                        : "it carries the tags " + String.join(", ", volume.tags());
        throw new HeddleException(
                ErrorCode.FOREIGN_VOLUME,
                "the logical volume " + volume.text() + " is not touched",
                whose + "; wanted is volume " + identity.volume() + " of cluster " + identity.cluster(),
                "rename it (lvrename), or remove it if it is not needed");
    }
}
