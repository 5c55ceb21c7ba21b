package io.heddle.rest.reply;

import com.fasterxml.jackson.core.JsonGenerator;
import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.Severity;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Ordered;
import io.heddle.rest.json.JsonBytes;
import io.heddle.rest.json.ReturnCodes;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The array of entries that REST v1 answers changes and failures with. */
public final class Entries {
    private Entries() {}

    /** The entries of replies, all made at {@code now}. */
    public static byte[] of(List<Reply> replies, Instant now) {
        return JsonBytes.of(out -> {
            out.writeStartArray();
            for (Reply reply : replies) {
                write(out, ReturnCodes.of(reply), reply, now);
            }
            out.writeEndArray();
        });
    }

    /** The one entry of a failure of {@code action} on {@code kind}. */
    public static byte[] failure(HeddleException failure, Action action, ObjectKind kind, Instant now) {
        return JsonBytes.of(out -> {
            out.writeStartArray();
            write(
                    out,
                    ReturnCodes.error(failure.code(), action, kind),
                    reply(failure, Severity.ERROR, action, kind),
                    now);
            out.writeEndArray();
        });
    }

    /** The one entry of a failure that belongs to no operation. */
    public static byte[] failure(HeddleException failure, Instant now) {
        return JsonBytes.of(out -> {
            out.writeStartArray();
            write(
                    out,
                    ReturnCodes.error(failure.code()),
                    reply(failure, Severity.ERROR, Action.MODIFY, ObjectKind.CONTROLLER),
                    now);
            out.writeEndArray();
        });
    }

    static Reply reply(HeddleException failure, Severity severity, Action action, ObjectKind kind) {
        return new Reply(severity, action, kind, failure.what(), Optional.of(failure.problem()), Ordered.map(null));
    }

    private static void write(JsonGenerator out, long code, Reply reply, Instant now) throws IOException {
        out.writeStartObject();
        out.writeNumberField("ret_code", code);
        out.writeStringField("message", reply.message());
        if (reply.problem().isPresent()) {
            Problem problem = reply.problem().get();
            out.writeStringField("cause", problem.why());
            out.writeStringField("correction", problem.correction());
            // Heddle's own stable name beside the number, for scripts.
            out.writeStringField("error_code", problem.code().name());
        }
        if (!reply.objects().isEmpty()) {
            out.writeObjectFieldStart("obj_refs");
            for (var object : reply.objects().entrySet()) {
                out.writeStringField(object.getKey(), object.getValue());
            }
            out.writeEndObject();
        }
        out.writeStringField("created_at", now.toString());
        out.writeEndObject();
    }
}
