package io.heddle.zfs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.ExecCommandRunner;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The driver with the real ZFS, in a node of the lab with a kernel and disks of its own; the power of the node is cut in between, more
 * often where {@code -Dzfs.cuts} says so. What is tested is in {@link RealZfs}. Runs with {@code -Dlab.everything=true} where {@code
 * distribution/lab/zfs} was run before, which builds ZFS for the lab's kernel.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealZfsTest {
    private static final Duration LONG = Duration.ofMinutes(20);

    private static final String NODE = "n1";
    private static final CommandResult NOT_ENDED =
            new CommandResult(Command.query(LONG, "none"), 0, "", "", Duration.ZERO);

    private final ExecCommandRunner runner = new ExecCommandRunner();
    private Optional<Path> directory = Optional.empty();

    @BeforeAll
    void bootNodes() throws IOException {
        String reason = reasonToSkip();
        if (!reason.isEmpty()) {
            System.out.println("SKIPPED tests with the real ZFS: " + reason);
        }
        Assumptions.assumeTrue(reason.isEmpty(), reason);
        directory = Optional.of(Files.createTempDirectory(Path.of("/var/tmp"), "heddle-zfs-"));
        lab("up", "1").orThrow("cannot boot the nodes", "see the output");
        copyClassPath(directory.get().resolve("share").resolve("classpath"));
    }

    @AfterAll
    void takeItAway() throws IOException {
        if (directory.isPresent()) {
            lab("down", "--wipe");
            deleteAll(directory.get());
        }
    }

    @TestFactory
    Stream<DynamicTest> onAKernelOfItsOwn() {
        powerOn("volumes");
        List<DynamicTest> tests = new ArrayList<>(stage("volumes"));
        powerCut();
        tests.addAll(stage("after"));
        Random random = new Random(20261123);
        for (int cut = 0; cut < Integer.getInteger("zfs.cuts", 2); cut++) {
            String pool = cut % 2 == 0 ? "thin" : "thick";
            String seed = Long.toString(random.nextLong());
            CompletableFuture<CommandResult> churn = CompletableFuture.supplyAsync(() -> run("churn", pool, seed));
            // The moment is drawn and not waited for: any is right.
            churn.completeOnTimeout(NOT_ENDED, 5_000 + random.nextInt(10_000), TimeUnit.MILLISECONDS)
                    .join();
            powerCut();
            tests.addAll(stage("audit"));
        }
        tests.addAll(stage("sick"));
        return tests.stream();
    }

    private void powerCut() {
        lab("kill", NODE).orThrow("cannot cut the power", "see the output");
        lab("start", NODE).orThrow("cannot boot the node again", "see the output");
        powerOn("again");
    }

    /** Loads the modules, and after a power cut has the zpool again. */
    private void powerOn(String when) {
        lab("exec", NODE, modules() + "/load").orThrow("cannot load ZFS in the node", "see the output");
        if (when.equals("again")) {
            lab("exec", NODE, "zpool import -f -d /dev tank").orThrow("cannot import the zpool", "see the output");
        }
    }

    private List<DynamicTest> stage(String name) {
        CommandResult result = run(name);
        System.out.println(result.output());
        List<DynamicTest> tests = new ArrayList<>();
        List<String> lines = result.output().lines().toList();
        for (int line = 0; line < lines.size(); line++) {
            if (lines.get(line).startsWith("ok ") || lines.get(line).startsWith("failed ")) {
                String verdict = lines.get(line);
                String details = String.join("\n", lines.subList(line, Math.min(lines.size(), line + 30)));
                tests.add(DynamicTest.dynamicTest(
                        verdict.substring(verdict.indexOf(' ') + 1),
                        () -> assertTrue(verdict.startsWith("ok "), details)));
            }
        }
        tests.add(DynamicTest.dynamicTest("runsToTheEnd (" + name + ")", () -> {
            assertEquals(0, result.exitCode(), result.explanation());
            assertTrue(lines.contains("end"), result.output());
        }));
        return tests;
    }

    private CommandResult run(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                "exec",
                NODE,
                "java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                "/share/classpath/classes:/share/classpath/*",
                RealZfs.class.getName()));
        command.addAll(List.of(arguments));
        return lab(command.toArray(String[]::new));
    }

    /** Where {@code distribution/lab/zfs} has put what it built for the lab's kernel. */
    private static Path modules() {
        Path kept = Path.of(Optional.ofNullable(System.getenv("UMLAB_ZFS")).orElse("/var/tmp/umlab-zfs"));
        try (Stream<Path> kernels = Files.list(Path.of("/usr/lib/uml/modules"))) {
            return kernels.map(kernel -> kept.resolve(kernel.getFileName()))
                    .max(Comparator.naturalOrder())
                    .orElse(kept);
        } catch (IOException none) {
            return kept;
        }
    }

    private String reasonToSkip() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "not root";
        }
        if (!Files.isExecutable(umlab())) {
            return "there is no " + umlab();
        }
        if (!Files.isExecutable(modules().resolve("load"))) {
            return "ZFS was not built for the lab's kernel: run distribution/lab/zfs first, which takes 10 to 30 minutes once";
        }
        if (!Boolean.getBoolean("lab.everything")) {
            return "it takes 10 minutes and more: -Dlab.everything=true";
        }
        try {
            CommandResult check = runner.run(Command.query(LONG, umlab().toString(), "check"));
            return check.succeeded() ? "" : check.explanation();
        } catch (HeddleException failure) {
            return failure.getMessage();
        }
    }

    private static Path umlab() {
        return Path.of("..", "distribution", "lab", "umlab").toAbsolutePath().normalize();
    }

    private CommandResult lab(String... arguments) {
        List<String> command = new ArrayList<>(List.of(umlab().toString()));
        command.addAll(List.of(arguments));
        SortedMap<String, String> environment = new TreeMap<>();
        environment.put("UMLAB_DIR", directory.orElseThrow().toString());
        environment.put("UMLAB_DISK", "3G 1G");
        environment.put("UMLAB_NS", "heddle-zfs-" + ProcessHandle.current().pid());
        return runner.run(new Command(command, LONG, false, Optional.empty(), Ordered.map(environment)));
    }

    /** Into the folder that the node sees: /root, where Maven keeps its jars, is empty there. */
    private static void copyClassPath(Path target) throws IOException {
        Path classes = Files.createDirectories(target.resolve("classes"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path source = Path.of(entry);
            if (Files.isDirectory(source)) {
                copyAll(source, classes);
            } else if (Files.exists(source)) {
                Files.copy(source, target.resolve(source.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private static void copyAll(Path source, Path target) throws IOException {
        try (Stream<Path> files = Files.walk(source)) {
            for (Path file : files.toList()) {
                Path copy = target.resolve(source.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
    }

    private static void deleteAll(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
