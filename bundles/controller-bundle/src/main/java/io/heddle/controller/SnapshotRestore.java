package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.SnapshotRestoration;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.model.SnapshotVolume;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/**
 * Makes another resource of what a snapshot keeps. Each part is cloned as it is, DRBD's metadata included, and comes up as after a
 * power cut of all nodes at that moment. See {@code docs/decisions/snapshots.md}.
 */
final class SnapshotRestore {
    private final Desk desk;
    private final ResourceMaker maker;
    private final Secrets secrets;

    SnapshotRestore(Desk desk, ResourceMaker maker, Secrets secrets) {
        this.desk = desk;
        this.maker = maker;
        this.secrets = secrets;
    }

    CompletionStage<Outcome> restore(SnapshotRestoration wish) {
        return desk.carryOut(edit -> {
            ResourceDefinition origin = edit.requireDefinition(wish.resource());
            Snapshot snapshot = requireReady(origin, wish.snapshot(), what(wish.target()));
            NavigableSet<NodeName> nodes = nodes(origin, snapshot, wish);
            ResourceDefinition target =
                    wish.create() ? made(edit, origin, wish.target()) : existing(edit, origin, wish.target());
            ResourceDefinition restored =
                    maker.restored(edit, withVolumes(edit, target, origin, snapshot), snapshot, nodes);
            edit.put(restored);
            return Desk.Done.of(
                    Replies.success(
                            Action.CREATE,
                            ObjectKind.RESOURCE,
                            "snapshot " + snapshot.name() + " of " + origin.name() + " restored as " + restored.name()
                                    + " on " + nodes,
                            Replies.definition(restored.name())),
                    revision -> nodes.stream()
                            .<Goal>map(node -> ResourceReady.of(
                                    desk.writer(),
                                    desk.board(),
                                    Action.CREATE,
                                    restored,
                                    restored.resources().get(node),
                                    revision))
                            .toList());
        });
    }

    CompletionStage<Outcome> restoreVolumeDefinitions(
            ResourceName resource, SnapshotName name, ResourceName targetName) {
        return desk.carryOut(edit -> {
            ResourceDefinition origin = edit.requireDefinition(resource);
            Snapshot snapshot = requireReady(origin, name, what(targetName));
            ResourceDefinition target = existing(edit, origin, targetName);
            if (!target.volumeDefinitions().isEmpty()) {
                throw cannot(
                        target.name(),
                        ErrorCode.VOLUME_DEFINITION_EXISTS,
                        "it has volume definitions already",
                        "delete them first, or restore into another resource definition");
            }
            edit.put(withVolumes(edit, target, origin, snapshot));
            return Desk.Done.of(Replies.success(
                    Action.CREATE,
                    ObjectKind.VOLUME_DEFINITION,
                    "volume definitions of " + target.name() + " made as in snapshot " + snapshot.name() + " of "
                            + origin.name(),
                    Replies.definition(target.name())));
        });
    }

    /** Whether something is being made of a snapshot, so that it has to stay. */
    static Optional<ResourceDefinition> underWay(StateEdit edit, UUID snapshot) {
        return edit.state().resourceDefinitions().values().stream()
                .filter(definition -> !definition.deleting())
                .filter(definition -> definition.resources().values().stream()
                        .filter(resource -> !resource.deleting())
                        .flatMap(resource -> resource.volumes().values().stream())
                        .flatMap(volume -> volume.source().stream())
                        .anyMatch(source -> source.snapshot().equals(snapshot)))
                .findFirst();
    }

    /**
     * A snapshot that can be made a resource of.
     *
     * @param what what cannot be done without it
     */
    static Snapshot requireReady(ResourceDefinition origin, SnapshotName name, String what) {
        Snapshot snapshot = Optional.ofNullable(origin.snapshots().get(name))
                .orElseThrow(() -> NotFound.snapshot(origin.name(), name));
        if (snapshot.state() != Snapshot.State.READY) {
            throw new HeddleException(
                    snapshot.state() == Snapshot.State.DELETING ? ErrorCode.BEING_DELETED : ErrorCode.NOT_SUPPORTED,
                    what,
                    "snapshot " + snapshot.name() + " of " + origin.name() + " is " + snapshot.state(),
                    "restore one that is READY: heddle snapshot list");
        }
        boolean complete = !origin.replicated()
                || (snapshot.peers().isPresent()
                        && snapshot.parts().values().stream()
                                .flatMap(List::stream)
                                .allMatch(part -> part.maximumPeers() > 0));
        if (!complete) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    what,
                    "snapshot " + snapshot.name() + " of " + origin.name()
                            + " was taken by an older Heddle, which did not keep the node ids that its DRBD metadata speaks of",
                    "take another snapshot, and restore that one");
        }
        return snapshot;
    }

    private NavigableSet<NodeName> nodes(ResourceDefinition origin, Snapshot snapshot, SnapshotRestoration wish) {
        TreeSet<NodeName> nodes =
                new TreeSet<>(wish.nodes().isEmpty() ? snapshot.parts().keySet() : List.copyOf(wish.nodes()));
        for (NodeName node : nodes) {
            List<SnapshotVolume> parts = snapshot.parts().get(node);
            if (parts == null) {
                throw cannot(
                        wish.target(),
                        ErrorCode.INVALID_INPUT,
                        "node " + node + " has no part of snapshot " + snapshot.name() + " of " + origin.name(),
                        "restore it on nodes that have one, " + snapshot.parts().keySet()
                                + ", then have it copied: heddle resource create " + node + " " + wish.target());
            }
            if (!desk.board().online(node)) {
                throw cannot(
                        wish.target(),
                        ErrorCode.NODE_OFFLINE,
                        "node " + node + " is out of reach",
                        "bring it back, or restore on the others only, by naming them");
            }
            for (SnapshotVolume part : parts) {
                if (!wish.pools().getOrDefault(part.pool(), part.pool()).equals(part.pool())) {
                    throw cannot(
                            wish.target(),
                            ErrorCode.NOT_SUPPORTED,
                            "what a snapshot keeps is cloned in its own storage pool, and that is " + part.pool()
                                    + " on " + node,
                            "restore it there, then move it: heddle resource toggle-disk");
                }
            }
        }
        if (nodes.isEmpty()) {
            throw cannot(
                    wish.target(),
                    ErrorCode.SNAPSHOT_NOT_FOUND,
                    "no node has a part of snapshot " + snapshot.name() + " any more",
                    "delete it, and restore another");
        }
        return nodes;
    }

    private ResourceDefinition made(StateEdit edit, ResourceDefinition origin, ResourceName name) {
        if (edit.state().resourceDefinition(name).isPresent()) {
            throw cannot(
                    name,
                    ErrorCode.RESOURCE_DEFINITION_EXISTS,
                    "there is one of that name",
                    "choose another name: what a snapshot keeps becomes a resource of its own");
        }
        return new ResourceDefinition(
                name,
                UUID.randomUUID(),
                origin.group(),
                origin.layers(),
                secrets.next(),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.without(origin.properties(), OwnVolume.PROPERTY),
                false,
                desk.clock().instant());
    }

    private static ResourceDefinition existing(StateEdit edit, ResourceDefinition origin, ResourceName name) {
        ResourceDefinition target = edit.requireDefinition(name);
        if (!target.resources().isEmpty()) {
            throw cannot(
                    name,
                    ErrorCode.RESOURCE_EXISTS,
                    "it is on nodes already: " + target.resources().keySet(),
                    "restore into a resource definition that is on none");
        }
        if (!target.layers().equals(origin.layers())) {
            throw cannot(
                    name,
                    ErrorCode.NOT_SUPPORTED,
                    "its layers are " + target.layers() + ", and those of " + origin.name() + " are " + origin.layers(),
                    "create it with the same layers");
        }
        return target;
    }

    /** With the volumes as they were in the snapshot. Those that are there already have to be the same. */
    private static ResourceDefinition withVolumes(
            StateEdit edit, ResourceDefinition target, ResourceDefinition origin, Snapshot snapshot) {
        if (!target.volumeDefinitions().isEmpty()) {
            TreeMap<Integer, Bytes> sizes = new TreeMap<>();
            target.volumeDefinitions().forEach((number, volume) -> sizes.put(number, volume.size()));
            if (!sizes.equals(snapshot.sizes())) {
                throw cannot(
                        target.name(),
                        ErrorCode.INVALID_SIZE,
                        "its volumes have " + sizes + ", and those in snapshot " + snapshot.name() + " "
                                + snapshot.sizes(),
                        "restore into a resource definition without volume definitions; it may grow afterwards");
            }
            return target;
        }
        ResourceDefinition grown = target;
        for (Map.Entry<Integer, Bytes> size : snapshot.sizes().entrySet()) {
            grown = grown.withVolumeDefinition(new VolumeDefinition(
                    size.getKey(),
                    UUID.randomUUID(),
                    size.getValue(),
                    edit.allocateMinor(),
                    Optional.ofNullable(origin.volumeDefinitions().get(size.getKey()))
                            .map(VolumeDefinition::properties)
                            .orElse(Ordered.map(null)),
                    Optional.empty(),
                    false));
        }
        return grown;
    }

    private static String what(ResourceName target) {
        return "cannot restore a snapshot as " + target;
    }

    private static HeddleException cannot(ResourceName target, ErrorCode code, String why, String correction) {
        return new HeddleException(code, what(target), why, correction);
    }
}
