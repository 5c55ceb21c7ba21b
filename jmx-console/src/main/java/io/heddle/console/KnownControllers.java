package io.heddle.console;

import io.heddle.core.error.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.Optional;

/** Keys of controllers that the user has accepted, as ssh keeps those of hosts: a line with endpoint and fingerprint each. */
final class KnownControllers {
    private final Path file;

    KnownControllers(Map<String, String> environment) {
        String base = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path configuration =
                base.isEmpty() ? Path.of(environment.getOrDefault("HOME", "/nonexistent"), ".config") : Path.of(base);
        file = configuration.resolve("heddle").resolve("known-controllers");
    }

    Optional<String> fingerprint(Endpoint endpoint) {
        if (!Files.isReadable(file)) {
            return Optional.empty();
        }
        try {
            return Files.readAllLines(file).stream()
                    .map(line -> line.strip().split("\\s+"))
                    .filter(fields -> fields.length == 2 && fields[0].equals(endpoint.toString()))
                    .map(fields -> fields[1])
                    .reduce((earlier, later) -> later);
        } catch (IOException e) {
            throw new Refusal(
                    ErrorCode.FILE_FAILED,
                    "cannot read the keys of known controllers",
                    String.valueOf(e.getMessage()),
                    "see to " + file + ", or give --fingerprint");
        }
    }

    /** Remembers a key; a home that cannot be written only costs being asked again. */
    void add(Endpoint endpoint, String fingerprint) {
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file, endpoint + " " + fingerprint + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            System.err.println("heddle: the key was not remembered, since " + file + " cannot be written");
        }
    }
}
