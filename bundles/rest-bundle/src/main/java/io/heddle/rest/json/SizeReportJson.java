package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.plan.Placer;
import java.io.IOException;

/** What a resource group can still take, as REST v1 shows it. */
public final class SizeReportJson {
    private SizeReportJson() {}

    /** Writes the answer to query-size-info. */
    public static void write(JsonGenerator out, SizeReport report) throws IOException {
        out.writeStartObject();
        out.writeObjectFieldStart("space_info");
        out.writeNumberField("max_vlm_size_in_kib", report.largest().kib());
        out.writeNumberField("available_size_in_kib", report.free().kib());
        out.writeNumberField("capacity_in_kib", report.total().kib());
        out.writeNumberField("default_max_oversubscription_ratio", Placer.DEFAULT_OVERSUBSCRIPTION);
        if (!report.places().isEmpty()) {
            out.writeArrayFieldStart("next_spawn_result");
            for (SizeReport.Place place : report.places()) {
                out.writeStartObject();
                out.writeStringField("node_name", place.node().value());
                out.writeStringField("stor_pool_name", place.pool().value());
                out.writeNumberField("stor_pool_oversubscription_ratio", place.oversubscription());
                out.writeEndObject();
            }
            out.writeEndArray();
        }
        out.writeEndObject();
        out.writeEndObject();
    }

    /** Writes the answer to query-max-volume-size: one candidate, the places that would be chosen. */
    public static void writeLargest(JsonGenerator out, SizeReport report) throws IOException {
        out.writeStartObject();
        out.writeArrayFieldStart("candidates");
        if (!report.places().isEmpty()) {
            out.writeStartObject();
            out.writeStringField("storage_pool", report.places().get(0).pool().value());
            out.writeNumberField("max_volume_size_kib", report.largest().kib());
            JsonBytes.texts(
                    out,
                    "node_names",
                    report.places().stream().map(place -> place.node().value()).toList());
            out.writeBooleanField("all_thin", report.places().stream().allMatch(SizeReport.Place::thin));
            out.writeEndObject();
        }
        out.writeEndArray();
        out.writeNumberField("default_max_oversubscription_ratio", Placer.DEFAULT_OVERSUBSCRIPTION);
        out.writeEndObject();
    }
}
