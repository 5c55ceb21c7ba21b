package io.heddle.rest.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots to take at the same moment.
 *
 * @param snapshots the snapshots
 */
public record SnapshotsBody(@Nullable List<SnapshotBody> snapshots) {}
