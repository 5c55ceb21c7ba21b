package io.heddle.zfs;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A dataset as {@code zfs get} shows it: a zvol, a file system or a snapshot.
 *
 * @param name its full name
 * @param values values of properties, by name
 * @param marks Heddle's own properties that are set on this dataset itself. What it inherits, as from a parent that somebody
 *     marked, or received with a stream, as with {@code zfs send -p}, is no mark: it was not set on this one
 */
record Dataset(String name, SortedMap<String, String> values, SortedMap<String, String> marks) {
    static final String CLUSTER = "heddle:cluster";
    static final String VOLUME = "heddle:volume";
    static final String STAGE = "heddle:stage";
    static final String SNAPSHOT_OF = "heddle:snapshot_of";
    static final String SNAPSHOT = "heddle:snapshot";
    static final String NEW = "new";
    static final String READY = "ready";
    static final String RESTORED = "restored";
    static final String NONE = "-";

    Dataset {
        values = Ordered.map(values);
        marks = Ordered.map(marks);
    }

    /** The name without that of its parent. */
    String lastName() {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** What follows the {@code @} in the name of a snapshot. */
    String snapshotName() {
        return name.substring(name.indexOf('@') + 1);
    }

    private String value(String property) {
        return values.getOrDefault(property, NONE);
    }

    private Bytes bytes(String property) {
        String value = value(property);
        return value.matches("[0-9]{1,18}") ? new Bytes(Long.parseLong(value)) : Bytes.ZERO;
    }

    boolean isVolume() {
        return value("type").equals("volume");
    }

    boolean isFileSystem() {
        return value("type").equals("filesystem");
    }

    /** Bytes that it takes in its pool, with its snapshots and what is reserved for it. */
    Bytes used() {
        return bytes("used");
    }

    /** Bytes that can still be written to it: quotas and the reservations of others are counted in. */
    Bytes available() {
        return bytes("available");
    }

    /** Size of a zvol. */
    Bytes size() {
        return bytes("volsize");
    }

    /** A zvol's size is a multiple of it. */
    Bytes blockSize() {
        return bytes("volblocksize");
    }

    /** Bytes that are reserved for a zvol; zero for a thin one. */
    Bytes reservation() {
        return bytes("refreservation");
    }

    Bytes quota() {
        return bytes("quota");
    }

    /** Whether ZFS makes a device of the zvol, and no partitions of what is in it. */
    boolean hasDevice() {
        return value("volmode").equals("dev");
    }

    boolean isWithoutSync() {
        return value("sync").equals("disabled");
    }

    /** Whether it is encrypted, and its key is not there. */
    boolean isLocked() {
        return value("keystatus").equals("unavailable");
    }

    /** The snapshot that it is a clone of; empty if it is none. */
    Optional<String> origin() {
        return Optional.of(value("origin")).filter(origin -> !origin.equals(NONE) && !origin.isEmpty());
    }

    Optional<UUID> cluster() {
        return uuid(CLUSTER);
    }

    Optional<UUID> volume() {
        return uuid(VOLUME);
    }

    private Optional<UUID> uuid(String mark) {
        try {
            return Optional.ofNullable(marks.get(mark)).map(UUID::fromString);
        } catch (IllegalArgumentException notAnIdentity) {
            return Optional.empty();
        }
    }

    Stage stage() {
        if (volume().isEmpty() && marks.containsKey(SNAPSHOT_OF)) {
            return Stage.SNAPSHOT;
        }
        if (RESTORED.equals(marks.get(STAGE))) {
            return Stage.RESTORED;
        }
        return NEW.equals(marks.get(STAGE)) ? Stage.NEW : Stage.READY;
    }

    boolean carries(BackingIdentity identity) {
        return cluster().equals(Optional.of(identity.cluster())) && volume().equals(Optional.of(identity.volume()));
    }

    /** Whether it is a snapshot that the controller knows. */
    boolean isTaken() {
        return marks.containsKey(SNAPSHOT);
    }

    /** Whether it is a snapshot that goes as soon as no volume stands on it any more. */
    boolean isGoing() {
        return value("defer_destroy").equals("on");
    }

    /** The volumes that stand on a snapshot. */
    List<String> clones() {
        String names = value("clones");
        return names.equals(NONE) || names.isEmpty() ? List.of() : List.of(names.split(","));
    }

    /** Whether it is this very snapshot. */
    boolean is(SnapshotIdentity identity) {
        return cluster().equals(Optional.of(identity.origin().cluster()))
                && List.of(marks.getOrDefault(SNAPSHOT, "").split(","))
                        .contains(identity.snapshot().toString())
                && snapshotName().equals(identity.name());
    }

    /** Whether it keeps what the volume held once: a snapshot, or a clone of one. */
    boolean keeps(BackingIdentity volume) {
        return cluster().equals(Optional.of(volume.cluster()))
                && volume().isEmpty()
                && uuid(SNAPSHOT_OF).equals(Optional.of(volume.volume()));
    }
}
