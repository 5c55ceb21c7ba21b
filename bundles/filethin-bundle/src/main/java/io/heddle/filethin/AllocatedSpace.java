package io.heddle.filethin;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandRunner;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.spec.PoolSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bytes that files really take, which Java cannot say; one find(1) for all. */
final class AllocatedSpace {
    private static final Logger LOG = LoggerFactory.getLogger(AllocatedSpace.class);
    private static final Duration DEADLINE = Duration.ofSeconds(60);
    private static final Pattern LINE = Pattern.compile("([0-9]+) ([0-9]+) ([0-9]+)");
    /** Unit of {@code %b}, whatever the block size of the file system is (find(1)). */
    private static final int BLOCK = 512;

    private AllocatedSpace() {}

    /**
     * Bytes taken by each file in the directories of these pools. What cannot be seen is left out: the number is for showing
     * only, and the pool itself is looked at elsewhere.
     */
    static Map<FileIdentity, Bytes> in(List<PoolSpec> pools, CommandRunner runner) {
        List<String> directories = new ArrayList<>();
        for (PoolSpec pool : pools) {
            try {
                directories.add(PoolDirectory.of(pool).path().toString());
            } catch (HeddleException unusable) {
                LOG.debug("no look at the files of pool={}: {}", pool.name(), unusable.why());
            }
        }
        return directories.isEmpty() ? Map.of() : find(directories, runner, "-mindepth", "1", "-maxdepth", "1");
    }

    /** Bytes taken by one file. */
    static Map<FileIdentity, Bytes> of(Path file, CommandRunner runner) {
        return find(List.of(file.toString()), runner, "-maxdepth", "0");
    }

    private static Map<FileIdentity, Bytes> find(List<String> where, CommandRunner runner, String... depth) {
        List<String> arguments = new ArrayList<>(List.of("find", "-P"));
        arguments.addAll(where);
        arguments.addAll(List.of(depth));
        arguments.addAll(List.of("-type", "f", "-printf", "%D %i %b\\n"));
        try {
            // Exit code 1 stands for a file that went meanwhile; the lines of the others are right.
            return parse(runner.run(Command.query(DEADLINE, arguments.toArray(String[]::new)))
                    .output());
        } catch (HeddleException failure) {
            LOG.warn("cannot see how much space the files of the pools take: {}", failure.getMessage());
            return Map.of();
        }
    }

    static Map<FileIdentity, Bytes> parse(String output) {
        Map<FileIdentity, Bytes> taken = new HashMap<>();
        output.lines()
                .map(LINE::matcher)
                .filter(Matcher::matches)
                .forEach(line -> taken.put(
                        FileIdentity.of(Long.parseLong(line.group(1)), Long.parseLong(line.group(2))),
                        new Bytes(Math.multiplyExact(Long.parseLong(line.group(3)), BLOCK))));
        return taken;
    }
}
