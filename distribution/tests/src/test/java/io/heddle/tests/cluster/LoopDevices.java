package io.heddle.tests.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Loop devices of this machine, as its kernel shows them. */
public final class LoopDevices {
    private LoopDevices() {}

    /** Why this machine cannot have any; empty if it can. */
    public static Optional<String> whyNot() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return Optional.of("not root");
        }
        Program.Result free = Program.run("losetup", "--find");
        return free.succeeded()
                ? Optional.empty()
                : Optional.of("no loop devices: " + free.output().strip());
    }

    /** Devices on files of a directory, and the file of each. */
    public static SortedMap<String, String> below(Path directory) {
        SortedMap<String, String> found = new TreeMap<>();
        try (DirectoryStream<Path> devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
            for (Path device : devices) {
                String file = file(device.getFileName().toString());
                if (file.startsWith(directory + "/")) {
                    found.put("/dev/" + device.getFileName(), file);
                }
            }
            return found;
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** The file that a device is on; empty text if it is on none. */
    public static String file(String device) {
        Path backing = Path.of("/sys/block", device, "loop/backing_file");
        try {
            return Files.readString(backing, StandardCharsets.UTF_8).strip();
        } catch (IOException detached) {
            // There is such a file exactly while the device is attached.
            return "";
        }
    }

    /** Detaches what a failed test has left, which would outlive it. */
    public static void detachBelow(Path directory) {
        below(directory).keySet().forEach(device -> Program.run("losetup", "-d", device));
    }
}
