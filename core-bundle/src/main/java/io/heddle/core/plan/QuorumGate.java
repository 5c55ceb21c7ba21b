package io.heddle.core.plan;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How much of a wanted change of voters and quorum may be asked of DRBD now. A replica with a disk has a vote as soon as DRBD is
 * told of it, connected or not, and until it is forgotten: a Primary could lose its quorum by what it is told, and freeze or fail
 * what writes on it. And a node that is cut off could gain one, and be promoted beside the Primary. So
 *
 * <ul>
 *   <li>what has run without a quorum gets one when its voters are connected; once raised it stays, whoever goes out of sight;
 *   <li>a node that has no quorum, or is not up, takes no voters in, and one without a quorum does not lower it unless the
 *       administrator says {@code off};
 *   <li>voters come one at a time, each only where the quorum is kept with it; of two sets of voters that differ by one, a
 *       majority of the one and a majority of the other always have a node in common, so that nodes that are not equally far
 *       never have a Primary each; that no two are further apart, and who decides between two halves, is the controller's part
 *       ({@link VoterQueue});
 *   <li>one that leaves and counts until it is forgotten waits until the quorum is kept without it, and one that has given its disk
 *       up counts until the quorum is kept without its vote.
 * </ul>
 *
 * <p>It never asks for a smaller number of votes than is wanted: a node that goes on alone by such a number, with a satellite
 * that cannot take it back, would be a Primary beside the majority of the others.
 */
final class QuorumGate {
    private static final String ALL = "all";

    private final ResourceSpec wanted;
    /** What is wanted, but with the votes of some that have given their disks up. */
    private final ResourceSpec spec;

    private final Optional<ReplicationStatus> running;
    private final Optional<ConfiguredResource> file;
    private final Set<Integer> forgotten;
    private final List<String> awaited = new ArrayList<>();
    private final ResourceSpec allowed;

    /**
     * Judges.
     *
     * @param configured the resource's present file, if it is Heddle's; a resource without one has not run yet
     * @param running what DRBD has of it
     * @param adjusted whether DRBD was told of the present file
     * @param forgotten node ids of former peers that were forgotten here
     */
    QuorumGate(
            ResourceSpec spec,
            Dialect dialect,
            Optional<ConfiguredResource> configured,
            Optional<ReplicationStatus> running,
            boolean adjusted,
            Set<Integer> forgotten) {
        this.file = configured;
        this.running = running;
        this.forgotten = forgotten;
        this.wanted = spec;
        if (spec.awaitsVote()) {
            await(
                    "its vote, before the others are told of its disk: votes are given one after the other, when all nodes with "
                            + spec.name() + " have told that they carried the last change out, or are given up");
        }
        // of a disk that nobody is told of nobody loses a quorum
        boolean judged = dialect == Dialect.DRBD_9 && (spec.diskless() || !spec.awaitsVote());
        this.spec = judged ? withVotesThatAreNeeded() : spec;
        this.allowed = judged
                ? configured
                        .map(known -> withTieBreakers(judge(known, adjusted), known))
                        .orElse(this.spec)
                : this.spec;
    }

    /** Whether DRBD may be told of all peers and their votes as it is wanted. */
    boolean tellsAll() {
        return wanted.quorum().equals(allowed.quorum()) && votes(wanted).equals(votes(allowed));
    }

    private static Set<String> votes(ResourceSpec resource) {
        return resource.peers().stream()
                .map(peer -> peer.nodeId() + (peer.diskless() ? peer.isTieBreaker() ? "-" : "_" : "+"))
                .collect(Collectors.toSet());
    }

    /** The spec as it may be configured now. */
    ResourceSpec allowed() {
        return allowed;
    }

    /**
     * Whether a replica or tie-breaker that is to go may do so unasked: no Primary is connected that may stand on its vote, and
     * none without a disk may be out of sight, which stands on the vote of another that counts on this one. Only the Primary's
     * own node knows whom that one sees; it is through with its own specification when it does without, and the controller tells.
     */
    static boolean mayLeave(ResourceSpec spec, Optional<ReplicationStatus> running) {
        boolean outOfSight = spec.peers().stream()
                .anyMatch(peer -> peer.diskless()
                        && !peer.leaving()
                        && running.flatMap(
                                        status -> status.connection(peer.node().value()))
                                .filter(seen -> seen.state() == ConnectionState.CONNECTED)
                                .isEmpty());
        return !outOfSight && isWithoutPrimary(running);
    }

    private static boolean isWithoutPrimary(Optional<ReplicationStatus> running) {
        return running.filter(status -> status.connections().stream()
                        .anyMatch(connection -> connection.state() == ConnectionState.CONNECTED
                                && connection.peerRole() == Role.PRIMARY))
                .isEmpty();
    }

    /** Whether this node keeps its quorum while it is not connected to a peer; without a disk it has that of a peer that has one. */
    boolean keepsWithout(PeerSpec peer) {
        Optional<String> present = file.flatMap(ConfiguredResource::quorum);
        if (present.isEmpty() || spec.diskless()) {
            return present.isEmpty()
                    || spec.peers().stream()
                            .anyMatch(other -> !other.equals(peer) && !other.diskless() && connected(other));
        }
        int seen = seen(Set.of()) + seenLeaving() - (peer.diskless() || !connected(peer) ? 0 : 1);
        boolean witness = decide(staying().filter(other -> !other.equals(peer)));
        return Votes.keep(present.get(), voters(Set.of()) + leavingVoters(), seen, witness);
    }

    /** What is waited for, as ends of sentences. */
    List<String> awaited() {
        return List.copyOf(awaited);
    }

    /**
     * A replica that has given its disk up, and is connected, counts as there as long as DRBD is not told that it has none: so it
     * keeps its vote where this node would have no quorum without it. Then it is taken out, to be connected anew as one without a
     * disk: DRBD frees its slot in the metadata, and does not count it as a tie-breaker before it has seen it without one at the
     * beginning of a connection (seen with 9.2.18; drbd_nl.c, clear_peer_slot; MDF_NODE_EXISTS). One that is in use stays
     * connected.
     */
    private ResourceSpec withVotesThatAreNeeded() {
        List<PeerSpec> former = wanted.peers().stream()
                .filter(peer -> peer.diskless() && isKnown(peer) && connected(peer))
                .toList();
        if (former.isEmpty() || wanted.diskless()) {
            return wanted;
        }
        Optional<String> present = file.flatMap(ConfiguredResource::quorum).filter(value -> hasQuorum());
        Set<NodeName> kept = new TreeSet<>();
        Set<NodeName> renewed = new TreeSet<>();
        int without = 0;
        for (PeerSpec peer : former) {
            if (present.isPresent() && !isKeptWithout(without + 1, present.get())) {
                kept.add(peer.node());
                await("others to be connected before the vote of " + peer.node()
                        + ", which has no disk any more, is not counted");
                continue;
            }
            without++;
            if (connection(peer).filter(seen -> seen.peerRole() == Role.PRIMARY).isEmpty()) {
                renewed.add(peer.node());
            }
        }
        return Specs.withPeers(
                wanted,
                wanted.peers().stream()
                        .filter(peer -> !renewed.contains(peer.node()))
                        .map(peer -> kept.contains(peer.node())
                                ? peer.asTieBreaker(true).withDisk()
                                : peer)
                        .toList());
    }

    /** Whether the quorum is kept where so many of the voters that are connected are not any more. */
    private boolean isKeptWithout(int fewer, String value) {
        List<PeerSpec> voters = wanted.peers().stream().filter(this::isKnown).toList();
        long gone = wanted.forgetNodeIds().stream()
                .filter(nodeId -> !forgotten.contains(nodeId))
                .count();
        boolean witness = decide(wanted.peers().stream().filter(peer -> !peer.leaving() && !isKnown(peer)));
        return Votes.keep(
                value,
                (int) (1 + voters.size() + gone),
                (int) (1 + voters.stream().filter(this::connected).count() - fewer),
                witness);
    }

    private ResourceSpec judge(ConfiguredResource known, boolean adjusted) {
        if (known.quorum().isEmpty()) {
            return raised();
        }
        String present = known.quorum().get();
        if (!spec.asksForQuorum()) {
            return lowered(present);
        }
        String asked = spec.resourceOptions().get(ResourceSpec.QUORUM);
        if (spec.diskless()) {
            // it goes by what its peers with a disk have
            return withValue(asked);
        }
        List<PeerSpec> unknown = spec.peers().stream()
                .filter(peer -> !peer.diskless() && !isKnown(peer))
                .toList();
        List<PeerSpec> added = unknown.stream()
                .filter(peer -> !peer.leaving())
                .sorted(Comparator.comparing(this::connected).reversed())
                .toList();
        Set<NodeName> held = held(present, added);
        boolean stepping = !held.isEmpty()
                && present.equals(ALL)
                && !held(Votes.MAJORITY, added).equals(held);
        // one that goes before it was taken in never is
        unknown.stream().filter(PeerSpec::leaving).forEach(peer -> held.add(peer.node()));
        String value = stepping && adjusted ? Votes.MAJORITY : settledValue(present, asked, held);
        return held.isEmpty() ? withValue(value) : without(held, value);
    }

    /** Which of the new voters are not taken in yet. */
    private Set<NodeName> held(String present, List<PeerSpec> added) {
        Set<NodeName> held = new TreeSet<>();
        added.forEach(peer -> held.add(peer.node()));
        boolean able = running.isPresent() && hasQuorum();
        if (!held.isEmpty() && !able) {
            await("the quorum to be there before " + names(held) + " is taken in");
        }
        if (able) {
            for (PeerSpec peer : added) {
                boolean alone = voters(held) + leavingVoters() == 1 && !somebodyIsPrimary();
                held.remove(peer.node());
                if (!alone
                        && !Votes.keep(
                                present, voters(held) + leavingVoters(), seen(held) + seenLeaving(), witness())) {
                    held.add(peer.node());
                }
            }
            if (!held.isEmpty()) {
                await("more of the others to be connected, or given up, before " + names(held) + " is taken in");
            }
        }
        return held;
    }

    /** Where the quorum is by those that decided until now, and would not be by those that are to decide, they go on to. */
    private ResourceSpec withTieBreakers(ResourceSpec resource, ConfiguredResource known) {
        boolean judged = !spec.diskless()
                && hasQuorum()
                && known.quorum().isPresent()
                && resource.asksForQuorum()
                && !resource.tieBreakers().equals(known.tieBreakers());
        if (!judged) {
            return resource;
        }
        ResourceSpec former = Specs.withPeers(
                resource,
                resource.peers().stream()
                        .map(peer -> peer.diskless()
                                ? peer.asTieBreaker(known.tieBreakers().contains(peer.nodeId()))
                                : peer)
                        .toList());
        if (keeps(resource) || !keeps(former)) {
            return resource;
        }
        await("others to be connected before " + names(deciding(former)) + " and not " + names(deciding(resource))
                + " decides between two halves");
        return former;
    }

    private static Set<NodeName> deciding(ResourceSpec resource) {
        return resource.peers().stream()
                .filter(PeerSpec::isTieBreaker)
                .map(PeerSpec::node)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** Whether DRBD keeps the quorum when it is told this. */
    private boolean keeps(ResourceSpec resource) {
        long voters = resource.peers().stream()
                .filter(peer -> !peer.diskless() && (!peer.leaving() || isKnown(peer)))
                .count();
        long gone = wanted.forgetNodeIds().stream()
                .filter(nodeId -> !forgotten.contains(nodeId))
                .count();
        long seen = resource.peers().stream()
                .filter(peer -> !peer.diskless() && connected(peer))
                .count();
        return Votes.keep(
                resource.quorum().orElseThrow(),
                (int) (1 + voters + gone),
                (int) (1 + seen),
                decide(resource.peers().stream()));
    }

    /** Whether most of those that decide are connected. */
    private boolean decide(Stream<PeerSpec> peers) {
        List<PeerSpec> deciding = peers.filter(PeerSpec::isTieBreaker).toList();
        long seen = deciding.stream().filter(this::connected).count();
        return seen >= Votes.majority(deciding.size());
    }

    private ResourceSpec raised() {
        Optional<String> missing = spec.asksForQuorum() ? missing() : Optional.empty();
        missing.ifPresent(node -> await(node + " to be connected before the quorum is raised"));
        boolean lost = missing.isEmpty() && spec.asksForQuorum() && running.isPresent() && !keeps(spec);
        if (lost) {
            await("those that have gone to be forgotten before the quorum is raised");
        }
        return missing.isPresent() || lost ? withoutQuorum() : spec;
    }

    /** Who is out of sight; empty if nothing is held back. */
    private Optional<String> missing() {
        List<PeerSpec> away = staying().filter(peer -> !connected(peer)).toList();
        boolean tieBreakerAway = voters(Set.of()) % 2 == 0
                && away.stream().filter(PeerSpec::diskless).count()
                        == staying().filter(PeerSpec::diskless).count();
        return away.stream()
                .filter(peer -> !peer.diskless() || tieBreakerAway)
                .map(peer -> peer.node().value())
                .findFirst();
    }

    /** {@code off} that somebody said is in the options; else it follows from too few voters. */
    private ResourceSpec lowered(String present) {
        boolean said = spec.resourceOptions().containsKey(ResourceSpec.QUORUM);
        if (said || running.isEmpty() || hasQuorum()) {
            return spec;
        }
        await("a quorum of " + present + " to be there before it is lowered");
        return withValue(present);
    }

    /** The value to ask for with the voters that are taken in. */
    private String settledValue(String present, String asked, Set<NodeName> held) {
        if (running.isEmpty() || !hasQuorum()) {
            return present;
        }
        String value = present;
        if (Votes.keep(asked, voters(held) + leavingVoters(), seen(held), witness())) {
            value = asked;
        } else if (!present.equals(asked)) {
            await("more voters to be connected before the quorum is " + asked + " again");
        }
        tellWhoMayNotLeaveYet(value, asked, held);
        return value;
    }

    /** One that leaves is let go when this node is as wanted; a Primary that stands on it is not. */
    private void tellWhoMayNotLeaveYet(String value, String asked, Set<NodeName> held) {
        boolean stands = spec.peers().stream().anyMatch(peer -> peer.leaving() && connected(peer))
                && somebodyIsPrimary()
                && !(Votes.keep(value, voters(held) + leavingVoters(), seen(held), witness())
                        && Votes.keep(asked, voters(held), seen(held), witness()));
        if (stands) {
            spec.peers().stream()
                    .filter(peer -> peer.leaving() && connected(peer))
                    .forEach(peer -> await("others to be connected before the quorum is kept without " + peer.node()));
        }
    }

    private void await(String what) {
        if (!awaited.contains(what)) {
            awaited.add(what);
        }
    }

    private static String names(Set<NodeName> nodes) {
        return nodes.stream().map(NodeName::value).collect(Collectors.joining(", "));
    }

    private Stream<PeerSpec> staying() {
        return spec.peers().stream().filter(peer -> !peer.leaving());
    }

    /** Replicas with a disk that stay and are not held back, this node's among them. */
    private int voters(Set<NodeName> held) {
        return (int) staying()
                        .filter(peer -> !peer.diskless() && !held.contains(peer.node()))
                        .count()
                + (spec.diskless() ? 0 : 1);
    }

    /** Replicas with a disk that go, and such that may have had one, went, and are not forgotten. */
    private int leavingVoters() {
        long leaving = spec.peers().stream()
                .filter(peer -> peer.leaving() && !peer.diskless() && isKnown(peer))
                .count();
        long gone = spec.forgetNodeIds().stream()
                .filter(nodeId -> !forgotten.contains(nodeId))
                .count();
        return (int) (leaving + gone);
    }

    /**
     * Voters that are connected, and this node. A tie-breaker that is to get a disk counts as one, connected as it is, from when
     * DRBD is told that it will have one (drbd_state.c, __calc_quorum_with_disk: diskless and not intentionally so is present).
     */
    private int seen(Set<NodeName> held) {
        return (int) staying()
                        .filter(peer -> !peer.diskless() && !held.contains(peer.node()) && connected(peer))
                        .count()
                + (spec.diskless() ? 0 : 1);
    }

    /** Voters that go and are still there. */
    private int seenLeaving() {
        return (int) spec.peers().stream()
                .filter(peer -> peer.leaving() && !peer.diskless() && isKnown(peer) && connected(peer))
                .count();
    }

    /** Whether DRBD was told of it as of a voter. */
    private boolean isKnown(PeerSpec peer) {
        return file.filter(known -> known.voters().contains(peer.nodeId())).isPresent();
    }

    private boolean witness() {
        return decide(staying());
    }

    private boolean connected(PeerSpec peer) {
        return connection(peer)
                .filter(seen -> seen.state() == ConnectionState.CONNECTED)
                .isPresent();
    }

    /** Another one that its node had before does not count for it. */
    private Optional<ConnectionStatus> connection(PeerSpec peer) {
        return running.flatMap(status -> status.connection(peer.node().value()))
                .filter(seen -> seen.nodeId() == peer.nodeId());
    }

    private boolean hasQuorum() {
        return running.filter(status -> status.devices().stream().allMatch(DeviceStatus::quorum))
                .isPresent();
    }

    private boolean somebodyIsPrimary() {
        return running.filter(status -> status.role() == Role.PRIMARY
                        || status.connections().stream().anyMatch(connection -> connection.peerRole() == Role.PRIMARY))
                .isPresent();
    }

    private ResourceSpec withoutQuorum() {
        TreeMap<String, String> options = new TreeMap<>(spec.resourceOptions());
        options.remove(ResourceSpec.QUORUM);
        return Specs.withResourceOptions(spec, options);
    }

    private ResourceSpec withValue(String value) {
        TreeMap<String, String> options = new TreeMap<>(spec.resourceOptions());
        options.put(ResourceSpec.QUORUM, value);
        return Specs.withResourceOptions(spec, options);
    }

    /**
     * Without the new voters; one that has no disk in the file and is to have one stays as it is for the moment, so that its
     * connection does, too.
     */
    private ResourceSpec without(Set<NodeName> held, String value) {
        List<PeerSpec> peers = new ArrayList<>();
        for (PeerSpec peer : spec.peers()) {
            if (!held.contains(peer.node())) {
                peers.add(peer);
            } else if (connection(peer).isPresent()) {
                boolean decides = file.filter(known -> known.tieBreakers().contains(peer.nodeId()))
                        .isPresent();
                peers.add(peer.withoutDisk().asTieBreaker(decides));
            }
        }
        return Specs.withPeers(withValue(value), peers);
    }
}
