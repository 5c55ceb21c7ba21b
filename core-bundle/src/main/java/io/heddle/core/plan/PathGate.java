package io.heddle.core.plan;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.error.Problem;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PathStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Which paths DRBD may be asked to have now, where others than it has are wanted. DRBD 9 takes a path beside those that it has without a
 * break, lets none go over which it is connected, and is connected over one at a time (drbd_transport_tcp.c, dtt_may_remove_path). So
 *
 * <ul>
 *   <li>a path that is not wanted any more stays beside those that are until the two nodes are connected over one of these: it may
 *       be the only one that the peer knows;
 *   <li>no path is asked for whose address this node does not have, as long as there is another and it is not connected over it:
 *       DRBD listens on all of a connection's paths or on none (dtt_prepare_connect), so that it would keep the others from being
 *       used when the connection breaks;
 *   <li>nor one that stands in the way of another connection, which now has its addresses;
 *   <li>a connection that stands on a path that is not wanted is taken over to another when the controller says that the peer has it too, and
 *       nobody loses his quorum or his data for that moment.
 * </ul>
 */
final class PathGate {
    private final ResourceSpec spec;
    private final Optional<ReplicationStatus> running;
    private final Set<IpAddress> absent;
    private final QuorumGate quorum;
    private final Optional<ConfiguredResource> file;
    private final List<String> awaited = new ArrayList<>();
    private Optional<Problem> held = Optional.empty();
    private Optional<PeerSpec> due = Optional.empty();

    /**
     * Judges.
     *
     * @param configured the resource's present file, if it is Heddle's: where a connection was cut short on its way to another
     *     path, it has what DRBD has to get back
     * @param running what DRBD has of it
     * @param absent addresses of its paths that this node is known not to have
     */
    PathGate(
            ResourceSpec spec,
            Optional<ConfiguredResource> configured,
            Optional<ReplicationStatus> running,
            Set<IpAddress> absent,
            QuorumGate quorum) {
        this.spec = spec;
        this.file = configured;
        this.running = running;
        this.absent = absent;
        this.quorum = quorum;
        spec.peers().forEach(this::look);
    }

    /**
     * Addresses of this node that are worth a look whether they are there: where a connection has a choice of paths, which
     * most have not.
     */
    SortedSet<IpAddress> addressesInDoubt() {
        TreeSet<IpAddress> addresses = new TreeSet<>();
        for (PeerSpec peer : spec.peers()) {
            connection(peer).filter(seen -> hasAChoice(peer, seen)).ifPresent(seen -> {
                peer.paths().forEach(path -> addresses.add(path.local()));
                former(peer, seen).forEach(path -> addresses.add(path.local()));
            });
        }
        return Ordered.set(addresses);
    }

    private boolean hasAChoice(PeerSpec peer, ConnectionStatus there) {
        return !there.paths().isEmpty()
                && (peer.paths().size() > 1 || !former(peer, there).isEmpty());
    }

    /** A spec with the paths that DRBD may have now. */
    ResourceSpec allowed(ResourceSpec resource) {
        List<PeerSpec> peers = resource.peers().stream()
                .map(peer -> peer.withPaths(allowed(peer)))
                .toList();
        return peers.equals(resource.peers()) ? resource : Specs.withPeers(resource, peers);
    }

    /** The peer whose connection is taken over now; one at a time. */
    Optional<PeerSpec> due() {
        return due;
    }

    /** What is wrong with what is wanted; empty if nothing is. */
    Optional<Problem> held() {
        return held;
    }

    /** What is waited for, as ends of sentences. */
    List<String> awaited() {
        return List.copyOf(awaited);
    }

    private List<PathSpec> allowed(PeerSpec peer) {
        Optional<ConnectionStatus> there = connection(peer).filter(seen -> hasAChoice(peer, seen));
        if (there.isEmpty()) {
            return peer.paths();
        }
        List<PathSpec> paths = new ArrayList<>();
        for (PathSpec path : peer.paths()) {
            if (isHere(path) || there.get().runsOver(List.of(path))) {
                paths.add(path);
            }
        }
        if (!there.get().runsOver(peer.paths())) {
            former(peer, there.get()).stream()
                    .filter(path -> there.get().runsOver(List.of(path)) || (isHere(path) && !isTaken(peer, path)))
                    .forEach(paths::add);
        }
        return paths.isEmpty() ? peer.paths() : paths;
    }

    /** Paths that DRBD has, or had when it was told last, and that are not wanted any more. */
    private Set<PathSpec> former(PeerSpec peer, ConnectionStatus there) {
        Set<PathSpec> former = new LinkedHashSet<>();
        there.paths().forEach(path -> former.add(path.path()));
        file.ifPresent(
                known -> former.addAll(known.paths().getOrDefault(peer.node().value(), List.of())));
        peer.paths().forEach(former::remove);
        return former;
    }

    private boolean isHere(PathSpec path) {
        return !absent.contains(path.local());
    }

    private void look(PeerSpec peer) {
        Optional<ConnectionStatus> there = connection(peer);
        if (there.filter(seen -> hasAChoice(peer, seen)).isPresent()) {
            peer.paths().stream()
                    .filter(path -> !isHere(path))
                    .findFirst()
                    .ifPresent(path -> held = held.or(() -> Optional.of(Holds.addressAbsent(spec, peer, path))));
        }
        Optional<PathStatus> left = there.filter(seen -> !seen.runsOver(peer.paths()))
                .flatMap(seen ->
                        seen.paths().stream().filter(PathStatus::established).findFirst());
        if (left.isEmpty()) {
            return;
        }
        Optional<String> against = peer.takesOver() ? against(peer, there.orElseThrow()) : Optional.empty();
        String connected = "DRBD to be connected with " + peer.node() + " over "
                + peer.paths().get(0).local() + " - " + peer.paths().get(0).remote() + " instead of "
                + left.get().local() + " - " + left.get().remote();
        if (peer.takesOver() && against.isEmpty() && due.isEmpty()) {
            due = Optional.of(peer);
        } else {
            awaited.add(against.map(why -> connected + ", which has to wait: " + why)
                    .orElse(connected));
        }
    }

    /** Why a connection is not taken from under its users now. */
    private Optional<String> against(PeerSpec peer, ConnectionStatus there) {
        ReplicationStatus status = running.orElseThrow();
        boolean primary = status.role() == Role.PRIMARY;
        if (there.state() != ConnectionState.CONNECTED) {
            return Optional.of("it is " + there.state().drbdName());
        }
        if (primary && there.peerRole() == Role.PRIMARY) {
            return Optional.of("both are Primary, and would diverge");
        }
        if (!primary && there.peerRole() == Role.PRIMARY) {
            return Optional.of(peer.node() + " is Primary, and takes it over itself");
        }
        if (there.volumes().stream().anyMatch(volume -> volume.replication() != ReplicationState.ESTABLISHED)) {
            return Optional.of("a sync is running over it");
        }
        if (primary && !quorum.keepsWithout(peer)) {
            return Optional.of(
                    "this node is Primary and would lose its quorum; connect the others, or make it Secondary");
        }
        if (primary && !hasDataWithout(peer, status)) {
            return Optional.of(
                    "this node is Primary and has its data from there; make it Secondary, or give it a disk");
        }
        return Optional.empty();
    }

    /** Whether each volume is UpToDate here, or on another peer that is connected. */
    private boolean hasDataWithout(PeerSpec peer, ReplicationStatus status) {
        return status.devices().stream()
                .allMatch(device -> device.disk() == DiskState.UP_TO_DATE
                        || status.connections().stream()
                                .filter(other ->
                                        other.nodeId() != peer.nodeId() && other.state() == ConnectionState.CONNECTED)
                                .anyMatch(other -> isUpToDate(other, device)));
    }

    private static boolean isUpToDate(ConnectionStatus peer, DeviceStatus device) {
        return peer.volumes().stream()
                .filter(volume -> volume.number() == device.number())
                .map(PeerVolumeStatus::peerDisk)
                .anyMatch(disk -> disk == DiskState.UP_TO_DATE);
    }

    /** Whether the other end of a path is now wanted for another peer, or this end and another: DRBD has each pair once. */
    private boolean isTaken(PeerSpec peer, PathSpec path) {
        return spec.peers().stream()
                .filter(other -> other.nodeId() != peer.nodeId())
                .flatMap(other -> other.paths().stream())
                .anyMatch(wanted -> wanted.remote().equals(path.remote()) && wanted.remotePort() == path.remotePort());
    }

    private Optional<ConnectionStatus> connection(PeerSpec peer) {
        return running.flatMap(status -> status.connection(peer.nodeId()));
    }
}
