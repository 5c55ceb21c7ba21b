package io.heddle.tests.bench;

import io.heddle.tests.cluster.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** This machine, as its kernel shows it in /proc. */
final class Machine {
    /** USER_HZ, the unit of times in /proc; 100 on every architecture that Debian has (proc(5), sysconf(3)). */
    private static final double TICKS_PER_SECOND = 100;

    private Machine() {}

    /** What to know about it when reading figures. */
    static Map<String, String> description(Path work) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("date", LocalDate.now(ZoneOffset.UTC).toString());
        facts.put(
                "machine",
                Runtime.getRuntime().availableProcessors() + " cores, "
                        + field(read(Path.of("/proc/cpuinfo")), "model name\\s*: (.*)")
                        + ", " + kib(read(Path.of("/proc/meminfo")), "MemTotal") / 1024 / 1024 + " GiB");
        facts.put(
                "kernel",
                Program.run("uname", "-r").printed() + ", Java " + System.getProperty("java.version") + ", state on "
                        + fileSystem(work));
        facts.put("load", "average " + load() + " at the start");
        return facts;
    }

    /** The load average of the last minute. */
    static String load() {
        return read(Path.of("/proc/loadavg")).split(" ", 2)[0];
    }

    private static String fileSystem(Path work) {
        try {
            return Files.getFileStore(work).type();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** CPU seconds of a process since its start, those of children that have ended among them. */
    static double cpuSeconds(long pid) {
        return cpuSeconds(pid, 4);
    }

    /** CPU seconds of this program itself, without those that it started. */
    static double ownCpuSeconds() {
        return cpuSeconds(ProcessHandle.current().pid(), 2);
    }

    /** Of utime, stime, cutime and cstime of proc(5) the first so many. */
    private static double cpuSeconds(long pid, int times) {
        // The name, in parentheses, may have spaces: fields are counted from behind it.
        String stat = read(Path.of("/proc/" + pid + "/stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        long ticks = 0;
        for (int field = 11; field < 11 + times; field++) {
            ticks += Long.parseLong(fields[field]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Resident memory of a process in MiB. */
    static double residentMib(long pid) {
        return kib(read(Path.of("/proc/" + pid + "/status")), "VmRSS") / 1024.0;
    }

    /** CPU seconds that all processors together were busy since boot. */
    static double busySeconds() {
        String[] fields = read(Path.of("/proc/stat"))
                .lines()
                .findFirst()
                .orElseThrow()
                .trim()
                .split("\\s+");
        long ticks = 0;
        for (int field = 1; field <= 8; field++) {
            boolean idle = field == 4 || field == 5;
            ticks += idle ? 0 : Long.parseLong(fields[field]);
        }
        return ticks / TICKS_PER_SECOND;
    }

    /** Makes the kernel forget what it has read of disks; says why not if it cannot. */
    static Optional<String> dropPageCache() {
        try {
            Program.run("sync");
            Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "3\n");
            return Optional.empty();
        } catch (IOException refused) {
            return Optional.of("the page cache cannot be dropped here: " + refused.getMessage());
        }
    }

    /** Median of the time in ms that this file system takes to make an appended block durable. */
    static double syncMillis(Path directory) {
        int rounds = 300;
        long[] nanos = new long[rounds];
        Path file = directory.resolve("sync-probe");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int round = 0; round < rounds; round++) {
                channel.write(ByteBuffer.allocate(4096));
                long began = System.nanoTime();
                channel.force(false);
                nanos[round] = System.nanoTime() - began;
            }
            Files.delete(file);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return Load.percentile(nanos, 50);
    }

    static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static long kib(String text, String name) {
        return Long.parseLong(field(text, name + ":\\s+(\\d+) kB"));
    }

    private static String field(String text, String pattern) {
        Matcher found = Pattern.compile(pattern).matcher(text);
        return found.find() ? found.group(1).strip() : "";
    }
}
