package io.heddle.controller;

import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.SnapshotOrder;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.Snapshot;
import io.heddle.core.model.SnapshotPeers;
import io.heddle.core.model.SnapshotVolume;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Snapshots that are to be taken together: what of each resource on which node. Refuses what is known to be impossible; the
 * satellites refuse the rest before anything is suspended.
 *
 * @param snapshots the snapshots, by the identity of their definition
 * @param definitions the definitions as they were planned with
 * @param orders what each node is to do
 */
record SnapshotPlan(
        SortedMap<UUID, Snapshot> snapshots,
        Map<UUID, ResourceDefinition> definitions,
        SortedMap<NodeName, SnapshotOrder> orders) {
    /** Long enough for a slow LVM, and short enough for whoever waits for a write. */
    private static final int SECONDS = 20;

    static SnapshotPlan of(ClusterState state, StatusBoard board, List<SnapshotCreation> wishes, Instant now) {
        UUID window = UUID.randomUUID();
        TreeMap<UUID, Snapshot> snapshots = new TreeMap<>();
        Map<UUID, ResourceDefinition> definitions = new TreeMap<>();
        TreeMap<NodeName, List<SnapshotOrder.Part>> parts = new TreeMap<>();
        if (wishes.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT, "cannot take a snapshot", "no resource is named", "name at least one");
        }
        for (SnapshotCreation wish : wishes) {
            ResourceDefinition definition = state.resourceDefinition(wish.resource())
                    .orElseThrow(() -> NotFound.resourceDefinition(wish.resource()));
            requireFree(definition, wish);
            Snapshot snapshot = snapshot(state, board, definition, wish, now);
            if (snapshots.put(definition.uuid(), snapshot) != null) {
                throw new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "cannot take two snapshots of " + definition.name() + " at once",
                        "it is named twice",
                        "name each resource once");
            }
            definitions.put(definition.uuid(), definition);
            for (Resource resource : definition.resources().values()) {
                parts.computeIfAbsent(resource.node(), node -> new ArrayList<>())
                        .add(new SnapshotOrder.Part(
                                definition.name(),
                                resource.uuid(),
                                snapshot.uuid(),
                                false,
                                snapshot.parts().getOrDefault(resource.node(), List.of())));
            }
        }
        boolean several = snapshots.values().stream()
                        .mapToInt(snapshot -> snapshot.sizes().size())
                        .sum()
                > 1;
        definitions.values().stream()
                .filter(definition -> several && !definition.replicated())
                .findFirst()
                .ifPresent(definition -> {
                    throw cannot(
                            definition,
                            ErrorCode.NOT_SUPPORTED,
                            "it is not replicated, so that nothing suspends its I/O while several volumes are kept",
                            "take it alone if it has one volume, or use DRBD over STORAGE");
                });
        TreeMap<NodeName, SnapshotOrder> orders = new TreeMap<>();
        parts.forEach((node, own) -> orders.put(node, new SnapshotOrder(window, SECONDS, own)));
        return new SnapshotPlan(snapshots, definitions, orders);
    }

    /** Puts the snapshots into the state, if all is as it was planned with. */
    void put(StateEdit edit) {
        snapshots.forEach((uuid, snapshot) -> {
            ResourceDefinition planned = definitions.get(uuid);
            ResourceDefinition now =
                    edit.definition(uuid).orElseThrow(() -> NotFound.resourceDefinition(planned.name()));
            if (now.deleting()
                    || !incarnations(now).equals(incarnations(planned))
                    || !sizes(now).equals(snapshot.sizes())
                    || !parts(now).equals(snapshot.parts())
                    || !now.retiredNodeIds().equals(planned.retiredNodeIds())) {
                throw cannot(now, ErrorCode.IN_USE, "it was changed just now", "try again");
            }
            requireFree(now, new SnapshotCreation(now.name(), snapshot.name(), Ordered.map(null)));
            edit.put(now.withSnapshot(snapshot));
        });
    }

    private static void requireFree(ResourceDefinition definition, SnapshotCreation wish) {
        Snapshot present = definition.snapshots().get(wish.name());
        if (present != null) {
            boolean goes = present.state() == Snapshot.State.DELETING;
            throw new HeddleException(
                    goes ? ErrorCode.BEING_DELETED : ErrorCode.SNAPSHOT_EXISTS,
                    "cannot take snapshot " + wish.name() + " of " + definition.name(),
                    goes
                            ? "the one of that name is not gone from all nodes yet: "
                                    + present.parts().keySet()
                            : "there is one of that name",
                    "choose another name" + (goes ? "" : ", or delete that one first"));
        }
    }

    private static Snapshot snapshot(
            ClusterState state, StatusBoard board, ResourceDefinition definition, SnapshotCreation wish, Instant now) {
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            if (volume.deleting()) {
                throw cannot(
                        definition,
                        ErrorCode.BEING_DELETED,
                        "volume " + volume.number() + " of it is being deleted",
                        "wait until it is gone");
            }
        }
        definition.resources().values().forEach(resource -> requireUsable(board, definition, resource));
        SortedMap<NodeName, List<SnapshotVolume>> parts = parts(definition);
        parts.forEach(
                (node, volumes) -> volumes.forEach(volume -> requireSnapshots(state, board, definition, node, volume)));
        if (parts.isEmpty()) {
            throw cannot(
                    definition,
                    ErrorCode.NOT_SUPPORTED,
                    "no node has a volume of it",
                    "place it first: heddle resource create " + definition.name() + " --auto-place 2");
        }
        return new Snapshot(
                wish.name(),
                UUID.randomUUID(),
                Snapshot.State.TAKING,
                now,
                Optional.empty(),
                sizes(definition),
                List.copyOf(parts.keySet()),
                parts,
                wish.properties(),
                definition.replicated() ? Optional.of(peers(board, definition, parts)) : Optional.empty(),
                Optional.empty());
    }

    /** A node id that not every peer has forgotten counts as taken: metadata may know somebody by it. */
    private static SnapshotPeers peers(
            StatusBoard board, ResourceDefinition definition, SortedMap<NodeName, List<SnapshotVolume>> parts) {
        TreeMap<NodeName, Integer> nodeIds = new TreeMap<>();
        TreeSet<Integer> taken = new TreeSet<>(definition.retiredNodeIds());
        definition.resources().values().forEach(resource -> {
            taken.add(resource.nodeId());
            if (parts.containsKey(resource.node())) {
                nodeIds.put(resource.node(), resource.nodeId());
            }
        });
        Optional<NodeName> primary = definition.resources().values().stream()
                .filter(resource -> board.resource(resource.node(), resource.uuid())
                        .flatMap(ResourceStatus::inKernel)
                        .filter(kernel -> kernel.role() == Role.PRIMARY)
                        .isPresent())
                .map(Resource::node)
                .findFirst();
        return new SnapshotPeers(nodeIds, taken, primary);
    }

    private static SortedMap<NodeName, UUID> incarnations(ResourceDefinition definition) {
        TreeMap<NodeName, UUID> incarnations = new TreeMap<>();
        definition.resources().forEach((node, resource) -> incarnations.put(node, resource.uuid()));
        return incarnations;
    }

    private static SortedMap<Integer, Bytes> sizes(ResourceDefinition definition) {
        TreeMap<Integer, Bytes> sizes = new TreeMap<>();
        definition.volumeDefinitions().forEach((number, volume) -> sizes.put(number, volume.size()));
        return sizes;
    }

    private static SortedMap<NodeName, List<SnapshotVolume>> parts(ResourceDefinition definition) {
        TreeMap<NodeName, List<SnapshotVolume>> parts = new TreeMap<>();
        for (Resource resource : definition.resources().values()) {
            List<SnapshotVolume> volumes = new ArrayList<>();
            resource.volumes()
                    .values()
                    .forEach(volume -> volume.backing()
                            .ifPresent(backing -> volumes.add(new SnapshotVolume(
                                    volume.number(),
                                    volume.uuid(),
                                    backing.pool(),
                                    backing.name(),
                                    backing.maximumPeers()))));
            if (!volumes.isEmpty()) {
                parts.put(resource.node(), volumes);
            }
        }
        return parts;
    }

    /** Also one without a disk: whoever writes there is suspended as well. */
    private static void requireUsable(StatusBoard board, ResourceDefinition definition, Resource resource) {
        if (!board.online(resource.node())) {
            throw cannot(
                    definition,
                    ErrorCode.NODE_OFFLINE,
                    "node " + resource.node() + " is out of reach, and nobody knows whether it is written there",
                    "bring the node back, or delete the resource there; if it never comes back: heddle node lost "
                            + resource.node());
        }
        if (resource.deleting() || resource.detaching()) {
            throw cannot(
                    definition,
                    ErrorCode.BEING_DELETED,
                    "its replica on " + resource.node() + " is being removed",
                    "wait until it is gone");
        }
    }

    private static void requireSnapshots(
            ClusterState state,
            StatusBoard board,
            ResourceDefinition definition,
            NodeName node,
            SnapshotVolume volume) {
        boolean takesNone = state.node(node)
                .map(known -> known.storagePools().get(volume.pool()))
                .flatMap(pool -> board.capacity(node, pool))
                .filter(capacity -> !capacity.snapshots())
                .isPresent();
        if (takesNone) {
            throw cannot(
                    definition,
                    ErrorCode.NOT_SUPPORTED,
                    "storage pool " + volume.pool() + " of node " + node + " takes no snapshots",
                    "move the replica to a thin pool of LVM, to ZFS, or to a FILE_THIN pool on xfs or btrfs: heddle"
                            + " resource toggle-disk");
        }
    }

    private static HeddleException cannot(
            ResourceDefinition definition, ErrorCode code, String why, String correction) {
        return new HeddleException(code, "cannot take a snapshot of " + definition.name(), why, correction);
    }
}
