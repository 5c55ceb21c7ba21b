package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.SnapshotSpace;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Snapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** A snapshot as REST v1 shows it. */
public final class SnapshotJson {
    private SnapshotJson() {}

    /** Writes one snapshot; {@code allocated_size_kib} of its volumes, which REST v1 does not have, where it is known. */
    public static void write(JsonGenerator out, ClusterView view, ResourceDefinition definition, Snapshot snapshot)
            throws IOException {
        out.writeStartObject();
        out.writeStringField("name", snapshot.name().value());
        out.writeStringField("resource_name", definition.name().value());
        JsonBytes.texts(
                out, "nodes", snapshot.nodes().stream().map(NodeName::value).toList());
        JsonBytes.properties(out, snapshot.properties());
        out.writeObjectFieldStart("snapshot_definition_props");
        JsonBytes.writeAll(out, snapshot.properties());
        out.writeEndObject();
        out.writeArrayFieldStart("flags");
        switch (snapshot.state()) {
            case TAKING -> {}
            case READY -> out.writeString("SUCCESSFUL");
            case FAILED -> out.writeString("FAILED_DEPLOYMENT");
            case DELETING -> out.writeString("DELETE");
        }
        out.writeEndArray();
        if (snapshot.failure().isPresent()) {
            out.writeStringField("failure", snapshot.failure().get());
        }
        out.writeArrayFieldStart("volume_definitions");
        for (var size : snapshot.sizes().entrySet()) {
            out.writeStartObject();
            out.writeNumberField("volume_number", size.getKey());
            out.writeNumberField("size_kib", size.getValue().value() / 1024);
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("uuid", snapshot.uuid().toString());
        out.writeArrayFieldStart("snapshots");
        for (NodeName node : snapshot.nodes()) {
            node(out, view, snapshot, node);
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static void node(JsonGenerator out, ClusterView view, Snapshot snapshot, NodeName node) throws IOException {
        out.writeStartObject();
        out.writeStringField("snapshot_name", snapshot.name().value());
        out.writeStringField("node_name", node.value());
        out.writeNumberField("create_timestamp", snapshot.createdAt().toEpochMilli());
        out.writeStringField("uuid", of(snapshot.uuid(), node.value()));
        out.writeArrayFieldStart("snapshot_volumes");
        for (var volume : snapshot.parts().getOrDefault(node, List.of())) {
            out.writeStartObject();
            out.writeNumberField("vlm_nr", volume.number());
            out.writeStringField("uuid", of(snapshot.uuid(), node.value() + "/" + volume.number()));
            Optional<Bytes> used = SnapshotSpace.of(view, snapshot, node, volume);
            if (used.isPresent()) {
                out.writeNumberField("allocated_size_kib", used.get().kib());
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    /** The same each time. */
    private static String of(UUID snapshot, String part) {
        return UUID.nameUUIDFromBytes((snapshot + "/" + part).getBytes(StandardCharsets.UTF_8))
                .toString();
    }
}
