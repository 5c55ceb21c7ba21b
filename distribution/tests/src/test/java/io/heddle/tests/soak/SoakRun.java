package io.heddle.tests.soak;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.NodeRow;
import io.heddle.core.management.ResourceDefinitionRow;
import io.heddle.core.management.ResourceRow;
import io.heddle.tests.cluster.ClusterClient;
import io.heddle.tests.cluster.Eventually;
import io.heddle.tests.cluster.NoAnswer;
import io.heddle.tests.cluster.TestCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Strikes at random moments while clients make and delete volumes; then waits until all is calm, and looks. The seed decides
 * what is done and struck and for how long is waited in between; what is hit by that is up to the machine.
 */
final class SoakRun {
    private static final int CLIENTS = 3;

    private final Ground ground;
    private final long seed;
    private final int strikes;
    private final int operations;
    private final Ledger ledger = new Ledger();
    private final SortedMap<String, Integer> struck = new TreeMap<>();

    /**
     * Plans a run.
     *
     * @param strikes how often something is killed
     * @param operations how many creations, and how many deletions, there have to be at least
     */
    SoakRun(Ground ground, long seed, int strikes, int operations) {
        this.ground = ground;
        this.seed = seed;
        this.strikes = strikes;
        this.operations = operations;
    }

    /** Runs it; fails with what is wrong, and the logs. */
    String run() {
        try {
            storm();
            calm();
            clear();
            return ground.name() + ", seed " + seed + ": " + strikes + " strikes " + struck + "; " + ledger
                    + "; nothing lost, nothing left over";
        } catch (AssertionError | RuntimeException wrong) {
            throw new AssertionError(
                    ground.name() + ", seed " + seed + ", after strikes " + struck + ", " + ledger + ": "
                            + wrong.getMessage() + "\n" + ground.cluster().logs(),
                    wrong);
        }
    }

    private void storm() {
        new Workload(ground, ledger, seed, 0).keepOne();
        List<Workload> clients = new ArrayList<>();
        ExecutorService threads = Executors.newCachedThreadPool();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Workload(ground, ledger, seed, i + 1));
        }
        List<CompletableFuture<Void>> running = clients.stream()
                .map(client -> CompletableFuture.runAsync(client, threads))
                .toList();
        try (ClusterClient auditor = ground.cluster().controller().client()) {
            strike(running, auditor);
            while (ledger.creations() < operations || ledger.deletions() < operations) {
                failIfAnyFailed(running);
                Eventually.pause(Duration.ofMillis(100));
            }
            clients.forEach(Workload::end);
            CompletableFuture.allOf(running.toArray(CompletableFuture[]::new))
                    .orTimeout(10, TimeUnit.MINUTES)
                    .join();
        } finally {
            clients.forEach(Workload::end);
            threads.shutdown();
        }
    }

    private void strike(List<CompletableFuture<Void>> running, ClusterClient auditor) {
        Random random = new Random(seed);
        List<Ground.Victim> deck = new ArrayList<>();
        for (int i = 1; i <= strikes; i++) {
            Eventually.pause(Duration.ofMillis(random.nextInt(4000)));
            failIfAnyFailed(running);
            if (deck.isEmpty()) {
                // Each in turn, in an order by chance: so that few strikes hit many.
                deck.addAll(ground.victims());
                Collections.shuffle(deck, random);
            }
            Ground.Victim victim = deck.remove(0);
            Ledger.Audit audit = ledger.audit();
            victim.strike();
            struck.merge(victim.name(), 1, Integer::sum);
            Eventually.pause(Duration.ofMillis(random.nextInt(1500)));
            victim.restore();
            // Sometimes the next strike hits while it starts.
            boolean waits = random.nextInt(4) > 0;
            System.out.println("strike " + i + " of " + strikes + ": " + victim.name()
                    + (waits ? "" : ", and on at once") + "; " + ledger);
            if (waits) {
                victim.awaitUp();
                if (victim.isController()) {
                    check(audit, auditor);
                }
            }
        }
        ground.victims().forEach(Ground.Victim::awaitUp);
    }

    private void check(Ledger.Audit audit, ClusterClient auditor) {
        Eventually.nothingIsMissing(() -> {
            try {
                List<ResourceDefinitionRow> listed = auditor.ask(ClusterMXBean::listResourceDefinitions);
                List<String> wrong = audit.wrong(listed);
                if (!wrong.isEmpty()) {
                    // Not waited for: what was acknowledged is there from the first answer on.
                    throw new AssertionError(wrong.toString());
                }
                return Optional.empty();
            } catch (NoAnswer notYet) {
                return Optional.of(notYet.toString());
            }
        });
    }

    private static void failIfAnyFailed(List<CompletableFuture<Void>> running) {
        for (CompletableFuture<Void> client : running) {
            if (client.isCompletedExceptionally()) {
                try {
                    client.join();
                } catch (CompletionException failed) {
                    throw new AssertionError("a client: " + failed.getCause(), failed);
                }
            }
        }
    }

    /** All has to come to rest by itself, with what was acknowledged and nothing else, and with the bytes in it. */
    private void calm() {
        TestCluster cluster = ground.cluster();
        System.out.println("calm: " + ledger.present().size() + " resources have to be there");
        Eventually.nothingIsMissing(() -> {
            List<String> wrong = ledger.audit().wrong(cluster.ask(ClusterMXBean::listResourceDefinitions));
            return wrong.isEmpty() ? notAtRest() : Optional.of(wrong.toString());
        });
        Eventually.nothingIsMissing(() -> ground.leftover(ledger.present()));
        for (String resource : ledger.present()) {
            ledger.content(resource).ifPresent(content -> {
                for (byte[] read : ground.read(cluster, resource, content.length)) {
                    if (!Arrays.equals(read, content)) {
                        throw new AssertionError("the bytes of " + resource + " are not those that were written");
                    }
                }
                ledger.readBack();
            });
        }
    }

    private Optional<String> notAtRest() {
        TestCluster cluster = ground.cluster();
        Optional<String> node = cluster.ask(ClusterMXBean::listNodes).stream()
                .filter(row -> !row.state().equals("ONLINE") || !row.unclaimed().isEmpty())
                .map(NodeRow::toString)
                .findFirst();
        Optional<String> definition = cluster.ask(ClusterMXBean::listResourceDefinitions).stream()
                .filter(row ->
                        row.state().equals("DELETING") || !ledger.present().contains(row.resource()))
                .map(ResourceDefinitionRow::toString)
                .findFirst();
        Optional<String> resource = cluster.ask(ClusterMXBean::listResources).stream()
                .filter(row -> !row.state().equals(ground.goodState())
                        || !row.connections().equals("Ok")
                        || !row.problem().isEmpty())
                .map(ResourceRow::toString)
                .findFirst();
        return node.or(() -> definition).or(() -> resource);
    }

    private void clear() {
        Workload.deleteAll(ground.cluster(), ledger);
        Eventually.nothingIsMissing(this::notAtRest);
        Eventually.nothingIsMissing(() -> ground.leftover(new TreeSet<>()));
    }
}
