package io.heddle.core.plan;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.KernelStatus;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * What a satellite keeps on its own disk of a volume, from just before it is made.
 *
 * @param dialect DRBD under which its metadata was made; NONE for a volume without DRBD, or before its metadata is made
 * @param size size of the device that its metadata was made for, or that was last in use here
 * @param inService whether it has been in service: from then on it is never made again
 * @param formerSizes sizes that the backing volume had since it was brought up last; empty if it did not grow. DRBD's metadata
 *     lies at the end that the backing volume has now or had at one of them.
 */
public record MadeVolume(KernelStatus.Dialect dialect, Bytes size, boolean inService, SortedSet<Bytes> formerSizes) {
    public MadeVolume {
        formerSizes = Ordered.set(formerSizes);
    }

    /** One whose metadata lies at its end. */
    public static MadeVolume settled(KernelStatus.Dialect dialect, Bytes size, boolean inService) {
        return new MadeVolume(dialect, size, inService, Ordered.set(null));
    }

    /**
     * The same with another size of the device. That DRBD shows it does not say that the metadata at the new end is on the disk:
     * former sizes stay until it is brought up anew.
     */
    MadeVolume inUseWith(Bytes now) {
        return new MadeVolume(dialect, now, inService, formerSizes);
    }

    /** The same when its backing volume is about to be no longer of a size. */
    MadeVolume growingFrom(Bytes backing) {
        TreeSet<Bytes> sizes = new TreeSet<>(formerSizes);
        sizes.add(backing);
        return new MadeVolume(dialect, size, inService, sizes);
    }
}
