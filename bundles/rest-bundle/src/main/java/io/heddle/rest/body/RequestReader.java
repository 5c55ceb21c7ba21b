package io.heddle.rest.body;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import jakarta.inject.Singleton;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.MessageBodyReader;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;

/**
 * Reads the records of this package from JSON, whatever the Content-Type says: curl and scripts send none. No body, blanks and
 * {@code null} are an empty object. Bounded in size and depth, since it is read before anything is known of the sender.
 */
@Singleton
public final class RequestReader implements MessageBodyReader<Object> {
    /** Largest body of a request. */
    public static final int MAXIMUM_BYTES = 1024 * 1024;

    private static final int MAXIMUM_DEPTH = 50;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAXIMUM_DEPTH)
                            .build())
                    .build())
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
            .build();

    @Override
    public boolean isReadable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        Class<?> body = type.isArray() ? type.getComponentType() : type;
        return body.getPackage() == RequestReader.class.getPackage();
    }

    @Override
    public Object readFrom(
            Class<Object> type,
            Type genericType,
            Annotation[] annotations,
            MediaType mediaType,
            MultivaluedMap<String, String> headers,
            InputStream stream)
            throws IOException {
        byte[] bytes = stream.readNBytes(MAXIMUM_BYTES + 1);
        if (bytes.length > MAXIMUM_BYTES) {
            throw invalid("it is larger than " + MAXIMUM_BYTES + " bytes", null);
        }
        return read(bytes, type);
    }

    /**
     * Reads one body.
     *
     * @throws HeddleException INVALID_INPUT with the place of the fault, INVALID_SIZE where a size is none
     */
    static <T> T read(byte[] bytes, Class<T> type) {
        String text = new String(bytes, StandardCharsets.UTF_8).strip();
        if (text.isEmpty() || text.equals("null")) {
            text = type.isArray() ? "[]" : "{}";
        }
        try {
            return MAPPER.readValue(text, type);
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof HeddleException known) {
                throw known;
            }
            if (e instanceof InvalidFormatException wrong) {
                throw notANumber(wrong);
            }
            throw invalid(
                    e.getOriginalMessage()
                            + (e.getLocation() == null
                                    ? ""
                                    : " (line " + e.getLocation().getLineNr() + ", column "
                                            + e.getLocation().getColumnNr() + ")"),
                    e);
        }
    }

    /** The only values of another type than text in these records are numbers, truth values and names out of a list. */
    private static HeddleException notANumber(InvalidFormatException wrong) {
        String field = wrong.getPath().stream()
                .map(Reference::getFieldName)
                .filter(name -> name != null)
                .reduce((outer, inner) -> inner)
                .orElse("the body");
        boolean size = field.endsWith("_kib");
        Class<?> wanted = wrong.getTargetType();
        boolean number = wanted != null
                && (wanted == int.class || wanted == long.class || Number.class.isAssignableFrom(wanted));
        return new HeddleException(
                size ? ErrorCode.INVALID_SIZE : ErrorCode.INVALID_INPUT,
                "'" + wrong.getValue() + "' is not a " + (size ? "size" : "value of " + field),
                size
                        ? field + " is a whole number of KiB"
                        : number ? field + " is a whole number" : wrong.getOriginalMessage(),
                size ? "send 4194304 for 4 GiB" : "send JSON as /v1/openapi describes it",
                wrong);
    }

    private static HeddleException invalid(String why, Throwable cause) {
        return new HeddleException(
                ErrorCode.INVALID_INPUT,
                "cannot read the body of the request",
                why,
                "send JSON as /v1/openapi describes it",
                cause);
    }
}
