package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.ResourceDefinition;
import java.io.IOException;
import java.util.SortedMap;

/** What is set between two nodes, as REST v1 shows it. */
public final class ConnectionJson {
    private ConnectionJson() {}

    /** Writes one connection. */
    public static void write(JsonGenerator out, NodePair nodes, SortedMap<String, String> properties)
            throws IOException {
        write(out, nodes, properties, more -> {});
    }

    /** Writes the connection of a resource, with the DRBD options that hold for it. */
    public static void write(JsonGenerator out, ClusterState state, ResourceDefinition definition, NodePair nodes)
            throws IOException {
        write(
                out,
                nodes,
                definition.connection(nodes).properties(),
                more -> EffectivePropertiesJson.ofConnection(more, state, definition, nodes));
    }

    private static void write(JsonGenerator out, NodePair nodes, SortedMap<String, String> properties, JsonPart more)
            throws IOException {
        out.writeStartObject();
        out.writeStringField("node_a", nodes.first().value());
        out.writeStringField("node_b", nodes.second().value());
        JsonBytes.properties(out, properties);
        more.write(out);
        out.writeEndObject();
    }
}
