package io.heddle.rest.endpoint;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.model.Node;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.StoragePool;
import io.heddle.rest.json.JsonPart;
import io.heddle.rest.json.StoragePoolJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Storage pools as rows of an answer; each node has one more for its diskless resources. */
final class StoragePoolRows {
    private StoragePoolRows() {}

    /** All pools of a node. */
    static List<JsonPart> of(ClusterView view, Node node) {
        return of(view, node, name -> true, Page.ALL);
    }

    /** One pool of a node. */
    static Optional<JsonPart> of(ClusterView view, Node node, PoolName name) {
        return of(view, node, name::equals, Page.ALL).stream().findFirst();
    }

    /** The pools of a node whose name is in {@code wanted} and whose properties {@code page} asks for. */
    static List<JsonPart> of(ClusterView view, Node node, Set<PoolName> wanted, Page page) {
        return of(view, node, wanted::contains, page);
    }

    /** The pools of a node whose properties {@code page} asks for. */
    static List<JsonPart> of(ClusterView view, Node node, Page page) {
        return of(view, node, name -> true, page);
    }

    private static List<JsonPart> of(ClusterView view, Node node, Predicate<PoolName> wanted, Page page) {
        List<JsonPart> rows = new ArrayList<>();
        if (page.properties().isEmpty() && wanted.test(StoragePoolJson.DISKLESS_POOL)) {
            rows.add(out -> StoragePoolJson.writeDiskless(out, node));
        }
        for (StoragePool pool : node.storagePools().values()) {
            if (wanted.test(pool.name()) && page.matches(pool.properties())) {
                rows.add(out -> StoragePoolJson.write(out, node, pool, view));
            }
        }
        return rows;
    }
}
