package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.OptionSection;
import io.heddle.core.plan.OptionResolver;
import io.heddle.core.plan.OptionResolver.Effective;
import java.io.IOException;
import java.util.List;

/**
 * The DRBD options that hold for an object, as REST v1 shows what is inherited: for each the value and the level that it comes
 * from, and what the farther levels say. What only has DRBD's default is not in it. Costs what is set, not what is there.
 */
public final class EffectivePropertiesJson {
    private static final String FIELD = "effective_props";
    private static final String HEDDLE = "HEDDLE";

    private EffectivePropertiesJson() {}

    /** Writes the field for a resource as a whole; its volumes and connections may have nearer levels. */
    public static void ofResource(
            JsonGenerator out, ClusterState state, ResourceDefinition definition, Resource resource)
            throws IOException {
        if (!definition.replicated()) {
            return;
        }
        out.writeObjectFieldStart(FIELD);
        for (OptionSection section : OptionSection.values()) {
            write(out, section, OptionResolver.resourceLevels(section, state, definition, resource));
        }
        out.writeEndObject();
    }

    /** Writes the field for a volume of a resource. */
    public static void ofVolume(
            JsonGenerator out,
            ClusterState state,
            ResourceDefinition definition,
            Resource resource,
            VolumeDefinition volume)
            throws IOException {
        if (!definition.replicated()) {
            return;
        }
        out.writeObjectFieldStart(FIELD);
        write(out, OptionSection.DISK, OptionResolver.diskLevels(state, definition, resource, volume));
        out.writeEndObject();
    }

    /** Writes the field for the connection of a resource between two nodes. */
    public static void ofConnection(
            JsonGenerator out, ClusterState state, ResourceDefinition definition, NodePair nodes) throws IOException {
        out.writeObjectFieldStart(FIELD);
        write(out, OptionSection.NET, OptionResolver.netLevels(state, definition, nodes));
        write(out, OptionSection.PEER_DEVICE, OptionResolver.connectionLevels(state, definition, nodes));
        out.writeEndObject();
    }

    private static void write(JsonGenerator out, OptionSection section, List<OptionResolver.Level> levels)
            throws IOException {
        for (List<Effective> chain : OptionResolver.chains(section, levels).values()) {
            Effective holds = chain.get(0);
            out.writeObjectFieldStart(holds.option().key());
            writeOne(out, holds);
            if (chain.size() > 1) {
                out.writeArrayFieldStart("other");
                for (Effective farther : chain.subList(1, chain.size())) {
                    out.writeStartObject();
                    writeOne(out, farther);
                    out.writeEndObject();
                }
                out.writeEndArray();
            }
            out.writeEndObject();
        }
    }

    private static void writeOne(JsonGenerator out, Effective effective) throws IOException {
        out.writeStringField("type", effective.level().map(Enum::name).orElse(HEDDLE));
        out.writeStringField("value", effective.value());
        out.writeStringField("descr", effective.from());
    }
}
