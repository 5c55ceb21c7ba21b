package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Which storage driver serves a pool: REST v1's provider kind. An open set, so that a bundle can bring a new one.
 *
 * @param value upper case with underscores, given in any case
 */
public record DriverKind(@JsonValue String value) implements Comparable<DriverKind> {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z][A-Za-z0-9_]{1,31}");

    public static final DriverKind LVM = new DriverKind("LVM");
    public static final DriverKind LVM_THIN = new DriverKind("LVM_THIN");
    public static final DriverKind ZFS = new DriverKind("ZFS");
    public static final DriverKind ZFS_THIN = new DriverKind("ZFS_THIN");
    public static final DriverKind FILE = new DriverKind("FILE");
    public static final DriverKind FILE_THIN = new DriverKind("FILE_THIN");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public DriverKind {
        Names.check("storage driver kind", value, ALLOWED, "2 to 32 letters, digits and '_'");
        value = value.toUpperCase(Locale.ROOT);
    }

    @Override
    public int compareTo(DriverKind other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
