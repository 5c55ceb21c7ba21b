package io.heddle.core.link;

import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SnapshotVolume;
import java.util.List;
import java.util.UUID;

/**
 * What a node does for snapshots that are taken together, or that go. The same order goes with each step of one taking.
 *
 * @param window identity of the taking: late and repeated steps are told by it
 * @param seconds how long I/O is suspended at most, from the first step on
 * @param parts its resources on this node
 */
public record SnapshotOrder(UUID window, int seconds, List<Part> parts) {
    public SnapshotOrder {
        parts = List.copyOf(parts);
    }

    /**
     * A resource on the node.
     *
     * @param resource its name
     * @param incarnation identity of the resource on the node; not looked at where parts go
     * @param snapshot identity of the snapshot
     * @param counted whether the snapshot has counted, so that only an explicit word lets it go
     * @param volumes volumes to keep; none where the resource has no disk
     */
    public record Part(
            ResourceName resource, UUID incarnation, UUID snapshot, boolean counted, List<SnapshotVolume> volumes) {
        public Part {
            volumes = List.copyOf(volumes);
        }
    }
}
