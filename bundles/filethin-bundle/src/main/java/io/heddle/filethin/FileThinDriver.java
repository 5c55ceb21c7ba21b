package io.heddle.filethin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
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
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Keeps volumes as files in a directory, each on a loop device: sparse (FILE_THIN) or with all of their blocks allocated
 * (FILE). Keeps nothing in memory, so that it can be swapped at any moment.
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

    /** A driver for the loop devices of this machine. */
    @Activate
    public FileThinDriver() {
        this(new ExecCommandRunner(), Path.of("/sys/block"));
    }

    FileThinDriver(CommandRunner runner, Path blockDevices) {
        this.runner = runner;
        this.loops = new LoopDevices(runner, blockDevices);
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
                        Observation.known(new PoolSurvey(PoolDirectory.of(pool), devices, loops, allocated).observe()));
            } catch (HeddleException failure) {
                seen.put(pool.name(), Observation.unknown(failure.problem()));
            }
        }
        return seen;
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
        if (sidecar.stage() == Stage.READY) {
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
        return new PoolSurvey(directory, devices, loops, AllocatedSpace.of(file.path(), runner))
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
