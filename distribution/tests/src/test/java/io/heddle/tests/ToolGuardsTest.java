package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of what guards against the tools names tests that are there. */
class ToolGuardsTest {
    private static final Path PROJECT = Path.of("../..");
    private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT))(?:\\.([a-z][A-Za-z0-9]*))?`");

    @Test
    void eachTestThatTheTableNamesIsThere() throws IOException {
        Map<String, String> sources = sources();
        String table = Files.readString(PROJECT.resolve("distribution/docs/tool-guards.md"));
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Matcher matcher = TEST.matcher(table); matcher.find(); named++) {
            String source = sources.getOrDefault(matcher.group(1), "");
            boolean there =
                    matcher.group(2) == null ? !source.isEmpty() : source.contains("void " + matcher.group(2) + "(");
            if (!there) {
                missing.add(matcher.group());
            }
        }

        assertEquals(List.of(), missing);
        assertTrue(named > 50, "only " + named + " are named");
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        List<String> folders = List.of("core-bundle", "drbd-bundle", "lvmthin-bundle", "bundles", "distribution/tests");
        for (String folder : folders) {
            try (Stream<Path> files = Files.walk(PROJECT.resolve(folder))) {
                for (Path file : files.filter(each -> each.toString().contains("src/test/java"))
                        .filter(each -> each.toString().endsWith(".java"))
                        .toList()) {
                    String name = file.getFileName().toString();
                    sources.put(name.substring(0, name.length() - ".java".length()), Files.readString(file));
                }
            }
        }
        return sources;
    }
}
