package io.heddle.core.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;

/**
 * The JSON form of core's records. Unknown fields are passed over when reading, so that an older program reads what a newer
 * one wrote; the store keeps them.
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(100)
                            .maxStringLength(16 * 1024 * 1024)
                            .build())
                    .build())
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.ALWAYS))
            .build();

    private Json() {}

    /** The shared mapper; it must not be reconfigured. */
    public static ObjectMapper mapper() {
        return MAPPER;
    }

    /** A record as JSON in one line. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new HeddleException(
                    ErrorCode.INTERNAL_ERROR,
                    "cannot write a " + value.getClass().getSimpleName() + " as JSON",
                    e.getOriginalMessage(),
                    "report it",
                    e);
        }
    }

    /**
     * A record from JSON.
     *
     * @throws HeddleException INVALID_INPUT with the place of the fault, without quoting the document
     */
    public static <T> T read(String document, Class<T> type) {
        try {
            return MAPPER.readValue(document, type);
        } catch (JsonProcessingException e) {
            if (e.getCause() instanceof HeddleException known) {
                throw known;
            }
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot read a " + type.getSimpleName() + " from JSON",
                    e.getOriginalMessage()
                            + (e.getLocation() == null
                                    ? ""
                                    : " (line " + e.getLocation().getLineNr() + ", column "
                                            + e.getLocation().getColumnNr() + ")"),
                    "correct the document",
                    e);
        }
    }
}
