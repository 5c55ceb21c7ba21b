package io.heddle.rest.endpoint;

import io.heddle.rest.json.JsonBytes;
import io.heddle.rest.json.JsonPart;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.util.List;

/** Answers to reads. */
final class Rows {
    /** Up to here an answer is put together in memory and written at once; beyond, row by row. */
    private static final int JOINED = 64 * 1024;

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

    /** A list whose rows are there as bytes; they are sent without another copy of the whole. */
    static Response ofBytes(List<byte[]> rows) {
        long length = 2;
        int count = 0;
        for (byte[] row : rows) {
            length += row.length;
            count++;
        }
        length += Math.max(0, count - 1);
        if (length <= JOINED) {
            return ok(joined(rows, (int) length));
        }
        StreamingOutput output = stream -> {
            byte separator = '[';
            for (byte[] row : rows) {
                stream.write(separator);
                stream.write(row);
                separator = ',';
            }
            stream.write(']');
        };
        return Response.ok(output, MediaType.APPLICATION_JSON_TYPE)
                .header(HttpHeaders.CONTENT_LENGTH, length)
                .build();
    }

    private static byte[] joined(List<byte[]> rows, int length) {
        byte[] joined = new byte[length];
        int end = 0;
        byte separator = '[';
        for (byte[] row : rows) {
            joined[end++] = separator;
            System.arraycopy(row, 0, joined, end, row.length);
            end += row.length;
            separator = ',';
        }
        if (separator == '[') {
            joined[end++] = '[';
        }
        joined[end] = ']';
        return joined;
    }

    private static Response ok(byte[] body) {
        return Response.ok(body, MediaType.APPLICATION_JSON_TYPE).build();
    }
}
