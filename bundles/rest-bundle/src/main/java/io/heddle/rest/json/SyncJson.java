package io.heddle.rest.json;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.SyncReport;
import java.io.IOException;

/** Whether a resource is in sync, as clients of REST v1 read it, and with fields of our own what is missing. */
public final class SyncJson {
    private SyncJson() {}

    /** Writes a report as an object. */
    public static void write(JsonGenerator out, SyncReport report) throws IOException {
        out.writeStartObject();
        out.writeBooleanField("synced_on_all", report.inSync());
        JsonBytes.texts(out, "missing", report.missing());
        if (report.problem().isPresent()) {
            out.writeFieldName("problem");
            NodeJson.writeProblem(out, report.problem().get());
        }
        out.writeEndObject();
    }
}
