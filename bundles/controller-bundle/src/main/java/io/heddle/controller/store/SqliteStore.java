package io.heddle.controller.store;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.StateEdit;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * The rows in an SQLite file, in WAL mode with {@code synchronous=FULL}: a commit is synced to disk before it returns. The
 * file is locked exclusively, so that a second controller in the same directory does not start.
 */
public final class SqliteStore implements Store {
    /** Version of the tables, in {@code PRAGMA user_version}. */
    static final int SCHEMA_VERSION = 1;

    private static final Logger LOG = LoggerFactory.getLogger(SqliteStore.class);

    private final Path file;
    private final Clock clock;
    private final Documents documents = new Documents();
    private @Nullable Connection connection;

    /**
     * A store in {@code file}, made with its directory at the first {@link #load}.
     *
     * @param clock tells when a row was set aside
     */
    public SqliteStore(Path file, Clock clock) {
        this.file = file;
        this.clock = clock;
    }

    @Override
    public StoredState load() {
        try {
            makePrivate();
            Connection opened = open();
            migrate(opened);
            long epoch = number(opened, "epoch") + 1;
            UUID instance = UUID.randomUUID();
            opened.setAutoCommit(false);
            putMeta(opened, "epoch", Long.toString(epoch));
            putMeta(opened, "instance", instance.toString());
            ClusterState state = readState(opened);
            opened.commit();
            return new StoredState(state, epoch, instance, quarantined(opened), unreadable(opened));
        } catch (SQLException | IOException e) {
            close();
            throw failure("cannot read the cluster's state", e);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    @Override
    public void commit(long revision, Map<RowKey, Optional<Object>> rows) {
        try {
            Connection open = connection == null ? reopen() : connection;
            write(open, revision, rows);
        } catch (SQLException e) {
            // whether a failed commit reached the disk is only known after looking again
            close();
            if (isCommitted(revision)) {
                LOG.warn("revision {} was committed although SQLite reported: {}", revision, e.getMessage());
                return;
            }
            throw failure("nothing was changed: the change could not be stored", e);
        }
        rows.forEach((key, document) -> {
            if (document.isEmpty()) {
                documents.forget(key);
            }
        });
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                LOG.warn("closing {} failed: {}", file, e.getMessage());
            }
        }
    }

    /** The open connection, so that a test can ask for its settings: they are not in the file. */
    Connection connectionForTest() {
        return Objects.requireNonNull(connection);
    }

    private void write(Connection open, long revision, Map<RowKey, Optional<Object>> rows) throws SQLException {
        try (PreparedStatement put = open.prepareStatement(
                        "INSERT INTO row (kind, key, body, revision) VALUES (?, ?, ?, ?)"
                                + " ON CONFLICT (kind, key) DO UPDATE SET body = excluded.body, revision = excluded.revision");
                PreparedStatement delete = open.prepareStatement("DELETE FROM row WHERE kind = ? AND key = ?")) {
            for (Map.Entry<RowKey, Optional<Object>> row : rows.entrySet()) {
                RowKey key = row.getKey();
                if (row.getValue().isPresent()) {
                    put.setString(1, key.kind().name());
                    put.setString(2, key.key());
                    put.setString(3, documents.write(key, row.getValue().get()));
                    put.setLong(4, revision);
                    put.addBatch();
                } else {
                    delete.setString(1, key.kind().name());
                    delete.setString(2, key.key());
                    delete.addBatch();
                }
            }
            put.executeBatch();
            delete.executeBatch();
            putMeta(open, "revision", Long.toString(revision));
            open.commit();
        }
    }

    private boolean isCommitted(long revision) {
        try {
            return number(reopen(), "revision") >= revision;
        } catch (SQLException e) {
            LOG.error("{} cannot be opened again: {}", file, e.getMessage());
            close();
            return false;
        }
    }

    private Connection reopen() throws SQLException {
        Connection opened = open();
        opened.setAutoCommit(false);
        return opened;
    }

    private Connection open() throws SQLException {
        Properties properties = new Properties();
        // each pragma is set before the first statement; exclusive locking also does without shared memory
        properties.setProperty("locking_mode", "EXCLUSIVE");
        properties.setProperty("journal_mode", "WAL");
        properties.setProperty("synchronous", "FULL");
        properties.setProperty("busy_timeout", "2000");
        properties.setProperty("journal_size_limit", "16777216");
        Connection opened = new JDBC().connect("jdbc:sqlite:" + file, properties);
        if (opened == null) {
            throw new SQLException("the SQLite driver does not take " + file);
        }
        connection = opened;
        return opened;
    }

    /** The directory and the file are this user's alone: they hold the shared secrets. */
    private void makePrivate() throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            if (!Files.isDirectory(directory)) {
                Files.createDirectories(directory);
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
                    channel.force(true);
                }
            }
        }
    }

    private void migrate(Connection opened) throws SQLException {
        int version;
        try (Statement statement = opened.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA user_version")) {
            version = result.next() ? result.getInt(1) : 0;
        }
        if (version > SCHEMA_VERSION) {
            throw new HeddleException(
                    ErrorCode.VERSION_MISMATCH,
                    "this Heddle does not open " + file,
                    "a newer Heddle wrote it: its tables have version " + version + ", this one knows up to "
                            + SCHEMA_VERSION,
                    "install that newer version, or restore a backup of the older one");
        }
        if (version == 0) {
            opened.setAutoCommit(false);
            try (Statement statement = opened.createStatement()) {
                statement.executeUpdate("CREATE TABLE IF NOT EXISTS row (kind TEXT NOT NULL, key TEXT NOT NULL,"
                        + " body TEXT NOT NULL, revision INTEGER NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID");
                statement.executeUpdate(
                        "CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID");
                statement.executeUpdate("CREATE TABLE IF NOT EXISTS quarantine (kind TEXT NOT NULL, key TEXT NOT NULL,"
                        + " body, reason TEXT NOT NULL, at TEXT NOT NULL)");
                statement.executeUpdate("PRAGMA user_version = " + SCHEMA_VERSION);
            }
            opened.commit();
            opened.setAutoCommit(true);
        }
    }

    private ClusterState readState(Connection opened) throws SQLException {
        List<Object> read = new ArrayList<>();
        readRows(opened, read);
        ClusterSettings settings = read.stream()
                .filter(ClusterSettings.class::isInstance)
                .map(ClusterSettings.class::cast)
                .findFirst()
                .orElse(null);
        StateEdit edit = new StateEdit(
                ClusterState.empty(settings == null ? newSettings(opened) : settings), new NumberCursor());
        for (Object document : read) {
            try {
                put(edit, document);
            } catch (HeddleException e) {
                setAside(opened, Documents.rowKey(document), e.problem().text());
            }
        }
        return edit.finish(number(opened, "revision"));
    }

    private void readRows(Connection opened, List<Object> read) throws SQLException {
        Map<RowKey, String> unreadable = new TreeMap<>();
        try (Statement statement = opened.createStatement();
                ResultSet rows = statement.executeQuery("SELECT kind, key, body FROM row ORDER BY kind, key")) {
            while (rows.next()) {
                RowKey.Kind kind = kind(rows.getString(1));
                if (kind == null) {
                    LOG.warn(
                            "row {} of kind {} is of a newer Heddle and stays as it is",
                            rows.getString(2),
                            rows.getString(1));
                    continue;
                }
                RowKey key = new RowKey(kind, rows.getString(2));
                try {
                    read.add(documents.read(key, rows.getString(3)));
                } catch (RuntimeException e) {
                    unreadable.put(key, HeddleException.of(e).problem().text());
                }
            }
        }
        for (Map.Entry<RowKey, String> row : unreadable.entrySet()) {
            setAside(opened, row.getKey(), row.getValue());
        }
    }

    private static RowKey.@Nullable Kind kind(String name) {
        for (RowKey.Kind kind : RowKey.Kind.values()) {
            if (kind.name().equals(name)) {
                return kind;
            }
        }
        return null;
    }

    /** The identity of the cluster is kept a second time, so that it survives an unreadable settings row. */
    private static ClusterSettings newSettings(Connection opened) throws SQLException {
        String kept = meta(opened, "clusterId");
        UUID clusterId = kept == null ? UUID.randomUUID() : UUID.fromString(kept);
        putMeta(opened, "clusterId", clusterId.toString());
        return new ClusterSettings(clusterId, Ordered.map(null));
    }

    private static void put(StateEdit edit, Object document) {
        if (document instanceof Node node) {
            edit.put(node);
        } else if (document instanceof ResourceGroup group) {
            edit.put(group);
        } else if (document instanceof ResourceDefinition definition) {
            edit.put(definition);
        }
    }

    /** Moves a row to the quarantine, where nothing overwrites it. */
    private void setAside(Connection opened, RowKey key, String reason) throws SQLException {
        LOG.error("row {} {} cannot be read and is set aside: {}", key.kind(), key.key(), reason);
        try (PreparedStatement copy = opened.prepareStatement("INSERT INTO quarantine (kind, key, body, reason, at)"
                        + " SELECT kind, key, body, ?, ? FROM row WHERE kind = ? AND key = ?");
                PreparedStatement delete = opened.prepareStatement("DELETE FROM row WHERE kind = ? AND key = ?")) {
            copy.setString(1, reason);
            copy.setString(2, clock.instant().toString());
            copy.setString(3, key.kind().name());
            copy.setString(4, key.key());
            copy.executeUpdate();
            delete.setString(1, key.kind().name());
            delete.setString(2, key.key());
            delete.executeUpdate();
        }
    }

    private static List<String> quarantined(Connection opened) throws SQLException {
        List<String> sentences = new ArrayList<>();
        try (Statement statement = opened.createStatement();
                ResultSet rows = statement.executeQuery("SELECT kind, key, reason, at FROM quarantine ORDER BY at")) {
            while (rows.next()) {
                sentences.add("row " + rows.getString(1) + " " + rows.getString(2) + ", set aside at "
                        + rows.getString(4) + ": " + rows.getString(3));
            }
        }
        return sentences;
    }

    /** Definitions of which there is only what could not be read. */
    private static Set<UUID> unreadable(Connection opened) throws SQLException {
        Set<UUID> definitions = new TreeSet<>();
        try (Statement statement = opened.createStatement();
                ResultSet rows = statement.executeQuery("SELECT key FROM quarantine WHERE kind = '"
                        + RowKey.Kind.RESOURCE_DEFINITION + "' AND key NOT IN (SELECT key FROM row WHERE kind = '"
                        + RowKey.Kind.RESOURCE_DEFINITION + "')")) {
            while (rows.next()) {
                try {
                    definitions.add(UUID.fromString(rows.getString(1)));
                } catch (IllegalArgumentException notOurs) {
                    LOG.error("the key {} of an unreadable resource definition is no identity", rows.getString(1));
                }
            }
        }
        return definitions;
    }

    private static long number(Connection opened, String key) throws SQLException {
        String value = meta(opened, key);
        return value == null ? 0 : Long.parseLong(value);
    }

    private static @Nullable String meta(Connection opened, String key) throws SQLException {
        try (PreparedStatement select = opened.prepareStatement("SELECT value FROM meta WHERE key = ?")) {
            select.setString(1, key);
            try (ResultSet result = select.executeQuery()) {
                return result.next() ? result.getString(1) : null;
            }
        }
    }

    private static void putMeta(Connection opened, String key, String value) throws SQLException {
        try (PreparedStatement put = opened.prepareStatement("INSERT INTO meta (key, value) VALUES (?, ?)"
                + " ON CONFLICT (key) DO UPDATE SET value = excluded.value")) {
            put.setString(1, key);
            put.setString(2, value);
            put.executeUpdate();
        }
    }

    private HeddleException failure(String what, Exception cause) {
        if (cause instanceof SQLiteException sqlite
                && (sqlite.getResultCode() == SQLiteErrorCode.SQLITE_BUSY
                        || sqlite.getResultCode() == SQLiteErrorCode.SQLITE_LOCKED)) {
            return new HeddleException(
                    ErrorCode.STORE_LOCKED,
                    what,
                    "another controller has " + file + " open",
                    "stop that one first; two controllers cannot share a state directory",
                    cause);
        }
        return new HeddleException(
                ErrorCode.STORE_FAILED,
                what,
                file + ": " + cause.getMessage(),
                "see that the disk is healthy and has room, or restore the file from a backup",
                cause);
    }
}
