package io.heddle.core.plan;

import io.heddle.core.model.Bytes;

/**
 * How much room DRBD's internal metadata takes at most: a bitmap of one bit per 4 KiB and peer, an activity log and a
 * superblock. Only for judging room; the exact size is the replication driver's.
 */
public final class MetadataSpace {
    private static final long PAGE = 4 * Bytes.KIB;
    private static final long BYTES_PER_BITMAP_BYTE = 8 * PAGE;
    private static final long FIXED = 40 * Bytes.KIB;

    private MetadataSpace() {}

    /** Room that a device of {@code net} needs at most, with its metadata. */
    public static Bytes gross(Bytes net, int maximumPeers) {
        return net.plus(most(net, maximumPeers));
    }

    /** A device that surely fits into {@code gross} with its metadata, in whole KiB; zero if none does. */
    public static Bytes net(Bytes gross, int maximumPeers) {
        long rest = gross.value() - most(gross, maximumPeers).value();
        return rest <= 0 ? Bytes.ZERO : new Bytes(rest - rest % Bytes.KIB);
    }

    private static Bytes most(Bytes size, int maximumPeers) {
        Bytes bitmap = new Bytes(size.value() / BYTES_PER_BITMAP_BYTE + 1).roundUp(new Bytes(PAGE));
        return new Bytes(bitmap.value() * maximumPeers + FIXED);
    }
}
