package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The table of what guards against the tools names tests that are there. */
class ToolGuardsTest {
    private static final Path PROJECT = Path.of("../..");
    private static final Pattern TEST = Pattern.compile("`([A-Z][A-Za-z0-9]*(?:Test|IT))(?:\\.([a-z][A-Za-z0-9]*))?`");

    /** An annotation of a class or of a member. */
    private static final Pattern ANNOTATION = Pattern.compile("(?: {4})?@(\\w+)");

    private static final Pattern CLASS = Pattern.compile("(?:public |final |abstract )*class ");
    private static final Set<String> TESTS = Set.of("Test", "ParameterizedTest", "TestFactory", "RepeatedTest");

    @Test
    void eachTestThatTheTableNamesIsThere() throws IOException {
        Map<String, String> sources = sources();
        String table = Files.readString(PROJECT.resolve("distribution/docs/tool-guards.md"));
        List<String> missing = new ArrayList<>();
        int named = 0;
        for (Matcher matcher = TEST.matcher(table); matcher.find(); named++) {
            String source = sources.getOrDefault(matcher.group(1), "");
            boolean there =
                    matcher.group(2) == null ? runs(source, Optional.empty()) : isTest(source, matcher.group(2));
            if (!there) {
                missing.add(matcher.group());
            }
        }

        assertEquals(List.of(), missing);
        assertTrue(named > 50, "only " + named + " are named");
    }

    @Test
    void aHelperADisabledTestAndAMentionAreNoTests() {
        String source = """
                class SampleTest {
                    /** Says @Test. */
                    private void helper() {
                        plain();
                    }

                    @Test
                    void plain() {}

                    @ParameterizedTest
                    @CsvSource({
                        "a, @Disabled(",
                        "b, c"
                    })
                    void table(String of, String pairs) {}

                    @TestFactory
                    Stream<DynamicTest> made() {
                        return Stream.of();
                    }

                    @Disabled("some day")
                    @Test
                    void sleeping() {}

                    // void gone() {}
                    @BeforeEach
                    void prepare() {}
                }
                """;

        assertEquals(
                List.of("plain", "table", "made"),
                Stream.of("helper", "plain", "table", "made", "sleeping", "gone", "prepare", "nosuch")
                        .filter(method -> isTest(source, method))
                        .toList());
        assertFalse(isTest("@Disabled\n" + source, "plain"));
        assertFalse(isTest("", "plain"));
    }

    /** Whether a class has a method that JUnit runs as a test. */
    private static boolean isTest(String source, String method) {
        return runs(source, Optional.of(method));
    }

    /** Whether JUnit runs such a method of a class, or any. The sources are formatted, so a line tells what it is. */
    private static boolean runs(String source, Optional<String> method) {
        Pattern declaration = Pattern.compile(
                " {4}(?:[\\w<>\\[\\], ]+ )?" + method.map(Pattern::quote).orElse("\\w+") + "\\(.*");
        Set<String> annotations = new TreeSet<>();
        boolean found = false;
        for (String line : source.lines().toList()) {
            Matcher annotation = ANNOTATION.matcher(line);
            if (annotation.lookingAt()) {
                annotations.add(annotation.group(1));
            } else if (CLASS.matcher(line).lookingAt()) {
                if (annotations.contains("Disabled")) {
                    return false;
                }
                annotations.clear();
            } else if (declaration.matcher(line).matches()) {
                found |= annotations.stream().anyMatch(TESTS::contains) && !annotations.contains("Disabled");
                annotations.clear();
            } else if (line.isEmpty() || line.equals("    }") || line.endsWith(";")) {
                annotations.clear();
            }
        }
        return found;
    }

    private static Map<String, String> sources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        List<String> folders =
                List.of("core-bundle", "drbd-bundle", "lvmthin-bundle", "zfs-bundle", "bundles", "distribution/tests");
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
