package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.StoragePool;
import io.heddle.core.plan.Placer;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.PoolStatus;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What placement has to know of nodes and pools: what is wanted of them, with what was last seen of them. */
final class Surroundings {
    private final StatusBoard board;

    Surroundings(StatusBoard board) {
        this.board = board;
    }

    /** Facts of all nodes, for automatic placement. */
    List<Placer.NodeFacts> nodes(ClusterState state) {
        return state.nodes().values().stream().map(node -> node(state, node)).toList();
    }

    private Placer.NodeFacts node(ClusterState state, Node node) {
        TreeMap<PoolName, Placer.PoolFacts> pools = new TreeMap<>();
        node.storagePools().values().forEach(pool -> pools.put(pool.name(), pool(state, node, pool)));
        Optional<NodeStatus> status = board.status(node.name());
        return new Placer.NodeFacts(
                node.name(),
                node.hasSatellite(),
                node.deleting(),
                node.evacuation().isEmpty()
                        && Inherited.of(state, node, "AutoplaceTarget")
                                .map(Boolean::parseBoolean)
                                .orElse(true),
                board.link(node.name()).state(),
                status.map(NodeStatus::hostName),
                status.map(NodeStatus::kernel),
                state.resourcesOn(node.name()),
                state.hasFreePort(node.name()) ? Optional.empty() : Optional.of(state.portRange()),
                pools);
    }

    private Placer.PoolFacts pool(ClusterState state, Node node, StoragePool pool) {
        return new Placer.PoolFacts(
                pool.name(),
                pool.kind(),
                board.pool(node.name(), pool).map(PoolStatus::capacity),
                Inherited.of(state, node, pool, "MaxOversubscriptionRatio")
                        .map(Double::parseDouble)
                        .orElse(Placer.DEFAULT_OVERSUBSCRIPTION));
    }

    /**
     * Refuses a pool that cannot take volumes, as far as that is known: an offline node's cannot be judged.
     *
     * @throws HeddleException POOL_FULL with the numbers, POOL_UNUSABLE
     */
    void requireSpace(
            ClusterState state,
            Node node,
            StoragePool pool,
            ResourceDefinition definition,
            List<Bytes> volumes,
            int maximumPeers) {
        Placer.PoolFacts facts = pool(state, node, pool);
        if (!board.online(node.name()) || facts.capacity().isEmpty()) {
            return;
        }
        Optional<Problem> unusable = facts.capacity().get().unknown();
        if (unusable.filter(Surroundings::passesByItself).isPresent()) {
            return;
        }
        Placer.refusal(facts, volumes, definition.replicated(), maximumPeers).ifPresent(why -> {
            throw new HeddleException(
                    unusable.isPresent() ? ErrorCode.POOL_UNUSABLE : ErrorCode.POOL_FULL,
                    "cannot place " + definition.name() + " in pool " + pool.name() + " of " + node.name(),
                    why,
                    unusable.map(Problem::correction).orElse("extend the pool, or place the resource elsewhere"));
        });
    }

    /** Nothing is wrong with the pool: it is looked at soon, or its driver is being replaced. The satellite shows it if not. */
    private static boolean passesByItself(Problem problem) {
        return problem.code() == ErrorCode.STARTING || problem.code() == ErrorCode.DRIVER_ABSENT;
    }

    /**
     * Refuses what the DRBD of a node concerned cannot do, as far as it is known.
     *
     * @param added nodes that are new to the definition
     * @throws HeddleException MODULE_ABSENT, DRIVER_ABSENT, NOT_SUPPORTED, INVALID_INPUT if a node calls itself by another name
     */
    void requireReplication(ResourceDefinition definition, Set<NodeName> added) {
        List<Resource> present = definition.resources().values().stream()
                .filter(resource -> !resource.deleting())
                .toList();
        added.forEach(this::requireName);
        if (!definition.replicated()) {
            return;
        }
        for (Resource resource : present) {
            Optional<KernelStatus> kernel = board.status(resource.node()).map(NodeStatus::kernel);
            if (kernel.isPresent()) {
                if (added.contains(resource.node())) {
                    requireModule(definition, resource, kernel.get());
                }
                requireDialect(definition, resource, kernel.get(), present.size());
            }
        }
    }

    /** DRBD's files name a node as {@code uname -n} does, letter by letter. */
    private void requireName(NodeName node) {
        board.status(node)
                .map(NodeStatus::hostName)
                .filter(host -> !host.equals(node.value()))
                .ifPresent(host -> {
                    throw new HeddleException(
                            ErrorCode.INVALID_INPUT,
                            "cannot have resources on " + node,
                            "the machine calls itself " + host + " (uname -n), and DRBD goes by that name",
                            "delete the node and create it as " + host);
                });
    }

    private static void requireModule(ResourceDefinition definition, Resource resource, KernelStatus kernel) {
        if (kernel.dialect() == Dialect.NONE) {
            throw new HeddleException(
                    kernel.problem().map(Problem::code).orElse(ErrorCode.MODULE_ABSENT),
                    "cannot replicate " + definition.name() + " on " + resource.node(),
                    kernel.problem().map(Problem::why).orElse("no DRBD was found there"),
                    kernel.problem().map(Problem::correction).orElse("load DRBD 9 on it: modprobe drbd"));
        }
    }

    private static void requireDialect(
            ResourceDefinition definition, Resource resource, KernelStatus kernel, int resources) {
        if (kernel.dialect() == Dialect.DRBD_8_4 && (resources > 2 || resource.diskless())) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot have " + definition.name() + " on " + resource.node() + " in this way",
                    resource.node() + " runs DRBD " + kernel.moduleVersion()
                            + ", which replicates between two nodes with a disk each and no more",
                    "place two replicas, or load DRBD 9 on all of its nodes");
        }
    }
}
