package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.POOL;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.place;
import static io.heddle.controller.ClusterFixture.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.cluster.Outcome;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.status.PoolStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A storage pool that was registered when the controller died, and that nobody could take back. */
class HalfCreatedPoolTest {
    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void dieBetweenRegisteringAndLooking() throws InterruptedException, IOException {
        cluster = new ClusterFixture(directory);
        complete(cluster.service.createNode(cluster.nodeWish(1)));
        cluster.machine(1).brokenBackings = Set.of("vg0/thin");
        cluster.machine(1).silent = true;
        CompletionStage<Outcome> unanswered = cluster.service.createStoragePool(cluster.poolWish(1));
        eventually("the pool is registered", () -> pool().isRegistered());
        Map<Path, byte[]> onDisk = store();
        assertFalse(unanswered.toCompletableFuture().isDone());
        cluster.machine(1).silent = false;
        // an orderly end would take it back
        cluster.restart(() -> putBack(onDisk));
        eventually("the pool was looked at", () -> pool().problem().isPresent());
    }

    private Map<Path, byte[]> store() throws IOException {
        Map<Path, byte[]> files = new TreeMap<>();
        for (String name : List.of("state.db", "state.db-wal")) {
            Path file = directory.resolve(name);
            if (Files.exists(file)) {
                files.put(file, Files.readAllBytes(file));
            }
        }
        return files;
    }

    private void putBack(Map<Path, byte[]> files) {
        try {
            for (String name : List.of("state.db", "state.db-wal", "state.db-shm")) {
                Files.deleteIfExists(directory.resolve(name));
            }
            for (Map.Entry<Path, byte[]> file : files.entrySet()) {
                Files.write(file.getKey(), file.getValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    private record Seen(boolean isRegistered, Optional<Problem> problem) {}

    private Seen pool() {
        boolean registered = cluster.service
                .state()
                .node(node(1))
                .filter(known -> known.storagePools().containsKey(POOL))
                .isPresent();
        Optional<PoolStatus> status =
                cluster.service.status(node(1)).map(known -> known.pools().get(POOL));
        return new Seen(registered, status.flatMap(seen -> seen.capacity().unknown()));
    }

    @Test
    void showsWhyItCannotBeUsedAndTakesNoReplica() {
        assertTrue(pool().isRegistered());
        assertEquals(ErrorCode.POOL_UNUSABLE, pool().problem().orElseThrow().code());
        cluster.withDefinition(ClusterFixture.DB1);

        HeddleException refused =
                refused(ErrorCode.NOT_ENOUGH_NODES, cluster.service.autoPlace(ClusterFixture.DB1, place(1)));

        assertTrue(refused.why().contains("pool drbdpool is unusable"), refused.why());
    }

    @Test
    void isDeletedAndCreatedAgain() {
        HeddleException exists =
                refused(ErrorCode.STORAGE_POOL_EXISTS, cluster.service.createStoragePool(cluster.poolWish(1)));
        assertTrue(exists.correction().contains("delete"), exists.correction());

        complete(cluster.service.deleteStoragePool(node(1), POOL));
        assertFalse(pool().isRegistered());
        cluster.machine(1).brokenBackings = Set.of();
        complete(cluster.service.createStoragePool(cluster.poolWish(1)));

        assertTrue(pool().isRegistered());
        assertEquals(Optional.empty(), pool().problem());
    }

    @Test
    void canBeUsedWhenWhatItStandsOnIsRepaired() throws InterruptedException {
        cluster.machine(1).brokenBackings = Set.of();
        cluster.restart();

        eventually(
                "it is usable", () -> pool().isRegistered() && pool().problem().isEmpty());
        cluster.withDefinition(ClusterFixture.DB1);
        complete(cluster.service.autoPlace(ClusterFixture.DB1, place(1)));
    }
}
