package io.heddle.filethin;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.CommandResult;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Assumptions;

/** A small file system in a file, mounted on this machine, whose power can be cut. */
final class ReflinkDisk implements AutoCloseable {
    /** The least that mkfs.xfs takes; it is sparse. */
    private static final long SIZE = 320L << 20;

    private final Path image;
    private final Path mounted;

    private ReflinkDisk(Path image, Path mounted) {
        this.image = image;
        this.mounted = mounted;
    }

    /** Makes one and mounts it; skips the test, saying why, where the machine cannot. */
    static ReflinkDisk make(Path directory, String... mkfs) throws IOException {
        LoopMachine.require();
        String kind = mkfs[0].substring("mkfs.".length());
        Optional<String> whyNot = !LoopMachine.run("sh", "-c", "command -v " + mkfs[0])
                        .succeeded()
                ? Optional.of("there is no " + mkfs[0])
                : Files.readString(Path.of("/proc/filesystems")).lines().noneMatch(line -> line.endsWith("\t" + kind))
                                && !LoopMachine.run("modprobe", kind).succeeded()
                        ? Optional.of("the kernel has no " + kind)
                        : Optional.empty();
        whyNot.ifPresent(reason -> System.out.println("SKIPPED tests with " + kind + ": " + reason));
        Assumptions.assumeTrue(whyNot.isEmpty(), () -> whyNot.orElse(""));
        Path image = directory.resolve("disk.image");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(SIZE);
        }
        String[] arguments = List.of(mkfs).toArray(new String[mkfs.length + 1]);
        arguments[mkfs.length] = image.toString();
        succeed(arguments);
        ReflinkDisk disk = new ReflinkDisk(image, Files.createDirectory(directory.resolve("mounted")));
        disk.mount();
        return disk;
    }

    private static void succeed(String... arguments) {
        CommandResult result = LoopMachine.run(arguments);
        assertTrue(result.succeeded(), result.explanation());
    }

    private void mount() {
        succeed("mount", "-o", "loop", image.toString(), mounted.toString());
    }

    Path path() {
        return mounted;
    }

    /** What was not yet synced is lost; xfs only. */
    void cutPower() {
        LoopMachine.detachBelow(mounted);
        succeed("xfs_io", "-x", "-c", "shutdown", mounted.toString());
        succeed("umount", mounted.toString());
        mount();
    }

    @Override
    public void close() {
        LoopMachine.detachBelow(mounted);
        LoopMachine.run("umount", mounted.toString());
    }
}
