package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at the loaded module and the installed tools, through files of /proc and /sys. Loads nothing. */
final class KernelProbe {
    private static final Pattern VERSION_LINE = Pattern.compile("(?m)^version: ([0-9]+)\\.([0-9]+)\\.(\\S+)");
    private static final Pattern UTILS_VERSION = Pattern.compile("(?m)^DRBDADM_VERSION=(\\S+)$");

    private final Path root;
    private final DrbdTools tools;
    private volatile String utilsVersion = "";

    /** Looks below {@code root}, {@code /} but in tests. */
    KernelProbe(Path root, DrbdTools tools) {
        this.root = root;
        this.tools = tools;
    }

    /** What is loaded and installed; never throws. */
    KernelStatus status() {
        KernelStatus loaded = loaded();
        return loaded.dialect() == Dialect.DRBD_9
                ? new KernelStatus(
                        loaded.dialect(),
                        loaded.moduleVersion(),
                        loaded.utilsVersion(),
                        loaded.kernelRelease(),
                        loaded.problem(),
                        transports(loaded.kernelRelease()))
                : loaded;
    }

    /** The same without the transports, for which much has to be read. */
    private KernelStatus loaded() {
        Optional<Problem> utilsProblem = Optional.empty();
        if (utilsVersion.isEmpty()) {
            utilsProblem = lookForUtils();
        }
        String release = text("proc/sys/kernel/osrelease").map(String::strip).orElse("");
        Matcher matcher = VERSION_LINE.matcher(text("proc/drbd").orElse(""));
        if (!matcher.find()) {
            Problem absent = new Problem(
                    ErrorCode.MODULE_ABSENT,
                    "this node cannot replicate",
                    "the DRBD module is not loaded",
                    "install it for kernel " + release + " and run: modprobe drbd");
            return new KernelStatus(Dialect.NONE, "", utilsVersion, release, Optional.of(utilsProblem.orElse(absent)));
        }
        int major = Integer.parseInt(matcher.group(1));
        int minor = Integer.parseInt(matcher.group(2));
        String version = major + "." + minor + "." + matcher.group(3);
        if (major == 8 && minor == 4) {
            Problem limited = new Problem(
                    ErrorCode.NOT_SUPPORTED,
                    "this node replicates with limits",
                    "DRBD " + version + " has two replicas, both with disks, no quorum and explicit promotion",
                    "load DRBD 9.1 or newer for more");
            return new KernelStatus(
                    Dialect.DRBD_8_4, version, utilsVersion, release, Optional.of(utilsProblem.orElse(limited)));
        }
        if (major < 9 || (major == 9 && minor < 1)) {
            Problem tooOld = new Problem(
                    ErrorCode.MODULE_TOO_OLD,
                    "this node cannot replicate",
                    "DRBD " + version + " is loaded",
                    "load DRBD 9.1 or newer, or the kernel's own 8.4");
            return new KernelStatus(Dialect.NONE, version, utilsVersion, release, Optional.of(tooOld));
        }
        return new KernelStatus(Dialect.DRBD_9, version, utilsVersion, release, utilsProblem);
    }

    /** Transports whose modules are loaded, or are there to be loaded: DRBD loads them when a connection asks for one. */
    private SortedSet<String> transports(String release) {
        String there = text("lib/modules/" + release + "/modules.dep").orElse("");
        TreeSet<String> transports = new TreeSet<>();
        DrbdOptionCatalogue.find(OptionSection.NET.prefix() + "transport")
                .ifPresent(option -> option.words().stream()
                        .filter(name ->
                                Files.isDirectory(root.resolve("sys/module/drbd_transport_" + name.replace('-', '_')))
                                        || there.contains("/drbd_transport_" + name + ".ko"))
                        .forEach(transports::add));
        return transports;
    }

    /**
     * The dialect to speak.
     *
     * @throws HeddleException MODULE_ABSENT, MODULE_TOO_OLD
     */
    Dialect dialect() {
        KernelStatus status = loaded();
        if (status.dialect() == Dialect.NONE) {
            throw status.problem().orElseThrow().exception();
        }
        return status.dialect();
    }

    /** Version of the loaded module; empty text if none is loaded. */
    String moduleVersion() {
        return loaded().moduleVersion();
    }

    /** Differs with each boot of the machine (random(4)); empty text if that cannot be told. */
    String bootId() {
        return text("proc/sys/kernel/random/boot_id").map(String::strip).orElse("");
    }

    /**
     * Time since the machine was started, which no setting of the clock changes.
     *
     * @throws HeddleException OBSERVATION_FAILED
     */
    Duration sinceBoot() {
        try {
            String seconds = text("proc/uptime").orElse("").split(" ")[0];
            return Duration.ofMillis(new BigDecimal(seconds).movePointRight(3).longValue());
        } catch (NumberFormatException e) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell how long the machine has run",
                    "/proc/uptime cannot be read",
                    "see that /proc is mounted",
                    e);
        }
    }

    /**
     * Present size of a DRBD device, read where it costs no process; empty if there is no such device, zero while no disk is
     * attached and no peer lends its own.
     *
     * @throws HeddleException OBSERVATION_FAILED
     */
    Optional<Bytes> deviceSize(int minor) {
        // In sectors of 512 bytes whatever the device's block size is (Documentation/ABI/stable/sysfs-block).
        Path path = root.resolve("sys/block/drbd" + minor + "/size");
        try {
            return Optional.of(new Bytes(Math.multiplyExact(
                    512L, Long.parseLong(Files.readString(path).strip()))));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException | NumberFormatException e) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell the size of DRBD device " + minor,
                    String.valueOf(e),
                    "it is tried again",
                    e);
        }
    }

    /** Bytes written to a DRBD device so far; empty if there is no such device. */
    OptionalLong written(int minor) {
        try {
            String[] fields = Files.readString(root.resolve("sys/block/drbd" + minor + "/stat"))
                    .strip()
                    .split("\\s+");
            // the seventh is sectors written, of 512 bytes (Documentation/block/stat.rst)
            return OptionalLong.of(Math.multiplyExact(512L, Long.parseLong(fields[6])));
        } catch (NoSuchFileException e) {
            return OptionalLong.empty();
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException e) {
            throw new HeddleException(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell what was written to DRBD device " + minor,
                    String.valueOf(e),
                    "it is tried again",
                    e);
        }
    }

    private synchronized Optional<Problem> lookForUtils() {
        if (!utilsVersion.isEmpty()) {
            return Optional.empty();
        }
        try {
            CommandResult result = tools.version();
            Matcher matcher = UTILS_VERSION.matcher(result.output());
            if (matcher.find()) {
                utilsVersion = matcher.group(1);
                return Optional.empty();
            }
            return Optional.of(result.failure(
                            ErrorCode.OUTPUT_UNREADABLE,
                            "cannot tell the version of drbd-utils",
                            "reinstall the package drbd-utils")
                    .problem());
        } catch (HeddleException e) {
            return Optional.of(e.problem());
        }
    }

    private Optional<String> text(String path) {
        try {
            return Optional.of(Files.readString(root.resolve(path), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty(); // shown as a module or release that is not there
        }
    }
}
