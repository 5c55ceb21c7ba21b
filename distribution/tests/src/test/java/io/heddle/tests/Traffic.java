package io.heddle.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.heddle.core.management.ClusterMXBean;
import io.heddle.tests.cluster.ClusterClient;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.NoAnswer;
import io.heddle.tests.cluster.Refused;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/** Clients that write and read all the time, over REST and over JMX, and note what they are answered. */
final class Traffic implements AutoCloseable {
    /** Of few clients and not of a flood: what is swapped needs the processors too. */
    private static final Duration BREATH = Duration.ofMillis(5);

    private static final int WRITERS = 2;

    private final String name;
    private final URI rest;
    private final Supplier<ClusterClient> beans;
    private final List<Thread> threads = new ArrayList<>();
    private final Set<String> acknowledged = new ConcurrentSkipListSet<>();
    private volatile boolean ending;

    private final Object lock = new Object();
    private final Counts counts = new Counts();

    /** What was seen so far. Guarded by the lock. */
    private static final class Counts {
        private int requests;
        private int calls;
        private int callsWithoutAnswer;
        private long longestRequestNanos;
        private long longestCallNanos;
        private final SortedMap<String, Integer> failures = new TreeMap<>();
    }

    /** Something that is asked for over REST. */
    private interface Request {
        RestClient.Answer send() throws IOException;
    }

    /**
     * Begins.
     *
     * @param name begins the names of all definitions that it makes
     * @param beans gives clients of JMX
     */
    Traffic(String name, URI rest, Supplier<ClusterClient> beans) {
        this.name = name;
        this.rest = rest;
        this.beans = beans;
        for (int writer = 0; writer < WRITERS; writer++) {
            String prefix = name + "-" + writer + "-";
            start(() -> write(prefix));
        }
        start(this::readOverOneConnection);
        start(this::readOverNewConnections);
        start(() -> call(name + "-j-"));
        awaitMore();
    }

    private void start(Runnable work) {
        Thread thread = new Thread(work, "traffic " + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void write(String prefix) {
        RestClient client = new RestClient(rest);
        for (int number = 0; !ending; number++) {
            String definition = prefix + number;
            boolean made = expect(
                    "creating a definition",
                    () -> client.post(
                            "v1/resource-definitions", "{'resource_definition':{'name':'" + definition + "'}}"));
            made &= expect(
                    "creating a volume definition",
                    () -> client.post(
                            "v1/resource-definitions/" + definition + "/volume-definitions",
                            "{'volume_definition':{'size_kib':4096}}"));
            if (made) {
                acknowledged.add(definition);
            }
            Eventually.pause(BREATH);
        }
    }

    private void readOverOneConnection() {
        RestClient client = new RestClient(rest);
        while (!ending) {
            expect("listing resources", () -> client.get("v1/view/resources"));
            expect("listing nodes", () -> client.get("v1/nodes"));
            Eventually.pause(BREATH);
        }
    }

    /** What was acknowledged is there, whenever one looks: a client that reads 404 would take it for deleted. */
    private void readOverNewConnections() {
        RestClient client = new RestClient(rest);
        while (!ending) {
            List<String> all = new ArrayList<>(acknowledged);
            if (!all.isEmpty()) {
                String one = all.get(ThreadLocalRandom.current().nextInt(all.size()));
                expect("reading a definition", () -> client.getAnew("v1/resource-definitions/" + one));
            }
            Eventually.pause(BREATH);
        }
    }

    private boolean expect(String what, Request request) {
        long began = System.nanoTime();
        String failure = "";
        try {
            RestClient.Answer answer = request.send();
            if (!answer.succeeded()) {
                failure = what + ": " + answer;
            }
        } catch (IOException cut) {
            failure = what + ": " + cut;
        }
        long took = System.nanoTime() - began;
        synchronized (lock) {
            counts.requests++;
            counts.longestRequestNanos = Math.max(counts.longestRequestNanos, took);
            if (!failure.isEmpty()) {
                counts.failures.merge(failure, 1, Integer::sum);
            }
        }
        return failure.isEmpty();
    }

    private void call(String prefix) {
        try (ClusterClient client = beans.get()) {
            for (int number = 0; !ending; number++) {
                String definition = prefix + number;
                boolean made = expect(client, cluster -> cluster.createResourceDefinition(definition, "", ""))
                        && expect(client, cluster -> cluster.createVolumeDefinition(definition, "4M", false, -1));
                if (made) {
                    acknowledged.add(definition);
                }
                expect(client, ClusterMXBean::listNodes);
                Eventually.pause(BREATH);
            }
        }
    }

    private boolean expect(ClusterClient client, Function<ClusterMXBean, ?> call) {
        long began = System.nanoTime();
        boolean answered = false;
        String failure = "";
        try {
            client.ask(call);
            answered = true;
        } catch (NoAnswer away) {
            // Nobody knows what became of it, so nothing is expected of it.
            answered = false;
        } catch (Refused refusal) {
            // Told so by a door that is replaced itself: nothing was changed.
            failure = refusal.code().equals("STARTING") ? "" : "calling: " + refusal.getMessage();
        }
        long took = System.nanoTime() - began;
        synchronized (lock) {
            counts.calls += answered ? 1 : 0;
            counts.callsWithoutAnswer += answered || !failure.isEmpty() ? 0 : 1;
            counts.longestCallNanos = Math.max(counts.longestCallNanos, took);
            if (!failure.isEmpty()) {
                counts.failures.merge(failure, 1, Integer::sum);
            }
        }
        return answered;
    }

    /** Waits until every kind of client has been served some more. */
    void awaitMore() {
        int requests = seen().requests() + 60;
        int calls = seen().calls() + 5;
        int definitions = acknowledged.size() + 10;
        Eventually.holds(
                "traffic " + name + " goes on",
                () -> seen().requests() >= requests && seen().calls() >= calls && acknowledged.size() >= definitions);
    }

    /** What was seen so far. */
    Seen seen() {
        synchronized (lock) {
            return new Seen(
                    counts.requests,
                    Duration.ofNanos(counts.longestRequestNanos),
                    counts.calls,
                    counts.callsWithoutAnswer,
                    Duration.ofNanos(counts.longestCallNanos),
                    acknowledged.size(),
                    Collections.unmodifiableSortedMap(new TreeMap<>(counts.failures)));
        }
    }

    /**
     * What clients saw.
     *
     * @param requests requests over REST
     * @param longestRequest longest that one of them took
     * @param calls calls over JMX that were answered
     * @param callsWithoutAnswer calls over JMX that were cut off, or found nobody
     * @param longestCall longest that a call took
     * @param acknowledged definitions that were acknowledged with their volume
     * @param failures requests that were not answered as they should be, and how often
     */
    record Seen(
            int requests,
            Duration longestRequest,
            int calls,
            int callsWithoutAnswer,
            Duration longestCall,
            int acknowledged,
            SortedMap<String, Integer> failures) {
        @Override
        public String toString() {
            return requests + " requests over REST, the longest " + longestRequest.toMillis() + " ms, "
                    + failures.size() + " kinds of failure " + failures + "; " + calls + " calls over JMX, the longest "
                    + longestCall.toMillis() + " ms, " + callsWithoutAnswer + " more without an answer; " + acknowledged
                    + " definitions acknowledged";
        }
    }

    /** Definitions that were acknowledged and are not there, or not with their volume. */
    SortedSet<String> lost() {
        RestClient client = new RestClient(rest);
        SortedSet<String> missing = new TreeSet<>(acknowledged);
        for (JsonNode definition : client.read("v1/resource-definitions?with_volume_definitions=true")) {
            if (definition.path("volume_definitions").size() == 1) {
                missing.remove(definition.path("name").asText());
            }
        }
        return missing;
    }

    /** Ends the clients, after what they wait for. */
    Seen end() {
        ending = true;
        for (Thread thread : threads) {
            try {
                thread.join(Duration.ofMinutes(5).toMillis());
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new AssertionError("interrupted", interrupted);
            }
            assertTrue(!thread.isAlive(), () -> "a client waits for ever: " + seen());
        }
        return seen();
    }

    @Override
    public void close() {
        ending = true;
    }
}
