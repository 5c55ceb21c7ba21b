package io.heddle.drbd;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.driver.IoLease;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.file.DurableFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of suspended I/O, a file each, and the process that resumes at the deadline ({@code io-lease.sh}). The record is on the
 * disk before anything is suspended, and goes when all is resumed: what is found at a start is resumed, unless the machine was
 * started since, which ends every suspension.
 */
final class IoLeases {
    private static final Logger LOG = LoggerFactory.getLogger(IoLeases.class);
    private static final String SCRIPT = "io-lease.sh";
    private static final String SUFFIX = ".lease";
    /** What the process says when it will resume in time. */
    private static final String HOLDING = "holding";

    private static final Duration START = Duration.ofSeconds(30);
    /** How long after its deadline the process may still be at work; then it is not there any more. */
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final CommandRunner runner;
    private final KernelProbe kernel;
    private final Path directory;

    /** What a record says. */
    private record Noted(String boot, String owner, Duration deadline, Map<String, Integer> resources) {}

    /** Keeps the records in a directory. */
    IoLeases(CommandRunner runner, KernelProbe kernel, Path directory) {
        this.runner = runner;
        this.kernel = kernel;
        this.directory = directory;
    }

    /**
     * Records a lease, durably, and has it held.
     *
     * @throws HeddleException FILE_FAILED, COMMAND_FAILED; nothing is left then
     */
    void open(IoLease lease) {
        DurableFile file = file(lease.id());
        file.replace(text(lease).getBytes(StandardCharsets.UTF_8));
        try {
            hold(file.path(), lease.term(), lease.resources());
        } catch (HeddleException notHeld) {
            file.remove();
            throw notHeld;
        }
    }

    /** Says that all is resumed: the process has nothing to do any more. */
    void close(UUID lease) {
        file(lease).remove();
    }

    /**
     * Has what earlier processes of Heddle left resumed, and forgets what was before the machine was started.
     *
     * @throws HeddleException FILE_FAILED, COMMAND_FAILED, OBSERVATION_FAILED; the first of several, when all were tried
     */
    void resumeLeftovers() {
        Optional<HeddleException> failure = Optional.empty();
        for (Path path : paths()) {
            try {
                resumeLeftover(path);
            } catch (HeddleException e) {
                failure = failure.or(() -> Optional.of(e));
            }
        }
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    private void resumeLeftover(Path path) {
        DurableFile file = DurableFile.secret(path);
        Optional<byte[]> bytes = file.read();
        if (bytes.isEmpty()) {
            return;
        }
        Noted record = parse(path, new String(bytes.get(), StandardCharsets.UTF_8));
        if (!record.boot().equals(kernel.bootId())) {
            file.remove();
            return;
        }
        boolean ours = record.owner().equals(owner());
        boolean over = kernel.sinceBoot().compareTo(record.deadline().plus(GRACE)) > 0;
        if (!ours || over) {
            LOG.warn("resumes the I/O of {}, which an earlier process of Heddle has suspended", record.resources());
            hold(path, Duration.ZERO, record.resources());
        }
    }

    private void hold(Path record, Duration term, Map<String, Integer> resources) {
        Path script = directory.resolve(SCRIPT);
        writeScript(script);
        List<String> arguments = new ArrayList<>(List.of(
                "setsid",
                "--fork",
                "sh",
                script.toString(),
                record.toString(),
                Long.toString(term.plusMillis(999).toSeconds())));
        resources.forEach((name, minor) -> arguments.add(name + ":" + minor));
        CommandResult result = runner.run(Command.change(START, arguments.toArray(String[]::new)));
        if (!result.succeeded() || !result.output().contains(HOLDING)) {
            throw result.failure(
                    ErrorCode.COMMAND_FAILED,
                    "cannot hold a lease on the I/O of " + String.join(", ", resources.keySet()),
                    "see that sh and setsid (util-linux) are there, and that processes can be started");
        }
    }

    private static void writeScript(Path path) {
        try (InputStream in = Objects.requireNonNull(IoLeases.class.getResourceAsStream(SCRIPT), SCRIPT)) {
            byte[] script = in.readAllBytes();
            DurableFile file = DurableFile.secret(path);
            boolean there = file.read()
                    .filter(present -> Arrays.equals(present, script))
                    .isPresent();
            if (!there) {
                file.replace(script);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<Path> paths() {
        List<Path> paths = new ArrayList<>();
        if (Files.isDirectory(directory)) {
            try (DirectoryStream<Path> records = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
                records.forEach(paths::add);
            } catch (IOException | DirectoryIteratorException e) {
                throw new HeddleException(
                        ErrorCode.FILE_FAILED,
                        "cannot tell whether I/O was left suspended",
                        String.valueOf(e),
                        "see drbdsetup status, and run drbdsetup resume-io MINOR where it shows suspended:user",
                        e);
            }
        }
        return paths;
    }

    private String text(IoLease lease) {
        long deadline = kernel.sinceBoot().plus(lease.term()).toMillis();
        return lease.resources().entrySet().stream()
                .map(each -> "resource " + each.getKey() + " " + each.getValue() + "\n")
                .collect(Collectors.joining(
                        "", "boot " + kernel.bootId() + "\nowner " + owner() + "\ndeadline " + deadline + "\n", ""));
    }

    private static Noted parse(Path path, String text) {
        try {
            List<String> lines = text.lines().toList();
            Map<String, Integer> resources = new TreeMap<>();
            for (String line : lines.subList(3, lines.size())) {
                String[] words = line.split(" ");
                resources.put(words[1], Integer.parseInt(words[2]));
            }
            return new Noted(
                    lines.get(0).substring("boot ".length()),
                    lines.get(1).substring("owner ".length()),
                    Duration.ofMillis(Long.parseLong(lines.get(2).substring("deadline ".length()))),
                    resources);
        } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
            throw new HeddleException(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot tell whose I/O was left suspended",
                    path + " cannot be read: " + e,
                    "see drbdsetup status, run drbdsetup resume-io MINOR where it shows suspended:user, and remove the file",
                    e);
        }
    }

    /** This process; another one has the same id at another time. */
    private static String owner() {
        ProcessHandle process = ProcessHandle.current();
        return process.pid() + "-"
                + process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private DurableFile file(UUID lease) {
        return DurableFile.secret(directory.resolve(lease + SUFFIX));
    }
}
