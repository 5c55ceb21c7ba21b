package io.heddle.zfs;

import io.heddle.core.driver.BackingIdentity;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name that a zvol has until all of its properties are set. {@code zfs create} makes the dataset first and sets properties
 * after it, in a transaction of their own: after a power cut between the two it is there without them, and nobody could tell whose
 * it is. So its identity is in its name, and it gets the right name, in one step, when all else is done.
 */
final class Unfinished {
    private static final Pattern CLONE = Pattern.compile(".+\\.heddle-old\\.[0-9a-f]{32}\\.[0-9a-f]{32}");
    private static final Pattern NAME = Pattern.compile("(.+)\\.heddle-new\\.([0-9a-f]{32})\\.([0-9a-f]{32})");

    private Unfinished() {}

    static String name(BackingIdentity identity) {
        return identity.name() + ".heddle-new." + digits(identity.cluster()) + "." + digits(identity.volume());
    }

    /** The name of one that is made of a snapshot: what is on it is nobody's to make anew. */
    static String clone(BackingIdentity identity) {
        return identity.name() + ".heddle-old." + digits(identity.cluster()) + "." + digits(identity.volume());
    }

    static boolean isClone(String name) {
        return CLONE.matcher(name).matches();
    }

    /** The identity of what has such a name; empty for any other name. */
    static Optional<BackingIdentity> identity(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches()
                ? Optional.of(new BackingIdentity(matcher.group(1), uuid(matcher.group(2)), uuid(matcher.group(3))))
                : Optional.empty();
    }

    private static String digits(UUID uuid) {
        return uuid.toString().replace("-", "");
    }

    private static UUID uuid(String digits) {
        return new UUID(
                Long.parseUnsignedLong(digits.substring(0, 16), 16), Long.parseUnsignedLong(digits.substring(16), 16));
    }
}
