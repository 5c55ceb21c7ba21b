package io.heddle.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The directory that one running Heddle owns: it is locked, its temporary files are made anew at each start. */
final class StateDirectory implements AutoCloseable {
    private final Path path;
    private final FileChannel lock;

    private StateDirectory(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Makes the directory where it is missing, for its owner only, and takes it.
     *
     * @throws RefusedException when it cannot be made or written, or when another process has it
     */
    static StateDirectory take(Path path) throws RefusedException {
        try {
            makePrivate(path);
            FileChannel lock =
                    FileChannel.open(path.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!locks(lock)) {
                lock.close();
                throw new RefusedException(List.of(
                        "Another Heddle is running on " + path + "; stop it first, or set another state-directory."));
            }
            StateDirectory taken = new StateDirectory(path, lock);
            remakeEmpty(taken.temporary());
            remakeEmpty(taken.cache());
            makePrivate(taken.deploy());
            return taken;
        } catch (IOException failure) {
            throw new RefusedException(
                    "The state directory " + path + " cannot be used: " + failure
                            + "; it has to be writable for the user that runs Heddle.",
                    failure);
        }
    }

    /** For everything that need not outlive the process. Never /tmp, which may be small, or forbid execution. */
    Path temporary() {
        return path.resolve("tmp");
    }

    /** The framework's own files. */
    Path cache() {
        return path.resolve("cache");
    }

    /** Bundles put here by the administrator are started at once. Private, since a bundle may do all that Heddle may. */
    Path deploy() {
        return path.resolve("deploy");
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static boolean locks(FileChannel file) throws IOException {
        try {
            // Held until the channel is closed, at the latest when the process is gone.
            return file.tryLock() != null;
        } catch (OverlappingFileLockException heldByThisProcess) {
            return false;
        }
    }

    private static void makePrivate(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(
                    directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Empties what an earlier run left, without following links out of it. */
    private static void remakeEmpty(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            try (Stream<Path> old = Files.walk(directory)) {
                for (Path each : old.sorted(Comparator.reverseOrder()).toList()) {
                    if (!each.equals(directory)) {
                        Files.delete(each);
                    }
                }
            }
        }
        makePrivate(directory);
    }
}
