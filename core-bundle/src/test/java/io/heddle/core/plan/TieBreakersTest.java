package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.NumberRange;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.LinkStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Resources are written as node=disk, tie or client, one that is to go with a minus; nodes with the number of their resources. */
class TieBreakersTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
            two replicas get one                       | n1=disk n2=disk                   | n1:1 n2:1 n3:1           | add n3
            one replica gets none                      | n1=disk                           | n1:1 n2:1 n3:1           | nothing
            three replicas need none                   | n1=disk n2=disk n3=disk           | n1:1 n2:1 n3:1 n4:1      | nothing
            it stays where it is                       | n1=disk n2=disk n3=tie            | n1:1 n2:1 n3:9 n4:0      | nothing
            it stays where its node is away            | n1=disk n2=disk n3=tie            | n1:1 n2:1 n3:1:offline n4:0 | nothing
            it goes with the third replica             | n1=disk n2=disk n3=disk n4=tie    | n1:1 n2:1 n3:1 n4:1      | remove n4
            it goes with the second replica            | n1=disk n2=-disk n3=tie           | n1:1 n2:1 n3:1           | remove n3
            a replica that leaves does not count       | n1=disk n2=disk n3=-disk          | n1:1 n2:1 n3:1 n4:1      | add n4
            not where the one that leaves still is     | n1=disk n2=disk n3=-disk          | n1:1 n2:1 n3:1           | lack
            nor where it was and is not gone           | n1=disk n2=disk n3=-tie           | n1:1 n2:1 n3:1           | lack
            another when it leaves                     | n1=disk n2=disk n3=-tie           | n1:1 n2:1 n3:1 n4:5      | add n4
            a client decides as well                   | n1=disk n2=disk n3=client         | n1:1 n2:1 n3:1 n4:1      | nothing
            one beside a client stays                  | n1=disk n2=disk n3=client n4=tie  | n1:1 n2:1 n3:1 n4:1      | nothing
            on the node with fewest resources          | n1=disk n2=disk                   | n1:1 n2:1 n3:7 n4:3 n5:5 | add n4
            names decide between equals                | n1=disk n2=disk                   | n1:1 n2:1 n4:3 n3:3      | add n3
            on none that is offline                    | n1=disk n2=disk                   | n1:1 n2:1 n3:0:offline   | lack
            on none without DRBD                       | n1=disk n2=disk                   | n1:1 n2:1 n3:0:none      | lack
            on none with DRBD 8.4                      | n1=disk n2=disk                   | n1:1 n2:1 n3:0:old       | lack
            on none without ports                      | n1=disk n2=disk                   | n1:1 n2:1 n3:0:full      | lack
            on none that calls itself otherwise        | n1=disk n2=disk                   | n1:1 n2:1 n3:0:named     | lack
            on none that is no target                  | n1=disk n2=disk                   | n1:1 n2:1 n3:0:kept      | lack
            on none that leaves                        | n1=disk n2=disk                   | n1:1 n2:1 n3:0:leaving   | lack
            no other node                              | n1=disk n2=disk                   | n1:1 n2:1                | lack
            replicas under DRBD 8.4 cannot have one    | n1=disk n2=disk                   | n1:1:old n2:1:old n3:1   | nothing
            four replicas have a majority              | n1=disk n2=disk n3=disk n4=disk   | n1:1 n2:1 n3:1 n4:1 n5:1 | nothing
            """)
    void tieBreakersComeAndGo(String name, String resources, String nodes, String expected) {
        ResourceDefinition definition = definition(resources);

        assertEquals(expected, decided(state(Map.of()), definition, nodes));
    }

    @ParameterizedTest(name = "{0}={1} on {2}: {3}")
    @CsvSource({
        "DrbdOptions/auto-add-quorum-tiebreaker, false,    n1=disk n2=disk,                nothing",
        "DrbdOptions/auto-add-quorum-tiebreaker, False,    n1=disk n2=disk,                nothing",
        "DrbdOptions/auto-add-quorum-tiebreaker, true,     n1=disk n2=disk,                add n4",
        "DrbdOptions/auto-add-quorum-tiebreaker, false,    n1=disk n2=disk n3=disk n4=tie, nothing",
        "DrbdOptions/auto-add-quorum-tiebreaker, false,    n1=disk n4=tie,                 remove n4",
        "DrbdOptions/auto-quorum,                disabled, n1=disk n2=disk,                nothing",
        "DrbdOptions/Resource/quorum,            off,      n1=disk n2=disk,                nothing",
        "DrbdOptions/Resource/quorum,            majority, n1=disk n2=disk,                add n4"
    })
    void theAdministratorsWordCounts(String key, String value, String resources, String expected) {
        String nodes = "n1:1 n2:1 n4:1";

        assertEquals(expected, decided(state(Map.of(key, value)), definition(resources), nodes));
        assertEquals(
                expected,
                decided(state(Map.of()), definition(resources).withProperties(Ordered.map(Map.of(key, value))), nodes));
    }

    @Test
    void whatGoesAltogetherNeedsNone() {
        assertEquals(
                "nothing",
                decided(state(Map.of()), definition("n1=disk n2=disk").markedDeleting(), "n1:1 n2:1 n3:1"));
    }

    @ParameterizedTest(name = "{0}, {1} is deleted: {2}")
    @CsvSource({
        "n1=disk n2=disk n3=client,           n3, true",
        "n1=disk n2=disk n3=client n4=tie,    n3, false",
        "n1=disk n2=disk n3=client n4=client, n3, false",
        "n1=disk n2=disk n3=tie,              n3, false",
        "n1=disk n2=disk n3=disk n4=client,   n4, false",
        "n1=disk n3=client,                   n3, false"
    })
    void aClientGoesOnAsTheTieBreakerWhereItsVoteDecides(String resources, String node, boolean expected) {
        ResourceDefinition definition = definition(resources);

        assertEquals(
                expected,
                TieBreakers.turnsBack(
                        state(Map.of()), definition, definition.resources().get(new NodeName(node))));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "n1=disk n2=disk n3=tie,                     n3",
        "n1=disk n2=disk n3=client n4=tie,           n4",
        "n1=disk n2=disk n3=client n4=client,        n3",
        "n1=disk n2=disk n3=-client n4=client,       n4",
        "n1=disk n2=disk n3=disk n4=client,          nobody",
        "n1=disk n2=client,                          nobody",
        "n1=disk n2=disk,                            nobody"
    })
    void onlyOneWithoutADiskDecidesBetweenHalves(String resources, String expected) {
        assertEquals(
                expected,
                Quorum.witness(definition(resources))
                        .map(resource -> resource.node().value())
                        .orElse("nobody"));
    }

    private static String decided(ClusterState state, ResourceDefinition definition, String nodes) {
        List<Placer.NodeFacts> facts =
                Arrays.stream(nodes.split(" ")).map(TieBreakersTest::facts).toList();
        TieBreakers.Decision decision = TieBreakers.decide(state, definition, () -> facts);
        List<String> text = new ArrayList<>();
        decision.added().ifPresent(node -> text.add("add " + node));
        decision.removed().ifPresent(node -> text.add("remove " + node));
        if (decision.lacking()) {
            text.add("lack");
        }
        return text.isEmpty() ? "nothing" : String.join(", ", text);
    }

    private static ClusterState state(Map<String, String> properties) {
        StateEdit edit = new StateEdit(
                ClusterState.empty(new ClusterSettings(new UUID(0, 7), Ordered.map(properties))), new NumberCursor());
        edit.put(new ResourceGroup(ResourceGroup.DEFAULT, new UUID(0, 2), "", Ordered.map(null)));
        return edit.finish(1);
    }

    private static ResourceDefinition definition(String resources) {
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
        int nodeId = 0;
        for (String text : resources.split(" ")) {
            String kind = text.substring(text.indexOf('=') + 1);
            Resource resource = new Resource(
                    new NodeName(text.substring(0, text.indexOf('='))),
                    UUID.randomUUID(),
                    nodeId,
                    7000 + nodeId,
                    !kind.endsWith("disk"),
                    kind.endsWith("tie"),
                    Ordered.map(null),
                    Ordered.map(null),
                    kind.startsWith("-"),
                    Instant.EPOCH);
            definition = definition.withResource(resource);
            nodeId++;
        }
        return definition;
    }

    private static Placer.NodeFacts facts(String text) {
        String[] parts = text.split(":");
        String what = parts.length > 2 ? parts[2] : "";
        Dialect dialect = switch (what) {
            case "none" -> Dialect.NONE;
            case "old" -> Dialect.DRBD_8_4;
            default -> Dialect.DRBD_9;
        };
        return new Placer.NodeFacts(
                new NodeName(parts[0]),
                true,
                what.equals("leaving"),
                !what.equals("kept"),
                what.equals("offline") ? LinkStatus.State.OFFLINE : LinkStatus.State.ONLINE,
                Optional.of(what.equals("named") ? "another" : parts[0]),
                Optional.of(new KernelStatus(dialect, "9.2.18", "9.22.0", "x86_64", Optional.empty())),
                Integer.parseInt(parts[1]),
                what.equals("full") ? Optional.of(new NumberRange(7000, 7001)) : Optional.empty(),
                Ordered.map(null));
    }
}
