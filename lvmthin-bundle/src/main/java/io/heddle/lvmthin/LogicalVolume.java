package io.heddle.lvmthin;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.Bytes;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.UUID;

/**
 * A logical volume as lvs shows it.
 *
 * @param group name of its VG
 * @param name its name
 * @param uuid LVM's identity of it
 * @param size its size
 * @param attributes its attribute letters
 * @param pool name of the thin pool that it is in; empty text if it is in none
 * @param dataPercent fill of its data; empty while it is not active
 * @param metadataPercent fill of its metadata; empty if it has none or is not active
 * @param paths paths of its device, the best first
 * @param tags its tags
 */
record LogicalVolume(
        String group,
        String name,
        String uuid,
        Bytes size,
        Attributes attributes,
        String pool,
        OptionalDouble dataPercent,
        OptionalDouble metadataPercent,
        List<String> paths,
        List<String> tags) {
    private static final String CLUSTER = "heddle_cluster_";
    private static final String VOLUME = "heddle_volume_";
    private static final String SNAPSHOT_OF = "heddle_snapshot_of_";
    private static final String SNAPSHOT_ID = "heddle_snapshot_id_";
    static final String NEW = "heddle_stage_new";
    static final String RESTORED = "heddle_stage_restored";

    LogicalVolume {
        paths = List.copyOf(paths);
        tags = List.copyOf(tags);
    }

    static String clusterTag(BackingIdentity identity) {
        return CLUSTER + identity.cluster();
    }

    static String volumeTag(BackingIdentity identity) {
        return VOLUME + identity.volume();
    }

    /** What a snapshot carries in the place of {@link #volumeTag}, so that it is never taken for the volume. */
    static String snapshotTag(BackingIdentity origin) {
        return SNAPSHOT_OF + origin.volume();
    }

    /** Whether it is a snapshot of the volume, of the same cluster. */
    boolean isSnapshotOf(BackingIdentity origin) {
        return cluster().equals(Optional.of(origin.cluster()))
                && volume().isEmpty()
                && tags.contains(snapshotTag(origin));
    }

    /** What one that the controller knows carries beside. */
    static String snapshotIdTag(SnapshotIdentity identity) {
        return SNAPSHOT_ID + identity.snapshot();
    }

    /** Whether it is this very snapshot. */
    boolean is(SnapshotIdentity identity) {
        return isSnapshotOf(identity.origin()) && tags.contains(snapshotIdTag(identity));
    }

    /** The cluster that it carries; empty if it carries none, or several, which is as good as none. */
    Optional<UUID> cluster() {
        return only(CLUSTER);
    }

    /** The replica that it carries; empty if it carries none or several. */
    Optional<UUID> volume() {
        return only(VOLUME);
    }

    private Optional<UUID> only(String beginning) {
        List<String> found = tags.stream()
                .filter(tag -> tag.startsWith(beginning))
                .map(tag -> tag.substring(beginning.length()))
                .toList();
        try {
            return found.size() == 1 ? Optional.of(UUID.fromString(found.get(0))) : Optional.empty();
        } catch (IllegalArgumentException notAnIdentity) {
            return Optional.empty();
        }
    }

    Stage stage() {
        if (volume().isEmpty() && tags.stream().anyMatch(tag -> tag.startsWith(SNAPSHOT_OF))) {
            return tags.stream().anyMatch(tag -> tag.startsWith(SNAPSHOT_ID)) ? Stage.TAKEN : Stage.SNAPSHOT;
        }
        if (tags.contains(RESTORED)) {
            return Stage.RESTORED;
        }
        return tags.contains(NEW) ? Stage.NEW : Stage.READY;
    }

    boolean is(BackingIdentity identity) {
        return name.equals(identity.name())
                && cluster().equals(Optional.of(identity.cluster()))
                && volume().equals(Optional.of(identity.volume()));
    }

    /** {@code vg/name}. */
    String text() {
        return group + "/" + name;
    }
}
