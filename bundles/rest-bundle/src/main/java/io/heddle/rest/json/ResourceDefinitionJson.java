package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.Layer;
import io.heddle.core.model.Numbers;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.VolumeDefinition;
import java.io.IOException;
import java.util.List;

/** Resource definitions and volume definitions as REST v1 shows them. */
public final class ResourceDefinitionJson {
    private ResourceDefinitionJson() {}

    /**
     * Writes one resource definition.
     *
     * @param withVolumes whether its volume definitions are part of it
     */
    public static void write(JsonGenerator out, ResourceDefinition definition, boolean withVolumes) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", definition.name().value());
        JsonBytes.properties(out, definition.properties());
        if (definition.deleting()) {
            JsonBytes.texts(out, "flags", List.of("DELETE"));
        }
        out.writeArrayFieldStart("layer_data");
        for (Layer layer : definition.layers()) {
            out.writeStartObject();
            out.writeStringField("type", layer.name());
            if (layer == Layer.DRBD) {
                out.writeFieldName("data");
                writeDrbd(out);
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("uuid", definition.uuid().toString());
        out.writeStringField("resource_group_name", definition.group().value());
        if (withVolumes) {
            out.writeArrayFieldStart("volume_definitions");
            for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
                writeVolume(out, definition, volume);
            }
            out.writeEndArray();
        }
        out.writeNumberField("create_timestamp", definition.createdAt().toEpochMilli());
        out.writeEndObject();
    }

    /** Writes one volume definition. */
    public static void writeVolume(JsonGenerator out, ResourceDefinition definition, VolumeDefinition volume)
            throws IOException {
        out.writeStartObject();
        out.writeNumberField("volume_number", volume.number());
        out.writeNumberField("size_kib", volume.size().kib());
        JsonBytes.properties(out, volume.properties());
        if (volume.deleting()) {
            JsonBytes.texts(out, "flags", List.of("DELETE"));
        } else if (volume.firstGeneration().isEmpty()
                && definition.replicated()
                && !definition.resources().isEmpty()) {
            JsonBytes.texts(out, "flags", List.of("DRBD_INITIALIZED"));
        }
        out.writeArrayFieldStart("layer_data");
        for (Layer layer : definition.layers()) {
            out.writeStartObject();
            out.writeStringField("type", layer.name());
            if (layer == Layer.DRBD) {
                out.writeFieldName("data");
                writeDrbdVolume(out, volume);
            }
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeStringField("uuid", volume.uuid().toString());
        out.writeEndObject();
    }

    /**
     * Writes DRBD's part of a definition. The shared secret is not shown, not even to an administrator: whoever has it can
     * join the resource as a peer. Its field is there, empty, since a client reads it.
     */
    static void writeDrbd(JsonGenerator out) throws IOException {
        out.writeStartObject();
        out.writeNumberField("peer_slots", Numbers.DEFAULT_MAXIMUM_PEERS);
        out.writeNumberField("al_stripes", 1);
        out.writeNumberField("al_stripe_size_kib", 32);
        // A port belongs to a resource on a node, not to the definition.
        out.writeNumberField("port", -1);
        out.writeStringField("transport_type", "IP");
        out.writeStringField("secret", "");
        out.writeBooleanField("down", false);
        out.writeEndObject();
    }

    static void writeDrbdVolume(JsonGenerator out, VolumeDefinition volume) throws IOException {
        out.writeStartObject();
        out.writeNumberField("volume_number", volume.number());
        out.writeNumberField("minor_number", volume.minor());
        out.writeEndObject();
    }
}
