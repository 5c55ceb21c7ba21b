package io.heddle.launcher;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.junit.jupiter.api.Test;

class LineFormatterTest {
    private static final String TIME = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.123(Z|[+-]\\d\\d:\\d\\d) ";

    @Test
    void aRecordIsOneLine() {
        String line = format(Level.INFO, "io.heddle.satellite.Reconciler", "db1: 3 steps", null);

        assertEquals("INFO  satellite.Reconciler: db1: 3 steps\n", line.replaceFirst("^" + TIME, ""));
    }

    @Test
    void levelsHaveTheNamesThatSlf4jGivesThem() {
        assertEquals(
                "WARN  org.eclipse.jetty.X: odd\n",
                format(Level.WARNING, "org.eclipse.jetty.X", "odd", null).replaceFirst("^" + TIME, ""));
        assertEquals("ERROR", format(Level.SEVERE, "a", "b", null).split(" ")[1]);
        assertEquals("TRACE", format(Level.FINER, "a", "b", null).split(" ")[1]);
        assertEquals("DEBUG", format(Level.CONFIG, "a", "b", null).split(" ")[1]);
    }

    @Test
    void moreLinesOfAMessageAreIndented() {
        assertTrue(format(Level.INFO, "a", "stderr:\nfirst\nsecond\n", null)
                .endsWith("INFO  a: stderr:\n    first\n    second\n"));
    }

    @Test
    void anErrorIsFollowedByItsTrace() {
        String text = format(Level.SEVERE, "a", "b", new IllegalStateException("broken"));

        assertTrue(text.contains("ERROR a: b\njava.lang.IllegalStateException: broken\n\tat "), text);
        assertTrue(text.endsWith("\n"));
    }

    private static String format(Level level, String logger, String message, Throwable thrown) {
        LogRecord line = new LogRecord(level, message);
        line.setLoggerName(logger);
        line.setInstant(Instant.parse("2026-01-02T03:04:05.123Z"));
        line.setThrown(thrown);
        return new LineFormatter().format(line);
    }
}
