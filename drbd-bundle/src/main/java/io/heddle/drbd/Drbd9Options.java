package io.heddle.drbd;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Takes from the options of a resource those that the loaded DRBD 9 knows: drbdadm takes all that its own version knows, and the
 * module then refuses the whole resource. What came after 9.1.0 is listed here, with the version that brought it (DRBD's
 * ChangeLog).
 */
final class Drbd9Options {
    private static final Map<String, int[]> SINCE = Map.of("on-suspended-primary-outdated", new int[] {9, 1, 7});
    private static final Pattern VERSION = Pattern.compile("([0-9]+)\\.([0-9]+)\\.([0-9]+)");

    private final String moduleVersion;

    Drbd9Options(String moduleVersion) {
        this.moduleVersion = moduleVersion;
    }

    SortedMap<String, String> resource(SortedMap<String, String> options) {
        TreeMap<String, String> known = new TreeMap<>(options);
        known.keySet().removeIf(option -> SINCE.containsKey(option) && !isAtLeast(SINCE.get(option)));
        return known;
    }

    /** A version that cannot be read is taken for a new one: that is what is being built. */
    private boolean isAtLeast(int[] since) {
        Matcher matcher = VERSION.matcher(moduleVersion);
        if (!matcher.lookingAt()) {
            return true;
        }
        for (int i = 0; i < since.length; i++) {
            int part = Integer.parseInt(matcher.group(i + 1));
            if (part != since[i]) {
                return part > since[i];
            }
        }
        return true;
    }
}
