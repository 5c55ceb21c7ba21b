package io.heddle.core.model;

import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What is set for the connection of one resource between two nodes. A connection for which nothing is set has none; it goes
 * with the resource of either node.
 *
 * @param properties properties of the connection
 * @param peerDevices properties of its volumes by volume number; none of them is empty
 * @param move the word to leave paths that are not wanted any more; empty while there are none, or it is not its turn
 */
public record ResourceConnection(
        SortedMap<String, String> properties,
        SortedMap<Integer, SortedMap<String, String>> peerDevices,
        Optional<PathMove> move) {
    /** Nothing set. */
    public static final ResourceConnection NOTHING =
            new ResourceConnection(Ordered.map(null), Ordered.map(null), Optional.empty());

    public ResourceConnection {
        properties = Ordered.map(properties);
        TreeMap<Integer, SortedMap<String, String>> devices = new TreeMap<>();
        Ordered.map(peerDevices).forEach((number, set) -> {
            if (!set.isEmpty()) {
                devices.put(number, Ordered.map(set));
            }
        });
        peerDevices = Ordered.map(devices);
    }

    /** Whether nothing is set. */
    public boolean isEmpty() {
        return properties.isEmpty() && peerDevices.isEmpty() && move.isEmpty();
    }

    /** What is set for one volume of it. */
    public SortedMap<String, String> peerDevice(int number) {
        return peerDevices.getOrDefault(number, Ordered.map(null));
    }

    public ResourceConnection withProperties(SortedMap<String, String> changed) {
        return new ResourceConnection(changed, peerDevices, move);
    }

    public ResourceConnection withPeerDevice(int number, SortedMap<String, String> changed) {
        return new ResourceConnection(properties, Ordered.with(peerDevices, number, changed), move);
    }

    public ResourceConnection withMove(Optional<PathMove> changed) {
        return new ResourceConnection(properties, peerDevices, changed);
    }
}
