package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.SortedMap;

/** JSON as bytes, and the small pieces that several documents share. */
public final class JsonBytes {
    private static final JsonFactory FACTORY = new JsonFactory();

    private JsonBytes() {}

    /** One JSON value in UTF-8. */
    public static byte[] of(JsonPart part) {
        try (ByteArrayBuilder bytes = new ByteArrayBuilder(1024);
                JsonGenerator out = FACTORY.createGenerator(bytes)) {
            part.write(out);
            out.flush();
            return bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot be written to", e);
        }
    }

    /** A field {@code props}; nothing where there are none. */
    static void properties(JsonGenerator out, SortedMap<String, String> properties) throws IOException {
        if (!properties.isEmpty()) {
            out.writeObjectFieldStart("props");
            writeAll(out, properties);
            out.writeEndObject();
        }
    }

    static void writeAll(JsonGenerator out, SortedMap<String, String> properties) throws IOException {
        for (var entry : properties.entrySet()) {
            out.writeStringField(entry.getKey(), entry.getValue());
        }
    }

    /** A field with an array of texts; nothing where there are none. */
    static void texts(JsonGenerator out, String field, Collection<String> texts) throws IOException {
        if (!texts.isEmpty()) {
            out.writeArrayFieldStart(field);
            for (String text : texts) {
                out.writeString(text);
            }
            out.writeEndArray();
        }
    }
}
