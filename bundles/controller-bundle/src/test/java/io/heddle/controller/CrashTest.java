package io.heddle.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.controller.store.SqliteStore;
import io.heddle.controller.store.StoredState;
import io.heddle.core.model.ResourceGroupName;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} of the controller's writer at random moments: what was acknowledged is there at the next start. */
@Timeout(600)
class CrashTest {
    private static final int ROUNDS = 8;

    @TempDir
    Path directory;

    @Test
    void whatWasAcknowledgedSurvivesBeingKilledAtAnyMoment() throws Exception {
        long seed = Long.getLong("heddle.seed", System.nanoTime());
        Random random = new Random(seed);
        Path file = directory.resolve("cluster.db");
        Set<String> present = new TreeSet<>();
        long epoch = 0;
        int acknowledged = 0;
        for (int round = 0; round < ROUNDS; round++) {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            CrashingController.class.getName(),
                            file.toString(),
                            "r" + round)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            int wanted = 1 + random.nextInt(600);
            try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    acknowledged++;
                    String name = line.substring(1);
                    if (line.startsWith("+")) {
                        present.add(name);
                    } else {
                        present.remove(name);
                    }
                    if (--wanted == 0) {
                        process.toHandle().destroyForcibly();
                    }
                }
            }
            assertTrue(process.waitFor(60, TimeUnit.SECONDS));

            try (SqliteStore store = new SqliteStore(file, Clock.systemUTC())) {
                StoredState loaded = store.load();
                Set<String> found = loaded.state().resourceGroups().keySet().stream()
                        .map(ResourceGroupName::value)
                        .collect(Collectors.toCollection(TreeSet::new));
                Set<String> lost = new TreeSet<>(present);
                lost.removeAll(found);
                // a deletion may have been durable and not yet acknowledged when the process died: one for each client
                Set<String> deleting =
                        lost.stream().filter(CrashTest::isDeletedNext).collect(Collectors.toSet());
                assertTrue(deleting.size() <= 4, "lost " + deleting + ", seed " + seed);
                lost.removeAll(deleting);
                assertEquals(Set.of(), lost, "lost in round " + round + ", seed " + seed);
                assertTrue(loaded.epoch() > epoch, "seed " + seed);
                assertEquals(0, loaded.quarantined().size());
                epoch = loaded.epoch();
                present.retainAll(found);
                Set<String> extra = new TreeSet<>(found);
                extra.removeAll(present);
                // at most the one change that each of four clients had under way
                assertTrue(extra.size() <= 4, "came from nowhere: " + extra + ", seed " + seed);
                present.addAll(extra);
            }
        }
        System.out.println(
                "killed " + ROUNDS + " times, " + acknowledged + " changes acknowledged, none lost, seed " + seed);
    }

    private static boolean isDeletedNext(String name) {
        return Integer.parseInt(name.substring(name.lastIndexOf('n') + 1)) % 3 == 2;
    }
}
