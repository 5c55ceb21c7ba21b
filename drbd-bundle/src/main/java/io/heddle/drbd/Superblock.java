package io.heddle.drbd;

import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;

/**
 * What the superblock of internal metadata says, read where the end of a device is, or once was. drbdmeta cannot be asked: it
 * tells nothing of a crashed Primary's metadata before it has changed it, and looks at one place only, which it takes from a file
 * of its own that may be of another volume. The layout is in drbdmeta's {@code struct md_on_disk_08} and {@code
 * meta_data_on_disk_9}; {@code MetadataTest} compares this with what drbdmeta writes.
 *
 * @param format the DRBD that wrote it
 * @param size size of the device that it was last used with, zero if it never was
 * @param generation current UUID
 * @param device identity of the device, which DRBD keeps: the replica's, put there by {@link #mark}
 * @param maximumPeers for how many peers it has bitmaps; that of 8.4 has one
 */
record Superblock(MetadataFormat format, Bytes size, long generation, long device, int maximumPeers) {
    private static final int BLOCK = 4096;
    private static final int SIZE = 0;
    private static final int GENERATION = 8;
    private static final int DEVICE_08 = 40;
    private static final int DEVICE_09 = 48;
    private static final int MAXIMUM_PEERS_09 = 88;
    private static final int FLAGS = 56;
    /** drbd.h, MDF_CRASHED_PRIMARY: the same bit in both formats. */
    private static final int CRASHED_PRIMARY = 1 << 6;

    private static final int MAGIC = 60;
    private static final int MAGIC_08 = 0x8374026b;
    /** Since 8.4: attached, or not detached in order. */
    private static final int MAGIC_08_UNCLEAN = 0x8374026c;

    private static final int MAGIC_09 = 0x8374026d;
    private static final long SECTOR = 512;

    /**
     * What lies at the end that a device has or had.
     *
     * @param end size of the device to which it would belong, no larger than the present one
     * @return empty if no superblock lies there
     */
    static Optional<Superblock> at(Path device, Bytes end) throws IOException {
        long position = end.value() / BLOCK * BLOCK - BLOCK;
        if (position < 0) {
            return Optional.empty();
        }
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            int read = 1;
            while (block.hasRemaining() && read > 0) {
                read = channel.read(block, position + block.position());
            }
        }
        return block.hasRemaining() ? Optional.empty() : of(block);
    }

    /** What the metadata of a replica is known by, wherever it lies; never zero, for which DRBD would draw another. */
    static long identity(UUID replica) {
        long identity = replica.getMostSignificantBits() ^ replica.getLeastSignificantBits();
        return identity == 0 ? 1 : identity;
    }

    /** Puts an identity into new metadata at the end of a device; the caller syncs. */
    static void mark(Path device, MetadataFormat format, long identity) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            ByteBuffer field = ByteBuffer.allocate(Long.BYTES).putLong(0, identity);
            long position =
                    channel.size() / BLOCK * BLOCK - BLOCK + (format == MetadataFormat.V08 ? DEVICE_08 : DEVICE_09);
            while (field.hasRemaining()) {
                channel.write(field, position + field.position());
            }
        }
    }

    /**
     * Puts another identity into the metadata at the end of a device, and says in it that it was Primary when DRBD was last heard of,
     * if it is to lead; the caller syncs.
     */
    static void adopt(Path device, MetadataFormat format, long identity, boolean leads) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long position = channel.size() / BLOCK * BLOCK - BLOCK;
            ByteBuffer block = ByteBuffer.allocate(BLOCK);
            int read = 1;
            while (block.hasRemaining() && read > 0) {
                read = channel.read(block, position + block.position());
            }
            block.putLong(format == MetadataFormat.V08 ? DEVICE_08 : DEVICE_09, identity);
            if (leads) {
                block.putInt(FLAGS, block.getInt(FLAGS) | CRASHED_PRIMARY);
            }
            block.position(0);
            while (block.hasRemaining()) {
                channel.write(block, position + block.position());
            }
        }
    }

    /** Takes the superblock away that lies at the end of a device. */
    static void clear(Path device) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.WRITE)) {
            ByteBuffer zeros = ByteBuffer.allocate(BLOCK);
            long position = channel.size() / BLOCK * BLOCK - BLOCK;
            while (zeros.hasRemaining()) {
                channel.write(zeros, position + zeros.position());
            }
            channel.force(true);
        }
    }

    /** Present size of a device, which need not be in use. */
    static Bytes end(Path device) throws IOException {
        try (FileChannel channel = FileChannel.open(device, StandardOpenOption.READ)) {
            return new Bytes(channel.size());
        }
    }

    private static Optional<Superblock> of(ByteBuffer block) {
        return switch (block.getInt(MAGIC)) {
            case MAGIC_08, MAGIC_08_UNCLEAN -> Optional.of(of(block, MetadataFormat.V08, DEVICE_08));
            case MAGIC_09 -> Optional.of(of(block, MetadataFormat.V09, DEVICE_09));
            default -> Optional.empty();
        };
    }

    private static Superblock of(ByteBuffer block, MetadataFormat format, int device) {
        return new Superblock(
                format,
                new Bytes(block.getLong(SIZE) * SECTOR),
                block.getLong(GENERATION),
                block.getLong(device),
                format == MetadataFormat.V08 ? 1 : block.getInt(MAXIMUM_PEERS_09));
    }
}
