package io.heddle.launcher;

import java.util.ArrayList;
import java.util.List;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/**
 * The log: one readable line each to standard error, from where journald takes it. SLF4J is bound to java.util.logging,
 * so this is also what every bundle logs through.
 */
final class Log {
    // Loggers are held weakly by the JDK and would forget their level.
    private static final List<Logger> HELD = new ArrayList<>();

    private Log() {}

    /** Has to be called before anything logs: the JDK chooses its log manager at the first use. */
    static void open() {
        System.setProperty("java.util.logging.manager", Lasting.class.getName());
        Logger root = Logger.getLogger("");
        for (Handler handler : root.getHandlers()) {
            root.removeHandler(handler);
        }
        ConsoleHandler console = new ConsoleHandler();
        console.setLevel(Level.ALL);
        console.setFormatter(new LineFormatter());
        root.addHandler(console);
        level("", LogLevel.INFO);
        // They tell at INFO what they do at each start, and nothing in it is for an operator.
        for (String chatty :
                List.of("org.eclipse.jetty", "org.apache.felix", "org.glassfish.jersey", "org.jvnet.hk2")) {
            level(chatty, LogLevel.WARN);
        }
        Thread.setDefaultUncaughtExceptionHandler((thread, failure) -> Logger.getLogger(Log.class.getName())
                .log(Level.SEVERE, "Thread " + thread.getName() + " ended by an error that nobody handled", failure));
    }

    /** Sets from which level on a logger and those below it are shown. */
    static void level(String name, LogLevel level) {
        Logger logger = Logger.getLogger(name);
        logger.setLevel(level.level());
        HELD.add(logger);
    }

    /**
     * A log manager that outlives the first moments of the shutdown. The JDK's own closes all handlers in a shutdown
     * hook, which runs beside ours: what bundles say while they stop would be lost.
     */
    public static final class Lasting extends LogManager {
        @Override
        public void reset() {
            // Nothing is kept in memory that would have to be written out.
        }
    }
}
