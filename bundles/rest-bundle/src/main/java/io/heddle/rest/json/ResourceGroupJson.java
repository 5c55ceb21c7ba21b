package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.VolumeGroup;
import java.io.IOException;
import java.util.List;
import java.util.function.Function;

/** A resource group as REST v1 shows it. */
public final class ResourceGroupJson {
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
        PlacementRule rule = group.placement();
        out.writeNumberField("place_count", rule.replicas());
        if (!rule.pools().isEmpty()) {
            out.writeStringField("storage_pool", rule.pools().get(0).value());
        }
        JsonBytes.texts(out, "storage_pool_list", texts(rule.pools(), PoolName::value));
        JsonBytes.texts(out, "node_name_list", texts(rule.nodes(), NodeName::value));
        JsonBytes.texts(out, "layer_stack", texts(rule.layers(), Layer::name));
        JsonBytes.texts(out, "provider_list", texts(rule.kinds(), DriverKind::value));
        out.writeEndObject();
        out.writeStringField("uuid", group.uuid().toString());
        out.writeEndObject();
    }

    /** Writes one volume group. */
    public static void write(JsonGenerator out, VolumeGroup volume) throws IOException {
        out.writeStartObject();
        out.writeNumberField("volume_number", volume.number());
        out.writeStringField("uuid", volume.uuid().toString());
        JsonBytes.texts(out, "flags", volume.gross() ? List.of("GROSS_SIZE") : List.of());
        out.writeEndObject();
    }

    private static <T> List<String> texts(List<T> values, Function<T, String> text) {
        return values.stream().map(text).toList();
    }
}
