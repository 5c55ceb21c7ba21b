package io.heddle.rest.endpoint;

import io.heddle.rest.json.JsonBytes;
import io.heddle.rest.json.JsonPart;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;

/** Answers to reads. */
final class Rows {
    /** Rows are gathered up to this many bytes before they are written: fewer, larger writes cost less. */
    private static final int BLOCK = 64 * 1024;

    private Rows() {}

    /** One object. */
    static Response one(JsonPart part) {
        return ok(JsonBytes.of(part));
    }

    /** An empty list. */
    static Response none() {
        return ok(new byte[] {'[', ']'});
    }

    /** A list of objects. */
    static Response list(List<? extends JsonPart> parts) {
        return ok(JsonBytes.of(out -> {
            out.writeStartArray();
            for (JsonPart part : parts) {
                part.write(out);
            }
            out.writeEndArray();
        }));
    }

    /** A list whose rows are there as bytes. */
    static Response ofBytes(List<byte[]> rows) {
        long length = 2L + Math.max(0, rows.size() - 1);
        for (byte[] row : rows) {
            length += row.length;
        }
        StreamingOutput output = stream -> write(rows, stream);
        return Response.ok(output, MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, length)
                .build();
    }

    private static void write(List<byte[]> rows, OutputStream stream) throws IOException {
        byte[] block = new byte[BLOCK];
        int end = 0;
        block[end++] = '[';
        boolean first = true;
        for (byte[] row : rows) {
            if (end + 1 + row.length > BLOCK) {
                stream.write(block, 0, end);
                end = 0;
            }
            if (!first) {
                block[end++] = ',';
            }
            first = false;
            if (row.length >= BLOCK) {
                stream.write(block, 0, end);
                stream.write(row);
                end = 0;
            } else {
                System.arraycopy(row, 0, block, end, row.length);
                end += row.length;
            }
        }
        if (end == BLOCK) {
            stream.write(block, 0, end);
            end = 0;
        }
        block[end++] = ']';
        stream.write(block, 0, end);
    }

    private static Response ok(byte[] body) {
        return Response.ok(body, MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, body.length)
                .build();
    }
}
