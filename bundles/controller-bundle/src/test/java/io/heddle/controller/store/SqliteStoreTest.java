package io.heddle.controller.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.Secret;
import io.heddle.core.model.StateEdit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

class SqliteStoreTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("state/cluster.db");
    }

    @Test
    void whatWasCommittedIsThereAfterOpeningAgain() {
        ResourceDefinition definition = definition("db1");
        UUID cluster;
        try (SqliteStore store = store()) {
            StoredState loaded = store.load();
            cluster = loaded.state().settings().clusterId();
            commit(store, loaded.state(), definition);
        }

        try (SqliteStore store = store()) {
            StoredState again = store.load();

            assertEquals(
                    List.of(definition),
                    List.copyOf(again.state().resourceDefinitions().values()));
            assertEquals(cluster, again.state().settings().clusterId());
            assertEquals(1, again.state().revision());
        }
    }

    @Test
    void eachStartHasAHigherEpochAndAnotherInstance() {
        StoredState first = loadAndClose();
        StoredState second = loadAndClose();

        assertEquals(first.epoch() + 1, second.epoch());
        assertNotEquals(first.instance(), second.instance());
    }

    @Test
    void theFileIsItsOwnersAlone() throws IOException {
        loadAndClose();

        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    }

    @Test
    void commitsAreSyncedToDisk() {
        try (SqliteStore store = store()) {
            store.load();
            // 2 is FULL: the WAL is synced at each commit
            assertEquals("2", pragmaOf(store, "synchronous"));
            assertEquals("wal", pragmaOf(store, "journal_mode"));
        }
    }

    @Test
    void aSecondControllerInTheSameDirectoryDoesNotStart() {
        try (SqliteStore first = store()) {
            first.load();

            HeddleException failure = assertThrows(HeddleException.class, () -> store().load());

            assertEquals(ErrorCode.STORE_LOCKED, failure.code());
        }
    }

    @Test
    void anUnreadableRowIsSetAsideAndTheRestIsServed() throws SQLException {
        ResourceDefinition good = definition("good");
        ResourceDefinition bad = definition("bad");
        try (SqliteStore store = store()) {
            ClusterState state = store.load().state();
            commit(store, commit(store, state, good), bad);
        }
        execute("UPDATE row SET body = '{\"name\": \"bad\", torn' WHERE key = '" + bad.uuid() + "'");

        StoredState loaded = loadAndClose();

        assertEquals(
                List.of(good), List.copyOf(loaded.state().resourceDefinitions().values()));
        assertEquals(1, loaded.quarantined().size());
        assertTrue(loaded.quarantined().get(0).contains(bad.uuid().toString()));
        assertEquals("{\"name\": \"bad\", torn", single("SELECT body FROM quarantine"));
        assertEquals(1, loadAndClose().quarantined().size());
    }

    @Test
    void fieldsOfANewerVersionSurviveAWrite() throws SQLException {
        ResourceDefinition definition = definition("db1");
        try (SqliteStore store = store()) {
            commit(store, store.load().state(), definition);
        }
        execute("UPDATE row SET body = json_set(body, '$.encryption', json('{\"cipher\":\"aes\"}'),"
                + " '$.volumeGroups', 7) WHERE key = '" + definition.uuid() + "'");

        try (SqliteStore store = store()) {
            ClusterState state = store.load().state();
            commit(store, state, definition.withProperties(Ordered.with(definition.properties(), "Aux/a", "b")));
        }

        String select = "FROM row WHERE key = '" + definition.uuid() + "'";
        assertEquals("aes", single("SELECT json_extract(body, '$.encryption.cipher') " + select));
        assertEquals("7", single("SELECT json_extract(body, '$.volumeGroups') " + select));
        assertEquals("b", single("SELECT json_extract(body, '$.properties.\"Aux/a\"') " + select));
    }

    @Test
    void aFileOfANewerVersionIsRefusedAndLeftAsItIs() throws SQLException {
        loadAndClose();
        execute("PRAGMA user_version = 99");

        HeddleException failure = assertThrows(HeddleException.class, () -> store().load());

        assertEquals(ErrorCode.VERSION_MISMATCH, failure.code());
        assertEquals("99", single("PRAGMA user_version"));
    }

    @Test
    void aFileThatIsNoDatabaseIsRefusedAndLeftAsItIs() throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "somebody's notes, long enough to be more than a header: ".repeat(100));
        byte[] before = Files.readAllBytes(file);

        HeddleException failure = assertThrows(HeddleException.class, () -> store().load());

        assertEquals(ErrorCode.STORE_FAILED, failure.code());
        assertTrue(java.util.Arrays.equals(before, Files.readAllBytes(file)));
    }

    @Test
    void theClusterKeepsItsIdentityWhenItsSettingsCannotBeRead() throws SQLException {
        UUID cluster = loadAndClose().state().settings().clusterId();
        execute("INSERT INTO row VALUES ('CLUSTER', 'cluster', 'garbage', 1)");

        StoredState loaded = loadAndClose();

        assertEquals(cluster, loaded.state().settings().clusterId());
        assertEquals(1, loaded.quarantined().size());
    }

    private SqliteStore store() {
        return new SqliteStore(file, Clock.systemUTC());
    }

    private StoredState loadAndClose() {
        try (SqliteStore store = store()) {
            return store.load();
        }
    }

    private static ClusterState commit(SqliteStore store, ClusterState state, ResourceDefinition definition) {
        StateEdit edit = new StateEdit(state, new NumberCursor());
        edit.put(definition);
        long revision = state.revision() + 1;
        store.commit(revision, edit.rows());
        assertEquals(
                List.of(RowKey.ofDefinition(definition.uuid())),
                List.copyOf(edit.rows().keySet()));
        return edit.finish(revision);
    }

    private static String pragmaOf(SqliteStore store, String name) {
        try (Statement statement = store.connectionForTest().createStatement();
                ResultSet result = statement.executeQuery("PRAGMA " + name)) {
            return result.getString(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private String single(String sql) throws SQLException {
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + file, new Properties());
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.getString(1);
        }
    }

    private static ResourceDefinition definition(String name) {
        return new ResourceDefinition(
                new ResourceName(name),
                UUID.randomUUID(),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("x"),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                Instant.parse("2026-11-22T10:00:00Z"));
    }
}
