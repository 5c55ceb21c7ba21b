package io.heddle.launcher;

import java.util.logging.Level;
import org.apache.felix.framework.Logger;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;

/** Sends what the framework itself has to say to our log; by itself it writes to standard output. */
final class FrameworkLog extends Logger {
    private static final java.util.logging.Logger LOG =
            java.util.logging.Logger.getLogger("org.apache.felix.framework");

    FrameworkLog() {
        setLogLevel(LOG_WARNING);
    }

    @Override
    protected void doLog(int level, String message, @Nullable Throwable thrown) {
        if (thrown instanceof BundleException failure && failure.getType() == BundleException.RESOLVE_ERROR) {
            // The start report says it in one line, and the trace is the framework's own.
            LOG.log(Level.FINE, message, thrown);
        } else {
            LOG.log(level == LOG_ERROR ? Level.SEVERE : Level.WARNING, message, thrown);
        }
    }
}
