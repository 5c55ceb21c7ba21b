package io.heddle.core.cluster;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Ordered;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.PropertyLevel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads a change of DRBD options from a text that a person or the console wrote. */
public final class OptionChange {
    private static final String HANDLER = "handler-";

    private OptionChange() {}

    /**
     * The change of a text such as {@code max-buffers=36864 c-plan-ahead=10}; a name without a value is unset. Options stand on
     * lines of their own or with white space between; a handler, whose value may have spaces, takes the rest of its line.
     *
     * @throws HeddleException UNKNOWN_PROPERTY with the nearest name, INVALID_INPUT
     */
    public static PropertyChange parse(PropertyLevel level, String text) {
        TreeMap<String, String> set = new TreeMap<>();
        TreeSet<String> unset = new TreeSet<>();
        for (String entry : entries(text)) {
            int equals = entry.indexOf('=');
            String name = (equals < 0 ? entry : entry.substring(0, equals)).strip();
            String value = equals < 0 ? "" : entry.substring(equals + 1).strip();
            String key = DrbdOptionCatalogue.named(level, name).key();
            if (value.isEmpty()) {
                unset.add(key);
            } else {
                set.put(key, value);
            }
        }
        if (set.isEmpty() && unset.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "no option is named",
                    "options are given as NAME=VALUE, and NAME= unsets one",
                    "name at least one");
        }
        return new PropertyChange(set, unset, Ordered.set(null));
    }

    private static List<String> entries(String text) {
        List<String> entries = new ArrayList<>();
        text.lines().map(String::strip).filter(line -> !line.isEmpty()).forEach(line -> {
            if (line.startsWith(HANDLER) || line.contains("Handlers/")) {
                entries.add(line);
            } else {
                entries.addAll(Arrays.asList(line.split("\\s+", -1)));
            }
        });
        return entries;
    }
}
