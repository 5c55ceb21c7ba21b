package io.heddle.filethin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps volumes as files in a directory, each on a loop device: sparse (FILE_THIN) or with all of their blocks allocated
 * (FILE). Where the file system lets files share blocks, the sparse ones have snapshots. Keeps nothing in memory but whether a file
 * system can, so that it can be swapped at any moment.
 */
@Component(
        service = StorageDriver.class,
        property = {"driver.kind=FILE", "driver.kind=FILE_THIN"})
public final class FileThinDriver implements StorageDriver {
    /** A page: direct I/O and loop devices with sectors of 4 KiB need whole ones. */
    static final Bytes UNIT = Bytes.ofKib(4);

    /** Allocating may write every block where the file system knows no better. */
    private static final Duration ALLOCATION_DEADLINE = Duration.ofHours(1);

    private static final String SPACE_CORRECTION =
            "free space on the file system of the pool, place the volume elsewhere, or use a FILE_THIN pool";

    private final CommandRunner runner;
    private final LoopDevices loops;
    private final Reflinks reflinks;

    /** A driver for the loop devices of this machine. */
    @Activate
    public FileThinDriver() {
        this(new ExecCommandRunner(), Path.of("/sys/block"));
    }

    FileThinDriver(CommandRunner runner, Path blockDevices) {
        this.runner = runner;
        this.loops = new LoopDevices(runner, blockDevices);
        this.reflinks = new Reflinks(runner);
    }

    @Override
    public Set<DriverKind> kinds() {
        return Set.of(DriverKind.FILE, DriverKind.FILE_THIN);
    }

    @Override
    public String toolVersion() {
        return loops.toolVersion();
    }

    @Override
    public Map<PoolName, Observation<PoolObservation>> observe(List<PoolSpec> pools) {
        Map<PoolName, Observation<PoolObservation>> seen = new LinkedHashMap<>();
        if (pools.isEmpty()) {
            return seen;
        }
        List<LoopDevice> devices;
        try {
            devices = loops.all();
        } catch (HeddleException failure) {
            pools.forEach(pool -> seen.put(pool.name(), Observation.unknown(failure.problem())));
            return seen;
        }
        Map<FileIdentity, Bytes> allocated = AllocatedSpace.in(pools, runner);
        for (PoolSpec pool : pools) {
            try {
                seen.put(
                        pool.name(),
                        Observation.known(survey(PoolDirectory.of(pool), devices, allocated)
                                .observe()));
            } catch (HeddleException failure) {
                seen.put(pool.name(), Observation.unknown(failure.problem()));
            }
        }
        return seen;
    }

    private PoolSurvey survey(PoolDirectory directory, List<LoopDevice> devices, Map<FileIdentity, Bytes> allocated) {
        return new PoolSurvey(directory, devices, loops, allocated, this::takesSnapshots);
    }

    /** A pool that is not thin has promised that every block can be written, and a block that is shared needs another one for that. */
    private boolean takesSnapshots(PoolDirectory directory) {
        return directory.pool().kind().equals(DriverKind.FILE_THIN) && reflinks.areThere(directory);
    }

    @Override
    public Bytes roundUp(PoolSpec pool, Bytes wanted) {
        return wanted.roundUp(UNIT);
    }

    @Override
    public BackingVolume create(PoolSpec pool, BackingIdentity identity, Bytes size) {
        PoolDirectory directory = PoolDirectory.of(pool);
        VolumeFile file = directory.volume(identity);
        directory.removeLeftovers();
        if (file.look().isNothing()) {
            file.write(Sidecar.fresh(identity, size.roundUp(UNIT)));
        }
        boolean justMade = finish(directory, file, ours(file, identity));
        return attached(directory, file, identity, justMade);
    }

    @Override
    public BackingVolume activate(PoolSpec pool, BackingIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        VolumeFile file = directory.volume(identity);
        boolean justMade = finish(directory, file, ours(file, identity));
        return attached(directory, file, identity, justMade);
    }

    @Override
    public void deactivate(PoolSpec pool, BackingIdentity identity) {
        VolumeFile file = PoolDirectory.of(pool).volume(identity);
        if (!file.look().isNothing()) {
            detach(file, ours(file, identity));
        }
    }

    @Override
    public void markReady(PoolSpec pool, BackingIdentity identity) {
        VolumeFile file = PoolDirectory.of(pool).volume(identity);
        VolumeFile.Look look = ours(file, identity);
        requireWhole(file, look);
        Sidecar sidecar = look.sidecar().orElseThrow();
        if (sidecar.stage() != Stage.READY) {
            file.write(sidecar.ready());
        }
    }

    @Override
    public BackingVolume grow(PoolSpec pool, BackingIdentity identity, Bytes size) {
        PoolDirectory directory = PoolDirectory.of(pool);
        VolumeFile file = directory.volume(identity);
        finish(directory, file, ours(file, identity));
        Bytes wanted = size.roundUp(UNIT);
        VolumeFile.Look look = ours(file, identity);
        Sidecar sidecar = look.sidecar().orElseThrow();
        if (look.data().orElseThrow().length().compareTo(wanted) < 0) {
            reserve(directory, file, wanted);
        }
        if (sidecar.size().compareTo(wanted) < 0) {
            file.write(sidecar.grownTo(wanted));
        }
        return refreshed(directory, file, identity, loops.of(file.path(), data(file, identity)));
    }

    @Override
    public void delete(PoolSpec pool, BackingIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        VolumeFile file = directory.volume(identity);
        directory.removeLeftovers();
        if (file.look().isNothing()) {
            return;
        }
        detach(file, ours(file, identity));
        ours(file, identity);
        file.delete();
    }

    @Override
    public void prepareSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        requireSnapshots(directory, identity.origin());
        ours(directory.snapshot(identity.name()), wanted(directory, identity));
    }

    @Override
    public void takeSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        requireSnapshots(directory, identity.origin());
        take(directory, identity.origin(), wanted(directory, identity));
    }

    @Override
    public void deleteSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        directory.removeLeftovers();
        SnapshotFile file = directory.snapshot(identity.name());
        SnapshotFile.Look look = ours(file, SnapshotSidecar.of(identity, Bytes.ZERO));
        if (look.isNothing()) {
            return;
        }
        List<LoopDevice> holders =
                look.data().map(data -> loops.of(file.path(), data)).orElse(List.of());
        if (!holders.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot delete the snapshot " + file.path(),
                    "it is attached to " + holders.get(0).name(),
                    "end what uses it (see findmnt, lsblk), and losetup --detach "
                            + holders.get(0).name() + "; it is tried again");
        }
        file.delete();
    }

    @Override
    public void requireReplaceable(PoolSpec pool, SnapshotIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        requireSnapshots(directory, identity.origin());
        requireKept(directory.snapshot(identity.name()), identity, identity.origin());
    }

    private static VolumeFile.DataFile requireKept(
            SnapshotFile kept, SnapshotIdentity snapshot, BackingIdentity identity) {
        return ours(kept, SnapshotSidecar.of(snapshot, Bytes.ZERO))
                .data()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.SNAPSHOT_NOT_FOUND,
                        "cannot restore " + identity.name() + " from snapshot " + snapshot.name(),
                        "the file " + kept.path() + " is not there",
                        "if it is lost, delete this resource, and restore it on the nodes that have the snapshot"));
    }

    @Override
    public BackingVolume restore(PoolSpec pool, SnapshotIdentity snapshot, BackingIdentity identity) {
        PoolDirectory directory = PoolDirectory.of(pool);
        requireSnapshots(directory, snapshot.origin());
        VolumeFile file = directory.volume(identity);
        if (file.look().isNothing()) {
            SnapshotFile kept = directory.snapshot(snapshot.name());
            Bytes size = requireKept(kept, snapshot, identity).length();
            file.restore(Sidecar.restored(identity, size), kept.path(), reflinks);
        }
        return activate(pool, identity);
    }

    @Override
    public void snapshot(PoolSpec pool, BackingIdentity origin, String name) {
        PoolDirectory directory = PoolDirectory.of(pool);
        requireSnapshots(directory, origin);
        Bytes size = data(directory.volume(origin), origin).length();
        take(directory, origin, SnapshotSidecar.of(origin, name, size));
    }

    @Override
    public String careOfSnapshot(PoolSpec pool, String name) {
        String file = PoolDirectory.of(pool).path().resolve(name).toString();
        return "look into it: losetup --read-only --find --show " + file
                + ", then read that device (mount -o ro); remove" + " it when nobody misses anything: rm " + file + " "
                + file + SnapshotFile.SIDECAR;
    }

    private void requireSnapshots(PoolDirectory directory, BackingIdentity origin) {
        PoolSpec pool = directory.pool();
        if (!pool.kind().equals(DriverKind.FILE_THIN)) {
            throw Reflinks.none(
                    pool,
                    origin.name(),
                    "a pool of kind FILE takes none: its volumes have all of their space reserved");
        }
        if (!reflinks.areThere(directory)) {
            throw Reflinks.none(
                    pool,
                    origin.name(),
                    "files cannot share blocks on the file system of " + directory.path() + ", which is "
                            + directory.fileSystem());
        }
    }

    private static SnapshotSidecar wanted(PoolDirectory directory, SnapshotIdentity identity) {
        return SnapshotSidecar.of(
                identity,
                data(directory.volume(identity.origin()), identity.origin()).length());
    }

    private void take(PoolDirectory directory, BackingIdentity origin, SnapshotSidecar wanted) {
        SnapshotFile file = directory.snapshot(wanted.file());
        if (ours(file, wanted).data().isEmpty()) {
            file.take(wanted, directory.volume(origin).path(), reflinks);
        }
    }

    /**
     * What is there, if it is nothing or the snapshot that is meant.
     *
     * @throws HeddleException FOREIGN_VOLUME
     */
    private static SnapshotFile.Look ours(SnapshotFile file, SnapshotSidecar wanted) {
        SnapshotFile.Look look = file.look();
        Optional<String> whose = look.foreign()
                .or(() -> look.sidecar()
                        .filter(found -> !found.isOf(wanted))
                        .map(found -> "it is another snapshot, of volume " + found.origin() + " of cluster "
                                + found.cluster()));
        if (whose.isPresent()) {
            throw new HeddleException(
                    ErrorCode.FOREIGN_VOLUME,
                    "the file " + file.path() + " is not touched",
                    "a snapshot of volume " + wanted.origin() + " is to have its name, and " + whose.get(),
                    "move it, and the sidecar beside it if there is one, out of the directory, or remove them if they"
                            + " are not needed");
        }
        return look;
    }

    /**
     * What is there, if it is the volume that is meant.
     *
     * @throws HeddleException BACKING_VOLUME_MISSING, FOREIGN_VOLUME
     */
    private static VolumeFile.Look ours(VolumeFile file, BackingIdentity identity) {
        VolumeFile.Look look = file.look();
        if (look.isNothing()) {
            throw new HeddleException(
                    ErrorCode.BACKING_VOLUME_MISSING,
                    "cannot use the file " + file.path(),
                    "it is not there",
                    "mount the file system that it is on; if it is lost, delete this replica and create it again");
        }
        if (!look.is(identity)) {
            throw new HeddleException(
                    ErrorCode.FOREIGN_VOLUME,
                    "the file " + file.path() + " is not touched",
                    whose(look) + "; wanted is volume " + identity.volume() + " of cluster " + identity.cluster(),
                    "move it, and the sidecar beside it if there is one, out of the directory, or remove them if they"
                            + " are not needed");
        }
        return look;
    }

    private static String whose(VolumeFile.Look look) {
        if (look.obstructed()) {
            return "it is not a regular file";
        }
        return look.sidecarFault()
                .or(() -> look.sidecar()
                        .map(sidecar -> "it is volume " + sidecar.volume() + " of cluster " + sidecar.cluster()))
                .orElse("it has no sidecar, so Heddle did not make it");
    }

    /**
     * Finishes a making that was broken off, and refuses a volume in service that is not whole.
     *
     * @return whether the data file was not there before
     */
    private boolean finish(PoolDirectory directory, VolumeFile file, VolumeFile.Look look) {
        Sidecar sidecar = look.sidecar().orElseThrow();
        if (sidecar.stage() == Stage.RESTORED && look.data().isEmpty()) {
            file.finishRestoring();
            return false;
        }
        if (sidecar.stage() != Stage.NEW) {
            requireWhole(file, look);
            return false;
        }
        boolean whole = look.data()
                .filter(data -> data.length().compareTo(sidecar.size()) >= 0)
                .isPresent();
        if (whole) {
            return false;
        }
        try {
            if (look.data().isEmpty()) {
                file.createData();
            }
            reserve(directory, file, sidecar.size());
            return look.data().isEmpty();
        } catch (HeddleException failure) {
            if (failure.code() == ErrorCode.POOL_FULL) {
                giveBack(file, failure);
            }
            throw failure;
        }
    }

    /** A volume that did not fit is not left half made: it may go elsewhere, and nobody would come back for it. */
    private static void giveBack(VolumeFile file, HeddleException failure) {
        try {
            file.delete();
        } catch (HeddleException second) {
            failure.addSuppressed(second);
        }
    }

    private static void requireWhole(VolumeFile file, VolumeFile.Look look) {
        Bytes made = look.sidecar().orElseThrow().size();
        VolumeFile.DataFile data = look.data()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.BACKING_VOLUME_MISSING,
                        "cannot use the file " + file.path(),
                        "it is gone; only its sidecar is there",
                        "bring the file back; if it is lost, delete this replica and create it again"));
        if (data.length().compareTo(made) < 0) {
            throw new HeddleException(
                    ErrorCode.BACKING_VOLUME_FAILED,
                    "cannot use the file " + file.path(),
                    "it has " + data.length().value() + " bytes and was made with " + made.value()
                            + "; somebody has cut it",
                    "bring the whole file back; if it is lost, delete this replica and create it again");
        }
    }

    /** Gives the data file a size, with its blocks where the pool is not thin. */
    private void reserve(PoolDirectory directory, VolumeFile file, Bytes size) {
        if (directory.pool().kind().equals(DriverKind.FILE)) {
            allocate(directory, file, size);
        }
        file.lengthen(size);
    }

    /**
     * Allocates blocks behind the end of the data file. The length comes after it, so that a file of full length has all of
     * its blocks whenever the power fails.
     */
    private void allocate(PoolDirectory directory, VolumeFile file, Bytes size) {
        long taken = AllocatedSpace.of(file.path(), runner).values().stream()
                .mapToLong(Bytes::value)
                .sum();
        Bytes usable = directory.usableSpace();
        // fallocate(2) takes all that there is before it says that there is not enough, and thin volumes beside it get
        // errors.
        if (size.value() - taken > usable.value()) {
            throw new HeddleException(
                    ErrorCode.POOL_FULL,
                    "cannot allocate " + size + " for " + file.path(),
                    "the file system has " + usable + " left",
                    SPACE_CORRECTION);
        }
        CommandResult result = runner.run(Command.change(
                ALLOCATION_DEADLINE,
                "fallocate",
                "--keep-size",
                "--length",
                Long.toString(size.value()),
                file.path().toString()));
        if (!result.succeeded()) {
            HeddleException failure = allocationFailure(result, file.path(), size);
            try {
                file.releaseSurplus();
            } catch (HeddleException second) {
                failure.addSuppressed(second);
            }
            throw failure;
        }
    }

    /** A failed fallocate(1) under the code that its message stands for. */
    static HeddleException allocationFailure(CommandResult result, Path file, Bytes size) {
        String what = "cannot allocate " + size + " for " + file;
        String said = result.errorOutput();
        if (said.contains("No space left on device") || said.contains("Disk quota exceeded")) {
            return result.failure(ErrorCode.POOL_FULL, what, SPACE_CORRECTION);
        }
        if (said.contains("unsupported") || said.contains("Operation not supported")) {
            return result.failure(
                    ErrorCode.POOL_UNUSABLE,
                    what,
                    "this file system cannot allocate in advance: use a FILE_THIN pool there, or another file system");
        }
        return result.failure(ErrorCode.COMMAND_FAILED, what, "see dmesg; it is tried again");
    }

    private BackingVolume attached(
            PoolDirectory directory, VolumeFile file, BackingIdentity identity, boolean justMade) {
        List<LoopDevice> devices = loops.attach(file.path(), data(file, identity), justMade);
        BackingVolume volume = refreshed(directory, file, identity, devices);
        if (volume.device().isEmpty()) {
            throw new HeddleException(
                    ErrorCode.COMMAND_FAILED,
                    "cannot attach " + file.path() + " to a loop device",
                    volume.fault().orElse("losetup attached it, and no device has it"),
                    "see losetup --list and dmesg; it is tried again");
        }
        return volume;
    }

    private static VolumeFile.DataFile data(VolumeFile file, BackingIdentity identity) {
        return ours(file, identity).data().orElseThrow();
    }

    /** The volume as it is, when its devices show its length; they may not where a growth was broken off. */
    private BackingVolume refreshed(
            PoolDirectory directory, VolumeFile file, BackingIdentity identity, List<LoopDevice> devices) {
        VolumeFile.Look look = ours(file, identity);
        VolumeFile.DataFile data = look.data().orElseThrow();
        for (LoopDevice device : LoopDevices.of(data.identity(), devices)) {
            if (device.serves() && loops.size(device).compareTo(data.length()) < 0) {
                loops.refreshSize(device, data.length());
            }
        }
        return survey(directory, devices, AllocatedSpace.of(file.path(), runner))
                .describe(identity.name(), file, look);
    }

    private void detach(VolumeFile file, VolumeFile.Look look) {
        if (look.data().isEmpty()) {
            return;
        }
        VolumeFile.DataFile data = look.data().get();
        for (LoopDevice device : loops.of(file.path(), data)) {
            loops.detach(device, file.path(), data.identity());
        }
    }
}
