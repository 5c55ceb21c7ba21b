package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceConnection;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.OptionSection;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecVersion;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecBuilderTest {
    private static final NodeName N1 = new NodeName("n1");
    private static final NodeName N2 = new NodeName("n2");
    private static final NodeName N3 = new NodeName("n3");
    private static final PoolName POOL = new PoolName("drbdpool");
    private static final SpecVersion VERSION = new SpecVersion(1, new UUID(0, 1), 9);

    private ClusterState state = ClusterState.empty(new ClusterSettings(new UUID(0, 7), Ordered.map(null)));

    SpecBuilderTest() {
        edit(edit -> {
            edit.put(new ResourceGroup(ResourceGroup.DEFAULT, new UUID(0, 2), "", Ordered.map(null)));
            edit.put(node(N1, 1));
            edit.put(node(N2, 2));
            edit.put(node(N3, 3));
        });
    }

    @Test
    void aNodeGetsItsPoolsAndWhatItHas() {
        put(definition("db1", N1, N2));
        put(definition("db2", N2, N3));

        NodeSpec spec = SpecBuilder.node(state, N1, VERSION, Set.of());

        assertEquals(new UUID(0, 7), spec.clusterId());
        assertEquals(VERSION, spec.version());
        assertEquals(Set.of(POOL), spec.pools().keySet());
        assertEquals(
                List.of("db1"),
                spec.resources().values().stream()
                        .map(resource -> resource.name().value())
                        .toList());
    }

    @Test
    void aResourceKnowsItsPeersByAddressAndPort() {
        ResourceDefinition definition = put(definition("db1", N1, N2, N3));

        ResourceSpec spec = spec(definition, N2);

        assertEquals(1, spec.nodeId());
        assertEquals(List.of(N1, N3), spec.peers().stream().map(PeerSpec::node).toList());
        assertEquals(
                path("10.1.0.2", 7001, "10.1.0.1", 7000), spec.peers().get(0).paths());
        assertEquals(
                path("10.1.0.2", 7001, "10.1.0.3", 7002), spec.peers().get(1).paths());
        assertFalse(spec.peers().get(0).volumes().get(0).diskless());
        assertEquals("db1_00000", spec.volumes().get(0).backing().orElseThrow().name());
    }

    @ParameterizedTest(name = "pool {0}, resource {1}, definition {2}, node {3}, controller {4}: {5}")
    @CsvSource({
        "data, back, back, back, back, 10.2.0.1",
        "'',   data, back, back, back, 10.2.0.1",
        "'',   '',   data, back, back, 10.2.0.1",
        "'',   '',   '',   data, back, 10.2.0.1",
        "'',   '',   '',   '',   data, 10.2.0.1",
        "'',   '',   '',   '',   '',   10.1.0.1",
        "none, data, '',   '',   '',   10.2.0.1",
        "DATA, '',   '',   '',   '',   10.2.0.1"
    })
    void theNearestPreferredInterfaceIsUsed(
            String pool, String resource, String definition, String node, String controller, String address) {
        edit(edit -> {
            Node n1 = edit.requireNode(N1);
            edit.put(n1.withProperties(preferred(node))
                    .withStoragePool(n1.storagePools().get(POOL).withProperties(preferred(pool))));
            edit.put(state.settings().withProperties(preferred(controller)));
        });
        ResourceDefinition made = definition("db1", N1, N2).withProperties(preferred(definition));
        made = put(made.withResource(made.resources().get(N1).withProperties(preferred(resource))));

        assertEquals(
                address, spec(made, N1).peers().get(0).paths().get(0).local().value());
        assertEquals(
                address, spec(made, N2).peers().get(0).paths().get(0).remote().value());
    }

    @Test
    void namedPathsTakeThePlaceOfThePreferredInterfacesInTheOrderOfTheirNames() {
        NodePair nodes = new NodePair(N1, N2);
        edit(edit -> edit.put(state.settings()
                .withNodeConnection(nodes, Ordered.map(Map.of("Paths/all/" + N1, "back", "Paths/all/" + N2, "back")))));
        ResourceDefinition plain = put(definition("db1", N1, N2));
        assertEquals(
                path("10.3.0.1", 7000, "10.3.0.2", 7001),
                spec(plain, N1).peers().get(0).paths());

        ResourceDefinition set = put(plain.withConnection(
                nodes,
                ResourceConnection.NOTHING.withProperties(Ordered.map(Map.of(
                        "Paths/b/" + N1, "DATA",
                        "Paths/b/" + N2, "data",
                        "Paths/a/" + N1, "default",
                        "Paths/a/" + N2, "default",
                        "Paths/gone/" + N1, "nosuch",
                        "Paths/gone/" + N2, "data")))));

        assertEquals(
                List.of(
                        path("10.1.0.1", 7000, "10.1.0.2", 7001).get(0),
                        path("10.2.0.1", 7000, "10.2.0.2", 7001).get(0)),
                spec(set, N1).peers().get(0).paths());
        assertEquals(
                List.of(
                        path("10.1.0.2", 7001, "10.1.0.1", 7000).get(0),
                        path("10.2.0.2", 7001, "10.2.0.1", 7000).get(0)),
                spec(set, N2).peers().get(0).paths());
    }

    @Test
    void twoFamiliesOfAddressesAreNotMixed() {
        edit(edit -> {
            Node n1 = edit.requireNode(N1);
            edit.put(n1.withNetInterface(new NetInterface(
                            new NetInterfaceName("six"), new IpAddress("fd00::1"), 3366, LinkEncryption.TLS))
                    .withProperties(preferred("six")));
        });
        ResourceDefinition definition = put(definition("db1", N1, N2));

        assertEquals(
                path("10.1.0.1", 7000, "10.1.0.2", 7001),
                spec(definition, N1).peers().get(0).paths());
    }

    @Test
    void aTombstoneIsToldToGoAndItsPeersKnowThatItLeaves() {
        ResourceDefinition definition = definition("db1", N1, N2, N3);
        definition = put(definition.withResource(definition.resources().get(N2).markedDeleting()));

        assertEquals(Disposition.REMOVED, spec(definition, N2).disposition());
        assertFalse(spec(definition, N2).definitionDeleted());
        assertEquals(2, spec(definition, N2).peers().size());
        assertEquals(
                Map.of(N2, true, N3, false),
                spec(definition, N1).peers().stream().collect(Collectors.toMap(PeerSpec::node, PeerSpec::leaving)));
    }

    @Test
    void oneThatGoesDoesNotCountAsACopyForAnotherThatGoes() {
        ResourceDefinition definition = definition("db1", N1, N2, N3);
        definition = definition.withResource(definition.resources().get(N2).markedDeleting());
        definition = put(definition.withResource(definition.resources().get(N3).markedDeleting()));

        assertEquals(
                List.of(N1),
                spec(definition, N2).peers().stream().map(PeerSpec::node).toList());
    }

    @Test
    void aDeletedDefinitionIsToldToGoEverywhere() {
        ResourceDefinition definition = put(definition("db1", N1, N2));
        definition = put(definition.markedDeleting());

        ResourceSpec spec = spec(definition, N1);

        assertEquals(Disposition.REMOVED, spec.disposition());
        assertEquals(Disposition.REMOVED, spec.volumes().get(0).disposition());
        assertTrue(spec.definitionDeleted());
        assertEquals(
                1, SpecBuilder.node(state, N1, VERSION, Set.of()).resources().size());
    }

    @Test
    void aNameCreatedAgainKnowsOfItsOlderIncarnationWhereThatStillIs() {
        put(put(definition("db1", N1, N2)).markedDeleting());
        ResourceDefinition renewed = put(definition("db1", N2, N3));

        assertTrue(spec(renewed, N2).replacesOlder());
        assertFalse(spec(renewed, N3).replacesOlder());
    }

    @Test
    void aDeletedVolumeIsToldToGoAndPeersDoNotListIt() {
        ResourceDefinition definition = definition("db1", N1, N2);
        definition = put(definition.withVolumeDefinition(
                definition.volumeDefinitions().get(0).markedDeleting()));

        assertEquals(Disposition.REMOVED, spec(definition, N1).volumes().get(0).disposition());
        assertEquals(Disposition.PRESENT, spec(definition, N1).disposition());
        assertEquals(List.of(), spec(definition, N1).peers().get(0).volumes());
    }

    @Test
    void onlyThoseWithADiskForgetFormerPeers() {
        ResourceDefinition definition = put(definition("db1", N1, N2, N3).withoutResource(N2));
        ResourceDefinition diskless = put(definition.withResource(diskless(N2, 5)));

        assertEquals(Set.of(1), spec(diskless, N1).forgetNodeIds());
        assertEquals(Set.of(), spec(diskless, N2).forgetNodeIds());
        assertTrue(spec(diskless, N1).peers().get(0).diskless());
        assertTrue(spec(diskless, N1).peers().get(0).volumes().get(0).diskless());
        assertTrue(spec(diskless, N2).volumes().get(0).backing().isEmpty());
    }

    @Test
    void nothingIsSaidOfAResourceWhosePeerIsUnknown() {
        ResourceDefinition definition = put(definition("db1", N1, N2, N3));
        edit(edit -> edit.remove(edit.requireNode(N2)));

        NodeSpec spec = SpecBuilder.node(state, N1, VERSION, Set.of());

        assertEquals(Optional.empty(), SpecBuilder.resource(state, definition, N1));
        assertEquals(Map.of(), spec.resources());
        assertEquals(Set.of(definition.uuid()), spec.unsaid());
    }

    @Test
    void nothingIsSaidOfAReplicaThatGoesWhileAPeerIsUnknown() {
        ResourceDefinition definition = definition("db1", N1, N2, N3);
        Resource own = definition.resources().get(N1);
        ResourceDefinition leaving = put(definition.withResource(own.markedDeleting()));
        edit(edit -> edit.remove(edit.requireNode(N2)));

        assertEquals(Optional.empty(), SpecBuilder.resource(state, leaving, N1));
    }

    @Test
    void aDefinitionThatIsDeletedGoesWhoeverIsUnknown() {
        ResourceDefinition deleted = put(definition("db1", N1, N2).markedDeleting());
        edit(edit -> edit.remove(edit.requireNode(N2)));

        assertEquals(
                Disposition.REMOVED,
                SpecBuilder.resource(state, deleted, N1).orElseThrow().disposition());
    }

    @Test
    void nothingIsSaidOfAResourceWhoseGroupIsUnknown() {
        ResourceDefinition definition = put(definition("db1", N1, N2));
        edit(edit -> edit.remove(edit.state().resourceGroups().get(ResourceGroup.DEFAULT)));

        NodeSpec spec = SpecBuilder.node(state, N1, VERSION, Set.of());

        assertEquals(Map.of(), spec.resources());
        assertEquals(Set.of(definition.uuid()), spec.unsaid());
    }

    @Test
    void aDefinitionThatNobodyCanReadIsNamedAndOneThatIsThereAgainIsSaid() {
        ResourceDefinition readAgain = put(definition("db1", N1, N2));
        UUID unreadable = new UUID(3, 3);

        NodeSpec spec = SpecBuilder.node(state, N1, VERSION, Set.of(readAgain.uuid(), unreadable));

        assertEquals(Set.of(unreadable), spec.unsaid());
        assertEquals(1, spec.resources().size());
    }

    @Test
    void aDeviceWithoutReplicationHasNoPeersAndNoOptions() {
        ResourceDefinition made = definition("db1", N1);
        ResourceDefinition definition = put(new ResourceDefinition(
                made.name(),
                made.uuid(),
                made.group(),
                List.of(Layer.STORAGE),
                made.sharedSecret(),
                made.volumeDefinitions(),
                made.resources(),
                made.retiredNodeIds(),
                made.properties(),
                false,
                made.createdAt()));

        ResourceSpec spec = spec(definition, N1);

        assertFalse(spec.replicated());
        assertEquals(Map.of(), spec.resourceOptions());
        assertEquals(Map.of(), spec.volumes().get(0).diskOptions());
    }

    @Test
    void threeVotersHaveQuorumAndTwoHaveNot() {
        ResourceDefinition three = put(definition("db1", N1, N2, N3));
        ResourceDefinition two = put(definition("db2", N1, N2));

        assertEquals(
                Map.of(
                        "quorum",
                        "majority",
                        "on-no-quorum",
                        "suspend-io",
                        "on-suspended-primary-outdated",
                        "force-secondary"),
                spec(three, N1).resourceOptions());
        assertEquals(
                Map.of("protocol", "C", "rr-conflict", "retry-connect"),
                spec(three, N1).peers().get(0).netOptions());
        assertEquals(Map.of(), spec(two, N1).resourceOptions());
        assertEquals(Map.of("protocol", "C"), spec(two, N1).peers().get(0).netOptions());
    }

    @Test
    void aTieBreakerIsTheThirdVoter() {
        ResourceDefinition two = definition("db1", N1, N2);
        ResourceDefinition definition = put(two.withResource(diskless(N3, 2).withTieBreaker(true)));

        assertEquals("majority", spec(definition, N1).resourceOptions().get("quorum"));
        assertEquals("majority", spec(definition, N3).resourceOptions().get("quorum"));
    }

    @Test
    void aClientVotesOnlyWhereNobodyElseDecidesBetweenHalves() {
        ResourceDefinition alone = put(definition("db1", N1, N2).withResource(diskless(N3, 2)));
        ResourceDefinition three = definition("db2", N1, N2, N3);
        ResourceDefinition beside = put(three.withResource(diskless(N3, 2).withTieBreaker(false))
                .withResource(diskless(N2, 1).withTieBreaker(true))
                .withResource(three.resources().get(N1)));

        assertEquals("majority", spec(alone, N1).resourceOptions().get("quorum"));
        assertFalse(spec(alone, N1).peers().get(1).netOptions().containsKey("allow-remote-read"));
        // one replica, a tie-breaker that is about to go, and a client: nothing to decide
        assertEquals("no", spec(beside, N1).peers().get(1).netOptions().get("allow-remote-read"));
        assertFalse(
                spec(beside, N3).peers().get(0).netOptions().containsKey("allow-remote-read"), "it reads from there");
    }

    @Test
    void aTombstoneDoesNotVote() {
        ResourceDefinition three = definition("db1", N1, N2, N3);
        three = put(three.withResource(three.resources().get(N3).markedDeleting()));

        assertEquals(Map.of(), spec(three, N1).resourceOptions());
    }

    @ParameterizedTest(name = "{0}={1}: {2}")
    @CsvSource(delimiter = '|', textBlock = """
            DrbdOptions/Resource/quorum       | off      | {quorum=off}
            DrbdOptions/Resource/on-no-quorum | io-error | {on-no-quorum=io-error, on-suspended-primary-outdated=force-secondary, quorum=majority}
            DrbdOptions/auto-quorum           | disabled | {}
            DrbdOptions/auto-quorum           | io-error | {on-no-quorum=io-error, on-suspended-primary-outdated=force-secondary, quorum=majority}
            """)
    void theAdministratorsWordOnQuorumCounts(String key, String value, String options) {
        ResourceDefinition three = put(definition("db1", N1, N2, N3).withProperties(Ordered.map(Map.of(key, value))));

        assertEquals(options, spec(three, N1).resourceOptions().toString());
    }

    @Test
    void theNearestLevelOfAnOptionWins() {
        String buffers = "DrbdOptions/Net/max-buffers";
        String flushes = "DrbdOptions/Disk/disk-flushes";
        edit(edit -> {
            edit.put(state.settings()
                    .withProperties(Ordered.map(
                            Map.of(buffers, "1000", flushes, "no", "DrbdOptions/PeerDevice/c-plan-ahead", "10"))));
            edit.put(state.resourceGroups()
                    .get(ResourceGroup.DEFAULT)
                    .withProperties(Ordered.map(Map.of(buffers, "2000", "DrbdOptions/Net/gone-option", "1"))));
        });
        ResourceDefinition definition = definition("db1", N1, N2);
        VolumeDefinition volume = definition.volumeDefinitions().get(0);
        definition = put(definition.withVolumeDefinition(
                volume.withProperties(Ordered.map(Map.of(flushes, "yes", "DrbdOptions/Disk/on-io-error", "pass_on")))));

        PeerSpec peer = spec(definition, N1).peers().get(0);

        assertEquals(Map.of("protocol", "C", "max-buffers", "2000"), peer.netOptions());
        assertEquals(Map.of("c-plan-ahead", "10"), peer.peerDeviceOptions());
        assertEquals(
                Map.of("disk-flushes", "yes", "on-io-error", "pass_on"),
                spec(definition, N1).volumes().get(0).diskOptions());
        OptionResolver.Effective buffered = OptionResolver.netOptions(state, definition, new NodePair(N1, N2))
                .get("max-buffers");
        assertEquals(Optional.of(PropertyLevel.RESOURCE_GROUP), buffered.level());
        assertEquals("resource group DfltRscGrp", buffered.from());
    }

    @Test
    void bothEndsOfAConnectionHaveItsOptionsAndOthersHaveNot() {
        String timeout = "DrbdOptions/Net/ping-timeout";
        String ahead = "DrbdOptions/PeerDevice/c-plan-ahead";
        NodePair first = new NodePair(N1, N2);
        NodePair second = new NodePair(N3, N1);
        edit(edit -> edit.put(state.settings()
                .withProperties(Ordered.map(Map.of(ahead, "10")))
                .withNodeConnection(first, Ordered.map(Map.of(timeout, "9", ahead, "20")))
                .withNodeConnection(second, Ordered.map(Map.of(timeout, "30")))));
        ResourceDefinition definition = put(definition("db1", N1, N2, N3)
                .withConnection(
                        first,
                        ResourceConnection.NOTHING
                                .withProperties(Ordered.map(Map.of(ahead, "30")))
                                .withPeerDevice(0, Ordered.map(Map.of(ahead, "40")))));

        for (List<NodeName> ends : List.of(List.of(N1, N2), List.of(N2, N1))) {
            PeerSpec peer = peer(definition, ends.get(0), ends.get(1));
            assertEquals("9", peer.netOptions().get("ping-timeout"));
            assertEquals(Map.of("c-plan-ahead", "30"), peer.peerDeviceOptions());
            assertEquals(Map.of("c-plan-ahead", "40"), peer.volumes().get(0).peerDeviceOptions());
        }
        PeerSpec other = peer(definition, N1, N3);
        assertEquals("30", other.netOptions().get("ping-timeout"));
        assertEquals(Map.of("c-plan-ahead", "10"), other.peerDeviceOptions());
        assertEquals(Map.of(), other.volumes().get(0).peerDeviceOptions());
        assertFalse(peer(definition, N2, N3).netOptions().containsKey("ping-timeout"));
    }

    @Test
    void whatIsSetForAConnectionGoesWithTheResourceOfEitherEnd() {
        NodePair nodes = new NodePair(N1, N2);
        ResourceDefinition definition = definition("db1", N1, N2, N3)
                .withConnection(
                        nodes,
                        ResourceConnection.NOTHING.withProperties(
                                Ordered.map(Map.of("DrbdOptions/Net/ping-timeout", "9"))));

        assertEquals(Set.of(nodes), definition.connections().keySet());
        assertEquals(Set.of(nodes), definition.withoutResource(N3).connections().keySet());
        assertEquals(Set.of(), definition.withoutResource(N2).connections().keySet());
    }

    @Test
    void handlersAreInherited() {
        edit(edit -> edit.put(state.settings()
                .withProperties(Ordered.map(
                        Map.of("DrbdOptions/Handlers/split-brain", "/a", "DrbdOptions/Handlers/pri-lost", "/b")))));
        ResourceDefinition definition = put(definition("db1", N1, N2)
                .withProperties(Ordered.map(Map.of("DrbdOptions/Handlers/split-brain", "/c"))));

        assertEquals(
                Map.of("split-brain", "/c", "pri-lost", "/b"),
                spec(definition, N1).handlers());
    }

    @Test
    void everyOptionCanBeAskedWithWhereItComesFrom() {
        ResourceDefinition definition = put(definition("db1", N1, N2));

        SortedMap<String, OptionResolver.Effective> net = OptionResolver.complete(
                OptionSection.NET, OptionResolver.netOptions(state, definition, new NodePair(N1, N2)));

        assertEquals("Heddle", net.get("protocol").from());
        assertEquals("DRBD", net.get("max-buffers").from());
        assertEquals("2048", net.get("max-buffers").value());
        assertTrue(net.get("max-buffers").isDefault());
        assertFalse(net.containsKey("shared-secret"));
    }

    private PeerSpec peer(ResourceDefinition definition, NodeName here, NodeName there) {
        return spec(definition, here).peers().stream()
                .filter(peer -> peer.node().equals(there))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void whatADriverReadsIsInheritedByItsPool() {
        edit(edit -> {
            Node n1 = edit.requireNode(N1);
            edit.put(n1.withProperties(Ordered.map(Map.of("StorDriver/LvcreateOptions", "-i2", "Site", "a"))));
            edit.put(state.settings()
                    .withProperties(Ordered.map(
                            Map.of("StorDriver/LvcreateOptions", "-i1", "StorDriver/LvcreatePvSelection", "x"))));
        });

        assertEquals(
                Map.of("StorDriver/LvcreateOptions", "-i2", "StorDriver/LvcreatePvSelection", "x"),
                SpecBuilder.node(state, N1, VERSION, Set.of()).pools().get(POOL).properties());
    }

    @Test
    void aFirstGenerationPassesThrough() {
        FirstGeneration first = new FirstGeneration(FirstGeneration.Mode.SKIP_SYNC, N1, Ordered.set(List.of(N1, N2)));
        ResourceDefinition definition = definition("db1", N1, N2);
        definition = put(definition.withVolumeDefinition(
                definition.volumeDefinitions().get(0).withFirstGeneration(Optional.of(first))));

        assertEquals(Optional.of(first), spec(definition, N2).volumes().get(0).firstGeneration());
    }

    private ResourceSpec spec(ResourceDefinition definition, NodeName node) {
        return SpecBuilder.resource(state, definition, node).orElseThrow();
    }

    private static List<PathSpec> path(String local, int localPort, String remote, int remotePort) {
        return List.of(new PathSpec(new IpAddress(local), localPort, new IpAddress(remote), remotePort));
    }

    private static SortedMap<String, String> preferred(String name) {
        return name.isEmpty() ? Ordered.map(null) : Ordered.map(Map.of("PrefNic", name));
    }

    private ResourceDefinition put(ResourceDefinition definition) {
        edit(edit -> edit.put(definition));
        return definition;
    }

    private void edit(Consumer<StateEdit> change) {
        StateEdit edit = new StateEdit(state, new NumberCursor());
        change.accept(edit);
        state = edit.finish(state.revision() + 1);
    }

    @ParameterizedTest(name = "peer''s pool {0}, resource {1}, definition {2}, node {3}: {4}")
    @CsvSource({
        "data, '',   '',   '',   10.2.0.3",
        "data, '',   back, back, 10.2.0.3",
        "data, back, '',   '',   10.3.0.3",
        "none, '',   '',   back, 10.3.0.3",
        "none, '',   '',   '',   10.1.0.3"
    })
    void withoutADiskTheNetworkOfThePeersPoolsIsUsed(
            String pool, String resource, String definition, String node, String address) {
        edit(edit -> {
            Node n2 = edit.requireNode(N2);
            edit.put(n2.withStoragePool(n2.storagePools().get(POOL).withProperties(preferred(pool))));
            edit.put(edit.requireNode(N3).withProperties(preferred(node)));
        });
        ResourceDefinition made = definition("db1", N1, N2).withProperties(preferred(definition));
        made = put(made.withResource(diskless(N3, 5).withProperties(preferred(resource))));

        assertEquals(
                List.of(address, address),
                spec(made, N3).peers().stream()
                        .map(peer -> peer.paths().get(0).local().value())
                        .toList());
        assertEquals(address, peer(made, N1, N3).paths().get(0).remote().value());
    }

    private static Node node(NodeName name, int number) {
        NetInterface link =
                new NetInterface(Node.DEFAULT_INTERFACE, new IpAddress("10.1.0." + number), 3366, LinkEncryption.TLS);
        NetInterface data = new NetInterface(
                new NetInterfaceName("data"), new IpAddress("10.2.0." + number), 3366, LinkEncryption.TLS);
        NetInterface back = new NetInterface(
                new NetInterfaceName("back"), new IpAddress("10.3.0." + number), 3366, LinkEncryption.TLS);
        return new Node(
                name,
                UUID.randomUUID(),
                NodeType.SATELLITE,
                Ordered.map(Map.of(link.name(), link, data.name(), data, back.name(), back)),
                link.name(),
                Ordered.map(Map.of(
                        POOL,
                        new StoragePool(POOL, UUID.randomUUID(), DriverKind.LVM_THIN, "vg/thin", Ordered.map(null)))),
                Ordered.map(null),
                Optional.empty(),
                false,
                Instant.EPOCH);
    }

    private static ResourceDefinition definition(String name, NodeName... nodes) {
        ResourceDefinition definition = new ResourceDefinition(
                new ResourceName(name),
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
        for (int i = 0; i < nodes.length; i++) {
            definition = definition.withResource(new Resource(
                    nodes[i],
                    UUID.randomUUID(),
                    i,
                    7000 + i,
                    false,
                    false,
                    Ordered.map(Map.of(
                            0, new Volume(0, UUID.randomUUID(), Optional.of(new Backing(POOL, name + "_00000", 7))))),
                    Ordered.map(null),
                    false,
                    Instant.EPOCH));
        }
        return definition;
    }

    private static Resource diskless(NodeName node, int nodeId) {
        return new Resource(
                node,
                UUID.randomUUID(),
                nodeId,
                7009,
                true,
                false,
                Ordered.map(Map.of(0, new Volume(0, UUID.randomUUID(), Optional.empty()))),
                Ordered.map(null),
                false,
                Instant.EPOCH);
    }
}
