package io.heddle.zfs;

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
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps volumes as zvols in a zpool or a dataset: thin ones (ZFS_THIN), and thick ones, for which ZFS reserves the space (ZFS).
 * Identity and stage are user properties; until these are set the name says it ({@link Unfinished}). All that it keeps in
 * memory is which device is which volume's, so it can be swapped at any moment.
 */
@Component(
        service = StorageDriver.class,
        property = {"driver.kind=ZFS", "driver.kind=ZFS_THIN"})
public final class ZfsDriver implements StorageDriver {
    private static final Pattern VOLUME_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:-]{0,126}");
    /** How long a volume may be held open by somebody who only looks, such as udev's probes, before it counts as used. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private static final Duration LINK_PATIENCE = Duration.ofSeconds(3);
    private static final Duration DEVICE_PATIENCE = Duration.ofSeconds(60);
    private static final Duration PAUSE = Duration.ofMillis(200);

    /** Names in one command; a command line has an end. */
    private static final int NAMES = 1000;
    /** Snapshots in one command. */
    private static final int TOGETHER = 100;

    private final Zfs zfs;
    private final ZvolDevices devices;
    private final Duration settling;

    /** A driver for the ZFS of this machine. */
    @Activate
    public ZfsDriver() {
        this(new ExecCommandRunner(), Path.of("/"), LINK_PATIENCE, DEVICE_PATIENCE, SETTLING);
    }

    ZfsDriver(CommandRunner runner, Path root, Duration linkPatience, Duration devicePatience, Duration settling) {
        this.zfs = new Zfs(runner);
        this.devices = new ZvolDevices(runner, root, linkPatience, devicePatience);
        this.settling = settling;
    }

    @Override
    public Set<DriverKind> kinds() {
        return Set.of(DriverKind.ZFS, DriverKind.ZFS_THIN);
    }

    @Override
    public String toolVersion() {
        return zfs.toolVersion();
    }

    @Override
    public Map<PoolName, Observation<PoolObservation>> observe(List<PoolSpec> pools) {
        return PoolLook.at(pools, ZfsPool::of, this::look);
    }

    /** Asks for the zpools first: on one that is suspended, zfs itself would hang. */
    private void look(Map<PoolName, ZfsPool> pools, Map<PoolName, Observation<PoolObservation>> seen) {
        Map<String, Zpool> zpools = new LinkedHashMap<>();
        Set<String> names = new TreeSet<>();
        pools.values().forEach(pool -> names.add(pool.zpool()));
        CommandResult listed = zfs.zpools(names, zpools);
        Map<PoolName, ZfsPool> healthy = new LinkedHashMap<>();
        pools.forEach((name, pool) -> {
            try {
                usable(pool, zpools, listed);
                healthy.put(name, pool);
            } catch (HeddleException failure) {
                seen.put(name, Observation.unknown(failure.problem()));
            }
        });
        Set<String> datasets = new TreeSet<>();
        healthy.values().forEach(pool -> datasets.add(pool.dataset()));
        if (datasets.isEmpty()) {
            return;
        }
        Report all = zfs.children(datasets);
        List<Dataset> snapshots = snapshots(all);
        healthy.forEach((name, pool) -> {
            try {
                // What a failed command printed is not whole, and of several only one may have failed it.
                Report report =
                        all.result().succeeded() || datasets.size() == 1 ? all : zfs.children(List.of(pool.dataset()));
                seen.put(name, Observation.known(survey(pool, zpools, report, snapshots)));
            } catch (HeddleException failure) {
                seen.put(name, Observation.unknown(failure.problem()));
            }
        });
    }

    /** Those of our volumes, for showing only: what cannot be seen of them is left out. */
    private List<Dataset> snapshots(Report report) {
        List<String> volumes = report.datasets().values().stream()
                .filter(Dataset::isVolume)
                .filter(dataset -> dataset.volume().isPresent())
                .map(Dataset::name)
                .toList();
        List<Dataset> snapshots = new ArrayList<>();
        for (int from = 0; from < volumes.size(); from += NAMES) {
            snapshots.addAll(zfs.snapshotSpace(volumes.subList(from, Math.min(from + NAMES, volumes.size())))
                    .datasets()
                    .values());
        }
        return snapshots;
    }

    private PoolObservation survey(ZfsPool pool, Map<String, Zpool> zpools, Report report, List<Dataset> snapshots) {
        if (ZfsFailure.saysMissingOnly(report.result())
                && report.dataset(pool.dataset()).isEmpty()) {
            throw noDataset(pool, report.result());
        }
        if (!report.result().succeeded()) {
            throw ZfsFailure.of(report.result(), "cannot see all volumes in " + pool.dataset());
        }
        Collection<Dataset> found = report.datasets().values();
        return new PoolSurvey(pool, zpools.get(pool.zpool()), found, snapshots, devices).observe();
    }

    private static HeddleException noDataset(ZfsPool pool, CommandResult result) {
        return result.failure(
                ErrorCode.POOL_UNUSABLE,
                "cannot use storage pool " + pool.spec().name() + ", there is no dataset " + pool.dataset(),
                "create it (zfs create -o mountpoint=none " + pool.dataset()
                        + "), or correct the name in the storage pool");
    }

    private static void usable(ZfsPool pool, Map<String, Zpool> zpools, CommandResult listed) {
        Zpool zpool = zpools.get(pool.zpool());
        if (zpool == null) {
            throw listed.succeeded()
                    ? listed.failure(
                            ErrorCode.OBSERVATION_FAILED,
                            "cannot see zpool " + pool.zpool(),
                            "run the command by hand; it is tried again")
                    : ZfsFailure.of(listed, "cannot see zpool " + pool.zpool());
        }
        zpool.requireUsable();
    }

    @Override
    public Bytes roundUp(PoolSpec pool, Bytes wanted) {
        return wanted.roundUp(ZfsPool.of(pool).options().blockSize());
    }

    @Override
    public BackingVolume create(PoolSpec spec, BackingIdentity identity, Bytes size) {
        ZfsPool pool = ZfsPool.of(spec);
        Look look = look(pool, identity);
        if (look.volume().isEmpty() && look.unfinished().isEmpty()) {
            Bytes whole = size.roundUp(pool.options().blockSize());
            CommandResult result = zfs.create(pool, identity, whole);
            if (!result.succeeded()) {
                throw ZfsFailure.of(result, "cannot create " + whole + " as " + pool.child(identity.name()));
            }
            look = lookAgain(pool, identity);
        }
        return activated(pool, identity, look);
    }

    @Override
    public BackingVolume activate(PoolSpec spec, BackingIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        return activated(pool, identity, look(pool, identity));
    }

    /** The volume with its right name and its device; what a making that was broken off has left is finished. */
    private BackingVolume activated(ZfsPool pool, BackingIdentity identity, Look look) {
        Dataset volume = look.volume().orElseGet(() -> finished(pool, identity, look));
        if (!volume.hasDevice()) {
            // Not "full": the kernel would read partition tables, and LVM and others what guests keep in them.
            succeed(zfs.set(volume.name(), "volmode", "dev"), "cannot make the device of " + volume.name());
            volume = requiredAgain(pool, identity);
        }
        devices.await(volume.name(), volume.size());
        return PoolSurvey.describe(pool, volume, devices);
    }

    private Dataset finished(ZfsPool pool, BackingIdentity identity, Look look) {
        Dataset unfinished = look.unfinished().orElseThrow(() -> missing(pool, identity));
        if (!unfinished.carries(identity) || unfinished.stage() != Stage.NEW) {
            succeed(zfs.mark(unfinished.name(), identity), "cannot mark " + unfinished.name());
        }
        if (!pool.isThin() && unfinished.reservation().compareTo(unfinished.size()) < 0) {
            reserve(unfinished);
        }
        String name = pool.child(identity.name());
        succeed(zfs.rename(unfinished.name(), name), "cannot give " + unfinished.name() + " its name " + name);
        return requiredAgain(pool, identity);
    }

    /** Reserves the space of a volume that was just made, or takes it back: what did not fit is not left half made. */
    private void reserve(Dataset unfinished) {
        CommandResult result = zfs.set(unfinished.name(), "refreservation", "auto");
        if (result.succeeded()) {
            return;
        }
        HeddleException failure =
                ZfsFailure.of(result, "cannot reserve " + unfinished.size() + " for " + unfinished.name());
        if (failure.code() == ErrorCode.POOL_FULL) {
            CommandResult removal = zfs.destroy(unfinished.name());
            if (!removal.succeeded()) {
                failure.addSuppressed(ZfsFailure.of(removal, "cannot remove " + unfinished.name()));
            }
        }
        throw failure;
    }

    @Override
    public void deactivate(PoolSpec spec, BackingIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        Optional<Dataset> found = look(pool, identity).volume();
        if (found.isEmpty()) {
            return;
        }
        Dataset volume = found.get();
        if (volume.hasDevice()) {
            succeed(zfs.set(volume.name(), "volmode", "none"), "cannot take the device of " + volume.name() + " away");
        }
        if (!devices.awaitNone(volume.name(), volume.size(), settling)) {
            // ZFS leaves the device of a volume that is open, and says nothing.
            succeed(zfs.set(volume.name(), "volmode", "dev"), "cannot leave the device of " + volume.name());
            throw inUse("deactivate", volume.name());
        }
    }

    private static HeddleException inUse(String verb, String name) {
        return new HeddleException(
                ErrorCode.IN_USE,
                "cannot " + verb + " " + name,
                "something has it open",
                "end what uses it (see findmnt, lsblk, drbdsetup status); it is tried again");
    }

    @Override
    public void markReady(PoolSpec spec, BackingIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        Dataset volume = required(pool, identity);
        if (volume.stage() == Stage.READY) {
            return;
        }
        // Not inherited: a parent might say something else.
        CommandResult result = zfs.set(volume.name(), Dataset.STAGE, Dataset.READY);
        succeed(result, "cannot mark " + volume.name() + " ready");
        if (requiredAgain(pool, identity).stage() != Stage.READY) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot mark " + volume.name() + " ready, it is still " + Dataset.STAGE + "=" + Dataset.NEW,
                    "run zfs set by hand; it is tried again");
        }
    }

    @Override
    public BackingVolume grow(PoolSpec spec, BackingIdentity identity, Bytes size) {
        ZfsPool pool = ZfsPool.of(spec);
        Look look = look(pool, identity);
        Dataset volume = look.volume().orElseGet(() -> finished(pool, identity, look));
        // Its own unit: the pool's may have been set to another one since.
        Bytes whole = size.roundUp(volume.blockSize().isZero() ? pool.options().blockSize() : volume.blockSize());
        // A smaller volsize would cut the volume, and ZFS asks nobody.
        if (volume.size().compareTo(whole) < 0) {
            CommandResult result = zfs.set(volume.name(), "volsize", Long.toString(whole.value()));
            succeed(result, "cannot grow " + volume.name() + " to " + whole);
            volume = requiredAgain(pool, identity);
            if (volume.size().compareTo(whole) < 0) {
                throw result.failure(
                        ErrorCode.COMMAND_FAILED,
                        "cannot grow " + volume.name() + " to " + whole + ", it has " + volume.size(),
                        "run zfs set volsize by hand; it is tried again");
            }
        }
        if (!pool.isThin() && volume.reservation().compareTo(volume.size()) < 0) {
            succeed(
                    zfs.set(volume.name(), "refreservation", "auto"),
                    "cannot reserve " + volume.size() + " for " + volume.name());
        }
        if (volume.hasDevice()) {
            devices.await(volume.name(), volume.size());
        }
        return PoolSurvey.describe(pool, volume, devices);
    }

    @Override
    public void delete(PoolSpec spec, BackingIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        Look look = look(pool, identity);
        Optional<Dataset> clone = dataset(pool, pool.child(Unfinished.clone(identity)));
        if (clone.isPresent()) {
            requireUnfinished(identity, clone.get());
            destroy(pool, identity, clone.get());
        }
        Optional<Dataset> found = look.volume().or(look::unfinished);
        if (found.isEmpty()) {
            return;
        }
        Dataset volume = found.get();
        if (look.volume().isPresent()) {
            handOverSnapshots(pool, identity, volume);
        }
        destroy(pool, identity, volume);
        devices.removeDeadLink(volume.name());
        Look after = lookAgain(pool, identity);
        if (after.volume().isPresent() || after.unfinished().isPresent()) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot delete " + volume.name() + ", it is still there",
                    "zfs destroy ended well",
                    "see what ZFS thinks of it (zfs list " + volume.name() + "); it is tried again");
        }
    }

    private void destroy(ZfsPool pool, BackingIdentity identity, Dataset volume) {
        long begin = System.nanoTime();
        while (true) {
            CommandResult result = zfs.destroy(volume.name());
            if (result.succeeded() || ZfsFailure.saysMissingOnly(result)) {
                return;
            }
            HeddleException failure = ZfsFailure.of(result, "cannot delete " + volume.name());
            if (!result.errorOutput().contains("is busy") || System.nanoTime() - begin >= settling.toNanos()) {
                throw failure;
            }
            Pause.of(PAUSE, "a zvol to be closed");
            Look look = look(pool, identity);
            if (look.volume().or(look::unfinished).isEmpty()) {
                return;
            }
        }
    }

    /**
     * Lets the volumes that keep what it once held go on without it, and those that were restored: each takes over the snapshot that it
     * stands on. With any other snapshot, or a clone that somebody else made, it stays.
     */
    private void handOverSnapshots(ZfsPool pool, BackingIdentity identity, Dataset volume) {
        Report report = zfs.snapshots(volume.name());
        if (!report.result().succeeded()) {
            throw ZfsFailure.of(report.result(), "cannot see the snapshots of " + volume.name());
        }
        for (Dataset snapshot : report.datasets().values()) {
            String keeper = pool.child(snapshot.snapshotName());
            List<String> clones = snapshot.clones();
            boolean kept = snapshot.keeps(identity) && (clones.isEmpty() || clones.equals(List.of(keeper)));
            boolean restored = snapshot.isTaken()
                    && snapshot.isGoing()
                    && clones.stream().allMatch(clone -> isOurs(pool, identity, clone));
            if (!kept && !restored) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete " + volume.name(),
                        "it has the snapshot " + snapshot.name()
                                + (clones.isEmpty() ? "" : ", which " + String.join(", ", clones) + " stands on"),
                        snapshot.isTaken()
                                ? "delete the resource's snapshots first: heddle snapshot list"
                                : "remove the snapshot first, if it is not needed: zfs destroy " + snapshot.name());
            }
        }
        for (Dataset snapshot : report.datasets().values()) {
            if (!snapshot.isTaken()) {
                snapshot(pool.spec(), identity, snapshot.snapshotName());
            }
        }
        // Promoted by age, the oldest first: each takes what is older than itself along.
        report.datasets().values().stream()
                .sorted((one, other) -> Long.compare(transaction(one), transaction(other)))
                .map(snapshot -> snapshot.isTaken() ? snapshot.clones().get(0) : pool.child(snapshot.snapshotName()))
                .forEach(heir -> succeed(zfs.promote(heir), "cannot hand a snapshot over to " + heir));
    }

    /** Whether it is a volume in the pool that was restored from a snapshot, or is being so. */
    private boolean isOurs(ZfsPool pool, BackingIdentity identity, String clone) {
        Optional<Dataset> found = clone.startsWith(pool.dataset() + "/") ? dataset(pool, clone) : Optional.empty();
        return found.filter(volume -> volume.cluster().equals(Optional.of(identity.cluster()))
                        || Unfinished.isClone(volume.lastName()))
                .isPresent();
    }

    private static long transaction(Dataset snapshot) {
        String text = snapshot.values().getOrDefault("createtxg", "0");
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    @Override
    public void snapshot(PoolSpec spec, BackingIdentity origin, String name) {
        ZfsPool pool = ZfsPool.of(spec);
        requireVolumeName(pool, name);
        Dataset volume = required(pool, origin);
        String snapshot = volume.name() + "@" + name;
        String keeper = pool.child(name);
        Optional<Dataset> found = dataset(pool, keeper);
        if (found.filter(dataset -> dataset.keeps(origin)).isPresent()) {
            return;
        }
        boolean taken = isKept(pool, origin, snapshot);
        if (found.isEmpty()) {
            if (!taken) {
                succeed(zfs.snapshot(volume.name(), name, origin), "cannot take snapshot " + snapshot);
            }
            succeed(zfs.cloneOf(snapshot, keeper, origin), "cannot make " + keeper + " of " + snapshot);
        } else if (taken
                && found.get().marks().isEmpty()
                && found.get().origin().equals(Optional.of(snapshot))) {
            // Like zfs create, zfs clone sets properties after it has made the dataset, and the power may have failed
            // between.
            succeed(zfs.markSnapshot(keeper, origin), "cannot mark " + keeper);
        }
        if (!isKept(pool, origin, keeper)) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot take snapshot " + snapshot + ", it is not there",
                    "zfs snapshot and zfs clone ended well",
                    "see what ZFS thinks of it (zfs list -t all " + keeper + "); it is tried again");
        }
    }

    @Override
    public String careOfSnapshot(PoolSpec spec, String name) {
        String volume = ZfsPool.of(spec).child(name);
        return "look into it: zfs set volmode=dev " + volume + ", then read /dev/zvol/" + volume
                + " (mount -o ro); remove it when nobody misses anything: zfs get origin " + volume
                + " tells the snapshot that it stands on, then zfs destroy " + volume
                + " and zfs destroy that snapshot, if it has one";
    }

    @Override
    public void prepareSnapshot(PoolSpec spec, SnapshotIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        requireVolumeName(pool, identity.name());
        required(pool, identity.origin());
        findSnapshot(pool, identity);
    }

    @Override
    public void takeSnapshot(PoolSpec spec, SnapshotIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        String volume = pool.child(identity.origin().name());
        CommandResult result = zfs.takeSnapshots(pool, List.of(identity));
        if (!result.succeeded()) {
            HeddleException failure = ZfsFailure.of(result, "cannot take snapshot " + volume + "@" + identity.name());
            if (failure.code() != ErrorCode.FOREIGN_VOLUME
                    || findSnapshot(pool, identity).isEmpty()) {
                throw failure;
            }
        }
    }

    @Override
    public void takeSnapshots(PoolSpec spec, List<SnapshotIdentity> identities) {
        // A property has 8 KiB, and a command line an end.
        for (int from = 0; from < identities.size(); from += TOGETHER) {
            List<SnapshotIdentity> some = identities.subList(from, Math.min(from + TOGETHER, identities.size()));
            if (!zfs.takeSnapshots(ZfsPool.of(spec), some).succeeded()) {
                // Where one cannot be taken, ZFS takes none; which one, and whether it is there, shows one by one.
                some.forEach(identity -> takeSnapshot(spec, identity));
            }
        }
    }

    @Override
    public void deleteSnapshot(PoolSpec spec, SnapshotIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        if (look(pool, identity.origin()).volume().isEmpty()) {
            return;
        }
        Optional<Dataset> found = findSnapshot(pool, identity);
        if (found.isPresent()) {
            CommandResult result = zfs.destroyLater(found.get().name());
            if (!result.succeeded() && !ZfsFailure.saysMissingOnly(result)) {
                throw ZfsFailure.of(result, "cannot delete " + found.get().name());
            }
        }
    }

    @Override
    public BackingVolume restore(PoolSpec spec, SnapshotIdentity snapshot, BackingIdentity identity) {
        ZfsPool pool = ZfsPool.of(spec);
        Look look = look(pool, identity);
        if (look.volume().isEmpty()) {
            restoreUnder(pool, Unfinished.clone(identity), snapshot, identity);
            look = lookAgain(pool, identity);
        }
        return activated(pool, identity, look);
    }

    /** Like {@code zfs create}, {@code zfs clone} sets properties after it has made the dataset; see {@link Unfinished}. */
    private void restoreUnder(ZfsPool pool, String name, SnapshotIdentity snapshot, BackingIdentity identity) {
        String unfinished = pool.child(name);
        String kept = pool.child(snapshot.origin().name()) + "@" + snapshot.name();
        Optional<Dataset> found = dataset(pool, unfinished);
        if (found.isEmpty()) {
            if (findSnapshot(pool, snapshot).filter(there -> !there.isGoing()).isEmpty()) {
                throw new HeddleException(
                        ErrorCode.SNAPSHOT_NOT_FOUND,
                        "cannot restore " + identity.name() + " from snapshot " + snapshot.name(),
                        "there is no " + kept,
                        "if it is lost, delete this resource, and restore it on the nodes that have the snapshot");
            }
            succeed(zfs.restore(kept, unfinished, identity), "cannot make " + unfinished + " of " + kept);
            found = dataset(pool, unfinished);
        }
        Dataset clone = found.orElseThrow(() -> missing(pool, identity));
        requireUnfinished(identity, clone);
        if (!clone.origin().equals(Optional.of(kept))) {
            throw foreign(identity, clone);
        }
        if (!clone.carries(identity) || clone.stage() != Stage.RESTORED) {
            succeed(zfs.markRestored(unfinished, identity), "cannot mark " + unfinished);
        }
        if (!pool.isThin() && clone.reservation().compareTo(clone.size()) < 0) {
            reserve(clone);
        }
        String right = pool.child(identity.name());
        succeed(zfs.rename(unfinished, right), "cannot give " + unfinished + " its name " + right);
    }

    private Optional<Dataset> findSnapshot(ZfsPool pool, SnapshotIdentity identity) {
        String volume = pool.child(identity.origin().name());
        Report report = zfs.snapshots(volume);
        if (!report.result().succeeded()) {
            throw ZfsFailure.of(report.result(), "cannot see the snapshots of " + volume);
        }
        Optional<Dataset> found = report.dataset(volume + "@" + identity.name());
        if (found.isPresent() && !found.get().is(identity)) {
            throw new HeddleException(
                    ErrorCode.FOREIGN_VOLUME,
                    found.get().name() + " is not touched",
                    "snapshot " + identity.snapshot() + " is to have its name, and it carries "
                            + found.get().marks(),
                    "rename it (zfs rename), or remove it if it is not needed");
        }
        return found;
    }

    /**
     * Whether there is something of this name that keeps what the volume held.
     *
     * @throws HeddleException FOREIGN_VOLUME if it is something else
     */
    private boolean isKept(ZfsPool pool, BackingIdentity origin, String name) {
        Optional<Dataset> found = dataset(pool, name);
        if (found.isPresent() && !found.get().keeps(origin)) {
            throw new HeddleException(
                    ErrorCode.FOREIGN_VOLUME,
                    name + " is not touched",
                    "a snapshot of volume " + origin.volume() + " is to have its name, and it is none",
                    "rename it (zfs rename), or remove it if it is not needed");
        }
        return found.isPresent();
    }

    private Optional<Dataset> dataset(ZfsPool pool, String name) {
        Report report = zfs.datasets(pool.dataset(), name);
        requireSeen(pool, report);
        return report.dataset(name);
    }

    /**
     * What has the name of a volume, and what a making of it that was broken off has left.
     *
     * @param volume the volume; ours
     * @param unfinished what is left; ours
     */
    private record Look(Optional<Dataset> volume, Optional<Dataset> unfinished) {}

    /**
     * Looks at the volume that is meant.
     *
     * @throws HeddleException FOREIGN_VOLUME if something else has its name, POOL_UNUSABLE
     */
    private Look look(ZfsPool pool, BackingIdentity identity) {
        requireVolumeName(pool, identity.name());
        Map<String, Zpool> zpools = new LinkedHashMap<>();
        usable(pool, zpools, zfs.zpools(Set.of(pool.zpool()), zpools));
        return lookAgain(pool, identity);
    }

    /** The same where the zpool was just seen to be usable. */
    private Look lookAgain(ZfsPool pool, BackingIdentity identity) {
        String name = pool.child(identity.name());
        String other = pool.child(Unfinished.name(identity));
        Report report = zfs.datasets(pool.dataset(), name, other);
        requireSeen(pool, report);
        Optional<Dataset> volume = report.dataset(name);
        volume.ifPresent(found -> requireOurs(identity, found));
        Optional<Dataset> unfinished = report.dataset(other);
        unfinished.ifPresent(found -> requireUnfinished(identity, found));
        return new Look(volume, unfinished);
    }

    /** What is missing counts as absent only if the pool's dataset was seen, and nothing else went wrong. */
    private static void requireSeen(ZfsPool pool, Report report) {
        CommandResult result = report.result();
        if (!result.succeeded() && !ZfsFailure.saysMissingOnly(result)) {
            throw ZfsFailure.of(result, "cannot look at " + pool.dataset());
        }
        PoolSurvey.requireFileSystem(pool, report.dataset(pool.dataset()).orElseThrow(() -> noDataset(pool, result)));
    }

    private static void requireVolumeName(ZfsPool pool, String name) {
        boolean taken =
                VOLUME_NAME.matcher(name).matches() && Unfinished.identity(name).isEmpty();
        int whole = pool.child(name).length() + ".heddle-new..".length() + 64;
        if (!taken || whole > ZfsPool.LONGEST_NAME) {
            throw new HeddleException(
                    ErrorCode.INVALID_NAME,
                    "cannot keep a volume as the zvol " + pool.child(name),
                    taken
                            ? "the name is too long: ZFS takes " + ZfsPool.LONGEST_NAME
                                    + " characters, and 77 are needed while it is made"
                            : "a zvol is named with 1 to 127 letters, digits, '_', '.', ':' and '-', beginning with a"
                                    + " letter, a digit or '_'",
                    "choose another name, or a dataset with a shorter one");
        }
    }

    private Dataset required(ZfsPool pool, BackingIdentity identity) {
        return look(pool, identity).volume().orElseThrow(() -> missing(pool, identity));
    }

    private Dataset requiredAgain(ZfsPool pool, BackingIdentity identity) {
        return lookAgain(pool, identity).volume().orElseThrow(() -> missing(pool, identity));
    }

    private static HeddleException missing(ZfsPool pool, BackingIdentity identity) {
        return new HeddleException(
                ErrorCode.BACKING_VOLUME_MISSING,
                "cannot use the zvol " + pool.child(identity.name()),
                "it is not there",
                "if it is lost, delete this replica and create it again");
    }

    private static void requireOurs(BackingIdentity identity, Dataset found) {
        if (!found.isVolume() || !found.carries(identity)) {
            throw foreign(identity, found);
        }
    }

    /** What a making has left has no marks yet, or the right ones. */
    private static void requireUnfinished(BackingIdentity identity, Dataset found) {
        if (!found.isVolume() || !(found.marks().isEmpty() || found.carries(identity))) {
            throw foreign(identity, found);
        }
    }

    private static HeddleException foreign(BackingIdentity identity, Dataset found) {
        String whose = !found.isVolume()
                ? "it is no volume"
                : found.marks().isEmpty()
                        ? "it has no properties of Heddle, so Heddle did not make it"
                        : "it carries " + found.marks();
        return new HeddleException(
                ErrorCode.FOREIGN_VOLUME,
                "the dataset " + found.name() + " is not touched",
                whose + "; wanted is volume " + identity.volume() + " of cluster " + identity.cluster(),
                "rename it (zfs rename), or remove it if it is not needed");
    }

    private static void succeed(CommandResult result, String what) {
        if (!result.succeeded()) {
            throw ZfsFailure.of(result, what);
        }
    }
}
