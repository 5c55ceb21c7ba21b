package io.heddle.core.cluster;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotVolume;
import java.util.Optional;

/** What snapshots take in their pools, as it was last seen. */
public final class SnapshotSpace {
    private SnapshotSpace() {}

    /** What a part of a snapshot takes; empty where it is not known, which is not zero. */
    public static Optional<Bytes> of(ClusterView view, Snapshot snapshot, NodeName node, SnapshotVolume volume) {
        return view.status(node)
                .map(status -> status.pools().get(volume.pool()))
                .map(pool -> pool.snapshots().get(Snapshot.nameInPool(volume.backing(), snapshot.uuid())));
    }

    /** What a snapshot takes on a node with all of its volumes; empty where one of them is not known. */
    public static Optional<Bytes> of(ClusterView view, Snapshot snapshot, NodeName node) {
        if (!snapshot.parts().containsKey(node)) {
            return Optional.empty();
        }
        Bytes sum = Bytes.ZERO;
        for (SnapshotVolume volume : snapshot.parts().get(node)) {
            Optional<Bytes> one = of(view, snapshot, node, volume);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            sum = sum.plus(one.get());
        }
        return Optional.of(sum);
    }
}
