package io.heddle.satellite.link;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.DriverStatus;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.StatusDelta;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class PendingStatusTest {
    private static final NodeStatus EMPTY = new NodeStatus(
            new NodeName("n1"),
            "n1",
            "0.1.0",
            Instant.EPOCH,
            0,
            kernel("6.1"),
            List.of(),
            new TreeMap<>(),
            new TreeMap<>(),
            List.of());

    @Test
    void isEmptyBeforeAnythingChangesAndAfterItWasTaken() {
        PendingStatus pending = new PendingStatus();
        assertEquals(Optional.empty(), pending.take());

        pending.add(change(1, List.of(resource(1, "a")), List.of(), Optional.empty()));

        assertEquals(1, pending.take().orElseThrow().resources().size());
        assertEquals(Optional.empty(), pending.take());
    }

    @Test
    void forgetsWhatTheWholeStatusCovers() {
        PendingStatus pending = new PendingStatus();
        pending.add(change(1, List.of(resource(1, "a")), List.of(1L), Optional.of(kernel("6.2"))));

        pending.clear();
        pending.add(change(2, List.of(), List.of(), Optional.empty()));

        assertEquals(
                change(2, List.of(), List.of(), Optional.empty()),
                pending.take().orElseThrow());
    }

    @Test
    void changesInOneMeanTheSameAsOneAfterTheOther() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            PendingStatus pending = new PendingStatus();
            NodeStatus oneByOne = EMPTY;
            NodeStatus atOnce = EMPTY;
            for (int i = 1; i <= 30; i++) {
                StatusDelta delta = random(random, i);
                oneByOne = oneByOne.apply(delta);
                pending.add(delta);
                if (random.nextInt(5) == 0) {
                    atOnce = atOnce.apply(pending.take().orElseThrow());
                }
            }
            Optional<StatusDelta> rest = pending.take();
            atOnce = rest.isPresent() ? atOnce.apply(rest.get()) : atOnce;

            assertEquals(oneByOne, atOnce, "seed " + seed);
        }
    }

    private static StatusDelta random(Random random, int revision) {
        List<ResourceStatus> resources = new ArrayList<>();
        List<Long> gone = new ArrayList<>();
        for (long id = 0; id < 4; id++) {
            if (random.nextInt(3) == 0) {
                resources.add(resource(id, "r" + revision));
            }
            if (random.nextInt(3) == 0) {
                gone.add(id);
            }
        }
        Optional<KernelStatus> kernel =
                random.nextInt(4) == 0 ? Optional.of(kernel("6." + revision)) : Optional.empty();
        return change(revision, resources, gone, kernel);
    }

    private static StatusDelta change(
            int revision, List<ResourceStatus> resources, List<Long> gone, Optional<KernelStatus> kernel) {
        TreeSet<UUID> goneIds = new TreeSet<>();
        gone.forEach(id -> goneIds.add(new UUID(0, id)));
        return new StatusDelta(
                Instant.ofEpochSecond(revision),
                revision,
                kernel,
                revision % 7 == 0 ? Optional.<List<DriverStatus>>of(List.of()) : Optional.empty(),
                Optional.empty(),
                resources,
                goneIds,
                Optional.empty());
    }

    private static KernelStatus kernel(String release) {
        return new KernelStatus(KernelStatus.Dialect.NONE, "", "", release, Optional.empty());
    }

    private static ResourceStatus resource(long id, String step) {
        return new ResourceStatus(
                new ResourceName("db" + id),
                new UUID(0, id),
                ResourceStatus.Phase.WORKING,
                1,
                Optional.empty(),
                List.of(step),
                List.of(),
                new Observation.Known<>(Optional.empty()),
                new TreeSet<>(),
                Instant.EPOCH);
    }
}
