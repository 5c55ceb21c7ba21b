package io.heddle.launcher;

import java.util.Arrays;
import java.util.Optional;
import java.util.logging.Level;

/** SLF4J's levels, which people know, beside those of java.util.logging, to which SLF4J is bound here. */
enum LogLevel {
    TRACE(Level.FINEST),
    DEBUG(Level.FINE),
    INFO(Level.INFO),
    WARN(Level.WARNING),
    ERROR(Level.SEVERE);

    private final Level level;

    LogLevel(Level level) {
        this.level = level;
    }

    Level level() {
        return level;
    }

    static Optional<LogLevel> ofWord(String word) {
        return Arrays.stream(values())
                .filter(level -> level.name().equals(word))
                .findFirst();
    }

    /** The word for a level, also for the levels of java.util.logging that SLF4J has no word for. */
    static LogLevel of(Level level) {
        LogLevel highest = TRACE;
        for (LogLevel candidate : values()) {
            if (candidate.level.intValue() <= level.intValue()) {
                highest = candidate;
            }
        }
        return highest;
    }
}
