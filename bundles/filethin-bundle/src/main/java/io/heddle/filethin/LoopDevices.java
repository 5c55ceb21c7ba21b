package io.heddle.filethin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.command.Pause;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Attaches files to loop devices and takes them off, with losetup(8) of util-linux 2.38 or newer. */
final class LoopDevices {
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    /** How long a detached device may be held by somebody who only looks, such as udev's probes, before it counts as used. */
    private static final Duration SETTLING = Duration.ofSeconds(3);

    private static final Duration PAUSE = Duration.ofMillis(100);
    private static final int SECTOR = 512;
    private static final String COLUMNS = "NAME,BACK-FILE,BACK-INO,BACK-MAJ:MIN,AUTOCLEAR,RO,OFFSET,SIZELIMIT";
    private static final Pattern MAJOR_MINOR = Pattern.compile("\\s*([0-9]+):([0-9]+)\\s*");
    private static final Pattern NODE = Pattern.compile("/dev/loop[0-9]+");
    private static final Pattern KERNEL_NAME = Pattern.compile("loop[0-9]+");
    /** What the kernel writes behind the path of a file that has lost its name (d_path). */
    private static final byte[] DELETED = LoopDevice.DELETED.getBytes(StandardCharsets.UTF_8);

    private static final Pattern VERSION = Pattern.compile("util-linux ([0-9][^\\s]*)");

    private final CommandRunner runner;
    private final Path blockDevices;

    /**
     * Loop devices of this machine.
     *
     * @param blockDevices {@code /sys/block}
     */
    LoopDevices(CommandRunner runner, Path blockDevices) {
        this.runner = runner;
        this.blockDevices = blockDevices;
    }

    /** Version of util-linux; empty text if there is none. */
    String toolVersion() {
        try {
            Matcher matcher = VERSION.matcher(
                    runner.run(Command.query(DEADLINE, "losetup", "--version")).output());
            return matcher.find() ? matcher.group(1) : "";
        } catch (HeddleException absent) {
            return "";
        }
    }

    /**
     * All loop devices that are attached, by name.
     *
     * @throws HeddleException COMMAND_FAILED, OUTPUT_UNREADABLE
     */
    List<LoopDevice> all() {
        return parse(runner.run(Command.query(DEADLINE, "losetup", "--json", "--list", "--output", COLUMNS))
                .orThrow("cannot list the loop devices", "run the command by hand"));
    }

    /**
     * The devices of one file, as {@link #of(FileIdentity, List)} sorts them, whoever attached them. Where the kernel shows under
     * {@code /sys/block} what is attached, only the devices that can have this file are asked for its identity, so the cost
     * does not grow with the devices of others.
     *
     * <p>The kernel tells a path and no identity there, and of the path only the last name counts: the beginning is another one
     * in another mount namespace, and is cut off when the file system was unmounted lazily (seen on Linux 6.18). A file that was
     * renamed has its new name there. What has no name any more may have had any, and so may a file with several names.
     *
     * @throws HeddleException COMMAND_FAILED, OUTPUT_UNREADABLE
     */
    List<LoopDevice> of(Path file, VolumeFile.DataFile data) {
        Optional<List<String>> attached = data.hasOtherNames() ? Optional.empty() : attached();
        if (attached.isEmpty()) {
            return of(data.identity(), all());
        }
        byte[] name = ("/" + file.getFileName()).getBytes(StandardCharsets.UTF_8);
        List<LoopDevice> devices = new ArrayList<>();
        for (String device : attached.get()) {
            if (mayHave(device, name)) {
                one(device).ifPresent(devices::add);
            }
        }
        return of(data.identity(), devices);
    }

    /** Names of the devices that are attached to something, {@code loop7}; empty if the kernel does not show them. */
    private Optional<List<String>> attached() {
        String[] names = blockDevices.toFile().list();
        return Optional.ofNullable(names)
                .map(all -> Stream.of(all)
                        .filter(name -> KERNEL_NAME.matcher(name).matches())
                        .toList());
    }

    /** Whether a device can be attached to a file of this name; what cannot be read can. */
    private boolean mayHave(String device, byte[] name) {
        // Most devices of a machine may be free, and an exception for each would cost more than all the rest.
        if (!backingFile(device).toFile().exists()) {
            return false;
        }
        byte[] path;
        try {
            path = Files.readAllBytes(backingFile(device));
        } catch (NoSuchFileException notAttached) {
            return false;
        } catch (IOException unknown) {
            return true;
        }
        int length = path.length > 0 && path[path.length - 1] == '\n' ? path.length - 1 : path.length;
        return length == 0 || endsWith(path, length, name) || endsWith(path, length, DELETED);
    }

    private static boolean endsWith(byte[] text, int length, byte[] end) {
        return length >= end.length && Arrays.equals(text, length - end.length, length, end, 0, end.length);
    }

    private Path backingFile(String device) {
        return blockDevices.resolve(device).resolve("loop").resolve("backing_file");
    }

    /** Whether the kernel shows that a device is attached to nothing. */
    private boolean isFree(String device) {
        return Files.isDirectory(blockDevices) && Files.notExists(backingFile(device));
    }

    /** One device; empty if it is attached to nothing, or not any more. */
    private Optional<LoopDevice> one(String device) {
        CommandResult result = runner.run(
                Command.query(DEADLINE, "losetup", "--json", "--list", "--output", COLUMNS, "/dev/" + device));
        if (!result.succeeded() && isFree(device)) {
            return Optional.empty();
        }
        result.orThrow("cannot look at /dev/" + device, "run the command by hand");
        return parse(result).stream()
                .filter(found -> found.name().equals("/dev/" + device))
                .findFirst();
    }

    /** The devices of one file, those that serve first, and among them those that stay. */
    static List<LoopDevice> of(FileIdentity file, List<LoopDevice> all) {
        return all.stream()
                .filter(device -> device.file().equals(Optional.of(file)))
                .sorted(Comparator.comparing(LoopDevice::serves)
                        .reversed()
                        .thenComparing(LoopDevice::autoclear)
                        .thenComparing(device -> device.name().length())
                        .thenComparing(LoopDevice::name))
                .toList();
    }

    /**
     * Sees that a file has a device that stays, and attaches it if not. Running twice at the same moment, in two programs even, it
     * leaves one device or none: whoever finds another one beside its own takes its own off, and nobody was told of that yet.
     *
     * @param justMade whether the caller has made the file a moment ago, so that it need not be looked for before, only after
     * @return the devices that the file has now
     * @throws HeddleException IN_USE, POOL_UNUSABLE, COMMAND_FAILED
     */
    List<LoopDevice> attach(Path file, VolumeFile.DataFile data, boolean justMade) {
        List<LoopDevice> before = justMade ? List.of() : of(file, data);
        if (before.stream().anyMatch(device -> device.serves() && !device.autoclear())) {
            return before;
        }
        if (!before.isEmpty()) {
            attachAgain(file);
            return of(file, data);
        }
        CommandResult attached =
                runner.run(Command.change(DEADLINE, "losetup", "--direct-io=on", "--find", "--show", file.toString()));
        List<LoopDevice> now = of(file, data);
        if (!attached.succeeded() && now.isEmpty()) {
            // Not every file system can do direct I/O, or not with this sector size; cached I/O is slower and as safe,
            // since DRBD flushes. Where only direct I/O was refused, losetup fails and leaves the device attached.
            attached = runner.run(Command.change(DEADLINE, "losetup", "--find", "--show", file.toString()));
            if (!attached.succeeded()) {
                throw failure(attached, "cannot attach " + file + " to a loop device");
            }
            now = of(file, data);
        }
        String own = attached.output().strip();
        boolean alone = now.stream().allMatch(device -> device.name().equals(own));
        if (alone || now.stream().noneMatch(device -> device.name().equals(own))) {
            return now;
        }
        runner.run(Command.change(DEADLINE, "losetup", "--detach", own));
        return of(file, data);
    }

    /**
     * Attaches a file that a device has already: that one is used again, and stays even if somebody had detached it while it was
     * open, since {@code --nooverlap} lifts its autoclear flag (seen on Linux 6.1 and 6.18). It asks all devices of the machine.
     *
     * @throws HeddleException IN_USE, POOL_UNUSABLE, COMMAND_FAILED
     */
    private void attachAgain(Path file) {
        CommandResult direct = runner.run(Command.change(
                DEADLINE, "losetup", "--nooverlap", "--direct-io=on", "--find", "--show", file.toString()));
        if (direct.succeeded()) {
            return;
        }
        CommandResult cached =
                runner.run(Command.change(DEADLINE, "losetup", "--nooverlap", "--find", "--show", file.toString()));
        if (!cached.succeeded()) {
            throw failure(cached, "cannot attach " + file + " to a loop device");
        }
    }

    /**
     * Takes a device off its file. Its word is not enough: losetup exits 0 when the device is in use, and then only marks it to
     * go later. So this looks again, and where the device stays, lifts the mark and says who is to blame.
     *
     * @throws HeddleException IN_USE if something has it open; it is attached as before then
     */
    void detach(LoopDevice device, Path file, FileIdentity identity) {
        CommandResult result = runner.run(Command.change(DEADLINE, "losetup", "--detach", device.name()));
        long begin = System.nanoTime();
        while (isAttached(device, identity)) {
            if (System.nanoTime() - begin >= SETTLING.toNanos()) {
                attachAgain(file);
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot detach " + device.name() + " from " + file,
                        "something has it open" + (result.succeeded() ? "" : "; " + result.explanation()),
                        "end what uses it (see findmnt, lsblk, drbdsetup status, fuser " + device.name()
                                + "); it is tried again");
            }
            Pause.of(PAUSE, "a loop device to go");
        }
    }

    private boolean isAttached(LoopDevice device, FileIdentity identity) {
        String name = kernelName(device);
        return !isFree(name)
                && one(name)
                        .filter(now -> now.file().equals(Optional.of(identity)))
                        .isPresent();
    }

    private static String kernelName(LoopDevice device) {
        return Path.of(device.name()).getFileName().toString();
    }

    /**
     * Lets a device show what its file has grown to.
     *
     * @throws HeddleException COMMAND_FAILED
     */
    void refreshSize(LoopDevice device, Bytes expected) {
        CommandResult result = runner.run(Command.change(DEADLINE, "losetup", "--set-capacity", device.name()));
        Bytes now = size(device);
        if (!result.succeeded() || now.compareTo(expected) < 0) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot grow " + device.name() + " to " + expected + ", it has " + now,
                    "see dmesg; it is tried again");
        }
    }

    /**
     * The size that a device shows.
     *
     * @throws HeddleException OBSERVATION_FAILED
     */
    Bytes size(LoopDevice device) {
        Path file = blockDevices.resolve(kernelName(device)).resolve("size");
        try {
            return new Bytes(
                    Math.multiplyExact(Long.parseLong(Files.readString(file).strip()), SECTOR));
        } catch (IOException | NumberFormatException failure) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot see the size of " + device.name(),
                    "reading " + file + ": " + failure,
                    "see whether the device is still there (losetup --list)",
                    failure);
        }
    }

    /** The devices that {@code losetup --json --list} printed. */
    static List<LoopDevice> parse(CommandResult result) {
        // Before 2.37 nothing at all is printed where there is no device.
        if (result.output().isBlank() && result.errorOutput().isBlank()) {
            return List.of();
        }
        try {
            JsonNode list = Json.mapper().readTree(result.output()).path("loopdevices");
            if (!list.isArray()) {
                throw unreadable(result, "there is no list \"loopdevices\"");
            }
            List<LoopDevice> devices = new ArrayList<>();
            for (JsonNode each : list) {
                devices.add(device(each, result));
            }
            return devices;
        } catch (JsonProcessingException failure) {
            throw unreadable(result, failure.getOriginalMessage());
        }
    }

    private static LoopDevice device(JsonNode node, CommandResult result) {
        String name = node.path("name").asText("");
        if (!NODE.matcher(name).matches()) {
            throw unreadable(result, "'" + name + "' is not a loop device");
        }
        Matcher holder = MAJOR_MINOR.matcher(node.path("back-maj:min").asText(""));
        Optional<FileIdentity> file = holder.matches() && node.hasNonNull("back-ino")
                ? Optional.of(new FileIdentity(
                        Long.parseLong(holder.group(1)),
                        Long.parseLong(holder.group(2)),
                        node.path("back-ino").asLong()))
                : Optional.empty();
        return new LoopDevice(
                name,
                file,
                node.path("back-file").asText(""),
                flag(node.path("autoclear")),
                flag(node.path("ro")),
                node.path("offset").asLong() == 0 && node.path("sizelimit").asLong() == 0);
    }

    /** Older versions print {@code "1"} where newer ones print {@code true}. */
    private static boolean flag(JsonNode node) {
        return node.asBoolean() || node.asText().equals("1");
    }

    private static HeddleException unreadable(CommandResult result, String why) {
        return new HeddleException(
                ErrorCode.OUTPUT_UNREADABLE,
                "cannot read what '" + result.command().text() + "' printed",
                why,
                "run it by hand; util-linux 2.38 or newer is needed");
    }

    /** A failed losetup under the code that its message stands for. */
    static HeddleException failure(CommandResult result, String what) {
        String said = result.errorOutput();
        if (said.contains("overlapping") || said.contains("Device or resource busy")) {
            return result.failure(
                    ErrorCode.IN_USE,
                    what,
                    "detach the loop device that somebody else made of the file (losetup --list); it is tried again");
        }
        if (said.contains("cannot find an unused loop device")) {
            return result.failure(
                    ErrorCode.POOL_UNUSABLE, what, "load the kernel's loop module (modprobe loop); it is tried again");
        }
        if (said.contains("No such file or directory")) {
            return result.failure(ErrorCode.BACKING_VOLUME_MISSING, what, "see whether the file is still there");
        }
        return result.failure(ErrorCode.COMMAND_FAILED, what, "see dmesg; it is tried again");
    }
}
