package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Name of a resource definition and of its resources; DRBD's resource name as well. Keeps its case, and is equal to any other spelling that differs in case only. */
public record ResourceName(@JsonValue String value) implements Comparable<ResourceName> {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z_][A-Za-z0-9_-]{0,47}");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public ResourceName {
        Names.check(
                "resource name",
                value,
                ALLOWED,
                "1 to 48 letters, digits, '_' and '-', beginning with a letter or '_'");
    }

    /** The form under which names are unique. */
    public String key() {
        return value.toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof ResourceName name && name.key().equals(key());
    }

    @Override
    public int hashCode() {
        return key().hashCode();
    }

    @Override
    public int compareTo(ResourceName other) {
        return key().compareTo(other.key());
    }

    @Override
    public String toString() {
        return value;
    }
}
