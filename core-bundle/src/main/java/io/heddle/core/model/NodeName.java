package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Name of a node, as its host name. Keeps its case, and is equal to any other spelling that differs in case only. */
public record NodeName(@JsonValue String value) implements Comparable<NodeName> {
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9.-]{0,126}[A-Za-z0-9])?");

    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public NodeName {
        Names.check(
                "node name",
                value,
                ALLOWED,
                "1 to 128 letters, digits, '-' and '.', with a letter or digit at both ends");
    }

    /** The form under which names are unique. */
    public String key() {
        return value.toLowerCase(Locale.ROOT);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof NodeName name && name.key().equals(key());
    }

    @Override
    public int hashCode() {
        return key().hashCode();
    }

    @Override
    public int compareTo(NodeName other) {
        return key().compareTo(other.key());
    }

    @Override
    public String toString() {
        return value;
    }
}
