package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.heddle.core.model.GrantedVotes;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class VoterQueueTest {
    private ResourceDefinition definition = definition("n1+", "n2+", "n3-");
    private Set<String> through = Set.of("n1", "n2", "n3", "n4", "n5");

    @Test
    void whatADefinitionBeginsWithHasItsVotes() {
        ResourceDefinition begun = VoterQueue.held(definition(), false, definition);

        assertSame(definition, begun);
        assertEquals("n1 n2 | n3 | ", text());
    }

    @Test
    void whereThereWasNoQuorumNobodyIsHeld() {
        definition = definition("n1+", "n2+");

        change(false, before -> before.withResource(resource("n3+")));

        assertEquals("n1 n2 n3 |  | ", text());
        assertEquals(Optional.empty(), definition.votes());
    }

    @Test
    void theTieBreakerIsToldOffBeforeAThirdVoterCounts() {
        change(true, before -> before.withResource(resource("n4+")));
        assertEquals("n1 n2 | n3 | n4", text());

        next();
        assertEquals("n1 n2 |  | n4", text());

        through = Set.of("n1", "n3", "n4");
        next();
        assertEquals("n1 n2 |  | n4", text(), "n2 may still count the tie-breaker");

        through = Set.of("n1", "n2", "n3", "n4");
        next();
        next();
        assertEquals("n1 n2 n4 |  | ", text());
        next();
        assertEquals(Optional.empty(), definition.votes(), "all have what they are to have");
    }

    @Test
    void theTieBreakerIsNotToldOffWhileOneIsOutOfReach() {
        through = Set.of("n1", "n3", "n4");

        change(true, before -> before.withResource(resource("n4+")));
        next();

        assertEquals("n1 n2 | n3 | n4", text());
    }

    @Test
    void theTieBreakerBecomesTheThirdVoterAlsoWhileOneIsOutOfReach() {
        through = Set.of("n1");

        change(true, before -> before.withResource(resource("n3+").withTieBreaker(false)));
        assertEquals("n1 n2 | n3 | ", text());
        next();
        assertEquals("n1 n2 n3 |  | ", text());

        change(true, before -> before.withResource(resource("n4+")));
        next();
        assertEquals("n1 n2 n3 |  | n4", text(), "n2 has not told that it counts three");

        change(true, before -> before.withoutResource(new NodeName("n2")));
        through = Set.of("n1", "n3", "n4");
        next();
        next();
        assertEquals("n1 n3 n4 |  | ", text(), "n2 is given up");
    }

    @Test
    void oneThatHasNotHeardOfAllOthersIsPassedOver() {
        definition = definition("n1+", "n2+", "n3+");
        through = Set.of("n1", "n2", "n3", "n5");

        change(true, before -> before.withResource(resource("n4+")).withResource(resource("n5+")));
        next();

        assertEquals("n1 n2 n3 n5 |  | n4", text());
    }

    @Test
    void aTieBreakerDecidesWhenAllKnowThatTheThirdIsGone() {
        definition = definition("n1+", "n2+", "n4+");
        change(true, before -> before.withoutResource(new NodeName("n4")).withResource(resource("n3-")));
        through = Set.of("n1", "n3");
        next();
        assertEquals("n1 n2 |  | ", text());

        through = Set.of("n1", "n2", "n3");
        next();
        next();
        assertEquals("n1 n2 | n3 | ", text());
    }

    @Test
    void ofTwoTieBreakersBothDecideInBetween() {
        change(
                true,
                before -> before.withResource(
                                before.resources().get(new NodeName("n3")).markedDeleting())
                        .withResource(resource("n4-")));
        next();
        assertEquals("n1 n2 | n3 n4 | ", text());
        next();
        next();
        assertEquals("n1 n2 | n4 | ", text());
    }

    @Test
    void whoGaveItsDiskUpCountsUntilAllMayDoWithout() {
        definition = definition("n1+", "n2+", "n4+");

        change(true, before -> before.withResource(resource("n4-")));
        assertEquals("n1 n2 n4 |  | ", text());
        next();
        assertEquals("n1 n2 |  | ", text());
    }

    private void change(boolean guarded, UnaryOperator<ResourceDefinition> change) {
        definition = VoterQueue.held(definition, guarded, change.apply(definition));
    }

    private void next() {
        definition = VoterQueue.next(
                definition, resource -> through.contains(resource.node().value()));
    }

    private String text() {
        GrantedVotes votes = VoterQueue.granted(definition);
        return List.of(votes.voters(), votes.tieBreakers(), votes.newcomers()).stream()
                .map(nodes -> nodes.stream().map(NodeName::value).collect(Collectors.joining(" ")))
                .collect(Collectors.joining(" | "));
    }

    /** Nodes with a plus for one with a disk. */
    private static ResourceDefinition definition(String... nodes) {
        ResourceDefinition made = new ResourceDefinition(
                new ResourceName("db1"),
                new UUID(0, 1),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("s"),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
        for (String node : nodes) {
            made = made.withResource(resource(node));
        }
        return made;
    }

    private static Resource resource(String node) {
        int number = node.charAt(1) - '0';
        boolean diskless = node.endsWith("-");
        return new Resource(
                new NodeName(node.substring(0, 2)),
                new UUID(1, number),
                number,
                7000,
                diskless,
                diskless,
                Ordered.map(null),
                Ordered.map(null),
                false,
                Instant.EPOCH);
    }
}
