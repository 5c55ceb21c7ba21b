package io.heddle.drbd;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The resource files on this node's disk, one a resource, in a directory of Heddle's own, and one file in drbdadm's directory
 * that includes them, so that {@code drbdadm status} and its like know our resources. A file is replaced as a whole and is
 * durable when a method returns. Knows nothing of the kernel.
 */
final class ResourceFiles {
    private static final String SUFFIX = ".res";
    private static final String INCLUDE_FILE = "heddle.res";
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    private final Path directory;
    private final Path drbdDirectory;

    /**
     * Knows where the files lie; makes nothing yet.
     *
     * @param directory Heddle's own directory
     * @param drbdDirectory where drbdadm looks by itself, such as {@code /etc/drbd.d}
     */
    ResourceFiles(Path directory, Path drbdDirectory) {
        this.directory = directory;
        this.drbdDirectory = drbdDirectory;
    }

    /** The path of a resource's file, there or not. */
    Path path(String resource) {
        return directory.resolve(resource + SUFFIX);
    }

    /**
     * A resource's file; empty if there is none or it has no bytes, as after a power loss.
     *
     * @throws HeddleException FILE_FAILED
     */
    Optional<ResourceFile> read(String resource) {
        try {
            String text = Files.readString(path(resource), StandardCharsets.UTF_8);
            return text.isEmpty() ? Optional.empty() : Optional.of(new ResourceFile(text));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failed("cannot read " + path(resource), e);
        }
    }

    /**
     * Every file with any content; one that lost its end is left out, since it configures nothing.
     *
     * @throws HeddleException FILE_FAILED
     */
    List<ConfiguredResource> configured() {
        List<String> names = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
                for (Path path : paths) {
                    String file = path.getFileName().toString();
                    names.add(file.substring(0, file.length() - SUFFIX.length()));
                }
            } catch (IOException e) {
                throw failed("cannot list " + directory, e);
            }
        }
        names.sort(null);
        List<ConfiguredResource> found = new ArrayList<>();
        for (String name : names) {
            read(name)
                    .filter(file -> file.isWhole() || !file.isOurs())
                    .ifPresent(file -> found.add(new ConfiguredResource(
                            name,
                            file.cluster(),
                            file.resource(),
                            file.quorum(),
                            file.voters(),
                            file.paths(),
                            file.fixed(),
                            file.tieBreakers())));
        }
        return found;
    }

    /**
     * Replaces a resource's file, readable for root only since it holds the shared secret.
     *
     * @throws HeddleException FILE_FAILED
     */
    void write(String resource, ResourceFile file) {
        try {
            makeDirectory();
            replace(directory.resolve("." + resource + SUFFIX + ".new"), path(resource), file.text());
        } catch (IOException e) {
            throw failed("cannot write " + path(resource), e);
        }
    }

    /**
     * Writes a variant of a file for one command; it lies beside the others under a name that no include takes, and the caller
     * removes it.
     *
     * @throws HeddleException FILE_FAILED
     */
    Path writeTemporary(String resource, ResourceFile file) {
        Path path = directory.resolve("." + resource + ".adjust");
        try {
            makeDirectory();
            Files.deleteIfExists(path);
            Files.writeString(Files.createFile(path, OWNER_ONLY), file.text(), StandardCharsets.UTF_8);
            return path;
        } catch (IOException e) {
            throw failed("cannot write " + path, e);
        }
    }

    /** Removes what {@link #writeTemporary} wrote. */
    void removeTemporary(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            throw failed("cannot remove " + path, e);
        }
    }

    /**
     * Removes a resource's file, durably; does nothing if there is none.
     *
     * @throws HeddleException FILE_FAILED
     */
    void remove(String resource) {
        try {
            if (Files.deleteIfExists(path(resource))) {
                sync(directory);
            }
        } catch (IOException e) {
            throw failed("cannot remove " + path(resource), e);
        }
    }

    /**
     * Puts the one file that includes all of ours where drbdadm looks; does nothing if it is there.
     *
     * @throws HeddleException FILE_FAILED, FOREIGN_VOLUME if another file has its name
     */
    synchronized void include() {
        Path path = drbdDirectory.resolve(INCLUDE_FILE);
        String wanted = ResourceFile.FIRST_LINE + "\ninclude \"" + directory.toAbsolutePath() + "/*" + SUFFIX + "\";\n";
        try {
            if (Files.exists(path)) {
                String present = Files.readString(path, StandardCharsets.UTF_8);
                if (present.equals(wanted)) {
                    return;
                }
                if (!present.isEmpty() && !new ResourceFile(present).isOurs()) {
                    throw new HeddleException(
                            ErrorCode.FOREIGN_VOLUME,
                            "cannot make Heddle's resources known to drbdadm",
                            path + " is there and is not Heddle's",
                            "rename that file, so that Heddle can use the name");
                }
            }
            makeDirectory();
            Files.createDirectories(drbdDirectory);
            replace(drbdDirectory.resolve("." + INCLUDE_FILE + ".new"), path, wanted);
        } catch (IOException e) {
            throw failed("cannot write " + path, e);
        }
    }

    /**
     * A file in drbdadm's directory, not Heddle's, that defines a resource of this name. drbdadm would refuse to work with
     * both, and two masters would drive one kernel resource.
     *
     * @throws HeddleException FILE_FAILED
     */
    Optional<Path> foreignDefinition(String resource) {
        if (!Files.isDirectory(drbdDirectory)) {
            return Optional.empty();
        }
        Pattern definition = Pattern.compile("(?m)^\\s*resource\\s+\"?" + Pattern.quote(resource) + "\"?\\s*\\{");
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(drbdDirectory, "*" + SUFFIX)) {
            for (Path path : paths) {
                if (Files.isRegularFile(path)
                        && definition
                                .matcher(Files.readString(path, StandardCharsets.ISO_8859_1))
                                .find()) {
                    return Optional.of(path);
                }
            }
            return Optional.empty();
        } catch (IOException e) {
            throw failed("cannot read the files in " + drbdDirectory, e);
        }
    }

    private void makeDirectory() throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory, OWNER_ONLY_DIRECTORY);
            sync(directory.toAbsolutePath().getParent());
        }
    }

    private static void replace(Path temporary, Path path, String text) throws IOException {
        Files.deleteIfExists(temporary);
        Files.createFile(temporary, OWNER_ONLY);
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(path.toAbsolutePath().getParent());
    }

    /** Makes names in a directory durable; Linux takes fsync on a directory that is open for reading. */
    private static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    private static HeddleException failed(String what, IOException cause) {
        return new HeddleException(
                ErrorCode.FILE_FAILED,
                what,
                String.valueOf(cause),
                "see whether the file system is full, read-only or failing",
                cause);
    }
}
