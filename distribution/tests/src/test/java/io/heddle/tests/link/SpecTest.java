package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.tests.link.LinkBench.Controller;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecTest {
    @TempDir
    Path directory;

    private LinkBench bench;
    private Controller controller;
    private LinkServer server;
    private final FakeSatellite end = new FakeSatellite(N1);

    @BeforeEach
    void open() {
        bench = new LinkBench(directory);
        controller = bench.controller("controller", version(1, 7));
        server = bench.satellite(N1, end);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void theWholeSpecIsSentFirstAndConfirmedWhenItIsStored() {
        connect();

        awaitStored(7);
        assertEquals(List.of(controller.listener().emptySpec(N1)), end.taken);
    }

    @Test
    void aChangeIsSentAsADelta() {
        connect();
        awaitStored(7);

        controller.links().send(N1, change(7, 8));

        awaitStored(8);
        assertEquals(List.of(change(7, 8)), end.changes);
        assertEquals(1, end.taken.size());
    }

    @Test
    void aDeltaThatBuildsOnAnEarlierRevisionIsPutOverWhatWasSentLast() {
        connect();
        awaitStored(7);

        controller.links().send(N1, change(3, 9));

        awaitStored(9);
        assertEquals(List.of(change(7, 9)), end.changes);
    }

    @Test
    void aDeltaThatIsPartOfWhatWasSentIsNotSentAgain() {
        connect();
        awaitStored(7);

        controller.links().send(N1, change(6, 7));
        controller.links().send(N1, change(7, 8));
        controller.links().send(N1, change(7, 8));
        controller.links().send(N1, change(8, 9));

        awaitStored(9);
        assertEquals(List.of(change(7, 8), change(8, 9)), end.changes);
    }

    @Test
    void aGapIsFilledWithTheWholeSpec() {
        connect();
        awaitStored(7);
        controller.listener().version = version(1, 12);

        controller.links().send(N1, change(11, 12));

        awaitStored(12);
        assertEquals(List.of(), end.changes);
        assertEquals(2, end.taken.size());
    }

    @Test
    void aSatelliteThatLostItsSpecAsksForTheWhole() {
        connect();
        awaitStored(7);
        end.hold(Optional.empty());
        controller.listener().version = version(1, 8);

        controller.links().send(N1, change(7, 8));

        awaitStored(8);
        assertEquals(List.of(), end.changes);
        assertEquals(Optional.of(version(1, 8)), end.held());
    }

    @Test
    void whatASatelliteHoldsAlreadyIsConfirmedAndNotSentAgain() {
        connect();
        awaitStored(7);

        controller.links().reconnect(N1, Optional.empty(), false);
        Eventually.holds(
                () -> controller.listener().count(N1, State.ONLINE) == 2,
                () -> controller.listener().links.get(N1));
        Eventually.holds(() -> end.changes.size() == 1, () -> end.changes);
        assertEquals(7, end.changes.get(0).base());
        assertEquals(version(1, 7), end.changes.get(0).version());
        assertEquals(List.of(), end.changes.get(0).changed());
        controller.links().send(N1, change(7, 8));

        awaitStored(8);
        assertEquals(1, end.taken.size());
    }

    @Test
    void changesBeforeTheLinkStandsAreCoveredByTheWholeSpec() {
        controller.links().send(N1, change(6, 7));
        connect();

        awaitStored(7);
        assertEquals(List.of(), end.changes);
    }

    @Test
    void changesThatPileUpAreReplacedByTheWholeSpec() throws InterruptedException {
        connect();
        awaitStored(7);
        try (Proxy slow = new Proxy(server.port())) {
            controller.links().connect(N1, address(slow.port()), Optional.of(server.fingerprint()));
            Eventually.holds(
                    () -> controller.listener().count(N1, State.ONLINE) == 2,
                    () -> controller.listener().links.get(N1));
            slow.freeze();
            for (long revision = 8; revision <= 2_000; revision++) {
                controller.listener().version = version(1, revision);
                controller.links().send(N1, change(revision - 1, revision, "x".repeat(50_000)));
            }
            slow.thaw();

            awaitStored(2_000);
            assertEquals(Optional.of(version(1, 2_000)), end.held());
            assertTrue(end.taken.size() > 1, "no whole spec was sent");
            assertTrue(end.changes.size() < 1_900, "all changes were sent: " + end.changes.size());
        }
    }

    @Test
    void aLongSpecArrivesInOnePiece() {
        NodeSpec spec = controller.listener().emptySpec(N1);
        ResourceSpec large = resource("\u00e4\ud83d\udca7".repeat(3_000_000));
        controller
                .listener()
                .specs
                .put(
                        N1,
                        new NodeSpec(
                                spec.clusterId(),
                                N1,
                                spec.version(),
                                spec.pools(),
                                new TreeMap<>(Map.of(large.uuid(), large)),
                                spec.unsaid()));

        connect();

        awaitStored(7);
        assertEquals(large, end.taken.get(0).resources().get(large.uuid()));
    }

    @Test
    void aSpecThatCannotBeStoredIsShownAndTriedAgain() {
        CountDownLatch repaired = new CountDownLatch(1);
        end.beforeTaking = () -> {
            if (repaired.getCount() > 0) {
                throw new HeddleException(ErrorCode.FILE_FAILED, "cannot store", "disk full", "clean up");
            }
        };
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, ErrorCode.FILE_FAILED);

        repaired.countDown();

        awaitStored(7);
        controller.listener().awaits(N1, State.ONLINE);
    }

    private void connect() {
        controller.connect(N1, address(server));
        controller.listener().awaits(N1, State.ONLINE);
    }

    private void awaitStored(long revision) {
        Eventually.holds(
                () -> Optional.ofNullable(controller.listener().stored.get(N1))
                        .equals(Optional.of(version(1, revision))),
                () -> controller.listener().stored);
    }

    private static SpecDelta change(long base, long revision) {
        return change(base, revision, "");
    }

    static SpecDelta change(long base, long revision, String text) {
        return new SpecDelta(
                base,
                version(1, revision),
                Optional.empty(),
                text.isEmpty() ? List.of() : List.of(resource(text)),
                new TreeSet<>());
    }

    private static ResourceSpec resource(String text) {
        return new ResourceSpec(
                new ResourceName("db1"),
                new UUID(1, 1),
                new UUID(1, 2),
                Disposition.PRESENT,
                false,
                true,
                N1,
                0,
                false,
                new Secret("s"),
                List.of(),
                List.of(),
                new TreeSet<>(),
                new TreeMap<>(Map.of("text", text)),
                false);
    }
}
