package io.heddle.core.status;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.Ordered;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What DRBD tells of the content of a resource's volumes on one node.
 *
 * @param generations data generation of each volume with a disk towards each peer, by the peer's name and volume number
 * @param outOfSync bytes of each such volume that are known to differ from a peer, by the peer's name and volume number
 * @param written bytes written to the disk of each such volume since it was attached, by whomever; by volume number
 */
public record Content(
        SortedMap<String, SortedMap<Integer, Generation>> generations,
        SortedMap<String, SortedMap<Integer, Bytes>> outOfSync,
        SortedMap<Integer, Long> written) {
    public Content {
        generations = Ordered.map(generations);
        outOfSync = Ordered.map(outOfSync);
        written = Ordered.map(written);
    }

    /** What tells it from another content. */
    public DataMark mark() {
        TreeMap<Integer, String> current = new TreeMap<>();
        generations
                .values()
                .forEach(volumes -> volumes.forEach((number, generation) -> current.put(number, generation.current())));
        return new DataMark(current, written);
    }
}
