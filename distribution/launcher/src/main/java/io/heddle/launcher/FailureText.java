package io.heddle.launcher;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says in a reader's words why a bundle does not run. */
final class FailureText {
    // "missing requirement [io.heddle.rest [3](R 3.0)] osgi.wiring.package;
    // (&(osgi.wiring.package=a.b)(version>=1.0.0)...)"
    private static final Pattern MISSING =
            Pattern.compile("missing requirement \\[(\\S+) [^;]*; \\(.*?osgi\\.wiring\\.package=([\\w.]+)\\)"
                    + "(?:\\(version>=([\\w.]+)\\))?");

    private FailureText() {}

    /** The cause of causes, without the layers around it. */
    static String of(@Nullable Throwable failure) {
        if (failure == null) {
            return "nobody said why";
        }
        String message = String.valueOf(failure.getMessage());
        Matcher missing = MISSING.matcher(message);
        String deepest = "";
        while (missing.find()) {
            if (deepest.isEmpty() || message.lastIndexOf("caused by", missing.start()) > 0) {
                String version = missing.group(3) == null ? "" : " of version " + missing.group(3) + " or later";
                deepest = missing.group(1) + " needs the package " + missing.group(2) + version
                        + ", which no bundle brings";
            }
        }
        if (!deepest.isEmpty()) {
            return deepest;
        }
        return failure.getCause() == null ? failure.toString() : of(failure.getCause());
    }
}
