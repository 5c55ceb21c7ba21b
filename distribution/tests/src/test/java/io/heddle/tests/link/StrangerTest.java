package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.identity.Identity;
import io.heddle.core.link.LinkMessage;
import io.heddle.core.link.MessageReader;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.satellite.link.LinkServerConfig;
import io.heddle.tests.link.LinkBench.Controller;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who reaches a satellite's port and is no controller of Heddle. */
class StrangerTest {
    @TempDir
    Path directory;

    private LinkBench bench;
    private LinkServer server;
    private final FakeSatellite end = new FakeSatellite(N1);

    @BeforeEach
    void open() {
        bench = new LinkBench(directory);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "{}",
                "[[[[[[[[[[",
                "{\"message\":\"full-spec\"}",
                "{\"message\":\"ping\",\"nonce\":1}",
                "{\"message\":\"hello\",\"protocol\":1}",
                "{\"message\":\"hello\",\"protocol\":1,\"version\":\"x\",\"clusterId\":\"x\",\"node\":\"../../etc\"}"
            })
    void whoDoesNotSayHelloIsTurnedAway(String text) throws Exception {
        server = bench.satellite(N1, end);
        Stranger stranger = stranger();

        stranger.socket.sendText(text, true).join();

        assertEquals(ErrorCode.INVALID_INPUT, stranger.refusal().code());
        assertEquals(List.of(), end.taken);
    }

    @Test
    void anotherVersionIsRefusedInOneSentenceThatNamesBoth() throws Exception {
        server = bench.satellite(N1, end);
        Stranger stranger = stranger();

        stranger.socket
                .sendText("{\"message\":\"hello\",\"protocol\":9,\"version\":\"4.2\",\"cluster\":[]}", true)
                .join();
        Problem problem = stranger.refusal();

        assertEquals(ErrorCode.VERSION_MISMATCH, problem.code());
        assertEquals(
                "the controller (Heddle 4.2) speaks version 9 of the link, the satellite (Heddle 0.1.0) version "
                        + LinkMessage.PROTOCOL,
                problem.why());
    }

    @Test
    void aHelloThatIsTooLongIsNotReadToItsEnd() throws Exception {
        server = bench.satellite(N1, end);
        Stranger stranger = stranger();
        String part = "x".repeat(10_000);

        var unused = stranger.socket
                .sendText(part, false)
                .thenCompose(next -> next.sendText(part, false))
                .thenCompose(next -> next.sendText(part, false))
                .thenCompose(next -> next.sendText(part, false))
                .thenCompose(next -> next.sendText(part, false))
                .thenCompose(next -> next.sendText(part, false))
                .thenCompose(next -> next.sendText(part, false));

        assertEquals(ErrorCode.FRAME_TOO_LARGE, stranger.refusal().code());
    }

    @Test
    void binaryMessagesAreTurnedAway() throws Exception {
        server = bench.satellite(N1, end);
        Stranger stranger = stranger();

        stranger.socket.sendBinary(ByteBuffer.wrap(new byte[] {1, 2}), true).join();

        assertEquals(ErrorCode.INVALID_INPUT, stranger.refusal().code());
    }

    @Test
    void nothingElseCanBeReached() throws Exception {
        server = bench.satellite(N1, end);

        for (String path : List.of("/", "/v1/nodes", "/metrics", "/link/", "/link")) {
            HttpResponse<String> answer = client(keyed())
                    .send(
                            HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            assertTrue(answer.statusCode() >= 400, path + " answers " + answer.statusCode());
            assertEquals("", answer.body());
            assertFalse(answer.headers().firstValue("Server").isPresent());
        }
    }

    @Test
    void whoShowsNoKeyDoesNotGetIn() throws Exception {
        server = bench.satellite(N1, end);
        SSLContext keyless = SSLContext.getInstance("TLSv1.3");
        keyless.init(null, new TrustManager[] {new TrustsAll()}, new SecureRandom());

        assertThrows(
                IOException.class,
                () -> client(keyless)
                        .send(
                                HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/"))
                                        .build(),
                                HttpResponse.BodyHandlers.ofString()));
    }

    @Test
    void olderTlsIsNotSpoken() throws Exception {
        server = bench.satellite(N1, end);
        HttpClient old = HttpClient.newBuilder()
                .sslContext(keyed())
                .sslParameters(new SSLParameters(null, new String[] {"TLSv1.2"}))
                .build();

        assertThrows(
                IOException.class,
                () -> old.send(
                        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + server.port() + "/"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
    }

    @Test
    void garbageInsteadOfTlsEndsTheConnectionAndNothingElse() throws Exception {
        server = bench.satellite(N1, end);

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(60_000);
            byte[] garbage = new byte[100_000];
            socket.getOutputStream().write(garbage, 0, 1000);
            assertEnds(socket.getInputStream());
        }

        Controller controller = bench.controller("controller", version(1, 7));
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
    }

    @Test
    void whoConnectsAndSaysNothingIsPutOutAndDoesNotKeepTheControllerOut() throws Exception {
        server = impatient(LinkEncryption.TLS);
        List<Socket> silent = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            silent.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
        }
        Controller controller = bench.controller("controller", version(1, 7));

        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);

        for (Socket each : silent) {
            each.setSoTimeout(60_000);
            assertEnds(each.getInputStream());
            each.close();
        }
        assertEquals(1, controller.listener().count(N1, State.ONLINE));
    }

    @Test
    void whoDripsItsRequestIsPutOutAsWell() throws Exception {
        server = impatient(LinkEncryption.PLAIN);
        byte[] request = "GET /link HTTP/1.1\r\nHost: n1\r\nX: ".getBytes(StandardCharsets.US_ASCII);

        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            Eventually.holds(
                    () -> {
                        try {
                            socket.getOutputStream().write(request, 0, 1);
                            return false;
                        } catch (IOException putOut) {
                            return true;
                        }
                    },
                    () -> "still connected");
        }
    }

    private LinkServer impatient(LinkEncryption encryption) {
        LinkServerConfig config = LinkBench.satelliteConfig(N1, 0, encryption, LinkBench.ANYWHERE);
        return bench.satellite(
                new LinkServerConfig(
                        config.address(),
                        0,
                        encryption,
                        config.claimFrom(),
                        config.nodeName(),
                        config.hostName(),
                        config.version(),
                        new LinkServerConfig.Times(
                                Duration.ofMillis(200), Duration.ofSeconds(30), Duration.ofSeconds(3))),
                "n1",
                end);
    }

    private static void assertEnds(InputStream in) {
        byte[] buffer = new byte[1000];
        try {
            for (int count = 0; count >= 0; count = in.read(buffer)) {
                assertTrue(count < 1000, "a stranger is told much");
            }
        } catch (java.net.SocketTimeoutException e) {
            throw new AssertionError("the connection stays", e);
        } catch (IOException reset) {
            assertFalse(String.valueOf(reset.getMessage()).isEmpty());
        }
    }

    private SSLContext keyed() {
        return Identity.loadOrCreate(directory.resolve("stranger"), "stranger").tls((host, port, key) -> {});
    }

    private static HttpClient client(SSLContext tls) {
        return HttpClient.newBuilder().sslContext(tls).build();
    }

    private Stranger stranger() {
        Stranger stranger = new Stranger();
        stranger.socket = client(keyed())
                .newWebSocketBuilder()
                .buildAsync(URI.create("wss://127.0.0.1:" + server.port() + "/link"), stranger)
                .join();
        return stranger;
    }

    /** Somebody with a key, who waits for the word that turns him away. */
    private static final class Stranger implements WebSocket.Listener {
        private final CompletableFuture<Problem> refused = new CompletableFuture<>();
        private final StringBuilder text = new StringBuilder();
        private WebSocket socket;

        Problem refusal() throws Exception {
            return refused.get(60, TimeUnit.SECONDS);
        }

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                if (MessageReader.read(text.toString()) instanceof LinkMessage.Refused word) {
                    refused.complete(word.problem());
                }
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            refused.completeExceptionally(new AssertionError("closed without a word: " + code + " " + reason));
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable failure) {
            refused.completeExceptionally(failure);
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
