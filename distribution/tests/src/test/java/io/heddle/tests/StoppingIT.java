package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.tests.cluster.Eventually;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What clients are answered by a process that gets SIGTERM: the truth, or nothing. */
class StoppingIT {
    private static final int ROUNDS = 6;
    private static final int CLIENTS_OF_A_KIND = 3;

    private final String state = "--state-directory=" + Appliance.workDirectory("state");
    private final Set<String> acknowledged = new ConcurrentSkipListSet<>();

    /** Something that is asked for. */
    private interface Request {
        RestClient.Answer send(RestClient client) throws IOException;
    }

    /** Clients that ask until nobody is there any more. */
    private static final class Clients {
        private final URI address;
        private final List<Thread> threads = new ArrayList<>();
        private final SortedMap<String, Integer> wrong = Collections.synchronizedSortedMap(new TreeMap<>());
        private final SortedMap<String, Integer> cut = Collections.synchronizedSortedMap(new TreeMap<>());
        private int answered;

        Clients(URI address) {
            this.address = address;
        }

        void start(Request request) {
            Thread thread = new Thread(() -> ask(request), "client");
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }

        private void ask(Request request) {
            RestClient client = new RestClient(address);
            for (boolean open = true; open; ) {
                try {
                    RestClient.Answer answer = request.send(client);
                    if (!answer.succeeded()) {
                        wrong.merge(answer.toString(), 1, Integer::sum);
                    }
                    synchronized (this) {
                        answered++;
                    }
                } catch (ConnectException refused) {
                    open = false;
                } catch (IOException closed) {
                    cut.merge(String.valueOf(closed.getMessage()), 1, Integer::sum);
                }
            }
        }

        synchronized int answered() {
            return answered;
        }

        void awaitMore() {
            int enough = answered() + 30 * threads.size();
            Eventually.holds("clients are served", () -> answered() >= enough);
        }

        void awaitEnd() throws InterruptedException {
            for (Thread thread : threads) {
                thread.join(TimeUnit.MINUTES.toMillis(5));
                assertTrue(!thread.isAlive(), "a client is neither answered nor refused");
            }
        }

        @Override
        public String toString() {
            return answered() + " answers, of them wrong " + wrong + ", connections cut " + cut;
        }
    }

    private static RestClient.Answer create(RestClient client, String name) throws IOException {
        return client.post("v1/resource-definitions", "{'resource_definition':{'name':'" + name + "'}}");
    }

    private void write(Clients clients, String prefix) {
        int[] number = new int[1];
        clients.start(client -> {
            String name = prefix + number[0]++;
            RestClient.Answer answer = create(client, name);
            if (answer.succeeded()) {
                acknowledged.add(name);
            }
            return answer;
        });
    }

    @Test
    void clientsAreAnsweredTheTruthOrRefusedAndNothingAcknowledgedIsLost() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            try (HeddledProcess heddled = HeddledProcess.start(state)) {
                URI address = URI.create(heddled.awaitStart().group(4));
                RestClient client = new RestClient(address);
                if (acknowledged.isEmpty()) {
                    assertTrue(create(client, "first").succeeded());
                    acknowledged.add("first");
                }
                assertEquals(Set.of(), lost(client), "lost in round " + round);
                Clients clients = new Clients(address);
                for (int number = 0; number < CLIENTS_OF_A_KIND; number++) {
                    clients.start(reader -> reader.get("v1/resource-definitions/first"));
                    clients.start(reader -> reader.get("health"));
                    clients.start(reader -> reader.getAnew("v1/resource-definitions/first"));
                    clients.start(reader -> reader.getAnew("metrics"));
                    write(clients, "d-" + round + "-" + number + "-");
                }
                clients.awaitMore();

                heddled.terminate();
                heddled.awaitExit();
                clients.awaitEnd();

                System.out.println("round " + round + ": " + clients);
                assertEquals(Collections.emptySortedMap(), clients.wrong, clients.toString());
                long milliseconds =
                        Long.parseLong(heddled.awaitLine("Stopped in (\\d+) ms").group(1));
                assertTrue(milliseconds < 5000, heddled.output());
            }
        }
        try (HeddledProcess heddled = HeddledProcess.start(state)) {
            assertEquals(
                    Set.of(),
                    lost(new RestClient(URI.create(heddled.awaitStart().group(4)))));
        }
    }

    private Set<String> lost(RestClient client) {
        Set<String> missing = new TreeSet<>(acknowledged);
        for (JsonNode definition : client.read("v1/resource-definitions")) {
            missing.remove(definition.path("name").asText());
        }
        return missing;
    }

    @Test
    void aRequestThatWaitsForASatelliteIsToldThatItsOutcomeIsNotKnown() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                HeddledProcess heddled = HeddledProcess.start(state)) {
            URI address = URI.create(heddled.awaitStart().group(4));
            CompletableFuture<RestClient.Answer> waiting = CompletableFuture.supplyAsync(() -> new RestClient(address)
                    .ask(
                            "v1/nodes",
                            "{'name':'far','type':'SATELLITE','net_interfaces':[{'name':'default',"
                                    + "'address':'127.0.0.1','satellite_port':" + silent.getLocalPort()
                                    + ",'satellite_encryption_type':'SSL'}]}"));
            // The link is being made, and nobody answers there.
            try (Socket link = silent.accept()) {
                assertTrue(link.isConnected());

                heddled.terminate();
                Eventually.holds("the port is closed", () -> isRefused(address));
                assertTrue(heddled.isAlive(), "the port is closed first");

                RestClient.Answer answer = waiting.get(1, TimeUnit.MINUTES);
                assertEquals(503, answer.status(), answer.body());
                assertTrue(answer.body().contains("SHUTTING_DOWN"), answer.body());
            }
            heddled.awaitExit();
            heddled.awaitLine("Stopped in (\\d+) ms");
        }
    }

    private static boolean isRefused(URI address) {
        try (Socket socket = new Socket(address.getHost(), address.getPort())) {
            return !socket.isConnected();
        } catch (IOException refused) {
            return true;
        }
    }
}
