package io.heddle.filethin;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * The files of one volume: {@code NAME} with its bytes and {@code NAME.heddle.json} beside it. What a power cut can leave
 * behind follows from the order of the writes, each of them synced before the next:
 *
 * <ul>
 *   <li>making: sidecar, data file, its length. Left behind: a sidecar alone, or with a data file that is too short; both
 *       are ours and {@link io.heddle.core.driver.Stage#NEW}, and are finished when the volume is next wanted.
 *   <li>restoring: a clone under another name, sidecar, its right name. Left behind: a clone that nobody misses, or a sidecar that
 *       is {@link io.heddle.core.driver.Stage#RESTORED} with a clone that only lacks its name.
 *   <li>growing: data file, sidecar. Left behind: a data file longer than the sidecar says, which is harmless.
 *   <li>deleting: data file, sidecar. Left behind: a sidecar alone; deleting again takes it away.
 * </ul>
 */
final class VolumeFile {
    static final String SIDECAR = ".heddle.json";

    private final Path directory;
    private static final String UNFINISHED = ".heddle-clone";

    private final Path data;
    private final Path unfinished;
    private final DurableFile sidecar;

    VolumeFile(Path directory, String name) {
        this.directory = directory;
        this.data = directory.resolve(name);
        this.unfinished = directory.resolve("." + name + UNFINISHED);
        this.sidecar = DurableFile.secret(directory.resolve(name + SIDECAR));
    }

    /**
     * What is there under a name.
     *
     * @param sidecar what says whose it is; empty if there is none that is valid
     * @param sidecarFault why a sidecar that is there is not valid
     * @param data the data file, if it is a file
     * @param obstructed whether the name is taken by something that is not a file, such as a link
     */
    record Look(Optional<Sidecar> sidecar, Optional<String> sidecarFault, Optional<DataFile> data, boolean obstructed) {
        boolean isNothing() {
            return sidecar.isEmpty() && sidecarFault.isEmpty() && data.isEmpty() && !obstructed;
        }

        boolean is(BackingIdentity identity) {
            return !obstructed
                    && sidecar.filter(found -> found.cluster().equals(identity.cluster())
                                    && found.volume().equals(identity.volume()))
                            .isPresent();
        }
    }

    /**
     * A data file.
     *
     * @param identity which file it is
     * @param length its length
     * @param hasOtherNames whether somebody has linked it to further names
     */
    record DataFile(FileIdentity identity, Bytes length, boolean hasOtherNames) {}

    Path path() {
        return data;
    }

    /** Looks without following links: a link is never ours. */
    Look look() {
        try {
            Optional<BasicFileAttributes> there = attributes();
            boolean obstructed = there.filter(found -> !found.isRegularFile()).isPresent();
            Optional<DataFile> found = there.isEmpty() || obstructed
                    ? Optional.empty()
                    : Optional.of(new DataFile(
                            FileIdentity.of(data), new Bytes(there.get().size()), numberOfNames() > 1));
            return withSidecar(found, obstructed);
        } catch (IOException failure) {
            throw failed("cannot look at " + data, failure);
        }
    }

    private int numberOfNames() throws IOException {
        return ((Number) Files.getAttribute(data, "unix:nlink", LinkOption.NOFOLLOW_LINKS)).intValue();
    }

    private Optional<BasicFileAttributes> attributes() throws IOException {
        try {
            return Optional.of(Files.readAttributes(data, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        }
    }

    private Look withSidecar(Optional<DataFile> found, boolean obstructed) {
        if (!Files.exists(sidecar.path(), LinkOption.NOFOLLOW_LINKS)) {
            return new Look(Optional.empty(), Optional.empty(), found, obstructed);
        }
        if (!Files.isRegularFile(sidecar.path(), LinkOption.NOFOLLOW_LINKS)) {
            return faulty(sidecar.path() + " is not a regular file", found, obstructed);
        }
        Optional<byte[]> content = sidecar.read();
        if (content.isEmpty()) {
            return new Look(Optional.empty(), Optional.empty(), found, obstructed);
        }
        try {
            String name = data.getFileName().toString();
            // The document "null" is read as nothing.
            return Optional.ofNullable(Json.read(new String(content.get(), StandardCharsets.UTF_8), Sidecar.class))
                    .filter(read -> read.file().equals(name))
                    .map(read -> new Look(Optional.of(read), Optional.empty(), found, obstructed))
                    .orElseGet(() -> faulty(sidecar.path() + " was not written for " + name, found, obstructed));
        } catch (HeddleException unreadable) {
            return faulty(sidecar.path() + " cannot be read: " + unreadable.why(), found, obstructed);
        }
    }

    private static Look faulty(String fault, Optional<DataFile> found, boolean obstructed) {
        return new Look(Optional.empty(), Optional.of(fault), found, obstructed);
    }

    /** Replaces the sidecar; durable when it returns. */
    void write(Sidecar content) {
        try {
            sidecar.replace(Json.write(content).getBytes(StandardCharsets.UTF_8));
        } catch (HeddleException failure) {
            throw failure.getCause() instanceof IOException cause ? failed(failure.what(), cause) : failure;
        }
    }

    /** Makes the volume of another file, by sharing its blocks; durable when it returns. There must be nothing of its name. */
    void restore(Sidecar content, Path from, Reflinks reflinks) {
        try {
            Files.deleteIfExists(unfinished);
            reflinks.copy(from, unfinished);
            try (FileChannel channel =
                    FileChannel.open(unfinished, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
                channel.force(true);
            }
            synchronizeDirectory();
        } catch (IOException failure) {
            throw failed("cannot make " + data + " of " + from, failure);
        }
        write(content);
        finishRestoring();
    }

    /** Gives the clone its name, which is all that it lacks when its sidecar is there. */
    void finishRestoring() {
        try {
            Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
            synchronizeDirectory();
        } catch (IOException failure) {
            throw failed("cannot give " + unfinished + " its name", failure);
        }
    }

    /** Makes an empty data file, for its owner only. Fails if the name is taken, whatever by. */
    void createData() {
        try {
            FileChannel.open(
                            data,
                            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                            PosixFilePermissions.asFileAttribute(DurableFile.PRIVATE))
                    .close();
            synchronizeDirectory();
        } catch (IOException failure) {
            throw failed("cannot create " + data, failure);
        }
    }

    /** Makes the data file at least this long, with a hole at its end. Never shortens, and overwrites nothing. */
    void lengthen(Bytes size) {
        try (FileChannel channel =
                FileChannel.open(data, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
            if (channel.size() < size.value()) {
                // A byte beyond the end, and not ftruncate(2), which would cut where it was wrong about the length.
                channel.write(ByteBuffer.allocate(1), size.value() - 1);
            }
            channel.force(true);
        } catch (IOException failure) {
            throw failed("cannot give " + data + " a size of " + size, failure);
        }
    }

    /** Gives back the blocks that were allocated beyond the end of the data file; its length and bytes stay. */
    void releaseSurplus() {
        try (RandomAccessFile file = new RandomAccessFile(data.toFile(), "rw")) {
            // To the length that it has: that frees what lies behind (ftruncate(2); ext4_setattr, xfs_setattr_size).
            file.setLength(file.length());
        } catch (IOException failure) {
            throw failed("cannot give back what was allocated for " + data, failure);
        }
    }

    /** Removes data file and sidecar, in this order. */
    void delete() {
        try {
            boolean removed = Files.deleteIfExists(unfinished);
            if (Files.deleteIfExists(data) || removed) {
                synchronizeDirectory();
            }
        } catch (IOException failure) {
            throw failed("cannot delete " + data, failure);
        }
        sidecar.remove();
    }

    private void synchronizeDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /** A failed access under the code that its reason stands for. */
    static HeddleException failed(String what, IOException failure) {
        String reason = failure.toString();
        if (reason.contains("No space left on device") || reason.contains("Disk quota exceeded")) {
            return new HeddleException(
                    ErrorCode.POOL_FULL,
                    what,
                    reason,
                    "free space on the file system of the pool, or place the volume elsewhere",
                    failure);
        }
        if (reason.contains("Read-only file system")) {
            return new HeddleException(
                    ErrorCode.POOL_UNUSABLE,
                    what,
                    reason,
                    "see dmesg for why the file system went read-only, and mount it writable again",
                    failure);
        }
        return new HeddleException(
                ErrorCode.FILE_FAILED,
                what,
                reason,
                "see whether the disk under the directory is in order (dmesg); it is tried again",
                failure);
    }
}
