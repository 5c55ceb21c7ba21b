package io.heddle.core.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.GrantedVotes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SyncRule;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Five nodes with DRBD's own count of votes (drbd_state.c, calc_quorum), each of which acts by its own last specification, at
 * random; a controller that changes the layout, one replica after the other; links that are cut. What a satellite tells DRBD never takes the quorum from a
 * Primary, no two Primaries have quorum at a time, and in the end all is as wanted. What goes wrong is repeated by its seed.
 */
class QuorumWalkTest {
    private static final List<String> NODES = List.of("n1", "n2", "n3", "n4", "n5");
    private static final int STEPS = 4000;

    private Random random = new Random(0);
    /** What the controller wants: nodes with their parts. */
    private final TreeMap<String, Part> wanted = new TreeMap<>();

    private final Set<Integer> retired = new TreeSet<>();
    /** What the controller keeps of the votes that it has granted. */
    private Optional<GrantedVotes> votes = Optional.empty();

    private final TreeMap<String, Machine> machines = new TreeMap<>();
    private final Set<Set<String>> cut = new HashSet<>();
    private final List<String> log = new ArrayList<>();
    private int changes;

    private record Part(int nodeId, boolean disk, boolean leaving, boolean released, boolean detaching) {
        Part(int nodeId, boolean disk, boolean leaving, boolean released) {
            this(nodeId, disk, leaving, released, false);
        }
    }

    /** A node: its specification, its file, and what DRBD knows. */
    private static final class Machine {
        final String name;
        Map<String, Part> spec = Map.of();
        GrantedVotes votes = new GrantedVotes(Ordered.set(null), Ordered.set(null), Ordered.set(null), true);
        Set<Integer> toForget = Set.of();
        Optional<ResourceSpec> file = Optional.empty();
        /** Peers with a disk by node id that the metadata knows of. */
        final Set<Integer> inMetadata = new TreeSet<>();

        final Set<Integer> forgotten = new TreeSet<>();
        /** Peers that lost their disk while they were connected: DRBD does not count them before they connect again. */
        final Set<Integer> uncounted = new TreeSet<>();

        boolean quorum;
        boolean primary;
        boolean upToDate;
        /** Whether it has given its disk up, or has none. */
        boolean givenUp;

        Machine(String name) {
            this.name = name;
        }

        boolean disk() {
            return file.filter(spec -> !spec.diskless()).isPresent();
        }

        Optional<PeerSpec> peer(String name) {
            return file.stream()
                    .flatMap(spec -> spec.peers().stream())
                    .filter(known -> known.node().value().equals(name))
                    .findFirst();
        }
    }

    static LongStream seeds() {
        return LongStream.rangeClosed(1, Long.getLong("heddle.walks", 20));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void noPrimaryLosesItsQuorumByWhatDrbdIsTold(long seed) {
        random = new Random(seed);
        NODES.forEach(name -> machines.put(name, new Machine(name)));
        place("n1", true);
        place("n2", true);
        place("n3", false);
        machines.get("n1").upToDate = true;
        settleAll();

        for (int step = 0; step < STEPS; step++) {
            turn();
            assertOnePrimary();
        }
        cut.clear();
        recount("healed", true);
        settleAll();
        for (Machine machine : machines.values()) {
            Optional<ResourceSpec> spec = spec(machine);
            assertEquals(
                    spec.map(QuorumWalkTest::text),
                    machine.file.map(QuorumWalkTest::text),
                    () -> machine.name + "\n" + lastOf(log));
        }
        assertTrue(changes >= 5, () -> "only " + changes + " changes");
        assertTrue(wanted.values().stream().noneMatch(Part::leaving), () -> wanted + "\n" + lastOf(log));
    }

    private static String text(ResourceSpec spec) {
        return (spec.diskless() ? "diskless " : "") + spec.resourceOptions() + " "
                + spec.peers().stream()
                        .map(peer -> peer.node() + "/" + peer.nodeId()
                                + (peer.diskless() ? peer.netOptions().isEmpty() ? "-" : "_" : "+"))
                        .collect(Collectors.joining(" "));
    }

    private static String lastOf(List<String> log) {
        return String.join("\n", log.subList(Math.max(0, log.size() - 40), log.size()));
    }

    private void turn() {
        Machine machine = machines.get(NODES.get(random.nextInt(NODES.size())));
        switch (random.nextInt(10)) {
            case 0 -> deliver(machine);
            case 1 -> {
                if (random.nextInt(8) == 0) {
                    change();
                }
            }
            case 2 -> {
                Set<String> pair =
                        Set.of(machine.name, NODES.get((NODES.indexOf(machine.name) + 1 + random.nextInt(4)) % 5));
                if (random.nextInt(3) == 0) {
                    cut.add(pair);
                } else {
                    cut.remove(pair);
                }
                recount("links changed: " + cut, true);
            }
            case 3 -> promoteOrDemote(machine);
            case 4 -> settle();
            default -> work(machine);
        }
    }

    private void settleAll() {
        for (int round = 0; round < 200; round++) {
            machines.values().forEach(this::deliver);
            machines.values().forEach(this::work);
            settle();
        }
    }

    private void place(String node, boolean disk) {
        int nodeId = 0;
        while (retired.contains(nodeId) || isUsed(nodeId)) {
            nodeId++;
        }
        wanted.put(node, new Part(nodeId, disk, false, false));
    }

    private boolean isUsed(int nodeId) {
        return wanted.values().stream().anyMatch(part -> part.nodeId() == nodeId);
    }

    /** Another layout: a replica more or less, with the tie-breaker that follows from it. */
    private void change() {
        List<String> disks = staying(true);
        String node = NODES.get(random.nextInt(NODES.size()));
        Part part = wanted.get(node);
        // one after the other, and nobody deletes what is in use
        boolean mayDetach = part != null && part.disk() && disks.size() > 1 && random.nextBoolean();
        if (wanted.values().stream().anyMatch(other -> other.leaving() || other.detaching())
                || machines.get(node).primary
                || !allAreThrough()) {
            return;
        }
        ResourceDefinition before = definition();
        if (mayDetach) {
            wanted.put(node, new Part(part.nodeId(), true, false, false, true));
        } else if (part != null && part.disk() && disks.size() > 1) {
            wanted.put(node, new Part(part.nodeId(), true, true, false));
        } else if (part != null && !part.disk()) {
            wanted.put(node, new Part(part.nodeId(), true, false, false));
        } else if (part == null) {
            place(node, true);
        }
        keepTies();
        hold(before);
        changes++;
        log.add("wanted " + wanted);
    }

    private void keepTies() {
        List<String> ties = staying(false);
        if (staying(true).size() == 2 && ties.isEmpty()) {
            NODES.stream().filter(free -> !wanted.containsKey(free)).findFirst().ifPresent(free -> place(free, false));
        } else if (staying(true).size() < 2 || granted().voters().size() > 2) {
            ties.stream()
                    .filter(tie -> !machines.get(tie).primary)
                    .forEach(tie -> wanted.put(tie, new Part(wanted.get(tie).nodeId(), false, true, false)));
        }
    }

    /** What follows for the votes from a change of the layout. */
    private void hold(ResourceDefinition before) {
        votes = VoterQueue.held(before, asksForQuorum(before), definition()).votes();
    }

    private GrantedVotes granted() {
        return VoterQueue.granted(definition());
    }

    private static boolean asksForQuorum(ResourceDefinition definition) {
        return Quorum.disks(definition) + Quorum.witness(definition).stream().count() >= 3;
    }

    private ResourceDefinition definition() {
        return definition(wanted, votes);
    }

    private ResourceDefinition definition(Map<String, Part> parts, Optional<GrantedVotes> granted) {
        ResourceDefinition definition = new ResourceDefinition(
                new ResourceName("db1"),
                new UUID(0, 4),
                ResourceGroup.DEFAULT,
                List.of(Layer.DRBD, Layer.STORAGE),
                new Secret("s"),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(retired),
                Ordered.map(null),
                false,
                Instant.EPOCH);
        for (Map.Entry<String, Part> entry : parts.entrySet()) {
            Part part = entry.getValue();
            definition = definition.withResource(new Resource(
                    new NodeName(entry.getKey()),
                    new UUID(1, part.nodeId()),
                    part.nodeId(),
                    7000,
                    !part.disk(),
                    !part.disk(),
                    Ordered.map(null),
                    Ordered.map(null),
                    part.leaving(),
                    Instant.EPOCH));
        }
        return definition.withVotes(granted);
    }

    /** Whether a node was told all, and has told DRBD all of it that concerns votes; as its satellite reports it. */
    private boolean isThrough(Resource resource) {
        Machine machine = machines.get(resource.node().value());
        Optional<ResourceSpec> spec = spec(machine);
        if (resource.deleting()) {
            return isCurrent(machine);
        }
        if (!isCurrent(machine)
                || spec.isEmpty()
                || machine.file.isEmpty()
                || !machine.forgotten.containsAll(retired)) {
            return false;
        }
        return text(gate(machine, spec.get()).allowed()).equals(text(spec.get()))
                && text(spec.get()).equals(text(machine.file.get()));
    }

    /** Whether a node has heard of what is wanted last. */
    private boolean isCurrent(Machine machine) {
        return machine.spec.equals(wanted)
                && machine.votes.equals(granted().markedCarriedOut())
                && machine.toForget.equals(retired);
    }

    private boolean allAreThrough() {
        return definition().resources().values().stream().allMatch(this::isThrough);
    }

    private List<String> staying(boolean disk) {
        return wanted.entrySet().stream()
                .filter(entry -> !entry.getValue().leaving() && entry.getValue().disk() == disk)
                .map(Map.Entry::getKey)
                .toList();
    }

    private void deliver(Machine machine) {
        machine.spec = Map.copyOf(wanted);
        machine.votes = granted().markedCarriedOut();
        machine.toForget = Set.copyOf(retired);
        machine.forgotten.retainAll(retired);
    }

    /** The controller's part: who is gone is taken out, who waits is released, what all have forgotten is free. */
    private void settle() {
        ResourceDefinition before = definition();
        settleParts();
        hold(before);
        Optional<GrantedVotes> last = votes;
        votes = VoterQueue.next(definition(), this::isThrough).votes();
        if (!votes.equals(last)) {
            log.add("votes " + granted());
            before = definition();
            keepTies();
            hold(before);
        }
    }

    private void settleParts() {
        for (String node : List.copyOf(wanted.keySet())) {
            Part part = wanted.get(node);
            Machine machine = machines.get(node);
            boolean knows = isCurrent(machine);
            if (part.detaching()
                    && knows
                    && machine.file.filter(ResourceSpec::diskless).isPresent()) {
                wanted.put(node, new Part(part.nodeId(), false, false, false));
                log.add(node + " has no disk any more");
                keepTies();
                continue;
            }
            if (part.leaving()
                    && machine.file.isEmpty()
                    && machine.spec.getOrDefault(node, part).equals(part)) {
                wanted.remove(node);
                retired.add(part.nodeId());
            } else if (part.leaving() && !part.released() && knows && allAreThrough(node)) {
                wanted.put(node, new Part(part.nodeId(), part.disk(), true, true));
                log.add(node + " is released");
                // what is cut from now on until it goes is not its doing
                deliver(machine);
                work(machine);
            }
        }
        for (int nodeId : List.copyOf(retired)) {
            boolean everywhere = wanted.entrySet().stream().allMatch(entry -> {
                Machine machine = machines.get(entry.getKey());
                return !entry.getValue().leaving()
                        && isCurrent(machine)
                        && machine.toForget.contains(nodeId)
                        && machine.forgotten.contains(nodeId);
            });
            if (everywhere) {
                retired.remove(nodeId);
            }
        }
    }

    private boolean allAreThrough(String leaving) {
        return wanted.entrySet().stream()
                .filter(entry -> !entry.getValue().leaving() && connected(leaving, entry.getKey()))
                .allMatch(entry -> {
                    Machine machine = machines.get(entry.getKey());
                    Optional<ResourceSpec> spec = spec(machine);
                    if (!isCurrent(machine) || spec.isEmpty() || machine.file.isEmpty()) {
                        return false;
                    }
                    QuorumGate gate = gate(machine, spec.get());
                    return gate.awaited().isEmpty() && text(gate.allowed()).equals(text(machine.file.get()));
                });
    }

    private void promoteOrDemote(Machine machine) {
        if (machine.primary) {
            machine.primary = random.nextInt(4) != 0;
            return;
        }
        // a promotion is agreed on with all that are reached, over others too
        boolean other = reached(machine.name).stream().anyMatch(peer -> machines.get(peer).primary);
        boolean guarded = machine.file.filter(ResourceSpec::asksForQuorum).isPresent();
        if (machine.quorum
                && guarded
                && !other
                && machine.disk()
                && machine.upToDate
                && wanted.containsKey(machine.name)
                && !wanted.get(machine.name).leaving()) {
            machine.primary = true;
            log.add(machine.name + " is Primary");
        }
    }

    /** One turn of a satellite. */
    private void work(Machine machine) {
        Part own = machine.spec.get(machine.name);
        Optional<ResourceSpec> spec = spec(machine);
        if (own == null || spec.isEmpty()) {
            return;
        }
        if (own.leaving()) {
            if (machine.file.isPresent()
                    && !machine.primary
                    && (own.released() || QuorumGate.mayLeave(spec.get(), status(machine)))) {
                log.add(machine.name + " leaves");
                machine.file = Optional.empty();
                machine.inMetadata.clear();
                machine.quorum = false;
                machine.upToDate = false;
                machine.givenUp = false;
                recount(machine.name + " left", false);
            }
            return;
        }
        machine.givenUp = spec.get().diskless() || (own.detaching() && (machine.givenUp || anotherIsGood(machine)));
        QuorumGate gate = gate(machine, spec.get());
        ResourceSpec allowed = machine.givenUp ? withoutDisk(gate.allowed()) : gate.allowed();
        boolean current =
                machine.file.filter(file -> text(file).equals(text(allowed))).isPresent();
        if (!current && isRefused(machine, allowed)) {
            return;
        }
        if (!current) {
            log.add(machine.name + " tells DRBD " + text(allowed) + " " + gate.awaited());
            Set<Integer> connected = machine.file.stream()
                    .flatMap(file -> file.peers().stream())
                    .filter(peer -> connected(machine.name, peer.node().value()))
                    .map(PeerSpec::nodeId)
                    .collect(Collectors.toSet());
            machine.file = Optional.of(allowed);
            if (allowed.diskless()) {
                machine.inMetadata.clear();
                machine.upToDate = false;
            }
            for (PeerSpec peer : allowed.peers()) {
                if (peer.diskless()) {
                    // peer-device-options --bitmap=no frees the slot (drbd_nl.c, clear_peer_slot)
                    if (machine.inMetadata.remove(peer.nodeId()) && connected.contains(peer.nodeId())) {
                        machine.uncounted.add(peer.nodeId());
                    }
                } else if (!allowed.diskless()) {
                    machine.inMetadata.add(peer.nodeId());
                }
            }
            recount(machine.name + " was told " + text(allowed), false);
            return;
        }
        for (int nodeId : machine.toForget) {
            boolean configured = allowed.peers().stream().anyMatch(peer -> peer.nodeId() == nodeId);
            if (!configured && machine.forgotten.add(nodeId)) {
                machine.inMetadata.remove(nodeId);
                recount(machine.name + " forgot " + nodeId, false);
            }
        }
    }

    private boolean anotherIsGood(Machine machine) {
        return machine.spec.entrySet().stream()
                .filter(entry -> entry.getValue().disk()
                        && !entry.getValue().leaving()
                        && !entry.getValue().detaching())
                .anyMatch(entry -> connected(machine.name, entry.getKey())
                        && machines.get(entry.getKey()).disk()
                        && machines.get(entry.getKey()).upToDate);
    }

    private static ResourceSpec withoutDisk(ResourceSpec spec) {
        return new ResourceSpec(
                spec.name(),
                spec.definition(),
                spec.uuid(),
                spec.disposition(),
                spec.definitionDeleted(),
                spec.replicated(),
                spec.node(),
                spec.nodeId(),
                true,
                spec.sharedSecret(),
                spec.volumes(),
                spec.peers(),
                spec.forgetNodeIds(),
                spec.resourceOptions(),
                spec.handlers(),
                spec.replacesOlder(),
                spec.released(),
                spec.syncRule(),
                spec.awaitsVote());
    }

    /** DRBD refuses to attach a disk while a connected peer was told that there is none. */
    private boolean isRefused(Machine machine, ResourceSpec allowed) {
        return !allowed.diskless()
                && machine.file.filter(ResourceSpec::diskless).isPresent()
                && NODES.stream()
                        .filter(peer -> connected(machine.name, peer))
                        .anyMatch(peer -> machines.get(peer)
                                .peer(machine.name)
                                .orElseThrow()
                                .diskless());
    }

    private QuorumGate gate(Machine machine, ResourceSpec spec) {
        return new QuorumGate(spec, Dialect.DRBD_9, configured(machine), status(machine), true, machine.forgotten);
    }

    private static Optional<ConfiguredResource> configured(Machine machine) {
        return machine.file.map(file -> new ConfiguredResource(
                "db1",
                Optional.of(Bench.CLUSTER),
                Optional.of(file.uuid()),
                file.quorum(),
                file.voters(),
                Ordered.map(null),
                Ordered.map(null),
                file.tieBreakers()));
    }

    private Optional<ReplicationStatus> status(Machine machine) {
        return machine.file.map(file -> new ReplicationStatus(
                "db1",
                machine.primary ? Role.PRIMARY : Role.SECONDARY,
                "no",
                true,
                1,
                List.of(new DeviceStatus(
                        0,
                        1000,
                        file.diskless() ? DiskState.DISKLESS : DiskState.UP_TO_DATE,
                        file.diskless(),
                        machine.quorum,
                        Bytes.ofMib(64),
                        "",
                        false)),
                file.peers().stream().map(peer -> connection(machine, peer)).toList()));
    }

    private ConnectionStatus connection(Machine machine, PeerSpec peer) {
        Machine there = machines.get(peer.node().value());
        boolean connected = connected(machine.name, there.name);
        return new ConnectionStatus(
                there.name,
                peer.nodeId(),
                connected ? ConnectionState.CONNECTED : ConnectionState.CONNECTING,
                connected ? there.primary ? Role.PRIMARY : Role.SECONDARY : Role.UNKNOWN,
                connected,
                List.of(new PeerVolumeStatus(
                        0,
                        connected ? ReplicationState.ESTABLISHED : ReplicationState.OFF,
                        there.disk() ? DiskState.UP_TO_DATE : DiskState.DISKLESS,
                        Bytes.ZERO,
                        OptionalDouble.empty(),
                        "no")));
    }

    private Set<String> reached(String from) {
        Set<String> reached = new TreeSet<>(Set.of(from));
        boolean more = true;
        while (more) {
            more = reached.addAll(NODES.stream()
                    .filter(node -> List.copyOf(reached).stream().anyMatch(near -> connected(near, node)))
                    .toList());
        }
        return reached;
    }

    /** A new disk is copied to at once where one that has all is connected. */
    private void sync() {
        for (Machine machine : machines.values()) {
            machine.upToDate |= machine.disk()
                    && NODES.stream().anyMatch(peer -> connected(machine.name, peer) && machines.get(peer).upToDate);
        }
    }

    /** Both know each other, and a node with a disk does not talk to one that says that it has none. */
    private boolean connected(String one, String other) {
        Machine a = machines.get(one);
        Machine b = machines.get(other);
        return !one.equals(other)
                && !cut.contains(Set.of(one, other))
                && knows(a, b)
                && knows(b, a)
                && !(b.disk() && a.peer(other).orElseThrow().diskless())
                && !(a.disk() && b.peer(one).orElseThrow().diskless());
    }

    private static boolean knows(Machine machine, Machine other) {
        int nodeId = other.file.map(ResourceSpec::nodeId).orElse(-1);
        return machine.peer(other.name).filter(peer -> peer.nodeId() == nodeId).isPresent();
    }

    /** DRBD counts again on all nodes. A Primary may lose its quorum to a cut, never to what was told. */
    private void recount(String why, boolean cutOrHealed) {
        sync();
        // who is cut off from a Primary and hears of it over a third one is outdated
        machines.values().stream()
                .filter(machine -> machine.primary && machine.quorum)
                .forEach(machine -> reached(machine.name).stream()
                        .filter(peer -> !peer.equals(machine.name) && !connected(machine.name, peer))
                        .forEach(peer -> machines.get(peer).upToDate = false));
        // on-suspended-primary-outdated force-secondary: who comes back without quorum finds another Primary
        machines.values().stream()
                .filter(machine -> machine.primary && !machine.quorum)
                .filter(machine -> reached(machine.name).stream()
                        .anyMatch(peer -> !peer.equals(machine.name) && machines.get(peer).primary))
                .forEach(machine -> machine.primary = false);
        for (Machine machine : machines.values()) {
            boolean before = machine.quorum;
            machine.quorum = machine.file.isPresent() && counted(machine);
            assertTrue(
                    cutOrHealed || !before || machine.quorum || !machine.primary,
                    () -> machine.name + " lost its quorum: " + why + "\n" + lastOf(log));
        }
    }

    private boolean counted(Machine machine) {
        ResourceSpec file = machine.file.orElseThrow();
        if (!file.asksForQuorum()) {
            return true;
        }
        Set<Integer> voters = new TreeSet<>(machine.inMetadata);
        int seen = file.diskless() ? 0 : 1;
        int witnesses = file.diskless() ? 1 : 0;
        int witnessesSeen = witnesses;
        for (PeerSpec peer : file.peers()) {
            boolean there = connected(machine.name, peer.node().value());
            boolean withoutDisk = there && !machines.get(peer.node().value()).disk();
            // who has no disk itself takes a peer without one for a client, whatever it was told
            // (__calc_quorum_no_disk)
            if (peer.diskless() || (file.diskless() && withoutDisk)) {
                voters.remove(peer.nodeId());
                if (!there) {
                    machine.uncounted.remove(peer.nodeId());
                }
                if ("no".equals(peer.netOptions().get(PeerSpec.COUNTED)) || machine.uncounted.contains(peer.nodeId())) {
                    continue;
                }
                witnesses++;
                witnessesSeen += there ? 1 : 0;
            } else {
                voters.add(peer.nodeId());
                seen += there ? 1 : 0;
                if (there && file.diskless() && machines.get(peer.node().value()).quorum) {
                    return true;
                }
            }
        }
        int count = voters.size() + (file.diskless() ? 0 : 1);
        int needed = Votes.needed(file.quorum().orElseThrow(), count);
        return seen >= needed
                || (count > 0
                        && count % 2 == 0
                        && seen == needed - 1
                        && witnessesSeen >= Votes.majority(witnesses)
                        && machine.quorum);
    }

    private void assertOnePrimary() {
        List<String> primaries = machines.values().stream()
                .filter(machine -> machine.primary && machine.quorum)
                .filter(machine ->
                        machine.file.filter(ResourceSpec::asksForQuorum).isPresent())
                .map(machine -> machine.name)
                .toList();
        assertTrue(primaries.size() <= 1, () -> primaries + " are Primary\n" + lastOf(log));
    }

    /** What the last specification says of the node. */
    private Optional<ResourceSpec> spec(Machine machine) {
        Part own = machine.spec.get(machine.name);
        if (own == null) {
            return Optional.empty();
        }
        List<PeerSpec> peers = new ArrayList<>();
        long disks = machine.spec.values().stream()
                .filter(part -> part.disk() && !part.leaving())
                .count();
        new TreeMap<>(machine.spec).forEach((name, part) -> {
            NodeName node = new NodeName(name);
            if (!name.equals(machine.name)
                    && !machine.votes.newcomers().contains(node)
                    && !(part.leaving() && own.leaving())) {
                boolean voter = machine.votes.voters().contains(node);
                peers.add(new PeerSpec(
                        node,
                        part.nodeId(),
                        !voter,
                        List.of(new PeerVolumeSpec(0, 1000, !voter)),
                        List.of(new PathSpec(new IpAddress("10.0.0.1"), 7000, new IpAddress("10.0.0.2"), 7000)),
                        !own.disk() || voter || machine.votes.tieBreakers().contains(node)
                                ? Ordered.map(null)
                                : Ordered.map(Map.of(PeerSpec.COUNTED, "no")),
                        Ordered.map(null),
                        part.leaving()));
            }
        });
        NodeName self = new NodeName(machine.name);
        boolean disk = own.disk()
                && (machine.votes.voters().contains(self)
                        || machine.votes.newcomers().contains(self));
        boolean tie = machine.spec.values().stream().anyMatch(part -> !part.disk() && !part.leaving());
        boolean quorum = disks + (tie && disks % 2 == 0 ? 1 : 0) >= 3;
        return Optional.of(new ResourceSpec(
                new ResourceName("db1"),
                new UUID(0, 4),
                new UUID(0, 5),
                own.leaving() ? Disposition.REMOVED : Disposition.PRESENT,
                false,
                true,
                new NodeName(machine.name),
                own.nodeId(),
                !disk,
                new Secret("s"),
                List.<VolumeSpec>of(),
                peers,
                disk ? new TreeSet<>(machine.toForget) : new TreeSet<>(),
                quorum ? Ordered.map(Map.of(ResourceSpec.QUORUM, "majority")) : Ordered.map(null),
                Ordered.map(null),
                false,
                own.released(),
                SyncRule.DEFAULT,
                own.disk() && !machine.votes.voters().contains(self)));
    }
}
