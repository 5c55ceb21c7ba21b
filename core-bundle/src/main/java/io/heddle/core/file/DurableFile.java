package io.heddle.core.file;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A file that is replaced as a whole and never edited: after a power cut either the old or the new content is there. The
 * temporary file lies in the same directory, since a rename does not cross file systems.
 *
 * <p>One file must not be replaced by two threads at once; the last one would win, though nothing would be torn.
 */
public final class DurableFile {
    /** Read and written by its owner only. */
    public static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private static final Set<PosixFilePermission> PRIVATE_DIRECTORY = PosixFilePermissions.fromString("rwx------");
    private static final String TEMPORARY = ".tmp";

    private final Path path;
    private final Set<PosixFilePermission> permissions;

    private DurableFile(Path path, Set<PosixFilePermission> permissions) {
        this.path = path.toAbsolutePath();
        this.permissions = Set.copyOf(permissions);
    }

    /** A file with these permissions; nothing is touched yet. */
    public static DurableFile at(Path path, Set<PosixFilePermission> permissions) {
        return new DurableFile(path, permissions);
    }

    /** A file for its owner only; nothing is touched yet. */
    public static DurableFile secret(Path path) {
        return at(path, PRIVATE);
    }

    public Path path() {
        return path;
    }

    /**
     * The whole content; empty if there is no such file.
     *
     * @throws HeddleException FILE_FAILED if it is there, or may be, and cannot be read
     */
    public Optional<byte[]> read() {
        try {
            return Optional.of(Files.readAllBytes(path));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (IOException failure) {
            throw failed("cannot read " + path, failure);
        }
    }

    /**
     * Replaces the content; durable when it returns. Makes the directory, for its owner only, where it is missing.
     *
     * @throws HeddleException FILE_FAILED; the old content is still there then
     */
    public void replace(byte[] content) {
        try {
            Path directory = directory();
            makePrivate(directory);
            Path temporary = Files.createTempFile(
                    directory, temporaryPrefix(), TEMPORARY, PosixFilePermissions.asFileAttribute(permissions));
            try {
                // The file is made with the umask taken off; the permissions asked for are exact.
                Files.setPosixFilePermissions(temporary, permissions);
                write(temporary, content);
                Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
            synchronize(directory);
        } catch (IOException failure) {
            throw failed("cannot write " + path, failure);
        }
    }

    /**
     * Removes the file if it is there; durable when it returns.
     *
     * @throws HeddleException FILE_FAILED
     */
    public void remove() {
        try {
            if (Files.deleteIfExists(path)) {
                synchronize(directory());
            }
        } catch (IOException failure) {
            throw failed("cannot remove " + path, failure);
        }
    }

    /**
     * Removes temporary files that an earlier process left when it was killed while it replaced this file. To be called
     * before the first {@link #replace}, while nobody else writes.
     *
     * @throws HeddleException FILE_FAILED
     */
    public void removeLeftovers() {
        Path directory = directory();
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (DirectoryStream<Path> old = Files.newDirectoryStream(directory, this::isTemporary)) {
            for (Path each : old) {
                Files.deleteIfExists(each);
            }
        } catch (IOException failure) {
            throw failed("cannot tidy up " + directory, failure);
        }
    }

    private boolean isTemporary(Path file) {
        String name = file.getFileName().toString();
        return name.startsWith(temporaryPrefix())
                && name.endsWith(TEMPORARY)
                // What createTempFile puts between is a number; another file's temporary name is not one.
                && name.substring(temporaryPrefix().length(), name.length() - TEMPORARY.length())
                        .chars()
                        .allMatch(Character::isDigit);
    }

    private String temporaryPrefix() {
        return "." + path.getFileName() + ".";
    }

    private Path directory() {
        return Objects.requireNonNull(path.getParent(), "a file has a directory");
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
            channel.force(true);
        }
    }

    /** A rename is durable when the directory is (fsync(2), NOTES). */
    private static void synchronize(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static void makePrivate(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path above = directory.getParent();
        if (above != null) {
            makePrivate(above);
        }
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE_DIRECTORY));
        if (above != null) {
            synchronize(above);
        }
    }

    private static HeddleException failed(String what, IOException failure) {
        return new HeddleException(
                ErrorCode.FILE_FAILED,
                what,
                failure.toString(),
                "make sure that the disk is not full, is mounted writable and belongs to the user that runs Heddle",
                failure);
    }
}
