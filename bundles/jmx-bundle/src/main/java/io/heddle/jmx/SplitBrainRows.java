package io.heddle.jmx;

import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ResourceStates;
import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.management.SplitBrainRow;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Turns what is known of split brains into rows for people. Pure: all comes from memory. */
final class SplitBrainRows {
    private SplitBrainRows() {}

    /** Of one resource, or of all. */
    static List<SplitBrainRow> of(ClusterView view, Optional<ResourceName> wanted) {
        Collection<ResourceDefinition> definitions = wanted.isPresent()
                ? List.of(view.state()
                        .resourceDefinition(wanted.get())
                        .orElseThrow(() -> NotFound.resourceDefinition(wanted.get())))
                : view.state().resourceDefinitions().values();
        List<SplitBrainRow> rows = new ArrayList<>();
        for (ResourceDefinition definition : definitions) {
            SplitBrain splitBrain = SplitBrain.of(view, definition);
            for (SplitBrain.Side side : splitBrain.sides()) {
                if (side.status().isPresent()) {
                    ResourceStatus status = side.status().get();
                    status.cutOffs().forEach(cutOff -> rows.add(row(splitBrain, side, status, cutOff)));
                } else {
                    splitBrain.sides().stream()
                            .filter(other -> other.cutOff(side.node()).isPresent())
                            .forEach(other -> rows.add(unseen(splitBrain, side, other)));
                }
            }
        }
        return rows;
    }

    /** Of a side whose satellite is not reached nothing is known, and it is not left out either: it may have changes. */
    private static SplitBrainRow unseen(SplitBrain splitBrain, SplitBrain.Side side, SplitBrain.Side other) {
        boolean diverged = SplitBrain.diverged(side, other);
        return new SplitBrainRow(
                splitBrain.definition().name().value(),
                side.node().value(),
                other.node().value(),
                diverged,
                ResourceStates.UNKNOWN,
                ResourceStates.UNKNOWN,
                ResourceStates.UNKNOWN,
                ResourceStates.UNKNOWN,
                ResourceStates.UNKNOWN,
                -1,
                "",
                "",
                false,
                List.of(),
                decided(splitBrain),
                diverged ? splitBrain.waysOut() : List.of());
    }

    private static String decided(SplitBrain splitBrain) {
        return splitBrain
                .underWay()
                .map(word -> "give up the changes of "
                        + String.join(
                                ", ",
                                word.discarded().keySet().stream()
                                        .map(NodeName::value)
                                        .toList())
                        + "; taken back by: heddle resource resolve-split-brain "
                        + splitBrain.definition().name() + " --withdraw")
                .orElse("");
    }

    private static SplitBrainRow row(
            SplitBrain splitBrain, SplitBrain.Side side, ResourceStatus status, CutOff cutOff) {
        ResourceDefinition definition = splitBrain.definition();
        NodeName peer = new NodeName(cutOff.peer());
        boolean diverged = splitBrain.sides().stream()
                .filter(other -> other.node().equals(peer))
                .anyMatch(other -> SplitBrain.diverged(side, other));
        Optional<ReplicationStatus> replication = side.replication();
        return new SplitBrainRow(
                definition.name().value(),
                side.node().value(),
                cutOff.peer(),
                diverged,
                replication
                        .flatMap(seen -> seen.connection(cutOff.peer()))
                        .map(ConnectionStatus::state)
                        .map(state -> state.drbdName())
                        .orElse(ResourceStates.UNKNOWN),
                ResourceStates.usage(Optional.of(status)),
                replication.map(seen -> seen.role().drbdName()).orElse(ResourceStates.UNKNOWN),
                cutOff.role().drbdName(),
                ClusterRows.worst(definition, side.resource(), Optional.of(status)),
                cutOff.volumes().isEmpty()
                        ? -1
                        : cutOff.volumes().stream()
                                .mapToLong(volume -> volume.outOfSync().value())
                                .sum(),
                cutOff.since().toString(),
                cutOff.lastWrite().map(Instant::toString).orElse(""),
                cutOff.watched(),
                cutOff.volumes().stream()
                        .map(volume ->
                                volume.number() + ": " + volume.generation().current() + ", since "
                                        + volume.generation().bitmap())
                        .toList(),
                decided(splitBrain),
                diverged ? splitBrain.waysOut() : List.of());
    }
}
