package io.heddle.tests.cluster;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Where things are and go. */
public final class Places {
    private Places() {}

    /** The appliance that was built: its home. */
    public static Path appliance() {
        return Path.of(required("heddle.appliance")).toAbsolutePath().normalize();
    }

    /** Makes the archive of classes that an installed appliance has, too: without it each start takes twice as long. */
    public static synchronized void makeClassArchive() {
        Path archive = appliance().resolve("cds/heddled.jsa");
        // Test classes run in several processes.
        try (FileChannel only = FileChannel.open(
                appliance().resolveSibling("class-archive.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE)) {
            only.lock();
            // A new build has new jars, which an older archive does not fit.
            if (!Files.exists(archive)
                    || Files.getLastModifiedTime(archive)
                                    .compareTo(Files.getLastModifiedTime(
                                            appliance().resolve("lib")))
                            < 0) {
                Program.run(
                                Duration.ofMinutes(3),
                                Map.of(),
                                List.of(appliance().resolve("bin/heddle-cds").toString()))
                        .printed();
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** The folder {@code distribution/lab}. */
    static Path lab() {
        // distribution/appliance/target/heddle-VERSION
        return appliance().getParent().getParent().resolveSibling("lab");
    }

    /** A new empty directory, on a real disk. */
    public static Path newDirectory(String name) {
        try {
            Path work = Files.createDirectories(Path.of(required("heddle.work")).toAbsolutePath());
            return Files.createTempDirectory(work, name + "-").toRealPath();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static String required(String property) {
        String value = System.getProperty(property);
        if (value == null) {
            throw new AssertionError("the system property " + property + " is not set");
        }
        return value;
    }

    /** A TCP port of the loopback address that was free just now. */
    public static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Copies a directory with all that is in it. */
    public static void copy(Path from, Path to) {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.toList()) {
                Path target = to.resolve(from.relativize(path).toString());
                if (Files.isDirectory(path)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(path, target);
                }
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Removes a directory with all that is in it; does nothing if it is not there. */
    public static void remove(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** Regular files below a directory, by their paths in it. */
    public static List<String> files(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile)
                    .map(path -> directory.relativize(path).toString())
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
