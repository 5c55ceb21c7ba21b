package io.heddle.core.plan;

import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NumberRange;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolCapacity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Chooses pools for new replicas: one a node, the one with most free space first; between equals the node with fewer resources,
 * so that thin volumes, which take nothing while they are empty, spread; names at last. Pure: the same facts give the same answer.
 */
public final class Placer {
    /** How often the size of a thin pool may be promised to volumes unless the administrator says otherwise. */
    public static final double DEFAULT_OVERSUBSCRIPTION = 20;

    private Placer() {}

    /**
     * What is to be placed.
     *
     * @param resource its name
     * @param replicated whether DRBD replicates it
     * @param volumes sizes of its devices
     * @param maximumPeers bitmap slots of each volume
     * @param diskful nodes that have a replica of it now
     * @param occupied nodes that have it in any way: diskful, diskless, or as a tombstone that is not carried out yet
     * @param wish how many, and where
     */
    public record Request(
            ResourceName resource,
            boolean replicated,
            List<Bytes> volumes,
            int maximumPeers,
            SortedSet<NodeName> diskful,
            SortedSet<NodeName> occupied,
            PlacementWish wish) {
        public Request {
            volumes = List.copyOf(volumes);
            diskful = Ordered.set(diskful);
            occupied = Ordered.set(occupied);
        }

        /** The same with one volume. */
        Request withVolume(Bytes size) {
            return new Request(resource, replicated, List.of(size), maximumPeers, diskful, occupied, wish);
        }

        int missing() {
            return wanted() - diskful.size();
        }

        int wanted() {
            return wish.additional() ? diskful.size() + wish.placeCount() : wish.placeCount();
        }
    }

    /**
     * What is known of a node.
     *
     * @param node its name
     * @param satellite whether a satellite runs on it
     * @param deleting whether it is to leave
     * @param target whether replicas may be placed on it automatically
     * @param link how its link stands
     * @param hostName what {@code uname -n} prints there; empty while unknown
     * @param kernel its DRBD; empty while unknown
     * @param resources how many resources it has, those not yet removed included
     * @param exhausted the TCP ports for resources if none of them is free there; empty if one is
     * @param pools its pools by name
     */
    public record NodeFacts(
            NodeName node,
            boolean satellite,
            boolean deleting,
            boolean target,
            LinkStatus.State link,
            Optional<String> hostName,
            Optional<KernelStatus> kernel,
            int resources,
            Optional<NumberRange> exhausted,
            SortedMap<PoolName, PoolFacts> pools) {
        public NodeFacts {
            pools = Ordered.map(pools);
        }

        Optional<KernelStatus.Dialect> dialect() {
            return kernel.map(KernelStatus::dialect);
        }
    }

    /**
     * What is known of a pool.
     *
     * @param name its name
     * @param kind which driver serves it
     * @param capacity what was seen of it; empty while nothing was
     * @param oversubscription how often its size may be promised, if it is thin
     */
    public record PoolFacts(
            PoolName name, DriverKind kind, Optional<Observation<PoolCapacity>> capacity, double oversubscription) {}

    /**
     * A choice.
     *
     * @param node the node
     * @param pool the pool on it
     */
    public record Placement(NodeName node, PoolName pool) {}

    /**
     * Chooses where the replicas go that are missing.
     *
     * @return as many placements as are missing, possibly none, the best first
     * @throws HeddleException NOT_ENOUGH_NODES with the rule that refused each node or pool
     */
    public static List<Placement> place(Request request, List<NodeFacts> nodes) {
        int missing = request.missing();
        return missing <= 0
                ? List.of()
                : enough(request, nodes)
                        .best(missing)
                        .map(choice -> new Placement(choice.node(), choice.pool()))
                        .toList();
    }

    /** What was found of all nodes, of which enough can take a replica. */
    private static Verdicts enough(Request request, List<NodeFacts> nodes) {
        int missing = request.missing();
        Verdicts best = null;
        for (Optional<KernelStatus.Dialect> dialect : dialects(request, nodes)) {
            Verdicts verdicts = judge(request, nodes, dialect);
            if (verdicts.chosen().size() >= missing) {
                return verdicts;
            }
            if (best == null || verdicts.chosen().size() > best.chosen().size()) {
                best = verdicts;
            }
        }
        throw notEnough(request, missing, best == null ? new Verdicts(List.of(), new TreeMap<>()) : best);
    }

    /**
     * What there is room for, if it were placed now.
     *
     * @param request what is to be placed, and nothing of it is placed yet; its volumes do not matter
     */
    public static SizeReport sizes(Request request, List<NodeFacts> nodes) {
        Bytes smallest = VolumeDefinition.MINIMUM_SIZE;
        Verdicts verdicts;
        try {
            verdicts = enough(request.withVolume(smallest), nodes);
        } catch (HeddleException refused) {
            return new SizeReport(Bytes.ZERO, Bytes.ZERO, Bytes.ZERO, List.of(), refused.why());
        }
        long fits = smallest.kib();
        long tooLarge = VolumeDefinition.MAXIMUM_SIZE.kib() + 1;
        while (tooLarge - fits > 1) {
            long middle = (fits + tooLarge) / 2;
            if (hasRoom(request.withVolume(Bytes.ofKib(middle)), nodes)) {
                fits = middle;
            } else {
                tooLarge = middle;
            }
        }
        long free = 0;
        long total = 0;
        for (Choice choice : verdicts.chosen()) {
            free += choice.capacity().free().value();
            total += choice.capacity().total().value();
        }
        int replicas = request.wanted();
        return new SizeReport(
                Bytes.ofKib(fits),
                new Bytes(free / replicas),
                new Bytes(total / replicas),
                verdicts.best(replicas).map(Choice::place).toList(),
                "");
    }

    private static boolean hasRoom(Request request, List<NodeFacts> nodes) {
        try {
            enough(request, nodes);
            return true;
        } catch (HeddleException refused) {
            return false;
        }
    }

    /**
     * Why a pool cannot take volumes, with the numbers; empty if it can.
     *
     * @param volumes sizes of the devices
     */
    public static Optional<String> refusal(PoolFacts pool, List<Bytes> volumes, boolean replicated, int maximumPeers) {
        if (pool.capacity().isEmpty()) {
            return Optional.of("pool " + pool.name() + " was not seen yet");
        }
        Optional<Problem> problem = pool.capacity().get().unknown();
        if (problem.isPresent()) {
            return Optional.of(
                    "pool " + pool.name() + " is unusable: " + problem.get().why());
        }
        PoolCapacity capacity = pool.capacity().get().known().orElseThrow();
        Bytes needed = needed(volumes, replicated, maximumPeers, capacity.unit());
        if (!capacity.thin()) {
            return capacity.free().compareTo(needed) < 0
                    ? Optional.of(
                            "pool " + pool.name() + " has " + capacity.free() + " free and " + needed + " are needed")
                    : Optional.empty();
        }
        if (capacity.free().isZero() && !needed.isZero()) {
            return Optional.of("thin pool " + pool.name() + " is full");
        }
        double allowed = capacity.total().value() * pool.oversubscription();
        return capacity.provisioned().plus(needed).value() > allowed
                ? Optional.of("thin pool " + pool.name() + " has " + capacity.provisioned() + " provisioned, and "
                        + needed + " more would be over " + number(pool.oversubscription()) + " times its "
                        + capacity.total())
                : Optional.empty();
    }

    private static Bytes needed(List<Bytes> volumes, boolean replicated, int maximumPeers, Bytes unit) {
        Bytes sum = Bytes.ZERO;
        for (Bytes volume : volumes) {
            Bytes gross = replicated ? MetadataSpace.gross(volume, maximumPeers) : volume;
            sum = sum.plus(unit.isZero() ? gross : gross.roundUp(unit));
        }
        return sum;
    }

    private static String number(double ratio) {
        return ratio == Math.rint(ratio) ? Long.toString((long) ratio) : String.format(Locale.ROOT, "%.2f", ratio);
    }

    /**
     * Replicas of one resource speak one dialect: that of those that are there, else DRBD 9, else, for two at most, 8.4.
     * Empty: any, where DRBD has no part in it.
     */
    private static List<Optional<KernelStatus.Dialect>> dialects(Request request, List<NodeFacts> nodes) {
        if (!request.replicated()) {
            return List.of(Optional.empty());
        }
        List<KernelStatus.Dialect> present = nodes.stream()
                .filter(node -> request.diskful().contains(node.node()))
                .flatMap(node -> node.dialect().stream())
                .filter(dialect -> dialect != KernelStatus.Dialect.NONE)
                .distinct()
                .toList();
        if (!present.isEmpty()) {
            return List.of(Optional.of(present.get(0)));
        }
        return List.of(Optional.of(KernelStatus.Dialect.DRBD_9), Optional.of(KernelStatus.Dialect.DRBD_8_4));
    }

    private record Verdicts(List<Choice> chosen, SortedMap<NodeName, String> refused) {
        Stream<Choice> best(int count) {
            return chosen.stream().sorted(Choice.BEST_FIRST).limit(count);
        }
    }

    private record Choice(NodeName node, PoolFacts facts, PoolCapacity capacity, int resources) {
        // What was just placed is among the resources at once, and provisioned only when its satellite has said so.
        static final Comparator<Choice> BEST_FIRST = Comparator.<Choice, Bytes>comparing(
                        choice -> choice.capacity().free(), Comparator.reverseOrder())
                .thenComparing(Choice::resources)
                .thenComparing(choice -> choice.capacity().provisioned())
                .thenComparing(Choice::node)
                .thenComparing(Choice::pool);

        PoolName pool() {
            return facts.name();
        }

        SizeReport.Place place() {
            return new SizeReport.Place(
                    node, facts.name(), capacity.thin(), capacity.thin() ? facts.oversubscription() : 1);
        }
    }

    private static Verdicts judge(Request request, List<NodeFacts> nodes, Optional<KernelStatus.Dialect> dialect) {
        List<Choice> chosen = new ArrayList<>();
        TreeMap<NodeName, String> refused = new TreeMap<>();
        for (NodeFacts node : nodes) {
            Optional<String> refusal = refusal(request, node, dialect);
            if (refusal.isPresent()) {
                refused.put(node.node(), refusal.get());
                continue;
            }
            List<String> reasons = new ArrayList<>();
            bestPool(request, node, reasons)
                    .ifPresentOrElse(
                            chosen::add, () -> refused.put(node.node(), String.join(", ", new TreeSet<>(reasons))));
        }
        return new Verdicts(chosen, refused);
    }

    private static Optional<String> refusal(Request request, NodeFacts node, Optional<KernelStatus.Dialect> dialect) {
        PlacementWish wish = request.wish();
        if (!node.satellite()) {
            return Optional.of("runs no satellite");
        }
        if (node.deleting()) {
            return Optional.of("is being deleted");
        }
        if (request.diskful().contains(node.node())) {
            return Optional.of("has a replica already");
        }
        if (request.occupied().contains(node.node())) {
            return Optional.of("has " + request.resource() + " already, without a disk or not yet removed");
        }
        if (!wish.nodes().isEmpty() && !wish.nodes().contains(node.node())) {
            return Optional.of("is not among the nodes asked for, or those of its resource group");
        }
        if (wish.excludedNodes().contains(node.node())) {
            return Optional.of("is excluded");
        }
        if (!node.target()) {
            return Optional.of("is no target of automatic placement (AutoplaceTarget, or it is being evacuated)");
        }
        if (node.link() != LinkStatus.State.ONLINE) {
            return Optional.of(
                    "is " + node.link().name().toLowerCase(Locale.ROOT).replace('_', ' '));
        }
        if (node.exhausted().isPresent()) {
            return Optional.of("has no free TCP port from " + node.exhausted().get() + " (" + NumberRange.PORTS + ")");
        }
        return unfit(node).or(() -> dialect.flatMap(wanted -> unfit(request, node, wanted)));
    }

    /** Why a node can have no resource at all: DRBD's files name it as {@code uname -n} does, letter by letter. */
    private static Optional<String> unfit(NodeFacts node) {
        return node.hostName()
                .filter(host -> !host.equals(node.node().value()))
                .map(host -> "calls itself " + host + ", and DRBD goes by that name");
    }

    private static Optional<String> unfit(Request request, NodeFacts node, KernelStatus.Dialect wanted) {
        KernelStatus.Dialect dialect = node.dialect().orElse(KernelStatus.Dialect.NONE);
        if (dialect == KernelStatus.Dialect.NONE) {
            return Optional.of("has no DRBD: "
                    + node.kernel()
                            .flatMap(KernelStatus::problem)
                            .map(Problem::why)
                            .orElse("no module was seen"));
        }
        if (dialect == KernelStatus.Dialect.DRBD_8_4 && request.wanted() > 2) {
            return Optional.of("runs DRBD 8.4, which has two replicas at most");
        }
        return dialect == wanted
                ? Optional.empty()
                : Optional.of("runs " + text(dialect) + ", and other replicas run " + text(wanted));
    }

    private static String text(KernelStatus.Dialect dialect) {
        return switch (dialect) {
            case NONE -> "no DRBD";
            case DRBD_8_4 -> "DRBD 8.4";
            case DRBD_9 -> "DRBD 9";
        };
    }

    private static Optional<Choice> bestPool(Request request, NodeFacts node, List<String> reasons) {
        PlacementWish wish = request.wish();
        List<Choice> choices = new ArrayList<>();
        for (PoolFacts pool : node.pools().values()) {
            if (!wish.pools().isEmpty() && !wish.pools().contains(pool.name())) {
                continue;
            }
            Optional<String> refusal = !wish.kinds().isEmpty() && !wish.kinds().contains(pool.kind())
                    ? Optional.of("pool " + pool.name() + " is of kind " + pool.kind())
                    : refusal(pool, request.volumes(), request.replicated(), request.maximumPeers());
            if (refusal.isPresent()) {
                reasons.add(refusal.get());
            } else {
                PoolCapacity capacity = pool.capacity().orElseThrow().known().orElseThrow();
                choices.add(new Choice(node.node(), pool, capacity, node.resources()));
            }
        }
        if (choices.isEmpty() && reasons.isEmpty()) {
            reasons.add(
                    wish.pools().isEmpty()
                            ? "has no storage pool"
                            : "has no storage pool "
                                    + wish.pools().stream().map(PoolName::value).collect(Collectors.joining(" or ")));
        }
        return choices.stream().min(Choice.BEST_FIRST);
    }

    private static HeddleException notEnough(Request request, int missing, Verdicts verdicts) {
        String possible = verdicts.chosen().isEmpty()
                ? "no node can take one"
                : verdicts.chosen().stream()
                                .sorted(Choice.BEST_FIRST)
                                .map(choice -> choice.node().value())
                                .collect(Collectors.joining(", "))
                        + " could take one";
        String refused = verdicts.refused().entrySet().stream()
                .map(Map.Entry::toString)
                .map(entry -> entry.replaceFirst("=", ": "))
                .collect(Collectors.joining("; "));
        return new HeddleException(
                ErrorCode.NOT_ENOUGH_NODES,
                "cannot place " + request.wanted() + " replicas of " + request.resource(),
                missing + " more needed, " + possible
                        + (refused.isEmpty() ? "; there are no other nodes" : "; " + refused),
                "remove what refuses one of these nodes, add a node or a pool, or ask for fewer replicas");
    }
}
