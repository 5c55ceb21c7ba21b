package io.heddle.rest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Requests while the controller is away. */
class WaitingRoomTest {
    @Test
    void letsReadsAndChangesWaitForTheControllerAndLosesNone() throws Exception {
        MemoryCluster cluster = new MemoryCluster();
        try (RestServer server = new RestServer(Duration.ofMinutes(5), 0)) {
            List<CompletableFuture<HttpResponse<String>>> waiting = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                waiting.add(send(
                        server,
                        server.request("/v1/resource-definitions")
                                .POST(BodyPublishers.ofString(
                                        "{\"resource_definition\":{\"name\":\"volume" + i + "\"}}"))
                                .build()));
            }
            waiting.add(send(server, server.request("/v1/controller/version").build()));
            CompletableFuture<HttpResponse<String>> last = waiting.get(300);
            Assertions.assertThrows(TimeoutException.class, () -> last.get(200, TimeUnit.MILLISECONDS));
            assertEquals(503, server.get("/health").status(), "health answers at once");

            server.bring(cluster);

            for (int i = 0; i < 300; i++) {
                assertEquals(201, waiting.get(i).get(60, TimeUnit.SECONDS).statusCode());
            }
            assertEquals(200, last.get(60, TimeUnit.SECONDS).statusCode());
            assertEquals(300, cluster.state().resourceDefinitions().size());
            assertEquals(200, server.get("/health").status());
        }
    }

    @Test
    void answers503WhenTheControllerStaysAway() throws Exception {
        try (RestServer server = new RestServer(Duration.ofMillis(300), 0)) {
            Answer answer = server.get("/v1/nodes");

            assertEquals(503, answer.status());
            assertEquals("STARTING", answer.error());
            assertFalse(answer.headers().firstValue("Retry-After").isEmpty());
        }
    }

    @Test
    @Timeout(120)
    void answersWhatStillRunsWhenItEnds() throws Exception {
        MemoryCluster cluster = new MemoryCluster();
        cluster.gate = new CompletableFuture<>();
        CompletableFuture<HttpResponse<String>> running;
        try (RestServer server = RestServer.serving(cluster)) {
            running = send(
                    server,
                    server.request("/v1/resource-definitions")
                            .POST(BodyPublishers.ofString("{\"resource_definition\":{\"name\":\"db1\"}}"))
                            .build());
            while (server.get("/v1/stats/resource-definitions")
                            .json()
                            .get("count")
                            .asInt()
                    < 1) {
                Thread.onSpinWait();
            }
            server.withdraw();

            HttpResponse<String> answer = running.get(60, TimeUnit.SECONDS);
            assertEquals(503, answer.statusCode());
            Assertions.assertTrue(answer.body().contains("SHUTTING_DOWN"), answer.body());
        }
    }

    @Test
    @Timeout(120)
    void forgetsNobodyWhoWaitsWhenItEnds() throws Exception {
        try (RestServer server = new RestServer(Duration.ofMinutes(5), 0)) {
            CompletableFuture<HttpResponse<String>> waiting =
                    send(server, server.request("/v1/nodes").build());
            Assertions.assertThrows(TimeoutException.class, () -> waiting.get(200, TimeUnit.MILLISECONDS));

            server.withdraw();

            assertEquals(503, waiting.get(60, TimeUnit.SECONDS).statusCode());
            assertEquals(503, server.get("/v1/nodes").status());
        }
    }

    @Test
    @Timeout(120)
    void noRequestMeetsAControllerThatGoesWhileItIsHandedOver() throws Exception {
        MemoryCluster first = new MemoryCluster();
        MemoryCluster second = new MemoryCluster();
        try (RestServer server = RestServer.serving(first)) {
            List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                all.add(send(server, server.request("/v1/nodes").build()));
                if (i % 50 == 49) {
                    server.take(i % 100 == 49 ? first : second);
                    server.bring(i % 100 == 49 ? second : first);
                }
            }
            for (CompletableFuture<HttpResponse<String>> one : all) {
                HttpResponse<String> answer = one.get(60, TimeUnit.SECONDS);
                assertEquals(200, answer.statusCode(), answer.body());
            }
        }
    }

    @Test
    void followsAControllerThatIsReplaced() throws Exception {
        MemoryCluster older = new MemoryCluster();
        MemoryCluster newer = new MemoryCluster();
        try (RestServer server = RestServer.serving(older)) {
            server.bring(newer);
            server.take(older);

            assertEquals(
                    201,
                    server.post("/v1/resource-definitions", "{\"resource_definition\":{\"name\":\"db1\"}}")
                            .status());
            assertEquals(1, newer.state().resourceDefinitions().size());
        }
    }

    private static CompletableFuture<HttpResponse<String>> send(RestServer server, HttpRequest request) {
        return server.client().sendAsync(request, BodyHandlers.ofString());
    }
}
