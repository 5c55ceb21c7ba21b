package io.heddle.packages;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The apt repository that the build made, and the sources that it was made of. */
final class Repository {
    static final List<String> PACKAGES =
            List.of("heddle", "heddle-common", "heddle-console", "heddle-controller", "heddle-satellite");
    static final Path SOURCES = Path.of(System.getProperty("heddle.packages"));
    static final Path TREE = Path.of(System.getProperty("heddle.appliance"));
    static final Path APT = SOURCES.resolve("target/apt");

    private Repository() {}

    /** The file of each package, by its name. */
    static Map<String, Path> files() throws IOException {
        try (Stream<Path> found = Files.walk(APT.resolve("pool"))) {
            return found.filter(file -> file.toString().endsWith(".deb"))
                    .collect(Collectors.toMap(
                            file -> String.valueOf(file.getFileName()).split("_")[0],
                            file -> file,
                            (one, other) -> one,
                            TreeMap::new));
        }
    }

    /** A path in which no version is left, so that a library of another version makes no difference. */
    static String withoutVersion(String path) {
        return path.replaceAll("-\\d[^/ ]*\\.jar", "-VERSION.jar");
    }
}
