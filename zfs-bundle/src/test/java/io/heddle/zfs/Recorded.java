package io.heddle.zfs;

import io.heddle.core.command.Command;
import io.heddle.core.command.CommandResult;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** What real tools printed; the folder has an index. */
final class Recorded {
    private static final String FOLDER = "/recorded/zfs-2.1.11/";

    private Recorded() {}

    static CommandResult result(String name, Command command) {
        return new CommandResult(
                command,
                Integer.parseInt(text(name + ".rc").strip()),
                text(name + ".out"),
                text(name + ".err"),
                Duration.ofMillis(1));
    }

    static CommandResult result(String name) {
        return result(name, Command.query(Duration.ofSeconds(1), "zfs", "..."));
    }

    private static String text(String file) {
        try (InputStream stream = Recorded.class.getResourceAsStream(FOLDER + file)) {
            if (stream == null && file.endsWith(".rc")) {
                throw new IllegalArgumentException("there is no recording " + file);
            }
            return stream == null ? "" : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
