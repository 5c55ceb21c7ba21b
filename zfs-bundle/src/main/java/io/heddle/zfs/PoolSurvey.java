package io.heddle.zfs;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.status.PoolCapacity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/** What ZFS says of one pool and the volumes in it. */
final class PoolSurvey {
    private static final double NEARLY_FULL = 80;

    /** Block pointers in a block of them (128 KiB with 128 bytes each), of which ZFS keeps two copies. */
    private static final long POINTERS = 1024;

    private static final Bytes POINTER_COPIES = Bytes.ofKib(256);
    /** What ZFS reserves for the levels above, for any size. */
    private static final Bytes UPPER_LEVELS = Bytes.ofMib(3);

    private final ZfsPool pool;
    private final Zpool zpool;
    private final Collection<Dataset> datasets;
    private final Collection<Dataset> snapshots;
    private final ZvolDevices devices;

    /**
     * A survey.
     *
     * @param datasets the pool's dataset and its direct children; others are passed over
     * @param snapshots snapshots of volumes; those of other pools are passed over
     */
    PoolSurvey(
            ZfsPool pool,
            Zpool zpool,
            Collection<Dataset> datasets,
            Collection<Dataset> snapshots,
            ZvolDevices devices) {
        this.pool = pool;
        this.zpool = zpool;
        this.datasets = datasets;
        this.snapshots = snapshots;
        this.devices = devices;
    }

    /**
     * The pool and the volumes in it.
     *
     * @throws HeddleException POOL_UNUSABLE
     */
    PoolObservation observe() {
        Dataset dataset = datasets.stream()
                .filter(found -> found.name().equals(pool.dataset()))
                .findFirst()
                .orElseThrow(() -> unusable(pool, "there is no dataset " + pool.dataset()));
        requireFileSystem(pool, dataset);
        List<Dataset> volumes = datasets.stream()
                .filter(Dataset::isVolume)
                .filter(found -> found.name().equals(pool.child(found.lastName())))
                .toList();
        Bytes provisioned = volumes.stream().map(Dataset::size).reduce(Bytes.ZERO, Bytes::plus);
        Bytes total = dataset.used().plus(dataset.available());
        double used = total.isZero() ? 100 : 100.0 * dataset.used().value() / total.value();
        return new PoolObservation(
                new PoolCapacity(
                        total,
                        pool.isThin() ? dataset.available() : largest(dataset.available()),
                        provisioned,
                        pool.options().blockSize(),
                        pool.isThin(),
                        true,
                        true,
                        OptionalDouble.of(used),
                        OptionalDouble.empty(),
                        warnings(dataset, volumes, used)),
                volumes.stream()
                        .filter(volume -> !isShadowed(volume, volumes) && !Unfinished.isClone(volume.lastName()))
                        .map(volume -> describe(pool, volume, devices))
                        .toList(),
                taken());
    }

    /** What would be free without each snapshot; what it shares with others is not in it. */
    private SortedMap<String, Bytes> taken() {
        TreeMap<String, Bytes> taken = new TreeMap<>();
        snapshots.stream()
                .filter(Dataset::isTaken)
                .filter(snapshot -> snapshot.name().startsWith(pool.dataset() + "/")
                        && snapshot.name().lastIndexOf('/') == pool.dataset().length())
                .forEach(snapshot -> taken.put(snapshot.snapshotName(), snapshot.used()));
        return taken;
    }

    /** The largest thick volume for which there is room: ZFS reserves what its block pointers take as well. */
    private Bytes largest(Bytes available) {
        long whole = POINTERS * pool.options().blockSize().value();
        double share = (double) whole / (whole + POINTER_COPIES.value());
        long size = (long) (Math.max(0, available.value() - UPPER_LEVELS.value()) * share);
        return new Bytes(size - size % pool.options().blockSize().value());
    }

    static void requireFileSystem(ZfsPool pool, Dataset dataset) {
        if (!dataset.isFileSystem()) {
            throw unusable(pool, pool.dataset() + " is a volume, and nothing can be made in it");
        }
    }

    private static HeddleException unusable(ZfsPool pool, String why) {
        return new HeddleException(
                ErrorCode.POOL_UNUSABLE,
                "cannot use storage pool " + pool.spec().name(),
                why,
                "create the dataset (zfs create -o mountpoint=none " + pool.dataset()
                        + "), or correct the name in the storage pool");
    }

    /** Whether it is one whose making was broken off, while another has its right name. */
    private boolean isShadowed(Dataset volume, List<Dataset> volumes) {
        return Unfinished.identity(volume.lastName())
                .filter(identity ->
                        volumes.stream().anyMatch(other -> other.name().equals(pool.child(identity.name()))))
                .isPresent();
    }

    private List<String> warnings(Dataset dataset, List<Dataset> volumes, double used) {
        List<String> warnings = new ArrayList<>();
        zpool.warning().ifPresent(warnings::add);
        if (zpool.capacity() >= NEARLY_FULL) {
            warnings.add(
                    "zpool " + zpool.name() + " is " + zpool.capacity()
                            + " % full, and gets slow, then stops: add a disk to it (zpool add), or remove volumes or snapshots");
        }
        if (used >= NEARLY_FULL && zpool.capacity() < NEARLY_FULL) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "dataset %s is %.1f %% full, with what is reserved: %s",
                    pool.dataset(),
                    used,
                    dataset.quota().isZero()
                            ? "add a disk to the zpool (zpool add), or remove volumes or snapshots"
                            : "raise its quota (zfs set quota), or remove volumes or snapshots"));
        }
        if (dataset.isLocked()) {
            warnings.add("the key of dataset " + pool.dataset() + " is not loaded: zfs load-key " + pool.dataset());
        }
        for (Dataset volume : volumes) {
            boolean ours = volume.volume().isPresent();
            if (ours && volume.isWithoutSync()) {
                warnings.add(volume.name()
                        + " is written to without sync, and a power cut loses what was acknowledged: zfs set sync=standard "
                        + volume.name());
            }
            if (ours && !pool.isThin() && volume.reservation().compareTo(volume.size()) < 0) {
                warnings.add(volume.name()
                        + " has not all of its space reserved, and writes to it may fail: zfs set refreservation=auto "
                        + volume.name());
            }
        }
        return warnings;
    }

    /** A volume as the satellite sees it. */
    static BackingVolume describe(ZfsPool pool, Dataset volume, ZvolDevices devices) {
        Optional<BackingIdentity> unfinished = Unfinished.identity(volume.lastName());
        boolean ours = unfinished.isEmpty() && volume.volume().isPresent();
        return new BackingVolume(
                pool.spec().name(),
                unfinished.map(BackingIdentity::name).orElse(volume.lastName()),
                unfinished.map(BackingIdentity::cluster).or(volume::cluster),
                unfinished.map(BackingIdentity::volume).or(volume::volume),
                unfinished.isPresent() ? Stage.NEW : volume.stage(),
                volume.size(),
                ours && volume.hasDevice() ? devices.find(volume.name()) : Optional.empty(),
                Optional.of(volume.used()),
                volume.isLocked()
                        ? Optional.of("it is encrypted, and its key is not loaded: zfs load-key")
                        : Optional.empty());
    }
}
