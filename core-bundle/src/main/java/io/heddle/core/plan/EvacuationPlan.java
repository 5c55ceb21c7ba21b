package io.heddle.core.plan;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Decides what happens next to one resource of a node that is being emptied, or to one replica that another is to take the place
 * of: the other replica is made first, and only when that is UpToDate the one here goes. Pure; all that it remembers is in the
 * desired state, so that it goes on after a restart.
 */
public final class EvacuationPlan {
    private final NodeName node;
    private final Function<Resource, Optional<ResourceStatus>> reports;
    private final LastCopy copies;

    /** What happens next. */
    public sealed interface Next {
        /** A replica is to be made elsewhere. */
        record Place() implements Next {}

        /** The resource here is to go. */
        record Remove() implements Next {}

        /**
         * It goes on by itself.
         *
         * @param replacing whether the replica that takes its place is being copied to
         * @param what what is waited for
         */
        record Wait(boolean replacing, String what) implements Next {}

        /**
         * Somebody has to do something.
         *
         * @param why what keeps it here
         */
        record Stays(String why) implements Next {}
    }

    /**
     * Decides for a node.
     *
     * @param reports what is believed of a resource now: nothing of a node that is out of reach
     */
    public EvacuationPlan(NodeName node, Function<Resource, Optional<ResourceStatus>> reports) {
        this.node = node;
        this.reports = reports;
        this.copies = new LastCopy(reports);
    }

    /** What happens next to the resource of a definition on the node; it has one. */
    public Next next(ResourceDefinition definition) {
        Resource own = definition.resources().get(node);
        if (definition.deleting() || own.deleting()) {
            return new Next.Wait(false, "is being removed");
        }
        if (own.detaching()) {
            return new Next.Wait(false, "gives its disk up");
        }
        if (own.tieBreaker()) {
            return new Next.Remove();
        }
        if (own.diskless()) {
            return new Next.Stays(
                    "has no disk here, and serves who uses it on this node; if nobody does, run: heddle resource"
                            + " delete " + node + " " + definition.name());
        }
        if (!definition.replicated()) {
            return new Next.Stays("is not replicated, so that it cannot be copied to another node while it is used");
        }
        return own.replacement()
                .map(there -> definition.resources().get(there))
                .map(replacement -> replaced(definition, own, replacement))
                .orElseGet(Next.Place::new);
    }

    private Next replaced(ResourceDefinition definition, Resource own, Resource replacement) {
        boolean upToDate = definition.volumeDefinitions().values().stream()
                .filter(volume -> !volume.deleting())
                .allMatch(volume -> copies.isUpToDate(replacement, volume));
        if (!upToDate) {
            return new Next.Wait(true, "is copied to " + replacement.node() + progress(definition, replacement));
        }
        return inUse(own)
                ? new Next.Wait(
                        false,
                        "is on " + replacement.node()
                                + " as well, and in use here: it goes when what uses it has moved")
                : new Next.Remove();
    }

    private boolean inUse(Resource resource) {
        return kernel(resource).filter(ReplicationStatus::inUse).isPresent();
    }

    private Optional<ReplicationStatus> kernel(Resource resource) {
        return reports.apply(resource).flatMap(ResourceStatus::inKernel);
    }

    private String progress(ResourceDefinition definition, Resource replacement) {
        Optional<ResourceStatus> status = reports.apply(replacement);
        if (status.isEmpty()) {
            return ", which is out of sight";
        }
        if (status.get().problem().isPresent()) {
            return ", where: " + status.get().problem().get().what() + ": "
                    + status.get().problem().get().why();
        }
        List<Double> done = kernel(replacement).stream()
                .flatMap(kernel -> kernel.connections().stream())
                .flatMap(connection -> connection.volumes().stream())
                .filter(volume -> volume.replication() == ReplicationState.SYNC_TARGET)
                .filter(volume -> isWanted(definition, volume.number()))
                .map(PeerVolumeStatus::donePercent)
                .filter(percent -> percent.isPresent())
                .map(percent -> percent.getAsDouble())
                .toList();
        return done.stream()
                .min(Double::compare)
                .map(percent -> String.format(Locale.ROOT, ", %.1f %% done", percent))
                .orElse("");
    }

    private static boolean isWanted(ResourceDefinition definition, int number) {
        VolumeDefinition volume = definition.volumeDefinitions().get(number);
        return volume != null && !volume.deleting();
    }
}
