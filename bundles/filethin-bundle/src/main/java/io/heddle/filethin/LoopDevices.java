package io.heddle.filethin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.json.Json;
import io.heddle.core.model.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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
     * Attaches a file. A device that has it already is used again, and stays even if somebody had detached it while it was open:
     * {@code --nooverlap} lifts its autoclear flag (seen on Linux 6.1 and 6.18).
     *
     * @throws HeddleException IN_USE, POOL_UNUSABLE, COMMAND_FAILED
     */
    void attach(Path file) {
        CommandResult direct = runner.run(Command.change(
                DEADLINE, "losetup", "--nooverlap", "--direct-io=on", "--find", "--show", file.toString()));
        if (direct.succeeded()) {
            return;
        }
        // Not every file system can do direct I/O, or not with this sector size; cached I/O is slower and as safe,
        // since DRBD
        // flushes.
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
        while (isAttached(device.name(), identity)) {
            if (System.nanoTime() - begin >= SETTLING.toNanos()) {
                attach(file);
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot detach " + device.name() + " from " + file,
                        "something has it open" + (result.succeeded() ? "" : "; " + result.explanation()),
                        "end what uses it (see findmnt, lsblk, drbdsetup status, fuser " + device.name()
                                + "); it is tried again");
            }
            pause();
        }
    }

    private boolean isAttached(String name, FileIdentity identity) {
        return of(identity, all()).stream().anyMatch(device -> device.name().equals(name));
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
        Path file = blockDevices
                .resolve(Path.of(device.name()).getFileName().toString())
                .resolve("size");
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

    private static void pause() {
        try {
            Thread.sleep(PAUSE.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HeddleException(
                    ErrorCode.SHUTTING_DOWN,
                    "the wait for a loop device to go was broken off",
                    "the program is being stopped",
                    "nothing to do: it is taken up again at the next start",
                    interrupted);
        }
    }
}
