package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.model.Bytes;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** Which changes of DRBD's state may change a plan. */
class ReplicationBoardTest {
    private final ReplicationBoard board = Boards.replication();

    private static ReplicationStatus status(ConnectionState state, boolean splitBrain, long outOfSync) {
        PeerVolumeStatus volume = new PeerVolumeStatus(
                0,
                ReplicationState.SYNC_SOURCE,
                DiskState.INCONSISTENT,
                new Bytes(outOfSync),
                OptionalDouble.empty(),
                "no");
        ConnectionStatus connection =
                new ConnectionStatus("n2", 1, state, Role.SECONDARY, true, List.of(volume), splitBrain);
        return new ReplicationStatus("db1", Role.SECONDARY, "no", true, 0, List.of(), List.of(connection));
    }

    @Test
    void theProgressOfASyncAloneChangesNoPlan() {
        assertTrue(board.changed(status(ConnectionState.CONNECTED, false, 8192)));

        assertFalse(board.changed(status(ConnectionState.CONNECTED, false, 4096)));
    }

    @Test
    void thatDrbdSaysSplitBrainMayChangeAPlanThoughTheConnectionIsAsBefore() {
        board.changed(status(ConnectionState.STAND_ALONE, false, 4096));

        assertTrue(board.changed(status(ConnectionState.STAND_ALONE, true, 4096)));
    }
}
