package io.heddle.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A jar below {@code bundles/}. Its folder says at which start level it starts, and for which role if not for both:
 * {@code 20}, {@code 60-controller}.
 */
record BundleFile(Path jar, int startLevel) {
    private static final Pattern FOLDER = Pattern.compile("(\\d{2})(?:-([a-z]+))?");

    /**
     * The bundles that the roles need, in the order in which they start.
     *
     * @throws RefusedException when a folder has a name that says neither level nor role
     */
    static List<BundleFile> below(Path directory, Set<Role> roles) throws RefusedException {
        List<BundleFile> files = new ArrayList<>();
        try {
            for (Path folder : sorted(directory)) {
                Matcher name = FOLDER.matcher(String.valueOf(folder.getFileName()));
                if (!name.matches()) {
                    throw new RefusedException(
                            List.of("Folder " + folder + " is not a start level, such as 20, or a level and a role."));
                }
                if (name.group(2) == null || roles.contains(role(name.group(2), folder))) {
                    int startLevel = Integer.parseInt(name.group(1));
                    for (Path jar : sorted(folder)) {
                        if (jar.toString().endsWith(".jar")) {
                            files.add(new BundleFile(jar, startLevel));
                        }
                    }
                }
            }
        } catch (IOException failure) {
            throw new RefusedException("The bundles cannot be read: " + failure, failure);
        }
        return files;
    }

    private static Role role(String word, Path folder) throws RefusedException {
        return Arrays.stream(Role.values())
                .filter(role -> role.word().equals(word))
                .findFirst()
                .orElseThrow(() -> new RefusedException(
                        List.of("Folder " + folder + " names a role that is not known: " + word + ".")));
    }

    private static List<Path> sorted(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.sorted().toList();
        }
    }
}
