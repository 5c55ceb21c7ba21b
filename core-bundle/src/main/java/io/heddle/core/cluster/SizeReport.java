package io.heddle.core.cluster;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import java.util.List;

/**
 * What a resource group can still take, from what was seen of its pools last.
 *
 * @param largest size of the largest volume that could be spawned now; 0 if none could
 * @param free what is free in the pools that may be used, for each replica of the group
 * @param total what they have, for each replica of the group
 * @param places where it would be placed, the best first; empty if it could not be
 * @param why why nothing can be placed; empty if something can
 */
public record SizeReport(Bytes largest, Bytes free, Bytes total, List<Place> places, String why) {
    /**
     * One place.
     *
     * @param node the node
     * @param pool the pool on it
     * @param thin whether it is thin
     * @param oversubscription how often its size may be promised, if it is thin; 1 if it is not
     */
    public record Place(NodeName node, PoolName pool, boolean thin, double oversubscription) {}

    public SizeReport {
        places = List.copyOf(places);
    }
}
