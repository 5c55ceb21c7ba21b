package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.ClusterClient;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.NoAnswer;
import io.heddle.tests.cluster.Refused;
import io.heddle.tests.cluster.TestCluster;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;

/** One client that makes, fills and deletes volumes, and repeats each call until it is acknowledged. */
final class Workload implements Runnable {
    /** What a client may be told while something is down, and answers by trying again. */
    private static final Set<String> AGAIN = Set.of(
            "STARTING", "SHUTTING_DOWN", "NODE_OFFLINE", "TIMED_OUT", "LINK_LOST", "NOT_ENOUGH_NODES", "BEING_DELETED");

    private static final Duration PATIENCE = Duration.ofMinutes(6);

    private final Ground ground;
    private final Ledger ledger;
    private final Random random;
    private final ClusterClient client;
    private final Deque<String> names = new ArrayDeque<>();
    private final List<String> made = new ArrayList<>();
    private volatile boolean ended;

    /** @param number tells it from other clients */
    Workload(Ground ground, Ledger ledger, long seed, int number) {
        this.ground = ground;
        this.ledger = ledger;
        this.random = new Random(seed + number);
        this.client = ground.cluster().controller().client();
        // Few, so that names come again, as new incarnations.
        for (int i = 0; i < 8; i++) {
            names.add("soak" + number + "-" + i);
        }
    }

    /** Has {@link #run} return after the operation that it is at. */
    void end() {
        ended = true;
    }

    @Override
    public void run() {
        try (client) {
            while (!ended) {
                boolean full = names.isEmpty() || ledger.present().size() >= ground.capacity();
                if (made.isEmpty() && full) {
                    Eventually.pause(Duration.ofMillis(100));
                } else if (made.isEmpty() || (!full && random.nextBoolean())) {
                    create();
                } else {
                    delete(made.remove(random.nextInt(made.size())));
                }
            }
        }
    }

    /** Makes and fills a volume that is not deleted before the end: its bytes outlive every strike. */
    void keepOne() {
        try (client) {
            create();
            String resource = made.remove(0);
            if (ledger.content(resource).isEmpty()) {
                fill(resource, Duration.ofMinutes(3));
            }
            if (ledger.content(resource).isEmpty()) {
                throw new AssertionError("nothing could be written to " + resource + ", with nothing struck yet");
            }
        }
    }

    private void create() {
        String resource = names.remove();
        int mebibytes = 4 + random.nextInt(13);
        ledger.begin(resource);
        acknowledged(
                "RESOURCE_DEFINITION_EXISTS", beans -> beans.createResourceDefinition(resource, "", ground.layers()));
        acknowledged(
                "VOLUME_DEFINITION_EXISTS", beans -> beans.createVolumeDefinition(resource, mebibytes + "M", false, 0));
        acknowledged("RESOURCE_EXISTS", beans -> ground.place(beans, resource));
        ledger.created(resource);
        made.add(resource);
        fill(resource, Duration.ofSeconds(20));
    }

    private void fill(String resource, Duration limit) {
        byte[] content = new byte[4096];
        random.nextBytes(content);
        long end = System.nanoTime() + limit.toNanos();
        // Without a limit it would wait for the end of the strikes; a volume without content is checked for all the
        // rest.
        while (!ended && System.nanoTime() < end) {
            if (isGood(resource) && ground.write(ground.cluster(), resource, content)) {
                ledger.written(resource, content);
                return;
            }
            Eventually.pause(Duration.ofMillis(300));
        }
    }

    private boolean isGood(String resource) {
        try {
            List<ResourceRow> rows = client.ask(ClusterMXBean::listResources).stream()
                    .filter(row -> row.resource().equals(resource))
                    .toList();
            return !rows.isEmpty() && rows.stream().allMatch(row -> row.state().equals(ground.goodState()));
        } catch (NoAnswer | Refused now) {
            return false;
        }
    }

    private void delete(String resource) {
        ledger.begin(resource);
        acknowledged("RESOURCE_DEFINITION_NOT_FOUND", beans -> beans.deleteResourceDefinition(resource));
        ledger.deleted(resource);
        names.add(resource);
    }

    /** @param done what a repeated call is refused with if the first one was carried out before its answer was lost */
    private void acknowledged(String done, Function<ClusterMXBean, List<ReplyRow>> operation) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        boolean again = false;
        while (true) {
            String last;
            try {
                client.ask(operation);
                return;
            } catch (NoAnswer lost) {
                last = lost.toString();
            } catch (Refused refusal) {
                if (again && refusal.code().equals(done)) {
                    return;
                }
                if (!AGAIN.contains(refusal.code())) {
                    throw new AssertionError("an operation was refused for no reason", refusal);
                }
                last = refusal.toString();
            }
            if (System.nanoTime() > end) {
                throw new AssertionError("not acknowledged within " + PATIENCE.toMinutes() + " min; last: " + last);
            }
            again = true;
            ledger.repeated();
            Eventually.pause(Duration.ofMillis(200));
        }
    }

    /** Deletes everything that it has made; to be called when {@link #run} has returned. */
    static void deleteAll(TestCluster cluster, Ledger ledger) {
        for (String resource : ledger.present()) {
            ledger.begin(resource);
            cluster.done(beans -> beans.deleteResourceDefinition(resource));
            ledger.deleted(resource);
        }
    }
}
