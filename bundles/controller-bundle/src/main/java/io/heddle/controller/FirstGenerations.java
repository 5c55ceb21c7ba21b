package io.heddle.controller;

import io.heddle.core.model.Backing;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StoragePool;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.PoolCapacity;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Decides how brand-new replicas of a volume agree on their first content. The copy of zeros is saved only where every replica
 * is new and known to read as zeros; what is not known is taken as no.
 */
final class FirstGenerations {
    private static final String FORCE_FULL_SYNC = "DrbdOptions/ForceInitialSync";

    private final StatusBoard board;

    FirstGenerations(StatusBoard board) {
        this.board = board;
    }

    /**
     * The definition with what its volumes wait for, after replicas were added to it.
     *
     * @param added nodes whose diskful replicas of all volumes are new
     */
    ResourceDefinition afterAdding(ClusterState state, ResourceDefinition definition, SortedSet<NodeName> added) {
        ResourceDefinition decided = definition;
        if (definition.replicated()) {
            for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
                if (!volume.deleting()) {
                    decided = decided.withVolumeDefinition(
                            volume.withFirstGeneration(afterAdding(state, definition, volume, added)));
                }
            }
        }
        return decided;
    }

    /** What one new volume of a definition waits for: all of its replicas are new. */
    Optional<FirstGeneration> ofNewVolume(ClusterState state, ResourceDefinition definition, VolumeDefinition volume) {
        return definition.replicated()
                ? decided(state, definition, volume, diskful(definition, volume))
                : Optional.empty();
    }

    private Optional<FirstGeneration> afterAdding(
            ClusterState state, ResourceDefinition definition, VolumeDefinition volume, SortedSet<NodeName> added) {
        NavigableSet<NodeName> replicas = diskful(definition, volume);
        if (added.containsAll(replicas)) {
            return decided(state, definition, volume, replicas);
        }
        // One that joins a pending first generation must read as zeros like the others; else it starts Inconsistent.
        return volume.firstGeneration().map(pending -> {
            TreeSet<NodeName> joined = new TreeSet<>(pending.replicas());
            if (pending.mode() == FirstGeneration.Mode.SKIP_SYNC) {
                added.stream()
                        .filter(replicas::contains)
                        .filter(node -> zeroes(state, definition, volume, node))
                        .forEach(joined::add);
            }
            return new FirstGeneration(pending.mode(), pending.leader(), joined);
        });
    }

    private Optional<FirstGeneration> decided(
            ClusterState state,
            ResourceDefinition definition,
            VolumeDefinition volume,
            NavigableSet<NodeName> replicas) {
        if (replicas.isEmpty()) {
            return Optional.empty();
        }
        boolean skip = !forced(state, definition)
                && replicas.stream().allMatch(node -> zeroes(state, definition, volume, node));
        NodeName leader = replicas.stream().filter(board::online).findFirst().orElse(replicas.first());
        return Optional.of(new FirstGeneration(
                skip ? FirstGeneration.Mode.SKIP_SYNC : FirstGeneration.Mode.FULL_SYNC, leader, Ordered.set(replicas)));
    }

    private static boolean forced(ClusterState state, ResourceDefinition definition) {
        return Inherited.of(state, definition, FORCE_FULL_SYNC)
                .map(Boolean::parseBoolean)
                .orElse(false);
    }

    private boolean zeroes(ClusterState state, ResourceDefinition definition, VolumeDefinition volume, NodeName node) {
        Optional<StoragePool> pool = Optional.ofNullable(definition.resources().get(node))
                .map(resource -> resource.volumes().get(volume.number()))
                .flatMap(Volume::backing)
                .map(Backing::pool)
                .flatMap(name -> state.node(node).map(Node::storagePools).map(pools -> pools.get(name)));
        return board.online(node)
                && pool.flatMap(known -> board.capacity(node, known))
                        .map(PoolCapacity::zeroes)
                        .orElse(false);
    }

    /**
     * The definition after a replica left or was told to: if that was the leader of a first generation that is still
     * pending, another takes its place. The satellite looks at the metadata of the new leader before it acts, so a replica
     * that has data by now is not declared anew.
     */
    static ResourceDefinition afterLeaving(ResourceDefinition definition) {
        ResourceDefinition changed = definition;
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            Optional<FirstGeneration> pending = volume.firstGeneration();
            if (pending.isPresent()) {
                NavigableSet<NodeName> replicas = diskful(definition, volume);
                Optional<FirstGeneration> next = without(pending.get(), replicas);
                if (!next.equals(pending)) {
                    changed = changed.withVolumeDefinition(volume.withFirstGeneration(next));
                }
            }
        }
        return changed;
    }

    private static Optional<FirstGeneration> without(FirstGeneration pending, NavigableSet<NodeName> replicas) {
        if (replicas.isEmpty()) {
            return Optional.empty();
        }
        TreeSet<NodeName> remaining = new TreeSet<>(pending.replicas());
        remaining.retainAll(replicas);
        if (remaining.isEmpty()) {
            return Optional.of(new FirstGeneration(
                    FirstGeneration.Mode.FULL_SYNC, replicas.first(), Ordered.set(List.of(replicas.first()))));
        }
        NodeName leader = remaining.contains(pending.leader()) ? pending.leader() : remaining.first();
        return Optional.of(new FirstGeneration(pending.mode(), leader, remaining));
    }

    private static NavigableSet<NodeName> diskful(ResourceDefinition definition, VolumeDefinition volume) {
        TreeSet<NodeName> nodes = new TreeSet<>();
        for (Resource resource : definition.resources().values()) {
            Volume own = resource.volumes().get(volume.number());
            if (!resource.deleting() && own != null && own.backing().isPresent()) {
                nodes.add(resource.node());
            }
        }
        return nodes;
    }
}
