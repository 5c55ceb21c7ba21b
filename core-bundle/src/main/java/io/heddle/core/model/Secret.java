package io.heddle.core.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** A value that never shows itself in a log, an error or a debugger's text; only {@link #value()} reads it. */
public record Secret(@JsonValue String value) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    public Secret {
        if (value.isEmpty()) {
            throw new IllegalArgumentException("a secret is not empty");
        }
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
