package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.NodePair;
import java.io.IOException;
import java.util.SortedMap;

/** What is set between two nodes, as REST v1 shows it. */
public final class ConnectionJson {
    private ConnectionJson() {}

    /** Writes one connection. */
    public static void write(JsonGenerator out, NodePair nodes, SortedMap<String, String> properties)
            throws IOException {
        out.writeStartObject();
        out.writeStringField("node_a", nodes.first().value());
        out.writeStringField("node_b", nodes.second().value());
        JsonBytes.properties(out, properties);
        out.writeEndObject();
    }
}
