package io.heddle.controller;

import static io.heddle.controller.ClusterFixture.DB1;
import static io.heddle.controller.ClusterFixture.complete;
import static io.heddle.controller.ClusterFixture.eventually;
import static io.heddle.controller.ClusterFixture.node;
import static io.heddle.controller.ClusterFixture.on;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

/** Rows that cannot be read any more: what nodes have of them is unknown, which is not the same as unwanted. */
class UnreadableRowTest {
    @TempDir
    Path directory;

    private ClusterFixture cluster;

    @BeforeEach
    void open() {
        cluster = new ClusterFixture(directory).withNodes(3).withDefinition(DB1);
        complete(cluster.service.createResources(DB1, List.of(on(1), on(2), on(3))));
    }

    @AfterEach
    void close() {
        cluster.close();
    }

    @Test
    void anUnreadableNodeTakesNoPeerAndNoVoteFromTheOthers() throws Exception {
        UUID definition = cluster.definition(DB1).uuid();
        Map<UUID, ResourceSpec> before = spec(1).resources();
        restartWithout("NODE", node(2).key());

        eventually("n1 has its whole specification", () -> spec(1).unsaid().equals(Set.of(definition)));
        assertEquals(before, spec(1).resources());
        assertEquals(3, cluster.definition(DB1).resources().size());
        assertTrue(cluster.satellites.sent.stream()
                .allMatch(delta -> delta.forgotten().isEmpty()));

        complete(cluster.service.createNode(cluster.nodeWish(2)));
        eventually("n1 is told again", () -> spec(1).unsaid().isEmpty());
        assertEquals(peers(before), peers(spec(1).resources()));
        assertEquals(2, peers(before).size());
    }

    @Test
    void anUnreadableDefinitionIsNamedToEveryNode() throws Exception {
        UUID definition = cluster.definition(DB1).uuid();
        restartWithout("RESOURCE_DEFINITION", definition.toString());

        for (int number = 1; number <= 3; number++) {
            int each = number;
            eventually(
                    "n" + number + " knows that nothing is known",
                    () -> spec(each).unsaid().equals(Set.of(definition)));
        }
        assertTrue(cluster.satellites.sent.stream()
                .allMatch(delta -> delta.forgotten().isEmpty()));
        cluster.restart();
        eventually("it is so after another start", () -> spec(1).unsaid().equals(Set.of(definition)));
    }

    private static List<PeerSpec> peers(Map<UUID, ResourceSpec> resources) {
        return resources.values().iterator().next().peers();
    }

    private NodeSpec spec(int number) {
        return cluster.machine(number).spec.orElseThrow();
    }

    private void restartWithout(String kind, String key) {
        cluster.restart(() -> {
            String file = "jdbc:sqlite:" + directory.resolve("state.db");
            try (Connection connection = new JDBC().connect(file, new Properties());
                    Statement statement = connection.createStatement()) {
                String which = " WHERE kind = '" + kind + "' AND key = '" + key + "'";
                assertEquals(1, statement.executeUpdate("UPDATE row SET body = '{torn'" + which));
            } catch (SQLException e) {
                throw new AssertionError(e);
            }
        });
    }
}
