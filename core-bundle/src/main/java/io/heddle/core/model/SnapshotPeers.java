package io.heddle.core.model;

import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;

/**
 * What DRBD's metadata in the parts of a snapshot knows of its peers: what is restored has to come up with the same node ids.
 *
 * @param nodeIds node id of each replica of which there is a part
 * @param taken node ids that were in use, or not forgotten by every peer; the metadata may know others by them
 * @param primary a node that was Primary; empty if none was seen to be
 */
public record SnapshotPeers(
        SortedMap<NodeName, Integer> nodeIds, SortedSet<Integer> taken, Optional<NodeName> primary) {
    public SnapshotPeers {
        nodeIds = Ordered.map(nodeIds);
        taken = Ordered.set(taken);
    }
}
