package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigurationTest {
    @TempDir
    private Path directory;

    @Test
    void anEmptyFileMeansTheDefaults() throws Exception {
        Configuration configuration = read("");

        for (Setting setting : Setting.values()) {
            if (setting != Setting.NODE_NAME) {
                assertEquals(setting.preset(), configuration.value(setting));
            }
        }
        assertEquals(Set.of(Role.CONTROLLER, Role.SATELLITE), configuration.roles());
    }

    @Test
    void everyDefaultIsAGoodValue() {
        for (Setting setting : Setting.values()) {
            assertTrue(setting.problem(setting.preset()).isEmpty(), setting.key());
        }
    }

    @Test
    void aNodeIsNamedLikeItsHostUnlessItIsGivenAName() throws Exception {
        String host = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();

        assertEquals(host, read("").value(Setting.NODE_NAME));
        assertEquals("pve1", read("node-name = pve1").value(Setting.NODE_NAME));
    }

    @Test
    void theFileIsOverriddenByTheEnvironmentAndThatByTheArguments() throws Exception {
        Path file = file("rest-port = 1\njmx-port=2\nlink-port=3\n");

        Configuration configuration = Configuration.read(
                file, Map.of("HEDDLE_JMX_PORT", "20", "HEDDLE_LINK_PORT", "30"), Map.of("link-port", "300"));

        assertEquals("1", configuration.value(Setting.REST_PORT));
        assertEquals("20", configuration.value(Setting.JMX_PORT));
        assertEquals("300", configuration.value(Setting.LINK_PORT));
    }

    @Test
    void commentsAndBlanksMeanNothing() throws Exception {
        assertEquals(
                Set.of(Role.SATELLITE),
                read("# a\n\n  roles =  satellite \n #roles = x").roles());
    }

    @Test
    void aPatternMayHoldAnEqualsSignAndAHash() throws Exception {
        assertEquals("vm-(?=1)#", read("keep-res=vm-(?=1)#").value(Setting.KEEP_RES));
    }

    @Test
    void aMisspeltKeyIsRefusedWithTheNearestOne() {
        Path file = file("roles=satellite\nclaim-form = 10.1.0.0/16\n");

        assertEquals(
                file + " line 2: there is no setting \"claim-form\"; did you mean claim-from?",
                refusal(file, Map.of(), Map.of()));
    }

    @Test
    void aMisspeltVariableIsRefusedAndThatOfAnotherProgramIsNot() {
        Path file = file("");

        assertEquals(
                "the environment: HEDDLE_RSET_PORT is no setting; did you mean HEDDLE_REST_PORT?",
                refusal(file, Map.of("HEDDLE_RSET_PORT", "1", "HEDDLE_CONTROLLERS", "loom1"), Map.of()));
    }

    @Test
    void aBadValueIsRefusedWhereverItComesFrom() {
        Path file = file("rest-port = http\n");
        String rule = " is refused: a port is a number from 1 to 65535, or 0 for any free one.";

        assertEquals(
                file + " line 1: rest-port = http" + rule + "\nthe environment: HEDDLE_JMX_PORT: jmx-port = 65536"
                        + rule + "\nthe arguments: --link-port: link-port = -1" + rule,
                refusal(file, Map.of("HEDDLE_JMX_PORT", "65536"), Map.of("link-port", "-1")));
    }

    @ParameterizedTest
    @CsvSource({
        "answer-within, 0, 1 to 3600", "answer-within, 60s, 1 to 3600", "answer-within, 3601, 1 to 3600",
        "link-heartbeat, 0, 1 to 60", "link-heartbeat, 0.5, 1 to 60", "link-lost-after, 2, 3 to 600"
    })
    void timesAreWholeSecondsWithinARange(String key, String value, String range) {
        Path file = file(key + " = " + value);

        assertEquals(
                file + " line 1: " + key + " = " + value + " is refused: it has to be a whole number of seconds from "
                        + range + ".",
                refusal(file, Map.of(), Map.of()));
    }

    @Test
    void aNodeIsNotTakenForLostBeforeThreeHeartbeats() throws Exception {
        assertEquals("9", read("link-heartbeat=3\nlink-lost-after=9").value(Setting.LINK_LOST_AFTER));
        assertEquals(
                "link-lost-after = 5 is refused: it has to be at least 6, three times link-heartbeat.",
                refusal(file("link-heartbeat=2"), Map.of(), Map.of()));
    }

    @Test
    void aKeySetTwiceIsRefused() {
        Path file = file("roles=satellite\n\nroles=controller\n");

        assertEquals(
                file + " line 3: roles is already set in line 1; keep one of them.", refusal(file, Map.of(), Map.of()));
    }

    @Test
    void aLineThatIsNoSettingIsRefused() {
        Path file = file("satellite\n");

        assertEquals(
                file + " line 1: \"satellite\" is not a setting; write key = value.",
                refusal(file, Map.of(), Map.of()));
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = directory.resolve("missing.conf");

        assertTrue(refusal(missing, Map.of(), Map.of()).startsWith("The configuration " + missing + " cannot be read"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "roles|",
                "roles|satelite",
                "roles|controller,",
                "state-directory|var/lib",
                "keep-res|vm-(",
                "rest-address|localhost.example.com",
                "rest-address|300.1.1.1",
                "rest-address|",
                "link-port|",
                "link-encryption|tls",
                "claim-from|10.1.0.0",
                "claim-from|10.1.0.0/33",
                "claim-from|fd00::/129",
                "claim-from|10.1.0.0/16,",
                "node-name|-a",
                "node-name|a_b",
                "log-level|verbose",
            })
    void refuses(String key, String value) {
        Setting setting = Setting.ofKey(key).orElseThrow();

        assertTrue(setting.problem(value == null ? "" : value).isPresent());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "roles|satellite", "roles|satellite, controller", "rest-address|0.0.0.0", "rest-address|fd00::1",
                "rest-address|::", "link-port|0", "link-encryption|PLAIN", "claim-from|10.1.0.0/16, fd00::/8",
                "claim-from|0.0.0.0/0", "keep-res|^vm-\\d+$", "node-name|pve1.example.com", "log-level|TRACE",
            })
    void takes(String key, String value) {
        Setting setting = Setting.ofKey(key).orElseThrow();

        assertTrue(setting.problem(value).isEmpty());
    }

    private Configuration read(String text) throws RefusedException {
        return Configuration.read(file(text), Map.of(), Map.of());
    }

    private static String refusal(Path file, Map<String, String> environment, Map<String, String> arguments) {
        return assertThrows(RefusedException.class, () -> Configuration.read(file, environment, arguments))
                .getMessage();
    }

    private Path file(String text) {
        Path file = directory.resolve("heddle.conf");
        try {
            return Files.write(file, List.of(text));
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
