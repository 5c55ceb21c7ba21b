package io.heddle.lvmthin;

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
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/**
 * The driver with the real LVM, in two nodes of the lab, each with its own kernel, disk and device mapper; at the same time, since
 * a node has one processor and commands are slow there. Then the power of the first is cut. What is tested is in {@link RealLvm}.
 */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RealLvmTest {
    private static final Duration LONG = Duration.ofMinutes(20);

    private final ExecCommandRunner runner = new ExecCommandRunner();
    private Optional<Path> directory = Optional.empty();

    @BeforeAll
    void bootNodes() throws IOException {
        String reason = reasonToSkip();
        if (!reason.isEmpty()) {
            System.out.println("SKIPPED tests with the real LVM: " + reason);
        }
        Assumptions.assumeTrue(reason.isEmpty(), reason);
        directory = Optional.of(Files.createTempDirectory(Path.of("/var/tmp"), "heddle-lvm-"));
        lab("up", "2").orThrow("cannot boot the nodes", "see the output");
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
    Stream<DynamicTest> onKernelsOfTheirOwn() {
        CompletableFuture<List<DynamicTest>> pools = CompletableFuture.supplyAsync(() -> stage("pools", "n2"));
        List<DynamicTest> volumes = stage("volumes", "n1");
        lab("kill", "n1").orThrow("cannot cut the power", "see the output");
        lab("start", "n1").orThrow("cannot boot the node again", "see the output");
        List<DynamicTest> after = stage("after", "n1");
        return Stream.of(volumes, after, pools.join()).flatMap(List::stream);
    }

    private List<DynamicTest> stage(String name, String node) {
        CommandResult result = lab(
                "exec",
                node,
                "java",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                "/share/classpath/classes:/share/classpath/*",
                RealLvm.class.getName(),
                name);
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

    private String reasonToSkip() {
        if (!"root".equals(System.getProperty("user.name"))) {
            return "not root";
        }
        if (!Files.isExecutable(umlab())) {
            return "there is no " + umlab();
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
        environment.put("UMLAB_NS", "heddle-lvm-" + ProcessHandle.current().pid());
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
