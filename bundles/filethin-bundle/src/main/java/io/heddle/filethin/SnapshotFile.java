package io.heddle.filethin;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import io.heddle.core.json.Json;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;

/**
 * The files of one snapshot: {@code NAME} with its bytes, which it shares with its origin until that is written to, and
 * {@code NAME.heddle-snapshot.json} beside it. What a power cut can leave behind follows from the order of the writes, each of them
 * synced before the next:
 *
 * <ul>
 *   <li>taking: sidecar, clone under another name, its right name. Left behind: a sidecar alone, or with a clone that has not its name
 *       yet; taking it again makes another clone, and deleting it takes both away. What has the right name is whole.
 *   <li>deleting: clone, sidecar. Left behind: a sidecar alone; deleting again takes it away.
 * </ul>
 */
final class SnapshotFile {
    static final String SIDECAR = ".heddle-snapshot.json";
    private static final String UNFINISHED = ".heddle-clone";

    private final Path directory;
    private final Path data;
    private final Path unfinished;
    private final DurableFile sidecar;

    SnapshotFile(Path directory, String name) {
        this.directory = directory;
        this.data = directory.resolve(name);
        this.unfinished = directory.resolve("." + name + UNFINISHED);
        this.sidecar = DurableFile.secret(directory.resolve(name + SIDECAR));
    }

    /**
     * What is there under a name.
     *
     * @param sidecar what says of what it is; empty if there is none that is valid
     * @param data the clone, if it is there and whole
     * @param foreign why it is somebody else's; empty if it is not, or if nothing is there
     */
    record Look(Optional<SnapshotSidecar> sidecar, Optional<VolumeFile.DataFile> data, Optional<String> foreign) {
        boolean isNothing() {
            return sidecar.isEmpty() && data.isEmpty() && foreign.isEmpty();
        }
    }

    Path path() {
        return data;
    }

    /** Looks without following links. */
    Look look() {
        VolumeFile.Look there = new VolumeFile(directory, data.getFileName().toString()).look();
        Optional<SnapshotSidecar> read = read();
        if (there.obstructed()) {
            return new Look(read, Optional.empty(), Optional.of("it is not a regular file"));
        }
        if (there.sidecar().isPresent() || there.sidecarFault().isPresent()) {
            return new Look(read, there.data(), Optional.of("it is a volume, or was one"));
        }
        return new Look(
                read,
                there.data(),
                read.isEmpty() && (there.data().isPresent() || sidecarIsThere())
                        ? Optional.of("there is no " + data.getFileName() + SIDECAR + " that was written for it")
                        : Optional.empty());
    }

    private boolean sidecarIsThere() {
        return Files.exists(sidecar.path(), LinkOption.NOFOLLOW_LINKS);
    }

    private Optional<SnapshotSidecar> read() {
        if (!Files.isRegularFile(sidecar.path(), LinkOption.NOFOLLOW_LINKS)) {
            return Optional.empty();
        }
        try {
            return sidecar.read()
                    .flatMap(bytes -> Optional.ofNullable(
                            Json.read(new String(bytes, StandardCharsets.UTF_8), SnapshotSidecar.class)))
                    .filter(found -> found.file().equals(data.getFileName().toString()));
        } catch (HeddleException unreadable) {
            if (unreadable.code() == ErrorCode.FILE_FAILED) {
                throw unreadable;
            }
            return Optional.empty();
        }
    }

    /**
     * Takes it: durable when it returns. What is there must be nothing, or a taking of the same that was broken off.
     *
     * @throws HeddleException NOT_SUPPORTED, POOL_FULL, POOL_UNUSABLE, FILE_FAILED, COMMAND_FAILED
     */
    void take(SnapshotSidecar content, Path origin, Reflinks reflinks) {
        try {
            sidecar.replace(Json.write(content).getBytes(StandardCharsets.UTF_8));
            Files.deleteIfExists(unfinished);
            reflinks.copy(origin, unfinished);
            try (FileChannel channel =
                    FileChannel.open(unfinished, Set.of(StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS))) {
                channel.force(true);
            }
            Files.move(unfinished, data, StandardCopyOption.ATOMIC_MOVE);
            synchronizeDirectory();
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot take snapshot " + data, failure);
        }
    }

    /** Removes the bytes and the sidecar, in this order. */
    void delete() {
        try {
            boolean removed = Files.deleteIfExists(unfinished);
            if (Files.deleteIfExists(data) || removed) {
                synchronizeDirectory();
            }
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot delete " + data, failure);
        }
        sidecar.remove();
    }

    private void synchronizeDirectory() throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
