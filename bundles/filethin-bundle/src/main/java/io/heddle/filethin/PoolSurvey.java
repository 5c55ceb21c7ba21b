package io.heddle.filethin;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.status.PoolCapacity;
import java.io.IOException;
import java.nio.file.FileStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** One look at one pool; changes nothing. */
final class PoolSurvey {
    private static final double NEARLY_FULL = 80;

    private final PoolDirectory directory;
    private final List<LoopDevice> devices;
    private final LoopDevices loops;
    private final Map<FileIdentity, Bytes> allocated;
    private final Predicate<PoolDirectory> takesSnapshots;

    PoolSurvey(
            PoolDirectory directory,
            List<LoopDevice> devices,
            LoopDevices loops,
            Map<FileIdentity, Bytes> allocated,
            Predicate<PoolDirectory> takesSnapshots) {
        this.directory = directory;
        this.devices = devices;
        this.loops = loops;
        this.allocated = allocated;
        this.takesSnapshots = takesSnapshots;
    }

    PoolObservation observe() {
        List<BackingVolume> volumes = new ArrayList<>();
        Bytes provisioned = Bytes.ZERO;
        for (String name : directory.names()) {
            VolumeFile file = directory.volume(name);
            VolumeFile.Look look = file.look();
            if (look.isNothing()) {
                continue;
            }
            Optional<BackingVolume> snapshot = snapshot(name);
            BackingVolume volume = snapshot.orElseGet(() -> describe(name, file, look));
            volumes.add(volume);
            if (look.sidecar().isPresent() || snapshot.isPresent()) {
                provisioned = provisioned.plus(volume.size());
            }
        }
        return new PoolObservation(capacity(provisioned), volumes);
    }

    private PoolCapacity capacity(Bytes provisioned) {
        try {
            FileStore store = directory.fileStore();
            Bytes total = new Bytes(store.getTotalSpace());
            Bytes free = new Bytes(store.getUsableSpace());
            double used = total.isZero() ? 100 : 100.0 * (total.value() - free.value()) / total.value();
            return new PoolCapacity(
                    total,
                    free,
                    provisioned,
                    FileThinDriver.UNIT,
                    directory.pool().kind().equals(DriverKind.FILE_THIN),
                    true,
                    takesSnapshots.test(directory),
                    OptionalDouble.of(used),
                    OptionalDouble.empty(),
                    warnings(used, free));
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot see how full the file system of " + directory.path() + " is", failure);
        }
    }

    private List<String> warnings(double used, Bytes free) throws IOException {
        List<String> warnings = new ArrayList<>();
        if (used >= NEARLY_FULL) {
            warnings.add(String.format(
                    Locale.ROOT,
                    "the file system of %s is %.1f %% full, %s are left: free space or enlarge it",
                    directory.path(),
                    used,
                    free));
        }
        if (directory.isVolatile()) {
            warnings.add(directory.path()
                    + " is kept in memory, its volumes are lost when the node stops: use a directory on a disk");
        }
        for (LoopDevice device : devices) {
            if (device.holdsADeletedFile() && device.pathBeforeDeletion().startsWith(directory.path() + "/")) {
                warnings.add(device.name() + " still holds " + device.pathBeforeDeletion()
                        + ", which somebody has deleted: copy its bytes if they are needed (dd if=" + device.name()
                        + "), then losetup --detach " + device.name());
            }
        }
        return warnings;
    }

    /** What is there under a name, as the satellite sees it. */
    BackingVolume describe(String name, VolumeFile file, VolumeFile.Look look) {
        Optional<Sidecar> sidecar = look.sidecar();
        List<LoopDevice> holders = look.data()
                .map(data -> LoopDevices.of(data.identity(), devices))
                .orElse(List.of());
        Optional<LoopDevice> device =
                holders.stream().filter(LoopDevice::serves).findFirst();
        return new BackingVolume(
                directory.pool().name(),
                name,
                look.obstructed() ? Optional.empty() : sidecar.map(Sidecar::cluster),
                look.obstructed() ? Optional.empty() : sidecar.map(Sidecar::volume),
                sidecar.map(Sidecar::stage).orElse(Stage.READY),
                size(look, device),
                device.map(LoopDevice::name),
                look.data().flatMap(data -> Optional.ofNullable(allocated.get(data.identity()))),
                fault(file, look, holders));
    }

    /** What is there, if it is a snapshot of ours. */
    private Optional<BackingVolume> snapshot(String name) {
        SnapshotFile.Look look = directory.snapshot(name).look();
        if (look.foreign().isPresent()
                || look.sidecar().isEmpty()
                || look.data().isEmpty()) {
            return Optional.empty();
        }
        SnapshotSidecar sidecar = look.sidecar().get();
        VolumeFile.DataFile data = look.data().get();
        return Optional.of(new BackingVolume(
                directory.pool().name(),
                name,
                Optional.of(sidecar.cluster()),
                Optional.empty(),
                sidecar.snapshot().isPresent() ? Stage.TAKEN : Stage.SNAPSHOT,
                data.length(),
                Optional.empty(),
                Optional.ofNullable(allocated.get(data.identity())),
                Optional.empty()));
    }

    /** The size that can be relied on: a growth that was broken off has reached the file and perhaps not the device. */
    private Bytes size(VolumeFile.Look look, Optional<LoopDevice> device) {
        Bytes length = look.data().map(VolumeFile.DataFile::length).orElse(Bytes.ZERO);
        if (device.isPresent()) {
            Bytes shown = loops.size(device.get());
            return shown.compareTo(length) < 0 ? shown : length;
        }
        // A making that was broken off is finished with this size before anybody sees a device.
        return look.sidecar()
                .filter(sidecar ->
                        sidecar.stage() == Stage.NEW && sidecar.size().compareTo(length) > 0)
                .map(Sidecar::size)
                .orElse(length);
    }

    private static Optional<String> fault(VolumeFile file, VolumeFile.Look look, List<LoopDevice> holders) {
        if (look.sidecarFault().isPresent()) {
            return look.sidecarFault();
        }
        if (look.obstructed()) {
            return Optional.of(file.path() + " is not a regular file");
        }
        boolean inService =
                look.sidecar().filter(sidecar -> sidecar.stage() == Stage.READY).isPresent();
        if (inService && look.data().isEmpty()) {
            return Optional.of(file.path() + " is gone; only its sidecar is there");
        }
        if (inService
                && look.data().get().length().compareTo(look.sidecar().get().size()) < 0) {
            return Optional.of(file.path() + " was cut to "
                    + look.data().get().length().value() + " bytes; it was made with "
                    + look.sidecar().get().size().value());
        }
        if (holders.size() > 1) {
            return Optional.of(holders.stream().map(LoopDevice::name).collect(Collectors.joining(" and "))
                    + " are attached to the same file: detach the one that nobody uses before its cache overwrites the"
                    + " other's data");
        }
        return holders.stream()
                .filter(device -> !device.serves())
                .findFirst()
                .map(device -> device.name() + " is attached to it "
                        + (device.readOnly() ? "read-only" : "in part only")
                        + ", which Heddle did not do: detach it");
    }
}
