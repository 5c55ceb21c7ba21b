package io.heddle.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.heddle.core.json.Json;
import io.heddle.core.management.AccessMXBean;
import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What all commands of one run share: the connection, opened when it is first needed, and the way answers are printed. */
final class Session implements AutoCloseable {
    static final int REFUSED = 1;
    static final int INCOMPLETE = 3;

    private final PrintWriter out;
    private final PrintWriter err;
    private final Map<String, String> environment;
    private Optional<String> controllers = Optional.empty();
    private Optional<String> user = Optional.empty();
    private Optional<String> fingerprint = Optional.empty();
    private boolean machineReadable;
    private @Nullable Connection connection;

    Session(PrintWriter out, PrintWriter err, Map<String, String> environment) {
        this.out = out;
        this.err = err;
        this.environment = environment;
    }

    void controllers(String endpoints) {
        reset(() -> controllers = Optional.of(endpoints));
    }

    void user(String name) {
        reset(() -> user = Optional.of(name));
    }

    void fingerprint(String key) {
        reset(() -> fingerprint = Optional.of(key));
    }

    void machineReadable(boolean wanted) {
        machineReadable = wanted;
    }

    private void reset(Runnable change) {
        close();
        change.run();
    }

    ClusterMXBean cluster() {
        return connection().cluster();
    }

    AccessMXBean access() {
        return connection().access();
    }

    PrintWriter out() {
        return out;
    }

    private Connection connection() {
        Connection open = connection;
        if (open == null) {
            open = connect();
            connection = open;
            String version = open.controllerVersion();
            if (!version.equals(Version.CURRENT)) {
                err.println("heddle: this console has version " + Version.CURRENT + " and the controller " + version
                        + "; where they do not understand each other, install the console of " + version + ".");
                err.flush();
            }
        }
        return open;
    }

    /** The first controller of the list that answers. */
    private Connection connect() {
        String list = controllers
                .or(() -> Optional.ofNullable(environment.get("HEDDLE_CONTROLLERS")))
                .orElseGet(() -> new LocalFiles(environment).endpoint().toString());
        Refusal last = null;
        for (String endpoint : list.split(",", -1)) {
            try {
                return Connection.open(Endpoint.parse(endpoint), user, fingerprint, environment);
            } catch (Refusal e) {
                last = e;
            }
        }
        throw last == null ? new IllegalStateException("a list has at least one element") : last;
    }

    /** Prints rows as a table, or as JSON with {@code -m}. */
    <R> int list(List<R> rows, Table table, Function<R, Object[]> cells) {
        if (machineReadable) {
            json(rows);
        } else {
            rows.forEach(row -> table.row(cells.apply(row)));
            out.print(table);
        }
        out.flush();
        return 0;
    }

    /** Prints properties. */
    int properties(Map<String, String> properties) {
        if (machineReadable) {
            json(properties);
            out.flush();
            return 0;
        }
        return list(List.copyOf(properties.entrySet()), new Table("Key", "Value"), entry ->
                new Object[] {entry.getKey(), entry.getValue()});
    }

    /** Prints one value, or {@code text} for people. */
    int value(Object value, String text) {
        if (machineReadable) {
            json(value);
        } else {
            out.println(text);
        }
        out.flush();
        return 0;
    }

    /** Prints what an operation said. */
    int replies(List<ReplyRow> replies) {
        boolean warned = replies.stream().anyMatch(reply -> reply.severity().equals("WARNING"));
        if (machineReadable) {
            json(replies);
        } else {
            for (ReplyRow reply : replies) {
                out.println(reply.severity() + ": " + reply.message());
                if (!reply.why().isEmpty()) {
                    out.println("  why: " + reply.why());
                    out.println("  correction: " + reply.correction());
                }
            }
        }
        out.flush();
        return warned ? INCOMPLETE : 0;
    }

    /** Prints why a command was not carried out. */
    int refused(Refusal refusal) {
        if (machineReadable) {
            Map<String, String> error = new LinkedHashMap<>();
            error.put("code", refusal.code());
            error.put("what", refusal.what());
            error.put("why", refusal.why());
            error.put("correction", refusal.correction());
            json(Map.of("error", error));
            out.flush();
        } else {
            err.println("ERROR: " + refusal.what());
            if (!refusal.why().isEmpty()) {
                err.println("  why: " + refusal.why());
                err.println("  correction: " + refusal.correction());
            }
            err.println("  code: " + refusal.code());
            err.flush();
        }
        return REFUSED;
    }

    private void json(Object value) {
        try {
            out.println(Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            open.close();
        }
    }
}
