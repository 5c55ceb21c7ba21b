package io.heddle.controller;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.PathMove;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceConnection;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.plan.ConnectionPaths;
import io.heddle.core.plan.SpecBuilder;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.PathStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says when a connection may leave a path that is not wanted any more. Only the controller hears of both ends whether they have
 * the new one, and of all connections of a resource whether they stand; so it gives the word to one connection of a resource at a
 * time, while all the others are connected and none syncs, and to the Primary where there is one, which sees best what it would lose. The word is
 * part of the desired state and names the paths it speaks of, so that given late or twice it does nothing else. Pure.
 */
final class PathMoves {
    private final ClusterState state;
    private final Settlement.Reports reports;

    /** Judges by given reports; those of nodes that are out of reach are to be left out. */
    PathMoves(ClusterState state, Settlement.Reports reports) {
        this.state = state;
        this.reports = reports;
    }

    /** Whether a look is worth its cost: a word is out, or DRBD has several paths somewhere. */
    boolean pending(ResourceDefinition definition) {
        return !definition.deleting()
                && (definition.connections().values().stream()
                                .anyMatch(connection -> connection.move().isPresent())
                        || definition.resources().values().stream()
                                .flatMap(resource -> running(resource).stream())
                                .flatMap(running -> running.connections().stream())
                                .anyMatch(connection -> connection.paths().size() > 1));
    }

    /** The definition with the words that are due, and without those that have been followed or mean nothing any more. */
    ResourceDefinition decide(ResourceDefinition definition) {
        ResourceDefinition decided = definition;
        for (Map.Entry<NodePair, ResourceConnection> entry :
                definition.connections().entrySet()) {
            Optional<PathMove> move = entry.getValue().move();
            if (move.isPresent() && !due(definition, entry.getKey()).equals(move)) {
                decided =
                        decided.withConnection(entry.getKey(), entry.getValue().withMove(Optional.empty()));
            }
        }
        boolean another = decided.connections().values().stream()
                .anyMatch(connection -> connection.move().isPresent());
        if (another || !allStand(definition)) {
            return decided;
        }
        for (NodePair nodes : NodePair.among(definition.resources().keySet())) {
            Optional<PathMove> move = due(definition, nodes);
            if (move.isPresent()) {
                return decided.withConnection(nodes, decided.connection(nodes).withMove(move));
            }
        }
        return decided;
    }

    /** The word that a connection needs; empty if it stands on a path that is wanted, or one end does not have those. */
    private Optional<PathMove> due(ResourceDefinition definition, NodePair nodes) {
        Resource first = definition.resources().get(nodes.first());
        Resource second = definition.resources().get(nodes.second());
        if (first == null || second == null || first.deleting() || second.deleting()) {
            return Optional.empty();
        }
        Optional<ReplicationStatus> here = running(first);
        Optional<ReplicationStatus> there = running(second);
        if (here.isEmpty() || there.isEmpty()) {
            return Optional.empty();
        }
        List<PathSpec> wanted = SpecBuilder.paths(state, definition, first, second);
        List<PathSpec> wantedThere = SpecBuilder.paths(state, definition, second, first);
        boolean due = here.get()
                        .connection(second.nodeId())
                        .filter(connection -> connection.hasPaths(wanted)
                                && connection.paths().stream().anyMatch(PathStatus::established)
                                && !connection.runsOver(wanted))
                        .isPresent()
                && there.get()
                        .connection(first.nodeId())
                        .filter(connection -> connection.hasPaths(wantedThere))
                        .isPresent();
        if (!due) {
            return Optional.empty();
        }
        boolean secondTakesOver =
                there.get().role() == Role.PRIMARY && here.get().role() != Role.PRIMARY;
        return Optional.of(
                secondTakesOver
                        ? new PathMove(second.node(), ConnectionPaths.text(wantedThere))
                        : new PathMove(first.node(), ConnectionPaths.text(wanted)));
    }

    /** Whether every resource sees every other one, with no sync between them. */
    private boolean allStand(ResourceDefinition definition) {
        List<Resource> present = definition.resources().values().stream()
                .filter(resource -> !resource.deleting())
                .toList();
        return present.stream()
                .allMatch(resource -> running(resource)
                        .filter(running -> present.stream()
                                .filter(other -> !other.node().equals(resource.node()))
                                .allMatch(other -> running.connection(other.nodeId())
                                        .filter(PathMoves::stands)
                                        .isPresent()))
                        .isPresent());
    }

    private static boolean stands(ConnectionStatus connection) {
        return connection.state() == ConnectionState.CONNECTED
                && connection.volumes().stream()
                        .allMatch(volume -> volume.replication() == ReplicationState.ESTABLISHED);
    }

    private Optional<ReplicationStatus> running(Resource resource) {
        return reports.of(resource.node(), resource.uuid()).flatMap(ResourceStatus::inKernel);
    }
}
