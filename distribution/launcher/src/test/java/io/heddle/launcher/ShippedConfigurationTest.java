package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The file that is shipped. {@code -Dgolden.update=true} writes it anew from {@link Setting}. */
class ShippedConfigurationTest {
    private static final Path SHIPPED = Path.of("../appliance/src/dist/conf/heddle.conf");

    @Test
    void theShippedFileShowsEverySettingWithItsDefault() throws Exception {
        if (Boolean.getBoolean("golden.update")) {
            Files.writeString(SHIPPED, Setting.file());
        }

        assertEquals(Setting.file(), Files.readString(SHIPPED));
    }

    @Test
    void uncommentingEveryLineOfItChangesNothing() throws Exception {
        Path uncommented = Files.createTempFile("heddle", ".conf");
        try {
            Files.writeString(uncommented, Files.readString(SHIPPED).replaceAll("(?m)^#(?=[a-z])", ""));

            assertEquals(
                    Configuration.read(SHIPPED, Map.of(), Map.of()),
                    Configuration.read(uncommented, Map.of(), Map.of()));
        } finally {
            Files.delete(uncommented);
        }
    }
}
