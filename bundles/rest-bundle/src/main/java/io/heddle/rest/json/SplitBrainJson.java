package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.model.NodeName;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.ReplicationStatus;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The evidence of a split brain; not of REST v1, so in words of Heddle's own. */
public final class SplitBrainJson {
    private SplitBrainJson() {}

    /** Writes what all sides know. */
    public static void write(JsonGenerator out, SplitBrain splitBrain) throws IOException {
        out.writeStartObject();
        out.writeStringField("name", splitBrain.definition().name().value());
        out.writeBooleanField("diverged", splitBrain.isThere());
        out.writeArrayFieldStart("sides");
        for (SplitBrain.Side side : splitBrain.sides()) {
            writeSide(out, splitBrain, side);
        }
        out.writeEndArray();
        if (splitBrain.underWay().isPresent()) {
            JsonBytes.texts(
                    out,
                    "discarding",
                    splitBrain.underWay().get().discarded().keySet().stream()
                            .map(NodeName::value)
                            .toList());
        }
        JsonBytes.texts(out, "ways_out", splitBrain.waysOut());
        out.writeEndObject();
    }

    private static void writeSide(JsonGenerator out, SplitBrain splitBrain, SplitBrain.Side side) throws IOException {
        Optional<ReplicationStatus> replication = side.replication();
        out.writeStartObject();
        out.writeStringField("node_name", side.node().value());
        out.writeBooleanField("known", side.status().isPresent());
        if (replication.isPresent()) {
            out.writeStringField("role", replication.get().role().drbdName());
        }
        out.writeArrayFieldStart("cut_offs");
        List<CutOff> cutOffs = side.status().map(status -> status.cutOffs()).orElse(List.of());
        for (CutOff cutOff : cutOffs) {
            out.writeStartObject();
            out.writeStringField("peer", cutOff.peer());
            out.writeBooleanField("diverged", diverged(splitBrain, side, cutOff));
            Optional<ConnectionStatus> connection = replication.flatMap(seen -> seen.connection(cutOff.peer()));
            if (connection.isPresent()) {
                out.writeStringField(
                        "connection_state", connection.get().state().drbdName());
            }
            out.writeStringField("since", cutOff.since().toString());
            out.writeBooleanField("watched", cutOff.watched());
            out.writeStringField("role_then", cutOff.role().drbdName());
            if (cutOff.lastWrite().isPresent()) {
                out.writeStringField("last_write", cutOff.lastWrite().get().toString());
            }
            out.writeArrayFieldStart("volumes");
            for (CutOff.Volume volume : cutOff.volumes()) {
                out.writeStartObject();
                out.writeNumberField("volume_number", volume.number());
                out.writeStringField("current_uuid", volume.generation().current());
                out.writeStringField("bitmap_uuid", volume.generation().bitmap());
                out.writeNumberField("out_of_sync_kib", volume.outOfSync().kib());
                out.writeNumberField("written_kib", volume.written() / 1024);
                out.writeEndObject();
            }
            out.writeEndArray();
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeEndObject();
    }

    private static boolean diverged(SplitBrain splitBrain, SplitBrain.Side side, CutOff cutOff) {
        return splitBrain.sides().stream()
                .filter(other -> other.node().value().equalsIgnoreCase(cutOff.peer()))
                .anyMatch(other -> SplitBrain.diverged(side, other));
    }
}
