package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;

/** Something that writes itself as one JSON value. */
@FunctionalInterface
public interface JsonPart {
    void write(JsonGenerator out) throws IOException;
}
