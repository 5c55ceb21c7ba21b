package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Name of a snapshot of a resource. Keeps its case, and is equal to any other spelling that differs in case only. */
public record SnapshotName(@JsonValue String value) implements Comparable<SnapshotName> {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_-]{0,126}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public SnapshotName {
        Names.check(
                "snapshot name",
                value,
                ALLOWED,
                "1 to 127 letters, digits, '_' and '-', beginning with a letter, a digit or '_'");
    }

    /** The form under which names are unique. */
    public String key() {
        return value.toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SnapshotName name && name.key().equals(key());
    }

    @Override
    public int hashCode() {
        return key().hashCode();
    }

    @Override
    public int compareTo(SnapshotName other) {
        return key().compareTo(other.key());
    }

    @Override
    public String toString() {
        return value;
    }
}
