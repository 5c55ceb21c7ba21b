package io.heddle.zfs;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.Pause;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The block devices of zvols. The kernel names them {@code zd0}, {@code zd16}, in the order in which they came, differently after
 * each boot; {@code /dev/zvol/POOL/NAME} is a link that udev makes, later than the device, or never where no udev runs. So a link
 * counts only when ZFS's own {@code zvol_id}, which asks the kernel, says that the device at its end is the volume; where no link
 * comes it is made here.
 */
final class ZvolDevices {
    private static final Pattern DEVICE = Pattern.compile("zd[0-9]+");
    private static final Duration QUERY = Duration.ofSeconds(20);
    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final List<String> PROGRAMS = List.of("lib/udev/zvol_id", "usr/lib/udev/zvol_id");
    private static final long SECTOR = 512;

    private final CommandRunner runner;
    private final Path root;
    private final Duration linkPatience;
    private final Duration patience;
    private final Map<String, Known> known = new ConcurrentHashMap<>();

    /** Which volume a device was found to be; the key of its folder in sysfs is another for each device that ever was. */
    private record Known(Object key, String dataset) {}

    /**
     * @param root the root directory
     * @param linkPatience how long udev may take for a link where it runs
     * @param patience how long the kernel may take for a device
     */
    ZvolDevices(CommandRunner runner, Path root, Duration linkPatience, Duration patience) {
        this.runner = runner;
        this.root = root;
        this.linkPatience = linkPatience;
        this.patience = patience;
    }

    /** The link of a volume, if it leads to the volume's device; does not wait, and changes nothing. */
    Optional<String> find(String dataset) {
        return target(dataset)
                .filter(device -> isOf(device, dataset))
                .map(device -> link(dataset))
                .map(this::shown);
    }

    /**
     * The link of a volume, as soon as its device has the size.
     *
     * @throws HeddleException COMMAND_FAILED if there is none after a while
     */
    String await(String dataset, Bytes size) {
        long begin = System.nanoTime();
        // What is about to be used is asked for anew.
        known.values().removeIf(known -> known.dataset().equals(dataset));
        boolean udev = Files.exists(root.resolve("run/udev/control"));
        while (true) {
            Optional<String> found = target(dataset)
                    .filter(device -> size(device).equals(Optional.of(size)) && isOf(device, dataset))
                    .map(device -> shown(link(dataset)));
            if (found.isPresent()) {
                return found.get();
            }
            long waited = System.nanoTime() - begin;
            if (!udev || waited >= linkPatience.toNanos()) {
                search(dataset, size).ifPresent(device -> makeLink(dataset, device));
            }
            if (waited >= patience.toNanos()) {
                throw new HeddleException(
                        ErrorCode.COMMAND_FAILED,
                        "cannot find the block device of zvol " + dataset,
                        "after " + patience.toSeconds() + " s there is none of its size and name among /sys/block/zd*",
                        "see dmesg, and whether zvols get devices (/sys/module/zfs/parameters/zvol_inhibit_dev is 0);"
                                + " it is tried again");
            }
            Pause.of(PAUSE, "the device of a zvol");
        }
    }

    /** Waits until no device is the volume's any more; false if there still is one after a while. */
    boolean awaitNone(String dataset, Bytes size, Duration limit) {
        long begin = System.nanoTime();
        while (find(dataset).isPresent() || search(dataset, size).isPresent()) {
            if (System.nanoTime() - begin >= limit.toNanos()) {
                return false;
            }
            Pause.of(PAUSE, "the device of a zvol");
        }
        removeDeadLink(dataset);
        return true;
    }

    /** Removes a link that leads to no device any more: where no udev runs nobody else does. */
    void removeDeadLink(String dataset) {
        Path link = link(dataset);
        try {
            if (Files.isSymbolicLink(link) && !Files.exists(link)) {
                Files.delete(link);
            }
        } catch (IOException left) {
            // It leads nowhere, and the next device of the name gets a new one.
            known.remove(dataset);
        }
    }

    private Path link(String dataset) {
        return root.resolve("dev/zvol").resolve(dataset);
    }

    private String shown(Path path) {
        return "/" + root.relativize(path);
    }

    /** Name of the device that the volume's link leads to. */
    private Optional<String> target(String dataset) {
        try {
            Path link = link(dataset);
            return Files.isSymbolicLink(link)
                    ? Optional.of(link.toRealPath().getFileName().toString())
                            .filter(name -> DEVICE.matcher(name).matches())
                    : Optional.empty();
        } catch (IOException dangling) {
            return Optional.empty();
        }
    }

    /** Name of the device that is the volume's, as the kernel has it. */
    private Optional<String> search(String dataset, Bytes size) {
        Path devices = root.resolve("sys/block");
        if (!Files.isDirectory(devices)) {
            return Optional.empty();
        }
        try (Stream<Path> all = Files.list(devices)) {
            return all.map(path -> path.getFileName().toString())
                    .filter(name -> DEVICE.matcher(name).matches())
                    .filter(name -> size(name).equals(Optional.of(size)))
                    .sorted()
                    .filter(name -> isOf(name, dataset))
                    .findFirst();
        } catch (IOException failure) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot look for the device of zvol " + dataset,
                    failure.toString(),
                    "see whether /sys is mounted; it is tried again",
                    failure);
        }
    }

    private Optional<Bytes> size(String device) {
        try {
            String sectors = Files.readString(root.resolve("sys/block/" + device + "/size"))
                    .strip();
            return Optional.of(new Bytes(Long.parseLong(sectors) * SECTOR));
        } catch (IOException | NumberFormatException gone) {
            return Optional.empty();
        }
    }

    /** Whether a device is the volume's. Asked once for each device that comes; a rename, ours too, is made without one. */
    private boolean isOf(String device, String dataset) {
        Optional<Object> key = key(device);
        if (key.isEmpty()) {
            return false;
        }
        Known last = known.get(device);
        if (last == null || !last.key().equals(key.get())) {
            Optional<String> name = name(device);
            if (name.isEmpty()) {
                return false;
            }
            last = new Known(key.get(), name.get());
            known.put(device, last);
        }
        return last.dataset().equals(dataset);
    }

    private Optional<Object> key(String device) {
        try {
            Path folder = root.resolve("sys/block/" + device).toRealPath();
            return Optional.ofNullable(
                    Files.readAttributes(folder, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                            .fileKey());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private Optional<String> name(String device) {
        String program = PROGRAMS.stream()
                .filter(path -> Files.exists(root.resolve(path)))
                .map(path -> "/" + path)
                .findFirst()
                .orElseThrow(() -> new HeddleException(
                        ErrorCode.COMMAND_NOT_FOUND,
                        "cannot tell which zvol /dev/" + device + " is",
                        "there is no /lib/udev/zvol_id",
                        "install zfsutils-linux, which brings it"));
        CommandResult result = runner.run(Command.query(QUERY, program, "/dev/" + device));
        return Optional.of(result.output().strip()).filter(name -> result.succeeded() && !name.isEmpty());
    }

    private void makeLink(String dataset, String device) {
        Path link = link(dataset);
        try {
            Path folder = Files.createDirectories(link.getParent());
            Path made = folder.resolve("." + link.getFileName() + ".heddle");
            Files.deleteIfExists(made);
            Files.createSymbolicLink(made, folder.relativize(root.resolve("dev").resolve(device)));
            Files.move(made, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new HeddleException(
                    ErrorCode.FILE_FAILED,
                    "cannot make the link " + shown(link) + " to /dev/" + device,
                    failure.toString(),
                    "see whether /dev can be written to; it is tried again",
                    failure);
        }
    }
}
