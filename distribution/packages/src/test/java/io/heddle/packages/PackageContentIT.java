package io.heddle.packages;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What is in the packages, compared whole with {@code content/*.txt}; {@code -Dgolden.update=true} rewrites those. */
class PackageContentIT {
    private static final List<String> NAMES = Repository.PACKAGES;

    @BeforeAll
    static void onlyWherePackagesCanBeMade() {
        assumeTrue(Program.isThere("dpkg-deb"), "there is no dpkg-deb on this machine");
    }

    @Test
    void theBuildMakesEachPackageOnce() throws IOException {
        assertEquals(Set.copyOf(NAMES), Repository.files().keySet());
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void aPackageHasTheFieldsAndFilesThatWereReviewed(String name) throws IOException {
        Path deb = Repository.files().get(name);
        String text = fields(deb) + "\n" + files(deb);
        Path golden = Repository.SOURCES.resolve("src/test/resources/content/" + name + ".txt");

        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(golden, text);
        }
        assertEquals(Files.readString(golden), text);
    }

    @Test
    void noFileIsInTwoPackages() throws IOException {
        Map<String, String> owners = new HashMap<>();
        for (Map.Entry<String, Path> each : Repository.files().entrySet()) {
            for (String line :
                    Program.output("dpkg-deb", "-c", each.getValue().toString()).split("\n")) {
                if (!line.startsWith("d")) {
                    String path = line.split("\\s+", 6)[5].replaceFirst(" -> .*", "");
                    String other = owners.put(path, each.getKey());
                    assertEquals(null, other, path + " is in " + each.getKey() + ", too");
                }
            }
        }
    }

    @Test
    void theySumUpToTheWholeTree(@TempDir Path root) throws IOException {
        unpackAll(root);

        Path home = root.resolve("usr/share/heddle");
        Set<String> packed = relativeFiles(home);
        // What only packages have, and what is made where Heddle is installed.
        packed.remove("bin/heddle-roles");
        Set<String> tree = relativeFiles(Repository.TREE);
        tree.removeIf(path -> path.startsWith("cds/"));
        assertEquals(tree, packed);
        for (String path : tree) {
            assertEquals(-1, Files.mismatch(Repository.TREE.resolve(path), home.resolve(path)), path);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void itsScriptsAreGoodShell(String name) throws IOException {
        Path folder = Repository.SOURCES.resolve("deb/" + name);
        List<Path> scripts = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            files.filter(file -> String.valueOf(file.getFileName()).matches("(pre|post)(inst|rm)"))
                    .forEach(scripts::add);
        }
        scripts.add(Repository.SOURCES.resolve("heddle-roles"));
        scripts.add(Repository.SOURCES.resolve("build"));

        for (Path script : scripts) {
            List<String> lines = Files.readAllLines(script);
            assertEquals("#!/bin/sh", lines.get(0), script.toString());
            assertTrue(lines.contains("set -e") || lines.contains("set -eu"), script + " goes on after an error");
            Program.output("sh", "-n", script.toString());
            if (Program.isThere("shellcheck")) {
                Program.output("shellcheck", "--severity=warning", script.toString());
            }
        }
    }

    @Test
    void theConsoleFindsEveryJarThatItShares(@TempDir Path root) throws IOException {
        Map<String, Path> files = Repository.files();
        Program.output("dpkg-deb", "-x", files.get("heddle-common").toString(), root.toString());
        Program.output("dpkg-deb", "-x", files.get("heddle-console").toString(), root.toString());

        assertTrue(Program.output(root.resolve("usr/bin/heddle").toString(), "--help")
                .contains("Usage:"));
    }

    @Test
    void theSameTreeMakesTheSamePackages(@TempDir Path again) throws IOException {
        String version = Program.output(
                        "dpkg-deb", "-f", Repository.files().get("heddle").toString(), "Version")
                .strip();
        Program.output(
                Repository.SOURCES.resolve("build").toString(), Repository.TREE.toString(), version, again.toString());

        Set<String> paths = relativeFiles(Repository.APT);
        assertEquals(paths, relativeFiles(again));
        for (String path : paths) {
            assertEquals(-1, Files.mismatch(Repository.APT.resolve(path), again.resolve(path)), path);
        }
    }

    @Test
    void whatServesVolumesIsNeverStoppedByARemoval() throws IOException {
        for (String script : List.of("prerm", "postrm", "postinst")) {
            String text = Files.readString(Repository.SOURCES.resolve("deb/heddle-satellite/" + script));
            assertFalse(text.contains("drbdadm down") || text.contains("drbdsetup"), script);
        }
        for (Path folder : List.of(
                Repository.SOURCES.resolve("deb/heddle-common"),
                Repository.SOURCES.resolve("deb/heddle-controller"),
                Repository.SOURCES.resolve("deb/heddle-satellite"))) {
            String purge = Files.readString(folder.resolve("postrm"));
            // Pools of files may lie in there.
            assertFalse(purge.matches("(?s).*rm -rf[^\n]* \"?/var/lib/heddle\"?(\\s.*|$)"), folder.toString());
        }
    }

    static void unpackAll(Path root) throws IOException {
        for (Path deb : Repository.files().values()) {
            Program.output("dpkg-deb", "-x", deb.toString(), root.toString());
        }
    }

    /** The fields, but for the version and the size. */
    private static String fields(Path deb) {
        String version =
                Program.output("dpkg-deb", "-f", deb.toString(), "Version").strip();
        return Program.output("dpkg-deb", "-f", deb.toString())
                .replace("= " + version + ")", "= VERSION)")
                .replaceFirst("(?m)^Version: .*\n", "")
                .replaceFirst("(?m)^Installed-Size: .*\n", "");
    }

    /** Mode, owner and path of each file. */
    private static String files(Path deb) {
        return Stream.of(Program.output("dpkg-deb", "-c", deb.toString()).split("\n"))
                .map(line -> line.split("\\s+", 6))
                .map(column -> column[0] + " " + column[1] + " " + Repository.withoutVersion(column[5]))
                .sorted((one, other) -> one.split(" ")[2].compareTo(other.split(" ")[2]))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static Set<String> relativeFiles(Path top) throws IOException {
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(file -> !Files.isDirectory(file))
                    .filter(file -> !file.equals(top.resolve("cds")))
                    .map(file -> top.relativize(file).toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
