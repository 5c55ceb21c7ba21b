package io.heddle.jmx;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.SnapshotSpace;
import io.heddle.core.management.SnapshotRow;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Snapshot;
import java.util.List;
import java.util.TreeMap;

/** Snapshots in rows. */
final class SnapshotRows {
    private SnapshotRows() {}

    static List<SnapshotRow> of(ClusterView view) {
        return view.state().resourceDefinitions().values().stream()
                .flatMap(definition ->
                        definition.snapshots().values().stream().map(snapshot -> row(view, definition, snapshot)))
                .toList();
    }

    private static SnapshotRow row(ClusterView view, ResourceDefinition definition, Snapshot snapshot) {
        TreeMap<Integer, Long> sizes = new TreeMap<>();
        snapshot.sizes().forEach((number, size) -> sizes.put(number, size.value()));
        TreeMap<String, Long> used = new TreeMap<>();
        snapshot.nodes()
                .forEach(node -> SnapshotSpace.of(view, snapshot, node)
                        .ifPresent(space -> used.put(node.value(), space.value())));
        return new SnapshotRow(
                definition.name().value(),
                snapshot.name().value(),
                snapshot.nodes().stream().map(NodeName::value).toList(),
                sizes,
                used,
                snapshot.createdAt().toString(),
                snapshot.rollback().isPresent()
                        ? "ROLLING_BACK"
                        : snapshot.state().name(),
                snapshot.failure().orElse(""),
                snapshot.parts().keySet().stream().map(NodeName::value).toList(),
                snapshot.uuid().toString(),
                snapshot.properties());
    }
}
