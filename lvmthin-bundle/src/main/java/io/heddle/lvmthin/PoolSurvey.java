package io.heddle.lvmthin;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.Stage;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.status.PoolCapacity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What a report says of one pool. Where the report is not whole, it says nothing. */
final class PoolSurvey {
    private static final double NEARLY_FULL = 80;
    /** LVM takes no new thin volume from 75 % on where the metadata is small. */
    private static final double METADATA_NEARLY_FULL = 70;

    private final LvmPool pool;
    private final Report report;
    private final VolumeGroup group;
    private final Predicate<String> exists;

    /**
     * A survey.
     *
     * @param report all volumes of the VG
     * @param group the VG
     * @param exists whether there is a device node of this path
     */
    PoolSurvey(LvmPool pool, Report report, VolumeGroup group, Predicate<String> exists) {
        this.pool = pool;
        this.report = report;
        this.group = group;
        this.exists = exists;
    }

    /**
     * The pool and the volumes in it.
     *
     * @throws HeddleException POOL_UNUSABLE, OBSERVATION_FAILED
     */
    PoolObservation observe() {
        List<LogicalVolume> all = report.volumes(group.name());
        boolean whole =
                all.isEmpty() ? group.volumes() == 0 : report.result().succeeded() || all.size() >= group.volumes();
        if (!whole) {
            throw report.result()
                    .failure(
                            ErrorCode.OBSERVATION_FAILED,
                            "cannot see all volumes of " + pool.text() + ": " + all.size() + " of " + group.volumes(),
                            "run the command by hand; it is tried again");
        }
        List<LogicalVolume> volumes = all.stream().filter(pool::holds).toList();
        List<String> volumeWarnings = volumes.stream()
                .flatMap(
                        volume -> volume.attributes().warning().map(warning -> volume.text() + ": " + warning).stream())
                .toList();
        Bytes provisioned = volumes.stream().map(LogicalVolume::size).reduce(Bytes.ZERO, Bytes::plus);
        return new PoolObservation(
                pool.isThin() ? thin(thinPool(all), provisioned, volumeWarnings) : thick(provisioned, volumeWarnings),
                volumes.stream().map(this::describe).toList(),
                snapshots(volumes));
    }

    /** What each snapshot takes, with what it shares with others; LVM tells that of active ones only. */
    private SortedMap<String, Bytes> snapshots(List<LogicalVolume> volumes) {
        TreeMap<String, Bytes> taken = new TreeMap<>();
        volumes.stream()
                .filter(volume -> volume.stage() == Stage.TAKEN)
                .forEach(volume -> allocated(pool, volume).ifPresent(bytes -> taken.put(volume.name(), bytes)));
        return taken;
    }

    private LogicalVolume thinPool(List<LogicalVolume> all) {
        LogicalVolume found = all.stream()
                .filter(volume -> volume.name().equals(pool.thinPool().orElseThrow()))
                .findFirst()
                .orElseThrow(() -> unusable("there is no volume " + pool.text()));
        if (!found.attributes().isPool()) {
            throw unusable(pool.text() + " is not a thin pool");
        }
        return found;
    }

    private HeddleException unusable(String why) {
        return new HeddleException(
                ErrorCode.POOL_UNUSABLE,
                "cannot use storage pool " + pool.spec().name(),
                why,
                "create the thin pool (lvcreate --type thin-pool), or correct the name in the storage pool");
    }

    private PoolCapacity thin(LogicalVolume thinPool, Bytes provisioned, List<String> volumeWarnings) {
        double used = thinPool.dataPercent().orElse(100);
        return new PoolCapacity(
                thinPool.size(),
                new Bytes((long) (thinPool.size().value() * Math.max(0, 100 - used) / 100)),
                provisioned,
                group.extent(),
                true,
                thinPool.attributes().zeroes(),
                true,
                thinPool.dataPercent(),
                thinPool.metadataPercent(),
                warnings(thinPool, volumeWarnings));
    }

    private PoolCapacity thick(Bytes provisioned, List<String> volumeWarnings) {
        double used = group.size().isZero()
                ? 100
                : 100.0
                        * (group.size().value() - group.free().value())
                        / group.size().value();
        List<String> warnings = new ArrayList<>();
        if (used >= NEARLY_FULL) {
            warnings.add(percent("volume group " + group.name() + " is %.1f %% full: extend it (vgextend)", used));
        }
        warnings.addAll(groupWarnings());
        warnings.addAll(volumeWarnings);
        return new PoolCapacity(
                group.size(),
                group.free(),
                provisioned,
                group.extent(),
                false,
                false,
                false,
                OptionalDouble.of(used),
                OptionalDouble.empty(),
                warnings);
    }

    private List<String> warnings(LogicalVolume thinPool, List<String> volumeWarnings) {
        List<String> warnings = new ArrayList<>();
        thinPool.attributes().fault().ifPresent(fault -> warnings.add("thin pool " + pool.text() + ": " + fault));
        if (thinPool.dataPercent().isEmpty()) {
            warnings.add("thin pool " + pool.text()
                    + " is not active, so nobody can see how full it is: lvchange --activate y " + pool.text());
        }
        if (thinPool.dataPercent().orElse(0) >= NEARLY_FULL) {
            warnings.add(percent(
                    "thin pool " + pool.text() + " is %.1f %% full: lvextend it, or remove volumes or snapshots",
                    thinPool.dataPercent().getAsDouble()));
        }
        if (thinPool.metadataPercent().orElse(0) >= METADATA_NEARLY_FULL) {
            warnings.add(percent(
                    "the metadata of thin pool " + pool.text() + " is %.1f %% full: lvextend --poolmetadatasize",
                    thinPool.metadataPercent().getAsDouble()));
        }
        if (!thinPool.attributes().zeroes()) {
            warnings.add("thin pool " + pool.text()
                    + " does not zero new blocks, so new replicas are copied as a whole: lvchange --zero y "
                    + pool.text());
        }
        warnings.addAll(groupWarnings());
        warnings.addAll(volumeWarnings);
        return warnings;
    }

    private List<String> groupWarnings() {
        List<String> warnings = new ArrayList<>();
        if (group.missing() > 0) {
            warnings.add("volume group " + group.name() + " lacks " + group.missing()
                    + " of its physical volumes, and nothing can be created in it: bring the disk back, then vgextend"
                    + " --restoremissing");
        }
        // The area is a ring that holds the old and the new description, so half of it is all that there is.
        double half = group.metadataSize().value() / 2.0;
        double used = half == 0 ? 0 : 100 * (half - group.metadataFree().value()) / half;
        if (used >= NEARLY_FULL) {
            warnings.add(percent(
                    "the metadata area of volume group " + group.name()
                            + " is %.1f %% full: no more volumes can be made when it is full; remove some, or use a volume"
                            + " group with a larger --metadatasize",
                    used));
        }
        return warnings;
    }

    private static String percent(String sentence, double value) {
        return String.format(Locale.ROOT, sentence, value);
    }

    private BackingVolume describe(LogicalVolume volume) {
        return describe(pool, volume, exists);
    }

    /** A volume as the satellite sees it. */
    static BackingVolume describe(LvmPool pool, LogicalVolume volume, Predicate<String> exists) {
        Optional<String> node = volume.attributes().isActive()
                ? volume.paths().stream().filter(exists).findFirst()
                : Optional.empty();
        Optional<String> nodeFault = volume.attributes().isActive() && node.isEmpty()
                ? Optional.of("it is active and has no device node at " + String.join(" or ", volume.paths())
                        + ": see whether udev runs, then vgmknodes")
                : Optional.empty();
        return new BackingVolume(
                pool.spec().name(),
                volume.name(),
                volume.cluster(),
                volume.volume(),
                volume.stage(),
                volume.size(),
                node,
                allocated(pool, volume),
                volume.attributes().fault().or(() -> nodeFault));
    }

    private static Optional<Bytes> allocated(LvmPool pool, LogicalVolume volume) {
        if (!pool.isThin()) {
            return Optional.of(volume.size());
        }
        return volume.dataPercent().isEmpty()
                ? Optional.empty()
                : Optional.of(new Bytes(
                        (long) (volume.size().value() * volume.dataPercent().getAsDouble() / 100)));
    }
}
