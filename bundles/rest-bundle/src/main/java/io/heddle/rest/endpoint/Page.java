package io.heddle.rest.endpoint;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Which part of a list is asked for.
 *
 * @param offset how many are left out at the start
 * @param limit how many are shown at most
 * @param properties conditions, {@code key} or {@code key=value}, that the properties of a shown object meet
 */
record Page(long offset, long limit, List<String> properties) {
    /** Everything. */
    static final Page ALL = new Page(0, Long.MAX_VALUE, List.of());

    static Page of(@Nullable String offset, @Nullable String limit, @Nullable List<String> properties) {
        long shown = number(limit, "limit");
        return new Page(
                number(offset, "offset"),
                shown == 0 ? Long.MAX_VALUE : shown,
                properties == null ? List.of() : List.copyOf(properties));
    }

    private static long number(@Nullable String text, String noun) {
        if (text == null || text.isBlank()) {
            return 0;
        }
        return Math.max(0, Wishes.number(text.strip(), noun));
    }

    /** Whether an object with these properties is shown. */
    boolean matches(SortedMap<String, String> held) {
        for (String condition : properties) {
            int equals = condition.indexOf('=');
            String key = equals < 0 ? condition : condition.substring(0, equals);
            String value = held.get(key);
            if (value == null || (equals >= 0 && !value.equals(condition.substring(equals + 1)))) {
                return false;
            }
        }
        return true;
    }

    /** The part of {@code all} that is asked for. */
    <T> List<T> of(List<T> all) {
        if (offset == 0 && limit >= all.size()) {
            return all;
        }
        int from = (int) Math.min(offset, all.size());
        return all.subList(from, (int) Math.min(all.size(), from + Math.min(limit, all.size() - from)));
    }
}
