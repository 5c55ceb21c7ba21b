package io.heddle.tests.link;

import static io.heddle.tests.link.LinkBench.N1;
import static io.heddle.tests.link.LinkBench.address;
import static io.heddle.tests.link.LinkBench.version;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.LinkStatus.State;
import io.heddle.satellite.link.LinkServer;
import io.heddle.tests.link.LinkBench.Controller;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Controllers of one cluster: they have one directory, and so one key, as a copy of it would. */
class NewestControllerTest {
    @TempDir
    Path directory;

    private LinkBench bench;
    private LinkServer running;
    private final FakeSatellite end = new FakeSatellite(N1);

    @BeforeEach
    void open() {
        bench = new LinkBench(directory);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void aRestoredBackupIsRefusedAndToldTheWayOut() {
        Controller current = online(version(5, 7));
        LinkServer server = running;

        Controller restored = bench.controller("controller", version(4, 100));
        restored.connect(N1, address(server));
        Problem problem =
                restored.listener().awaits(N1, State.REFUSED).problem().orElseThrow();

        assertEquals(ErrorCode.STALE_CONTROLLER, problem.code());
        assertTrue(problem.correction().contains("heddle node reconnect n1 --accept-older"), problem.correction());
        assertEquals(1, current.listener().count(N1, State.ONLINE));
        assertEquals(Optional.of(State.ONLINE), current.listener().state(N1));
    }

    @Test
    void aRestoredBackupIsRefusedByWhatTheSatelliteHoldsEvenWhenNobodyElseIsThere() {
        Controller current = online(version(5, 7));
        LinkServer server = running;
        int port = server.port();
        Eventually.holds(() -> end.taken.size() == 1, () -> end.taken);
        current.links().close();
        server.close();
        LinkServer again = bench.satellite(N1, end, port, LinkEncryption.TLS, LinkBench.ANYWHERE);

        Controller restored = bench.controller("controller", version(5, 6));
        restored.connect(N1, address(again));

        restored.listener().awaits(N1, ErrorCode.STALE_CONTROLLER);
        assertEquals(1, end.taken.size());
    }

    @Test
    void aSecondCopyOfTheSameEpochIsRefused() {
        Controller current = online(version(5, 7));
        LinkServer server = running;

        Controller copy = bench.controller("controller", new SpecVersion(5, UUID.randomUUID(), 8));
        copy.connect(N1, address(server));
        Problem problem = copy.listener().awaits(N1, State.REFUSED).problem().orElseThrow();

        assertEquals(ErrorCode.STALE_CONTROLLER, problem.code());
        assertTrue(problem.why().contains("another copy"), problem.why());
        assertEquals(Optional.of(State.ONLINE), current.listener().state(N1));
    }

    @Test
    void aControllerThatWasLetInCountsEvenBeforeItsSpecHasCome() {
        end.beforeTaking = () -> {
            throw new HeddleException(ErrorCode.FILE_FAILED, "no", "disk full", "clean up");
        };
        LinkServer server = bench.satellite(N1, end);
        Controller newer = bench.controller("controller", version(6, 1));
        newer.connect(N1, address(server));
        newer.listener().awaits(N1, ErrorCode.FILE_FAILED);
        newer.links().close();

        Controller older = bench.controller("controller", version(5, 1));
        older.connect(N1, address(server));

        older.listener().awaits(N1, ErrorCode.STALE_CONTROLLER);
    }

    @Test
    void aControllerThatWasLetInCountsAfterARestartEvenIfItsSpecNeverCame() {
        end.beforeTaking = () -> {
            throw new HeddleException(ErrorCode.FILE_FAILED, "no", "disk full", "clean up");
        };
        LinkServer server = bench.satellite(N1, end);
        Controller newer = bench.controller("controller", version(6, 1));
        newer.connect(N1, address(server));
        newer.listener().awaits(N1, ErrorCode.FILE_FAILED);
        newer.links().close();
        int port = server.port();
        server.close();
        LinkServer again = bench.satellite(N1, end, port, LinkEncryption.TLS, LinkBench.ANYWHERE);

        Controller older = bench.controller("controller", version(5, 1));
        older.connect(N1, address(again));

        older.listener().awaits(N1, ErrorCode.STALE_CONTROLLER);
    }

    @Test
    void aHigherEpochTakesOverAndTheOldOneIsToldSo() {
        Controller deposed = online(version(5, 7));
        LinkServer server = running;

        Controller leader = bench.controller("controller", version(6, 7));
        leader.connect(N1, address(server));

        leader.listener().awaits(N1, State.ONLINE);
        deposed.listener().awaits(N1, ErrorCode.STALE_CONTROLLER);
        Eventually.holds(() -> end.held().equals(Optional.of(version(6, 7))), () -> end.held());
        assertEquals(1, end.followers.size());
    }

    @Test
    void rootsWordLetsAnOlderControllerIn() {
        Controller current = online(version(5, 7));
        LinkServer server = running;
        Eventually.holds(() -> end.taken.size() == 1, () -> end.taken);
        current.links().close();
        Controller restored = bench.controller("controller", version(4, 3));
        restored.connect(N1, address(server));
        restored.listener().awaits(N1, State.REFUSED);

        restored.links().reconnect(N1, Optional.empty(), true);

        restored.listener().awaits(N1, State.ONLINE);
        Eventually.holds(() -> end.held().equals(Optional.of(version(4, 3))), () -> end.held());
    }

    @Test
    void aNewerConnectionOfTheSameControllerReplacesTheOlder() {
        Controller controller = online(version(5, 7));
        LinkServer server = running;

        Controller same = bench.controller("controller", version(5, 7));
        controller.links().disconnect(N1);
        same.connect(N1, address(server));
        same.listener().awaits(N1, State.ONLINE);
        Controller sameAgain = bench.controller("controller", version(5, 7));
        sameAgain.connect(N1, address(server));
        sameAgain.listener().awaits(N1, State.ONLINE);

        Eventually.holds(() -> end.followers.size() == 1, () -> end.followers);
        same.links().close();
        end.report(FakeSatellite.change(3));
        Eventually.holds(() -> !sameAgain.listener().changes.isEmpty(), () -> sameAgain.listener().told);
    }

    private Controller online(SpecVersion version) {
        running = bench.satellite(N1, end);
        Controller controller = bench.controller("controller", version);
        controller.connect(N1, address(running));
        controller.listener().awaits(N1, State.ONLINE);
        return controller;
    }
}
