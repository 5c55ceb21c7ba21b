package io.heddle.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.GrantedVotes;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.ResourceStatus.Phase;
import io.heddle.core.status.Role;
import io.heddle.core.status.VolumeStatus;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class SettlementTest {
    private static final long REVISION = 10;
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final NodeName N3 = new NodeName("n3");

    private final Map<UUID, ResourceStatus> reports = new HashMap<>();
    private final ResourceDefinition plain = definition(N1, N2, N3);

    @Test
    void nothingIsSettledWithoutReports() {
        ResourceDefinition deleting = plain.markedDeleting();

        assertEquals(Optional.of(deleting), settle(deleting));
        assertTrue(Settlement.pending(deleting));
        assertFalse(Settlement.pending(plain));
    }

    @Test
    void aDeletedDefinitionGoesWithItsLastResource() {
        ResourceDefinition deleting = plain.markedDeleting();
        report(deleting, N1, Phase.REMOVED, REVISION);
        report(deleting, N2, Phase.REMOVED, REVISION);

        assertEquals(Set.of(N3), settle(deleting).orElseThrow().resources().keySet());

        report(deleting, N3, Phase.REMOVED, REVISION);
        assertEquals(Optional.empty(), settle(deleting));
    }

    @Test
    void aReportOfRemovalCountsForTombstonesOnly() {
        report(plain, N1, Phase.REMOVED, REVISION);

        assertEquals(Optional.of(plain), settle(plain));
    }

    @Test
    void aRemovedResourceRetiresItsNodeId() {
        ResourceDefinition definition =
                plain.withResource(plain.resources().get(N2).markedDeleting());
        report(definition, N2, Phase.REMOVED, REVISION);

        ResourceDefinition settled = settle(definition).orElseThrow();

        assertEquals(Set.of(N1, N3), settled.resources().keySet());
        assertEquals(Set.of(1), settled.retiredNodeIds());
        assertEquals(Optional.of(settled), settle(settled));
    }

    @Test
    void oneThatWaitsForItsVoteIsReleasedWhenAllThatItSeesAreThrough() {
        ResourceDefinition definition =
                plain.withResource(plain.resources().get(N3).markedDeleting());
        waiting(definition, ConnectionState.CONNECTED, ConnectionState.CONNECTING);
        report(definition, N1, Phase.READY, REVISION - 1);
        assertEquals(Optional.of(definition), settle(definition), "n1 has not heard of it");

        report(definition, N1, Phase.WORKING, REVISION);
        assertEquals(Optional.of(definition), settle(definition), "n1 cannot do without it yet");

        report(definition, N1, Phase.READY, REVISION);
        ResourceDefinition settled = settle(definition).orElseThrow();
        assertTrue(settled.resources().get(N3).released(), "n2 does not see it anyway");
        assertTrue(settled.resources().get(N3).deleting());

        waiting(definition, ConnectionState.CONNECTED, ConnectionState.CONNECTED);
        assertEquals(Optional.of(definition), settle(definition), "n2 sees it and has said nothing");
    }

    @Test
    void oneThatGoesByItselfNeedsNoRelease() {
        ResourceDefinition definition =
                plain.withResource(plain.resources().get(N3).markedDeleting());
        report(definition, N1, Phase.READY, REVISION);
        report(definition, N2, Phase.READY, REVISION);
        report(definition, N3, Phase.WORKING, REVISION);

        assertEquals(Optional.of(definition), settle(definition));
    }

    /** n3 waits, and sees the others so. */
    private void waiting(ResourceDefinition definition, ConnectionState one, ConnectionState two) {
        Resource resource = definition.resources().get(N3);
        List<ConnectionStatus> connections = List.of(
                new ConnectionStatus("n1", 0, one, Role.PRIMARY, true, List.of()),
                new ConnectionStatus("n2", 1, two, Role.SECONDARY, true, List.of()));
        reports.put(
                resource.uuid(),
                new ResourceStatus(
                        new ResourceName("db1"),
                        resource.uuid(),
                        Phase.WORKING,
                        REVISION,
                        Optional.empty(),
                        List.of("the others to keep their quorum"),
                        List.of(),
                        Observation.known(Optional.of(
                                new ReplicationStatus("db1", Role.SECONDARY, "no", false, 0, List.of(), connections))),
                        Ordered.set(null),
                        Instant.EPOCH,
                        true));
    }

    @Test
    void aNodeIdIsFreeWhenAllOthersHaveForgottenItAfterItWasRetired() {
        ResourceDefinition definition = plain.withoutResource(N3);
        report(definition, N1, Phase.READY, REVISION, 2);
        assertEquals(Set.of(2), settle(definition).orElseThrow().retiredNodeIds());

        report(definition, N2, Phase.READY, REVISION - 1, 2);
        assertEquals(Set.of(2), settle(definition).orElseThrow().retiredNodeIds());

        report(definition, N2, Phase.WORKING, REVISION, 2);
        assertEquals(Set.of(), settle(definition).orElseThrow().retiredNodeIds());
    }

    @Test
    void aNodeIdIsNotFreeWhileOneWithoutADiskMayKnowItsFormerOwner() {
        ResourceDefinition withClient =
                plain.withResource(plain.resources().get(N2).withoutDisk(Ordered.map(null), Ordered.map(null)));
        ResourceDefinition definition = withClient.withoutResource(N3);
        report(definition, N1, Phase.READY, REVISION, 2);
        assertEquals(Set.of(2), settle(definition).orElseThrow().retiredNodeIds(), "n2 has said nothing");

        report(definition, N2, Phase.READY, REVISION - 1);
        assertEquals(Set.of(2), settle(definition).orElseThrow().retiredNodeIds(), "n2 has not heard of it");

        report(definition, N2, Phase.WORKING, REVISION);
        assertEquals(Set.of(2), settle(definition).orElseThrow().retiredNodeIds(), "n2 is not through");

        report(definition, N2, Phase.READY, REVISION);
        assertEquals(Set.of(), settle(definition).orElseThrow().retiredNodeIds());
    }

    @Test
    void aNodeIdIsNotFreeWhileOneThatIsToGoMayKnowItsFormerOwner() {
        ResourceDefinition withoutThird = plain.withoutResource(N3);
        ResourceDefinition definition =
                withoutThird.withResource(withoutThird.resources().get(N2).markedDeleting());
        report(definition, N1, Phase.READY, REVISION, 1, 2);
        report(definition, N2, Phase.WORKING, REVISION, 2);
        assertEquals(Set.of(2), settle(definition).orElseThrow().retiredNodeIds());

        report(definition, N2, Phase.REMOVED, REVISION, 2);
        assertEquals(Set.of(), settle(definition).orElseThrow().retiredNodeIds());
    }

    @Test
    void aVoteIsGivenOnWhatIsSaidOfTheLastWishOnly() {
        NodeName newcomer = new NodeName("n4");
        ResourceDefinition four = definition(N1, N2, N3, newcomer);
        ResourceDefinition definition = four.withVotes(Optional.of(new GrantedVotes(
                Ordered.set(List.of(N1, N2, N3)), Ordered.set(null), Ordered.set(List.of(newcomer)), true)));
        assertTrue(Settlement.pending(definition));

        report(definition, newcomer, Phase.WORKING, REVISION - 1);
        assertEquals(definition, settlement().withNextVote(definition), "n4 has not heard of all the others");

        report(definition, newcomer, Phase.WORKING, REVISION);
        GrantedVotes votes = settlement().withNextVote(definition).votes().orElseThrow();
        assertEquals(Set.of(N1, N2, N3, newcomer), votes.voters());
        assertFalse(votes.carriedOut());
    }

    @Test
    void theNextVoteWaitsForAllThatCount() {
        ResourceDefinition definition = plain.withVotes(Optional.of(
                new GrantedVotes(Ordered.set(List.of(N1, N2, N3)), Ordered.set(null), Ordered.set(null), false)));
        report(definition, N1, Phase.READY, REVISION);
        report(definition, N2, Phase.READY, REVISION);
        report(definition, N3, Phase.READY, REVISION - 1);
        assertEquals(definition, settlement().withNextVote(definition));

        report(definition, N3, Phase.READY, REVISION);
        assertEquals(Optional.empty(), settlement().withNextVote(definition).votes());
    }

    @Test
    void aDeletedVolumeGoesWhenEveryNodeIsReadyWithoutIt() {
        ResourceDefinition definition =
                plain.withVolumeDefinition(plain.volumeDefinitions().get(0).markedDeleting());
        report(definition, N1, Phase.READY, REVISION);
        report(definition, N2, Phase.READY, REVISION);
        report(definition, N3, Phase.READY, REVISION - 1);
        assertEquals(Optional.of(definition), settle(definition));

        report(definition, N3, Phase.READY, REVISION);

        ResourceDefinition settled = settle(definition).orElseThrow();
        assertEquals(Set.of(), settled.volumeDefinitions().keySet());
        assertEquals(Set.of(), settled.resources().get(N1).volumes().keySet());
    }

    @Test
    void aFirstGenerationIsReachedWithTheFirstReplicaThatIsUpToDate() {
        ResourceDefinition definition = pending();
        assertEquals(Optional.of(definition), settle(definition));

        reports.put(
                definition.resources().get(N2).uuid(),
                upToDate(
                        definition,
                        N2,
                        definition.resources().get(N2).volumes().get(0).uuid()));

        assertEquals(
                Optional.empty(),
                settle(definition).orElseThrow().volumeDefinitions().get(0).firstGeneration());
    }

    @Test
    void theDeviceOfAnEarlierVolumeOfTheNumberProvesNothing() {
        ResourceDefinition definition = pending();

        reports.put(definition.resources().get(N2).uuid(), upToDate(definition, N2, UUID.randomUUID()));

        assertEquals(Optional.of(definition), settle(definition));
    }

    private ResourceDefinition pending() {
        FirstGeneration first =
                new FirstGeneration(FirstGeneration.Mode.SKIP_SYNC, N1, Ordered.set(List.of(N1, N2, N3)));
        return plain.withVolumeDefinition(plain.volumeDefinitions().get(0).withFirstGeneration(Optional.of(first)));
    }

    private Optional<ResourceDefinition> settle(ResourceDefinition definition) {
        return settlement().settle(definition);
    }

    private Settlement settlement() {
        return new Settlement((node, resource) -> Optional.ofNullable(reports.get(resource)), REVISION);
    }

    private void report(
            ResourceDefinition definition, NodeName node, Phase phase, long revision, Integer... forgotten) {
        Resource resource = definition.resources().get(node);
        reports.put(resource.uuid(), status(resource, phase, revision, List.of(), Optional.empty(), forgotten));
    }

    private static ResourceStatus upToDate(ResourceDefinition definition, NodeName node, UUID volume) {
        DeviceStatus device = new DeviceStatus(0, 1000, DiskState.UP_TO_DATE, false, true, Bytes.ofMib(64), "", false);
        VolumeStatus shown = new VolumeStatus(
                0, volume, Optional.of("/dev/drbd1000"), Optional.empty(), Optional.empty(), Optional.empty());
        return status(
                definition.resources().get(node),
                Phase.WORKING,
                REVISION,
                List.of(shown),
                Optional.of(new ReplicationStatus("db1", Role.SECONDARY, "no", true, 1, List.of(device), List.of())));
    }

    private static ResourceStatus status(
            Resource resource,
            Phase phase,
            long revision,
            List<VolumeStatus> volumes,
            Optional<ReplicationStatus> kernel,
            Integer... forgotten) {
        return new ResourceStatus(
                new ResourceName("db1"),
                resource.uuid(),
                phase,
                revision,
                Optional.empty(),
                List.of(),
                volumes,
                Observation.known(kernel),
                Ordered.set(List.of(forgotten)),
                Instant.EPOCH);
    }

    private static ResourceDefinition definition(NodeName... nodes) {
        ResourceDefinition definition = new ResourceDefinition(
                new ResourceName("db1"),
                UUID.randomUUID(),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("s"),
                Ordered.map(Map.of(
                        0,
                        new VolumeDefinition(
                                0,
                                UUID.randomUUID(),
                                Bytes.ofMib(64),
                                1000,
                                Ordered.map(null),
                                Optional.empty(),
                                false))),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
        for (int id = 0; id < nodes.length; id++) {
            definition = definition.withResource(new Resource(
                    nodes[id],
                    UUID.randomUUID(),
                    id,
                    7000,
                    false,
                    false,
                    Ordered.map(Map.of(
                            0,
                            new Volume(
                                    0,
                                    UUID.randomUUID(),
                                    Optional.of(new Backing(new PoolName("pool"), "db1_00000", 7))))),
                    Ordered.map(null),
                    false,
                    Instant.EPOCH));
        }
        return definition;
    }
}
