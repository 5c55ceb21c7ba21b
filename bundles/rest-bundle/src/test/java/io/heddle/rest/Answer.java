package io.heddle.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.UncheckedIOException;
import java.net.http.HttpHeaders;

/** What a server answered. */
record Answer(int status, String body, HttpHeaders headers) {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    JsonNode json() {
        try {
            return MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(body, e);
        }
    }

    /** The number of the first entry's return code. */
    long number() {
        return code() & 0x7FFF;
    }

    /** The first entry's return code. */
    long code() {
        return json().get(0).get("ret_code").asLong();
    }

    /** The first entry's stable name of what went wrong. */
    String error() {
        return json().get(0).path("error_code").asText();
    }
}
