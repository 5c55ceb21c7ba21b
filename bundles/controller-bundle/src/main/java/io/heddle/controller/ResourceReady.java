package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.ResourceStatus;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A resource of a node is as a revision wants it: its satellite says ready, its devices are there at their size, and a first
 * generation that this node takes part in has been reached. A replica that is still being copied to is good enough.
 *
 * @param writer tells what is wanted
 * @param board tells what is
 * @param action what the use case does
 * @param definition identity of the definition
 * @param name its name
 * @param node the node
 * @param resource identity of the resource on it
 * @param revision since which the report must be
 * @param fresh volumes that have to be UpToDate here, since this is their first generation
 */
record ResourceReady(
        ClusterWriter writer,
        StatusBoard board,
        Action action,
        UUID definition,
        ResourceName name,
        NodeName node,
        UUID resource,
        long revision,
        Set<Integer> fresh)
        implements ResourceGoal {
    static ResourceReady of(
            ClusterWriter writer,
            StatusBoard board,
            Action action,
            ResourceDefinition definition,
            Resource resource,
            long revision) {
        return new ResourceReady(
                writer,
                board,
                action,
                definition.uuid(),
                definition.name(),
                resource.node(),
                resource.uuid(),
                revision,
                fresh(definition, resource));
    }

    /** With a full sync only the leader's content is there at once; the others are copied to for as long as it takes. */
    private static Set<Integer> fresh(ResourceDefinition definition, Resource resource) {
        TreeSet<Integer> numbers = new TreeSet<>();
        for (VolumeDefinition volume : definition.volumeDefinitions().values()) {
            volume.firstGeneration()
                    .filter(first -> first.mode() == FirstGeneration.Mode.SKIP_SYNC
                            ? first.replicas().contains(resource.node())
                            : first.leader().equals(resource.node()))
                    .ifPresent(first -> numbers.add(volume.number()));
        }
        return numbers;
    }

    @Override
    public String reached() {
        return name + " is ready on " + node;
    }

    @Override
    public String unreached() {
        return name + " is not ready on " + node + " yet";
    }

    @Override
    public Verdict judge() {
        Optional<ResourceDefinition> wanted = writer.state().resourceDefinition(definition);
        Optional<Resource> own = wanted.filter(known -> !known.deleting())
                .map(known -> known.resources().get(node))
                .filter(known -> known.uuid().equals(resource) && !known.deleting());
        if (wanted.isEmpty() || own.isEmpty()) {
            return Verdict.givenUp(
                    ErrorCode.BEING_DELETED, unreached(), "it was deleted in the meantime", "nothing needs to be done");
        }
        Optional<Verdict> offline = Goal.offline(board, node, unreached());
        if (offline.isPresent()) {
            return offline.get();
        }
        Optional<ResourceStatus> status = reportedSince(revision);
        return status.map(seen -> judge(wanted.get(), own.get(), seen))
                .orElseGet(() -> Verdict.open(node + " has not reported on it"));
    }

    private Verdict judge(ResourceDefinition wanted, Resource own, ResourceStatus status) {
        if (status.phase() == ResourceStatus.Phase.HELD && status.problem().isPresent()) {
            return new Verdict.GivenUp(status.problem().get());
        }
        if (status.phase() == ResourceStatus.Phase.FAILED && status.problem().isPresent()) {
            return new Verdict.Failing(status.problem().get());
        }
        if (status.phase() != ResourceStatus.Phase.READY) {
            Optional<Verdict> inVain = waitsInVain(wanted, own, status);
            if (inVain.isPresent()) {
                return inVain.get();
            }
            return at(status);
        }
        for (VolumeDefinition volume : wanted.volumeDefinitions().values()) {
            Volume there = own.volumes().get(volume.number());
            if (there != null && !volume.deleting()) {
                Optional<String> missing = missing(wanted, volume, there, status);
                if (missing.isPresent()) {
                    return Verdict.open(missing.get());
                }
            }
        }
        return new Verdict.Reached();
    }

    /**
     * All that this node has to do alone is done, and its first generation waits for a replica that is refused or fails
     * elsewhere: that one decides how long waiting makes sense.
     */
    private Optional<Verdict> waitsInVain(ResourceDefinition wanted, Resource own, ResourceStatus status) {
        boolean allAttached = wanted.volumeDefinitions().values().stream()
                .filter(volume -> !volume.deleting())
                .allMatch(volume -> Optional.ofNullable(own.volumes().get(volume.number()))
                        .filter(there -> there.backing().isPresent() && !isAttached(status, volume.number()))
                        .isEmpty());
        if (!allAttached) {
            return Optional.empty();
        }
        return wanted.volumeDefinitions().values().stream()
                .flatMap(volume -> volume.firstGeneration().stream())
                .flatMap(first -> first.replicas().stream())
                .filter(other -> !other.equals(node))
                .distinct()
                .flatMap(other -> standstill(wanted, other).stream())
                .findFirst();
    }

    private static boolean isAttached(ResourceStatus status, int number) {
        return device(status, number)
                .filter(device -> switch (device.disk()) {
                    case UP_TO_DATE, INCONSISTENT, OUTDATED, CONSISTENT -> true;
                    default -> false;
                })
                .isPresent();
    }

    /** Why another node gets no further with the same resource; empty if it does, or may. */
    private Optional<Verdict> standstill(ResourceDefinition wanted, NodeName other) {
        Optional<ResourceStatus> status = Optional.ofNullable(wanted.resources().get(other))
                .flatMap(replica -> board.resource(other, replica.uuid()))
                .filter(seen -> seen.specRevision() >= revision);
        Optional<Problem> why = status.flatMap(ResourceStatus::problem)
                .map(there -> new Problem(
                        there.code(),
                        unreached(),
                        "it waits for the new replica on " + other + ", and there: " + there.what() + ", since "
                                + there.why(),
                        there.correction()));
        if (why.isEmpty()) {
            return Optional.empty();
        }
        return switch (status.orElseThrow().phase()) {
            case HELD -> Optional.of(new Verdict.GivenUp(why.get()));
            case FAILED -> Optional.of(new Verdict.Failing(why.get()));
            case PENDING, WORKING, READY, REMOVED -> Optional.empty();
        };
    }

    private static Optional<DeviceStatus> device(ResourceStatus status, int number) {
        return status.inKernel().flatMap(kernel -> kernel.device(number));
    }

    private Optional<String> missing(
            ResourceDefinition wanted, VolumeDefinition volume, Volume own, ResourceStatus status) {
        boolean device = status.volumes().stream()
                .anyMatch(seen ->
                        seen.uuid().equals(own.uuid()) && seen.devicePath().isPresent());
        if (!device) {
            return Optional.of("volume " + volume.number() + " has no device on " + node);
        }
        if (!wanted.replicated()) {
            return Optional.empty();
        }
        Optional<DeviceStatus> kernel = device(status, volume.number());
        if (kernel.isEmpty()) {
            return Optional.of("DRBD on " + node + " does not show volume " + volume.number());
        }
        return own.backing().isEmpty() ? Optional.empty() : missing(volume, kernel.get());
    }

    private Optional<String> missing(VolumeDefinition volume, DeviceStatus kernel) {
        boolean usable = switch (kernel.disk()) {
            case UP_TO_DATE -> true;
            case INCONSISTENT, OUTDATED, CONSISTENT -> !fresh.contains(volume.number());
            default -> false;
        };
        if (!usable) {
            return Optional.of("volume " + volume.number() + " on " + node + " is "
                    + kernel.disk().drbdName());
        }
        boolean grown = kernel.disk() != DiskState.UP_TO_DATE
                || kernel.size().isZero()
                || kernel.size().compareTo(volume.size()) >= 0;
        return grown
                ? Optional.empty()
                : Optional.of(
                        "volume " + volume.number() + " on " + node + " has " + kernel.size() + " of " + volume.size());
    }
}
