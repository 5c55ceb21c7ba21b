package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class UnitTest {
    private static final Wish DB1 = Wish.of("db1", "n1", "n2");

    private final ResourceSpec spec = DB1.spec(new NodeName("n1")).orElseThrow();
    private final int peer = spec.peers().get(0).nodeId();
    private final Unit unit = new Unit(new Unit.Wanted(spec, 1), Clock.systemUTC());

    @BeforeEach
    void adjusted() {
        unit.adjusted = true;
    }

    private static ConfiguredResource file(Set<Integer> voters) {
        return new ConfiguredResource(
                "db1",
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Ordered.set(voters),
                Ordered.map(null),
                Ordered.map(null));
    }

    private ReplicationStatus connection(ConnectionState state, boolean splitBrain) {
        Role role = state == ConnectionState.CONNECTED ? Role.SECONDARY : Role.UNKNOWN;
        return new ReplicationStatus(
                "db1",
                Role.SECONDARY,
                "no",
                true,
                0,
                List.of(),
                List.of(new ConnectionStatus("n2", peer, state, role, true, List.of(), splitBrain, List.of())));
    }

    @Test
    void onePeerThatGotADiskAndIsRefusedIsAskedForAgainOnce() {
        unit.noteDisks(file(Set.of()), spec);

        unit.doubtAdjust(connection(ConnectionState.CONNECTING, false));
        assertTrue(unit.adjusted, "it is being connected");
        unit.doubtAdjust(connection(ConnectionState.STAND_ALONE, false));
        assertFalse(unit.adjusted);

        unit.adjusted = true;
        unit.doubtAdjust(connection(ConnectionState.STAND_ALONE, false));
        assertTrue(unit.adjusted, "refused again, it is not for what it was told before");
    }

    @Test
    void whoDisconnectsLaterIsNotConnectedAgain() {
        unit.noteDisks(file(Set.of()), spec);
        unit.doubtAdjust(connection(ConnectionState.CONNECTED, false));

        unit.doubtAdjust(connection(ConnectionState.STAND_ALONE, false));

        assertTrue(unit.adjusted);
    }

    @Test
    void whoHadADiskBeforeIsNotConnectedAgain() {
        unit.noteDisks(file(Set.of(peer)), spec);

        unit.doubtAdjust(connection(ConnectionState.STAND_ALONE, false));

        assertTrue(unit.adjusted);
    }

    @Test
    void aSplitBrainIsLeftToAPerson() {
        unit.noteDisks(file(Set.of()), spec);

        unit.doubtAdjust(connection(ConnectionState.STAND_ALONE, true));

        assertTrue(unit.adjusted);
    }
}
