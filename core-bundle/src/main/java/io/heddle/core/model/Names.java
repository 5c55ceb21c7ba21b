package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

final class Names {
    private static final int SHOWN = 80;

    private Names() {}

    static void check(String noun, @Nullable String value, Pattern allowed, String rule) {
        if (value == null || !allowed.matcher(value).matches()) {
            throw new HeddleException(
                    ErrorCode.INVALID_NAME,
                    "'" + shown(value) + "' cannot be a " + noun,
                    "a " + noun + " is " + rule,
                    "choose a name of that form");
        }
    }

    /** A value of a stranger's, cut and without control characters, so that it can be quoted in an error. */
    private static String shown(@Nullable String value) {
        if (value == null) {
            return "";
        }
        String printable = value.replaceAll("\\p{Cntrl}", "?");
        return printable.length() <= SHOWN ? printable : printable.substring(0, SHOWN) + "...";
    }
}
