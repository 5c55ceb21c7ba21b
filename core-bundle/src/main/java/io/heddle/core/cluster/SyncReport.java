package io.heddle.core.cluster;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.ReplicationState.SyncStage;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the replicas of a resource definition are all UpToDate, what is missing, and whether anything stands against it.
 * Read from memory, as often as anybody likes; who waits asks again.
 *
 * @param resource the resource definition
 * @param inSync whether nothing is missing
 * @param missing what is missing, a line for each replica, with its progress
 * @param problem why it will not come true by itself; empty if it may. It speaks of this moment: in the first seconds of a
 *     connection it may come and go
 */
public record SyncReport(ResourceName resource, boolean inSync, List<String> missing, Optional<Problem> problem) {
    public SyncReport {
        missing = List.copyOf(missing);
    }

    /**
     * Looks at a definition, or at its resource on one node.
     *
     * @throws io.heddle.core.error.HeddleException RESOURCE_DEFINITION_NOT_FOUND, RESOURCE_NOT_FOUND
     */
    public static SyncReport of(ClusterView view, ResourceName name, Optional<NodeName> node) {
        ResourceDefinition definition = view.state()
                .resourceDefinition(name)
                .filter(known -> !known.deleting())
                .orElseThrow(() -> NotFound.resourceDefinition(name));
        if (node.filter(wanted -> !definition.resources().containsKey(wanted)).isPresent()) {
            throw NotFound.resource(definition.name(), node.get());
        }
        return new Look(view, definition, node).report();
    }

    /** One look, with what it finds. */
    private static final class Look {
        private final ClusterView view;
        private final ResourceDefinition definition;
        private final List<Resource> replicas;
        private final List<Resource> wanted;
        private final List<String> missing = new ArrayList<>();
        private Optional<Problem> problem = Optional.empty();

        Look(ClusterView view, ResourceDefinition definition, Optional<NodeName> node) {
            this.view = view;
            this.definition = definition;
            this.replicas = definition.resources().values().stream()
                    .filter(resource -> !resource.diskless() && !resource.deleting())
                    .toList();
            this.wanted = replicas.stream()
                    .filter(resource -> node.isEmpty() || resource.node().equals(node.get()))
                    .toList();
        }

        SyncReport report() {
            if (replicas.isEmpty()) {
                missing.add("no node has a replica");
                note(ErrorCode.NOT_ENOUGH_NODES, "it has no replica with a disk", "create one: heddle resource create");
            }
            for (Resource resource : wanted) {
                if (view.link(resource.node()).state() != LinkStatus.State.ONLINE) {
                    missing.add(resource.node() + ": not known, since the node is "
                            + view.link(resource.node()).state().name().toLowerCase(Locale.ROOT));
                } else {
                    online(resource, status(resource));
                }
            }
            return new SyncReport(definition.name(), missing.isEmpty(), missing, problem);
        }

        private Optional<ResourceStatus> status(Resource resource) {
            return ResourceStates.current(view, resource);
        }

        private void online(Resource resource, Optional<ResourceStatus> status) {
            Optional<ReplicationStatus> replication = replication(status);
            if (!definition.replicated()) {
                if (status.filter(seen -> seen.phase() == ResourceStatus.Phase.READY)
                        .isEmpty()) {
                    missing.add(resource.node() + ": " + ResourceStates.volume(definition, resource, 0, status));
                    held(status);
                }
                return;
            }
            List<Integer> behind = definition.volumeDefinitions().values().stream()
                    .filter(volume -> !volume.deleting())
                    .map(VolumeDefinition::number)
                    .filter(number -> disk(replication, number) != DiskState.UP_TO_DATE)
                    .toList();
            if (behind.isEmpty()) {
                return;
            }
            List<String> lines = SyncStates.lines(status);
            missing.add(resource.node() + ": "
                    + (lines.isEmpty()
                            ? ResourceStates.volume(definition, resource, behind.get(0), status)
                            : String.join("; ", lines)));
            held(status);
            behind.forEach(number -> source(resource, replication, number));
        }

        private void held(Optional<ResourceStatus> status) {
            status.filter(seen ->
                            seen.phase() == ResourceStatus.Phase.HELD || seen.phase() == ResourceStatus.Phase.FAILED)
                    .flatMap(ResourceStatus::problem)
                    .ifPresent(found -> problem = problem.or(() -> Optional.of(found)));
        }

        /** Looks whether anything could be the source of a volume that is behind. */
        private void source(Resource resource, Optional<ReplicationStatus> replication, int number) {
            if (replication.isEmpty() || comes(number) || syncs(replication.get(), number)) {
                return;
            }
            List<NodeName> sources = replicas.stream()
                    .filter(other -> !other.node().equals(resource.node()))
                    .filter(other -> disk(replication(status(other)), number) == DiskState.UP_TO_DATE)
                    .map(Resource::node)
                    .toList();
            boolean allSeen = replicas.stream()
                    .allMatch(other -> replication(status(other)).isPresent());
            if (sources.isEmpty() && allSeen) {
                note(
                        ErrorCode.SYNC_IMPOSSIBLE,
                        "no replica of volume " + number + " is UpToDate",
                        "see 'heddle resource list -r " + definition.name()
                                + "'; bring back the replica that was used last, or choose one by hand");
            } else if (!sources.isEmpty()
                    && sources.stream().allMatch(source -> standsAlone(replication.get(), source))) {
                note(
                        ErrorCode.SYNC_IMPOSSIBLE,
                        resource.node() + " stands alone towards " + String.join(", ", texts(sources)),
                        "see why in 'heddle resource list -r " + definition.name()
                                + "': after a split brain a person has to choose");
            }
        }

        /** Whether the first generation is still to be made, or a disk is on its way. */
        private boolean comes(int number) {
            boolean fresh =
                    definition.volumeDefinitions().get(number).firstGeneration().isPresent();
            return fresh
                    || replicas.stream()
                            .map(other -> disk(replication(status(other)), number))
                            .anyMatch(disk -> disk == DiskState.ATTACHING
                                    || disk == DiskState.NEGOTIATING
                                    || disk == DiskState.CONSISTENT);
        }

        private static boolean syncs(ReplicationStatus replication, int number) {
            return replication.connections().stream()
                    .flatMap(connection -> connection.volumes().stream())
                    .anyMatch(volume ->
                            volume.number() == number && volume.replication().stage() != SyncStage.NONE);
        }

        private static boolean standsAlone(ReplicationStatus replication, NodeName peer) {
            return replication
                    .connection(peer.value())
                    .map(ConnectionStatus::state)
                    .filter(state -> state == ConnectionState.STAND_ALONE)
                    .isPresent();
        }

        private static Optional<ReplicationStatus> replication(Optional<ResourceStatus> status) {
            return status.flatMap(seen -> seen.replication().known()).flatMap(known -> known);
        }

        private static DiskState disk(Optional<ReplicationStatus> replication, int number) {
            return replication
                    .flatMap(found -> found.device(number))
                    .map(DeviceStatus::disk)
                    .orElse(DiskState.DUNKNOWN);
        }

        private static List<String> texts(List<NodeName> nodes) {
            return nodes.stream().map(NodeName::value).toList();
        }

        private void note(ErrorCode code, String why, String correction) {
            problem = problem.or(
                    () -> Optional.of(new Problem(code, definition.name() + " will not be in sync", why, correction)));
        }
    }
}
