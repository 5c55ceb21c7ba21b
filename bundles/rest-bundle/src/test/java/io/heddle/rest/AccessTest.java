package io.heddle.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.model.Ordered;
import io.heddle.rest.access.AccessRules;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who is let in, over real sockets: raw ones, since a Java client sends neither Host nor Origin as it likes. */
class AccessTest {
    private static final String CREATE = "{\"resource_definition\":{\"name\":\"db1\"}}";

    private final MemoryCluster cluster = new MemoryCluster();
    private RestServer server;

    @BeforeEach
    void start() throws Exception {
        server = RestServer.serving(cluster);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    a program                       | 127.0.0.1:PORT  |                                    | 201
                    a program with any name         | ctl.lan:PORT    |                                    | 201
                    a page served from here         | 127.0.0.1:PORT  | Origin: http://127.0.0.1:PORT      | 201
                    a page of this machine by name  | here:PORT       | Origin: http://here:PORT           | 201
                    a page of another port          | 127.0.0.1:PORT  | Origin: http://127.0.0.1:1         | 403
                    a page of another site          | 127.0.0.1:PORT  | Origin: https://evil.example       | 403
                    a page without an origin        | 127.0.0.1:PORT  | Origin: null                       | 403
                    a page that hides its origin    | 127.0.0.1:PORT  | Sec-Fetch-Site: cross-site         | 403
                    a name that was turned to here  | evil.example:PORT | Origin: http://evil.example:PORT | 403
                    a page that is allowed          | 127.0.0.1:PORT  | Origin: https://gui.lan            | 201
                    """)
    void letsChangesComeFromProgramsAndTrustedPagesOnly(String who, String host, String header, int status)
            throws Exception {
        server.rules = AccessRules.of(Ordered.map(Map.of("REST/cors-origins", "https://other.lan, https://gui.lan")));

        assertEquals(status, status(send("POST", "/v1/resource-definitions", host, header, CREATE)), who);
        assertEquals(
                status == 201 ? 1 : 0, cluster.state().resourceDefinitions().size());
    }

    @Test
    void letsAnyPageRead() throws Exception {
        String answer = send("GET", "/v1/nodes", "127.0.0.1:PORT", "Origin: https://some.example", "");

        assertEquals(200, status(answer));
        assertTrue(answer.contains("Access-Control-Allow-Origin: *"), answer);
    }

    @Test
    void refusesToServeAPageUnderANameThatIsNotItsOwn() throws Exception {
        assertEquals(403, status(send("GET", "/v1/nodes", "evil.example:PORT", "Sec-Fetch-Site: same-origin", "")));
        assertEquals(200, status(send("GET", "/v1/nodes", "evil.example:PORT", "X-Nothing: 1", "")));
    }

    @Test
    void tellsAPageBeforehandWhatItMaySend() throws Exception {
        server.rules = AccessRules.of(Ordered.map(Map.of("REST/cors-origins", "https://gui.lan")));

        String allowed = send(
                "OPTIONS",
                "/v1/nodes",
                "127.0.0.1:PORT",
                "Origin: https://gui.lan\r\nAccess-Control-Request-Method: PUT",
                "");
        String other = send(
                "OPTIONS",
                "/v1/nodes",
                "127.0.0.1:PORT",
                "Origin: https://evil.example\r\nAccess-Control-Request-Method: PUT",
                "");

        assertTrue(allowed.contains("Access-Control-Allow-Methods: GET, POST, PUT"), allowed);
        assertTrue(allowed.contains("Access-Control-Allow-Origin: https://gui.lan"), allowed);
        assertTrue(other.contains("Access-Control-Allow-Methods: GET\r\n"), other);
    }

    private String send(String method, String path, String host, String header, String body) throws IOException {
        String port = Integer.toString(server.port());
        String request = method + " " + path + " HTTP/1.1\r\nHost: " + host.replace("PORT", port) + "\r\n"
                + (header == null ? "" : header.replace("PORT", port) + "\r\n")
                + "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static int status(String answer) {
        return Integer.parseInt(answer.substring(9, 12));
    }
}
