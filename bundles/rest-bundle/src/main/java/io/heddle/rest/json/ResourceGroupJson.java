package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.ResourceGroup;
import java.io.IOException;

/** A resource group as REST v1 shows it. */
public final class ResourceGroupJson {
    /** Replicas of what is placed from a group that does not say. */
    private static final int PLACE_COUNT = 2;

    private ResourceGroupJson() {}

    /** Writes one group. */
    public static void write(JsonGenerator out, ResourceGroup group) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", group.name().value());
        if (!group.description().isEmpty()) {
            out.writeStringField("description", group.description());
        }
        JsonBytes.properties(out, group.properties());
        out.writeObjectFieldStart("select_filter");
        out.writeNumberField("place_count", PLACE_COUNT);
        out.writeEndObject();
        out.writeStringField("uuid", group.uuid().toString());
        out.writeEndObject();
    }
}
