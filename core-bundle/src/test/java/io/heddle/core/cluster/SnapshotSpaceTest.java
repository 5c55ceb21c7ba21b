package io.heddle.core.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.model.SnapshotVolume;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolStatus;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SnapshotSpaceTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final PoolName POOL = new PoolName("fast");
    private static final UUID ID = UUID.fromString("12345678-0000-4000-8000-000000000000");
    private static final SnapshotVolume FIRST = new SnapshotVolume(0, UUID.randomUUID(), POOL, "db1_00000", 7);
    private static final SnapshotVolume SECOND = new SnapshotVolume(1, UUID.randomUUID(), POOL, "db1_00001", 7);
    private static final Snapshot SNAPSHOT = new Snapshot(
            new SnapshotName("s1"),
            ID,
            Snapshot.State.READY,
            Instant.EPOCH,
            Optional.empty(),
            Ordered.map(Map.of(0, Bytes.ofMib(64), 1, Bytes.ofMib(64))),
            List.of(N1, N2),
            Ordered.map(Map.of(N1, List.of(FIRST, SECOND))),
            Ordered.map(null),
            Optional.empty(),
            Optional.empty());

    private static ClusterView seen(Map<String, Bytes> snapshots) {
        NodeStatus status = new NodeStatus(
                N1,
                "n1",
                "0.1.0",
                Instant.EPOCH,
                1,
                new KernelStatus(KernelStatus.Dialect.DRBD_9, "9.2.18", "9.22.0", "6.1.0", Optional.empty()),
                List.of(),
                Ordered.map(Map.of(
                        POOL,
                        new PoolStatus(
                                POOL,
                                UUID.randomUUID(),
                                DriverKind.LVM_THIN,
                                Observation.unknown(new Problem(ErrorCode.STARTING, "a", "b", "c")),
                                Ordered.map(snapshots)))),
                Ordered.map(null),
                List.of());
        return new ClusterView() {
            @Override
            public ClusterState state() {
                throw new AssertionError("the desired state says nothing of space");
            }

            @Override
            public Optional<NodeStatus> status(NodeName node) {
                return Optional.of(status).filter(known -> known.node().equals(node));
            }

            @Override
            public LinkStatus link(NodeName node) {
                throw new AssertionError("as it was last seen");
            }

            @Override
            public SortedMap<ResourceName, String> evacuation(NodeName node) {
                return Ordered.map(null);
            }

            @Override
            public SizeReport sizes(ResourceGroupName group, PlacementWish asked) {
                throw new AssertionError("nothing of space in use");
            }

            @Override
            public ControllerStatus controller() {
                throw new AssertionError("nothing of space");
            }
        };
    }

    @Test
    void isTheSumOfAllVolumesOfANode() {
        ClusterView view =
                seen(Map.of("db1_00000_snap_12345678", Bytes.ofMib(2), "db1_00001_snap_12345678", Bytes.ZERO));

        assertEquals(Optional.of(Bytes.ofMib(2)), SnapshotSpace.of(view, SNAPSHOT, N1));
        assertEquals(Optional.of(Bytes.ZERO), SnapshotSpace.of(view, SNAPSHOT, N1, SECOND));
    }

    @Test
    void isUnknownAndNotZeroWhereAPartOfItIsNotKnown() {
        ClusterView view =
                seen(Map.of("db1_00000_snap_12345678", Bytes.ofMib(2), "db1_00001_snap_87654321", Bytes.ZERO));

        assertEquals(Optional.of(Bytes.ofMib(2)), SnapshotSpace.of(view, SNAPSHOT, N1, FIRST));
        assertEquals(Optional.empty(), SnapshotSpace.of(view, SNAPSHOT, N1));
        assertEquals(Optional.empty(), SnapshotSpace.of(view, SNAPSHOT, N2));
    }
}
