package io.heddle.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.logging.Formatter;
import java.util.logging.LogRecord;

/** Time, level, logger and message on one line; the stack trace of an error below it. */
final class LineFormatter extends Formatter {
    private static final String OURS = "io.heddle.";
    // With its offset, since a container may have another time zone than the machine it runs on.
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX");

    @Override
    public String format(LogRecord record) {
        StringBuilder line = new StringBuilder(160);
        line.append(TIME.format(record.getInstant().atZone(ZoneId.systemDefault())));
        String level = LogLevel.of(record.getLevel()).name();
        line.append(' ').append(level).append(" ".repeat(6 - level.length()));
        line.append(shortName(String.valueOf(record.getLoggerName()))).append(": ");
        line.append(formatMessage(record).stripTrailing().replace("\n", "\n    "))
                .append('\n');
        Throwable thrown = record.getThrown();
        if (thrown != null) {
            StringWriter trace = new StringWriter();
            thrown.printStackTrace(new PrintWriter(trace));
            line.append(trace);
        }
        return line.toString();
    }

    /** Ours without what all of ours begin with; others in full, so that one sees whose they are. */
    private static String shortName(String logger) {
        return logger.startsWith(OURS) ? logger.substring(OURS.length()) : logger;
    }
}
