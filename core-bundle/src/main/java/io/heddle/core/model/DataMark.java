package io.heddle.core.model;

import java.util.SortedMap;

/**
 * What tells one content of a resource's volumes on one node from another. DRBD's data generation alone does not: a side that
 * has changes of its own already keeps its generation when it becomes Primary again and is written (drbd_set_role, 8.4), so
 * that how much was written since the disk was attached counts as well.
 *
 * @param generations current generation of each volume with a disk, by volume number
 * @param written bytes written to the disk of each volume since it was attached, by volume number; empty where only the
 *     generation is meant
 */
public record DataMark(SortedMap<Integer, String> generations, SortedMap<Integer, Long> written) {
    /** Of a node without a disk. */
    public static final DataMark NOTHING = new DataMark(Ordered.map(null), Ordered.map(null));

    public DataMark {
        generations = Ordered.map(generations);
        written = Ordered.map(written);
    }

    /** The generations alone, for a side that may go on being written. */
    public DataMark ofGenerations() {
        return new DataMark(generations, Ordered.map(null));
    }
}
