package io.heddle.core.model;

import java.time.Instant;
import java.util.SortedMap;
import java.util.UUID;

/**
 * An administrator's word on which side of one split brain loses its changes. It speaks of exactly the content that was seen
 * when it was given: once a discarding side has another one, or was written again, the word is used up, and says nothing on a
 * later split brain, however late or often it arrives. A discarding side begins it once.
 *
 * @param uuid identity of the word; names the safety snapshots
 * @param discarded nodes whose changes go, each with what tells its content
 * @param kept other nodes of the resource that were seen, each with the generations of its volumes; none for one without a disk
 * @param snapshot whether a snapshot of what goes is taken first
 * @param askedAt when it was given
 */
public record SplitBrainResolution(
        UUID uuid,
        SortedMap<NodeName, DataMark> discarded,
        SortedMap<NodeName, DataMark> kept,
        boolean snapshot,
        Instant askedAt) {
    public SplitBrainResolution {
        discarded = Ordered.map(discarded);
        kept = Ordered.map(kept);
    }
}
