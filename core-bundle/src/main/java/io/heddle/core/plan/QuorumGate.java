package io.heddle.core.plan;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.ReplicationStatus;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Whether the quorum that is wanted may be asked of DRBD now. A replica with a disk has a vote as soon as DRBD is told of it,
 * connected or not (drbd_state.c, calc_quorum): a Primary that gets peers and a quorum in one adjust, while they are not in
 * sight, would lose it at once, and freeze or fail what writes on it. So a resource that has run without a quorum here gets one
 * when its voters are connected. Once raised it stays, whoever goes out of sight.
 */
final class QuorumGate {
    private final ResourceSpec spec;
    private final Optional<String> missing;

    /**
     * Judges.
     *
     * @param configured the resource's present file, if it is Heddle's; a resource without one has not run yet
     * @param running what DRBD has of it
     */
    QuorumGate(
            ResourceSpec spec,
            Dialect dialect,
            Optional<ConfiguredResource> configured,
            Optional<ReplicationStatus> running) {
        boolean raising = dialect == Dialect.DRBD_9
                && spec.asksForQuorum()
                && configured.filter(file -> !file.quorum()).isPresent();
        this.spec = spec;
        this.missing = raising ? missing(spec, running) : Optional.empty();
    }

    /** Who is out of sight; empty if nothing is held back. */
    private static Optional<String> missing(ResourceSpec spec, Optional<ReplicationStatus> running) {
        List<PeerSpec> staying =
                spec.peers().stream().filter(peer -> !peer.leaving()).toList();
        List<PeerSpec> away = staying.stream()
                .filter(peer -> running.flatMap(
                                status -> status.connection(peer.node().value()))
                        .filter(connection -> connection.state() == ConnectionState.CONNECTED)
                        .isEmpty())
                .toList();
        long disks = staying.stream().filter(peer -> !peer.diskless()).count() + (spec.diskless() ? 0 : 1);
        boolean tieBreakerAway = disks % 2 == 0
                && away.stream().filter(PeerSpec::diskless).count()
                        == staying.stream().filter(PeerSpec::diskless).count();
        return away.stream()
                .filter(peer -> !peer.diskless() || tieBreakerAway)
                .map(peer -> peer.node().value())
                .findFirst();
    }

    /** The spec as it may be configured now. */
    ResourceSpec allowed() {
        if (missing.isEmpty()) {
            return spec;
        }
        TreeMap<String, String> options = new TreeMap<>(spec.resourceOptions());
        options.remove(ResourceSpec.QUORUM);
        return Specs.withResourceOptions(spec, options);
    }

    /** What is waited for, as the end of a sentence. */
    Optional<String> awaited() {
        return missing.map(node -> node + " to be connected before the quorum is raised");
    }
}
