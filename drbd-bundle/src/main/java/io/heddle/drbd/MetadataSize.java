package io.heddle.drbd;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;

/**
 * How many bytes of a backing device DRBD's internal metadata takes. Pure. The layout is the same for v08 (one peer) and v09:
 * a superblock of 4 KiB, an activity log of 32 KiB (one stripe), and for each peer a bitmap with a bit per 4 KiB of the
 * whole device, in words of 64 bits; the bitmaps together are rounded up to 4 KiB. {@code MetadataSizeTest} compares this
 * with what the real drbdmeta does. Activity logs with other stripes are not made by Heddle.
 */
final class MetadataSize {
    private static final long BLOCK = 4096;
    private static final long WORD_BITS = 64;
    private static final long SUPERBLOCK_AND_ACTIVITY_LOG = 4096 + 32 * 1024;
    /** DRBD's own limit is lower; this one keeps the arithmetic free of overflow. */
    private static final long LARGEST_NET = 1L << 55;

    private MetadataSize() {}

    /** Size of the metadata on a device of {@code device} bytes, for {@code maximumPeers} peers. */
    static long metadata(long device, int maximumPeers) {
        long bits = roundUp(roundUp(device, BLOCK) / BLOCK, WORD_BITS);
        return SUPERBLOCK_AND_ACTIVITY_LOG + roundUp(bits / 8 * maximumPeers, BLOCK);
    }

    /** Bytes that are left for data on a device of {@code device} bytes; negative if it is too small for the metadata. */
    static long net(long device, int maximumPeers) {
        return device / BLOCK * BLOCK - metadata(device, maximumPeers);
    }

    /** The smallest device, a multiple of 4 KiB, with room for {@code net} bytes beside the metadata. */
    static Bytes gross(Bytes net, int maximumPeers) {
        if (net.value() > LARGEST_NET) {
            throw new HeddleException(
                    ErrorCode.INVALID_SIZE,
                    "cannot make a DRBD device of " + net.value() + " bytes",
                    "the largest is " + LARGEST_NET + " bytes",
                    "ask for a smaller volume");
        }
        long wanted = roundUp(net.value(), BLOCK);
        long device = wanted;
        // Grows towards the least fixed point: the metadata never gets smaller on a larger device.
        while (net(device, maximumPeers) < wanted) {
            device = wanted + metadata(device, maximumPeers);
        }
        return new Bytes(device);
    }

    private static long roundUp(long value, long unit) {
        return (value + unit - 1) / unit * unit;
    }
}
