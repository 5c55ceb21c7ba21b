package io.heddle.core.status;

import io.heddle.core.error.Problem;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.UUID;

/**
 * A resource of the node as its satellite last saw it.
 *
 * @param name its name
 * @param uuid identity of this incarnation
 * @param phase how far the satellite is with what is wanted
 * @param specRevision revision of the spec that {@code phase} speaks of
 * @param problem what stands in the way; empty when nothing does
 * @param steps what is being done or held at the moment, as text
 * @param volumes volumes in the order of their numbers
 * @param replication DRBD's view; empty while DRBD does not have it, unknown if the look failed
 * @param forgottenNodeIds node ids of former peers that were forgotten here
 * @param since when the phase began
 * @param awaitsRelease whether a tombstone waits to be told that those that stay do without its vote
 * @param cutOffs what is known of each peer that it is cut off from and that may have diverged
 * @param countsOtherwise whether DRBD was not told yet of all votes as the spec of that revision has them
 */
public record ResourceStatus(
        ResourceName name,
        UUID uuid,
        Phase phase,
        long specRevision,
        Optional<Problem> problem,
        List<String> steps,
        List<VolumeStatus> volumes,
        Observation<Optional<ReplicationStatus>> replication,
        SortedSet<Integer> forgottenNodeIds,
        Instant since,
        boolean awaitsRelease,
        List<CutOff> cutOffs,
        boolean countsOtherwise) {
    /** How far the satellite is. */
    public enum Phase {
        /** Not looked at yet. */
        PENDING,
        /** Steps are running or about to be retried. */
        WORKING,
        /** Nothing is left to do: the node is as wanted. */
        READY,
        /** A rule that keeps data forbids the next step; {@code problem} says which and the way out. */
        HELD,
        /** The last try failed; it is tried again. */
        FAILED,
        /** A tombstone was carried out: nothing of the incarnation is left on the node. */
        REMOVED
    }

    public ResourceStatus {
        steps = List.copyOf(steps);
        volumes = List.copyOf(volumes);
        forgottenNodeIds = Ordered.set(forgottenNodeIds);
        cutOffs = List.copyOf(cutOffs);
    }

    /** One that is cut off from nobody, and waits for no release. */
    public ResourceStatus(
            ResourceName name,
            UUID uuid,
            Phase phase,
            long specRevision,
            Optional<Problem> problem,
            List<String> steps,
            List<VolumeStatus> volumes,
            Observation<Optional<ReplicationStatus>> replication,
            SortedSet<Integer> forgottenNodeIds,
            Instant since) {
        this(name, uuid, phase, specRevision, problem, steps, volumes, replication, forgottenNodeIds, since, false);
    }

    /** The same, that may wait for a release. */
    public ResourceStatus(
            ResourceName name,
            UUID uuid,
            Phase phase,
            long specRevision,
            Optional<Problem> problem,
            List<String> steps,
            List<VolumeStatus> volumes,
            Observation<Optional<ReplicationStatus>> replication,
            SortedSet<Integer> forgottenNodeIds,
            Instant since,
            boolean awaitsRelease) {
        this(
                name,
                uuid,
                phase,
                specRevision,
                problem,
                steps,
                volumes,
                replication,
                forgottenNodeIds,
                since,
                awaitsRelease,
                List.of(),
                false);
    }

    /** DRBD's view, if it is known and DRBD has the resource. */
    public Optional<ReplicationStatus> inKernel() {
        return replication.known().flatMap(found -> found);
    }

    /** What is known of a peer that it is cut off from. */
    public Optional<CutOff> cutOff(NodeName peer) {
        return cutOffs.stream()
                .filter(cutOff -> cutOff.peer().equalsIgnoreCase(peer.value()))
                .findFirst();
    }

    /** The same with something in the way. */
    public ResourceStatus withProblem(Problem found) {
        return new ResourceStatus(
                name,
                uuid,
                phase,
                specRevision,
                Optional.of(found),
                steps,
                volumes,
                replication,
                forgottenNodeIds,
                since,
                awaitsRelease,
                cutOffs,
                countsOtherwise);
    }
}
