package io.heddle.tests;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A client of the REST API, for one thread: over a connection that it keeps, or over a new one each time. */
final class RestClient {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Longer than anything may take. */
    private static final Duration LIMIT = Duration.ofMinutes(3);

    private final URI address;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /** An answer. */
    record Answer(int status, String body) {
        boolean succeeded() {
            return status >= 200 && status < 300;
        }

        JsonNode json() {
            try {
                return JSON.readTree(body);
            } catch (JsonProcessingException wrong) {
                throw new AssertionError(body, wrong);
            }
        }
    }

    /**
     * @param address of the HTTP server, with a slash at the end
     */
    RestClient(URI address) {
        this.address = address;
    }

    Answer get(String path) throws IOException {
        return send("GET", path, "");
    }

    /** Sends JSON, in which single quotes stand for double ones. */
    Answer post(String path, String body) throws IOException {
        return send("POST", path, body.replace('\'', '"'));
    }

    /** Sends JSON, as above; fails if nobody answers. */
    Answer ask(String path, String body) {
        try {
            return post(path, body);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private Answer send(String method, String path, String body) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .timeout(LIMIT)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        body.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            HttpResponse<String> response = client.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), response.body());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        }
    }

    /**
     * Reads over a connection of its own. The JDK's client would hide a connection that is refused or cut, since it asks again by
     * itself.
     */
    Answer getAnew(String path) throws IOException {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            socket.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
            String request = "GET /" + path + " HTTP/1.0\r\nHost: " + address.getHost() + "\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            String answer = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            int end = answer.indexOf("\r\n\r\n");
            if (end < 0) {
                throw new IOException("cut off after \"" + answer + "\"");
            }
            return new Answer(Integer.parseInt(answer.split(" ", 3)[1]), answer.substring(end + 4));
        }
    }

    /** What is read; fails if it cannot be. */
    JsonNode read(String path) {
        try {
            Answer answer = getAnew(path);
            if (!answer.succeeded()) {
                throw new AssertionError(path + ": " + answer);
            }
            return answer.json();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
