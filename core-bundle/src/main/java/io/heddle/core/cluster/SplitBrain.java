package io.heddle.core.cluster;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.SplitBrainResolution;
import io.heddle.core.status.CutOff;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Puts together what the sides of a resource know of being cut off from each other. Pure. Two sides have diverged if DRBD said
 * so on one of them, or if both have changes that the other lacks, which their data generations tell.
 *
 * @param definition the resource
 * @param sides its resources on nodes
 */
public record SplitBrain(ResourceDefinition definition, List<Side> sides) {
    /**
     * One side.
     *
     * @param resource the resource on its node
     * @param status what its satellite sees now; empty if that is not reached
     */
    public record Side(Resource resource, Optional<ResourceStatus> status) {
        public NodeName node() {
            return resource.node();
        }

        /** What it knows of a peer that it is cut off from. */
        public Optional<CutOff> cutOff(NodeName peer) {
            return status.flatMap(seen -> seen.cutOff(peer));
        }

        /** DRBD's view of it. */
        public Optional<ReplicationStatus> replication() {
            return status.flatMap(ResourceStatus::inKernel);
        }

        /** Whether it is connected to a peer. */
        public boolean isConnectedTo(NodeName peer) {
            return replication()
                    .filter(seen -> seen.isConnectedTo(peer.value()))
                    .isPresent();
        }
    }

    public SplitBrain {
        sides = List.copyOf(sides);
    }

    /**
     * What is known of a definition.
     *
     * @param current the status of a resource if it is to be believed
     */
    public static SplitBrain of(ResourceDefinition definition, Function<Resource, Optional<ResourceStatus>> current) {
        return new SplitBrain(
                definition,
                definition.resources().values().stream()
                        .filter(resource -> !resource.deleting())
                        .map(resource -> new Side(resource, current.apply(resource)))
                        .toList());
    }

    /** The same, of what a view shows. */
    public static SplitBrain of(ClusterView view, ResourceDefinition definition) {
        return of(definition, resource -> ResourceStates.current(view, resource));
    }

    /** Whether any two sides have diverged. */
    public boolean isThere() {
        return sides.stream().anyMatch(one -> sides.stream().anyMatch(other -> diverged(one, other)));
    }

    /** Whether two sides have diverged. */
    public static boolean diverged(Side one, Side other) {
        Optional<CutOff> here = one.cutOff(other.node());
        Optional<CutOff> there = other.cutOff(one.node());
        boolean said = here.filter(CutOff::splitBrain).isPresent()
                || there.filter(CutOff::splitBrain).isPresent();
        return said || (here.isPresent() && there.isPresent() && differ(here.get(), there.get()));
    }

    private static boolean differ(CutOff here, CutOff there) {
        return here.volumes().stream()
                .anyMatch(mine -> there.volumes().stream()
                        .anyMatch(theirs -> mine.number() == theirs.number()
                                && !mine.generation()
                                        .current()
                                        .equals(theirs.generation().current())
                                && mine.generation().hasChanges()
                                && theirs.generation().hasChanges()));
    }

    /** The last word on it that is neither carried out nor lapsed: a side that is to give up its changes is still cut off. */
    public Optional<SplitBrainResolution> underWay() {
        return definition
                .resolution()
                .filter(word -> sides.stream()
                        .filter(side -> word.discarded().containsKey(side.node()))
                        .anyMatch(side -> word.kept().keySet().stream()
                                .anyMatch(kept -> side.cutOff(kept)
                                        .filter(cutOff -> speaksOf(word, side, cutOff))
                                        .isPresent())));
    }

    /** Whether the last word may still be carried out: a side that is to give up its changes says nothing else, or nothing. */
    public boolean mayStillHappen() {
        return definition
                .resolution()
                .filter(word -> sides.stream()
                        .filter(side -> word.discarded().containsKey(side.node()))
                        .anyMatch(side -> side.status().isEmpty()))
                .or(this::underWay)
                .isPresent();
    }

    private static boolean speaksOf(SplitBrainResolution word, Side side, CutOff cutOff) {
        boolean lapsed = cutOff.lapsedWord().filter(word.uuid()::equals).isPresent();
        return !lapsed
                && cutOff.volumes().stream()
                        .allMatch(volume -> volume.generation()
                                .current()
                                .equals(word.discarded()
                                        .get(side.node())
                                        .generations()
                                        .get(volume.number())));
    }

    /** The ways out, as commands, one for each side that could give up its changes; none while a word is under way. */
    public List<String> waysOut() {
        List<String> ways = new ArrayList<>();
        if (underWay().isPresent()) {
            return ways;
        }
        for (Side side : sides) {
            boolean hasDiverged =
                    !side.resource().diskless() && sides.stream().anyMatch(other -> diverged(side, other));
            if (hasDiverged) {
                ways.add("heddle resource resolve-split-brain " + definition.name() + " --discard " + side.node());
            }
        }
        return ways;
    }
}
