package io.heddle.filethin;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.spec.PoolSpec;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The directory of a pool. It is never made here: where it is missing, the file system that it belongs to is perhaps not
 * mounted, and volumes would fill the disk below its mount point.
 */
final class PoolDirectory {
    /** No dot, so that no volume can have the name of another one's sidecar or of a temporary file. */
    private static final Pattern VOLUME_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,126}");

    /** What {@link io.heddle.core.file.DurableFile} writes before it renames. */
    private static final Pattern LEFTOVER = Pattern.compile("\\.[A-Za-z0-9_-]+(" + Pattern.quote(VolumeFile.SIDECAR)
            + "|" + Pattern.quote(SnapshotFile.SIDECAR) + ")\\.[0-9]+\\.tmp|" + Reflinks.LEFTOVER);

    private static final List<String> VOLATILE = List.of("tmpfs", "ramfs");

    private final PoolSpec pool;
    private final Path directory;

    private PoolDirectory(PoolSpec pool, Path directory) {
        this.pool = pool;
        this.directory = directory;
    }

    /**
     * Opens the directory of a pool; links in its path are followed once, here.
     *
     * @throws HeddleException POOL_UNUSABLE
     */
    static PoolDirectory of(PoolSpec pool) {
        try {
            Path given = Path.of(pool.backing());
            if (!given.isAbsolute()) {
                throw unusable(
                        pool, "'" + pool.backing() + "' is not an absolute path", "give a path that begins with /");
            }
            if (Files.notExists(given)) {
                throw unusable(
                        pool,
                        "the directory " + given + " is not there",
                        "if a file system belongs there, mount it; if the pool is new: mkdir -p " + given);
            }
            Path real = given.toRealPath();
            if (!Files.isDirectory(real)) {
                throw unusable(pool, real + " is not a directory", "give the path of a directory");
            }
            return new PoolDirectory(pool, real);
        } catch (InvalidPathException | IOException failure) {
            throw unusable(pool, failure.toString(), "see whether the directory can be read (ls -la, dmesg)");
        }
    }

    private static HeddleException unusable(PoolSpec pool, String why, String correction) {
        return new HeddleException(ErrorCode.POOL_UNUSABLE, "cannot use storage pool " + pool.name(), why, correction);
    }

    PoolSpec pool() {
        return pool;
    }

    Path path() {
        return directory;
    }

    /**
     * The files of a volume, whether they are there or not.
     *
     * @throws HeddleException INVALID_NAME
     */
    VolumeFile volume(BackingIdentity identity) {
        requireName(identity.name());
        return volume(identity.name());
    }

    private static void requireName(String name) {
        if (!VOLUME_NAME.matcher(name).matches()) {
            throw new HeddleException(
                    ErrorCode.INVALID_NAME,
                    "cannot keep a volume in a file of this name",
                    "a file of a pool is named with 1 to 127 letters, digits, '_' and '-', not beginning with '-'",
                    "choose another name");
        }
    }

    /**
     * The files of a snapshot, whether they are there or not.
     *
     * @throws HeddleException INVALID_NAME
     */
    SnapshotFile snapshot(String name) {
        requireName(name);
        return new SnapshotFile(directory, name);
    }

    VolumeFile volume(String name) {
        return new VolumeFile(directory, name);
    }

    /** Names that a volume could collide with, and those of sidecars whose data file is missing. */
    SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                String volume = name.endsWith(VolumeFile.SIDECAR)
                        ? name.substring(0, name.length() - VolumeFile.SIDECAR.length())
                        : name;
                if (VOLUME_NAME.matcher(volume).matches()) {
                    names.add(volume);
                }
            }
            return names;
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot list " + directory, failure);
        } catch (DirectoryIteratorException failure) {
            throw VolumeFile.failed("cannot list " + directory, failure.getCause());
        }
    }

    /**
     * Removes what writing a sidecar left behind when it was killed. To be called where a volume is made or deleted: if
     * another thread were just writing one, its write would fail and be repeated, and nothing would be lost.
     */
    void removeLeftovers() {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(
                directory,
                entry -> LEFTOVER.matcher(entry.getFileName().toString()).matches())) {
            for (Path entry : entries) {
                Files.deleteIfExists(entry);
            }
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot tidy up " + directory, failure);
        } catch (DirectoryIteratorException failure) {
            throw VolumeFile.failed("cannot tidy up " + directory, failure.getCause());
        }
    }

    /** Which directory it is, on which file system. */
    FileIdentity identity() {
        try {
            return FileIdentity.of(directory);
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot look at " + directory, failure);
        }
    }

    /** The file system that it is on. */
    FileStore fileStore() throws IOException {
        return Files.getFileStore(directory);
    }

    /** Name of the kind of that file system, such as {@code ext4}. */
    String fileSystem() {
        try {
            return fileStore().type();
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot see what file system " + directory + " is on", failure);
        }
    }

    /** Bytes that may still be written there. */
    Bytes usableSpace() {
        try {
            return new Bytes(fileStore().getUsableSpace());
        } catch (IOException failure) {
            throw VolumeFile.failed("cannot see how full the file system of " + directory + " is", failure);
        }
    }

    /** Whether what is written there is gone after a power cut. */
    boolean isVolatile() throws IOException {
        return VOLATILE.contains(fileStore().type());
    }
}
