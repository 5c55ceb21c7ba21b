package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Volume;
import io.heddle.core.status.ResourceStatus;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;

/**
 * A tombstone was carried out on a node and is out of the desired state: that of a resource, or of one volume of it.
 *
 * @param writer tells what is wanted
 * @param board tells what is
 * @param definition identity of the definition
 * @param name its name
 * @param node the node
 * @param resource identity of the resource on it
 * @param volume number of the volume that goes; empty: all of the resource
 * @param replica identity of the volume's replica, or of the resource
 * @param since revision that asked for it: what was held before is no answer to it; 0 if it was asked for before
 */
record ResourceGone(
        ClusterWriter writer,
        StatusBoard board,
        UUID definition,
        ResourceName name,
        NodeName node,
        UUID resource,
        OptionalInt volume,
        UUID replica,
        long since)
        implements ResourceGoal {
    static ResourceGone of(ClusterWriter writer, StatusBoard board, ResourceDefinition definition, Resource resource) {
        return new ResourceGone(
                writer,
                board,
                definition.uuid(),
                definition.name(),
                resource.node(),
                resource.uuid(),
                OptionalInt.empty(),
                resource.uuid(),
                0);
    }

    static ResourceGone of(
            ClusterWriter writer, StatusBoard board, ResourceDefinition definition, Resource resource, Volume volume) {
        return new ResourceGone(
                writer,
                board,
                definition.uuid(),
                definition.name(),
                resource.node(),
                resource.uuid(),
                OptionalInt.of(volume.number()),
                volume.uuid(),
                0);
    }

    /** The same where a revision has asked for it just now. */
    ResourceGone since(long revision) {
        return new ResourceGone(writer, board, definition, name, node, resource, volume, replica, revision);
    }

    @Override
    public Action action() {
        return Action.DELETE;
    }

    @Override
    public ObjectKind kind() {
        return volume.isPresent() ? ObjectKind.VOLUME : ObjectKind.RESOURCE;
    }

    private String what() {
        return volume.isPresent() ? "volume " + volume.getAsInt() + " of " + name : name.value();
    }

    @Override
    public String reached() {
        return what() + " is gone from " + node;
    }

    @Override
    public String unreached() {
        return what() + " is not gone from " + node + " yet";
    }

    @Override
    public Verdict judge() {
        if (!isThere()) {
            return new Verdict.Reached();
        }
        Optional<ResourceStatus> status = board.resource(node, resource);
        boolean removed = status.filter(seen -> seen.phase() == ResourceStatus.Phase.REMOVED)
                .isPresent();
        Optional<Verdict> offline = Goal.offline(board, node, unreached());
        if (offline.isPresent() && !removed) {
            return offline.get();
        }
        return reportedSince(since)
                .flatMap(seen -> seen.problem().map(problem -> switch (seen.phase()) {
                    case HELD -> new Verdict.GivenUp(problem);
                    case FAILED -> new Verdict.Failing(problem);
                    default -> Verdict.open(problem.why());
                }))
                .orElseGet(() -> Verdict.open(node + " has not reported it as removed"));
    }

    private boolean isThere() {
        Optional<Resource> own = writer.state()
                .resourceDefinition(definition)
                .map(known -> known.resources().get(node))
                .filter(known -> known.uuid().equals(resource));
        return volume.isEmpty()
                ? own.isPresent()
                : own.map(known -> known.volumes().get(volume.getAsInt()))
                        .filter(known -> known.uuid().equals(replica))
                        .isPresent();
    }
}
