package io.heddle.satellite;

import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.FirstGeneration;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.spec.SplitBrainAnswer;
import io.heddle.core.spec.SyncRule;
import io.heddle.core.spec.VolumeSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiFunction;

/** What a controller wants of one resource definition, to be changed by a test, and the specs that follow from it. */
final class Wish {
    static final UUID CLUSTER = new UUID(0, 1);
    static final PoolName POOL = new PoolName("fast");
    static final Bytes SIZE = Bytes.ofMib(64);

    /** A replica on a node. */
    static final class Replica {
        final UUID uuid = UUID.randomUUID();
        final int nodeId;
        final PoolName pool;
        final Map<Integer, UUID> volumes = new HashMap<>();
        boolean deleting;

        Replica(int nodeId, PoolName pool) {
            this.nodeId = nodeId;
            this.pool = pool;
        }
    }

    static final class Volume {
        Bytes size = SIZE;
        boolean deleting;
        Optional<FirstGeneration> firstGeneration = Optional.empty();
    }

    final ResourceName name;
    final UUID definition = UUID.randomUUID();
    final String incarnation;
    final TreeMap<NodeName, Replica> replicas = new TreeMap<>();
    final TreeMap<Integer, Volume> volumes = new TreeMap<>();
    final TreeSet<Integer> retiredNodeIds = new TreeSet<>();
    boolean deleting;
    boolean halted;
    boolean replicated = true;
    boolean replacesOlder;
    String maxBuffers = "2048";
    /** What was decided about a split brain, by the node and its peer. */
    BiFunction<NodeName, NodeName, Optional<SplitBrainAnswer>> answers = (own, peer) -> Optional.empty();

    SyncRule syncRule = SyncRule.DEFAULT;
    Map<String, String> otherOptions = Map.of();
    Map<String, String> netOptions = Map.of();
    private int nextNodeId;

    Wish(String name) {
        this(name, "");
    }

    /** @param incarnation sets its backing volumes apart from those of an older one of the name */
    Wish(String name, String incarnation) {
        this.name = new ResourceName(name);
        this.incarnation = incarnation;
    }

    static Wish of(String name, String... nodes) {
        Wish wish = new Wish(name);
        for (String node : nodes) {
            wish.replica(node);
        }
        wish.volume(0);
        return wish;
    }

    Wish in(PoolName pool) {
        List<NodeName> nodes = List.copyOf(replicas.keySet());
        nodes.forEach(node -> {
            Replica old = replicas.get(node);
            Replica moved = new Replica(old.nodeId, pool);
            moved.volumes.putAll(old.volumes);
            replicas.put(node, moved);
        });
        return this;
    }

    Replica replica(String node) {
        Replica replica = new Replica(nextNodeId++, POOL);
        volumes.keySet().forEach(number -> replica.volumes.put(number, UUID.randomUUID()));
        replicas.put(new NodeName(node), replica);
        return replica;
    }

    /** A new volume on all replicas, which the first of them begins. */
    Volume volume(int number) {
        Volume volume = new Volume();
        volumes.put(number, volume);
        replicas.values().forEach(replica -> replica.volumes.put(number, UUID.randomUUID()));
        volume.firstGeneration = Optional.of(new FirstGeneration(
                FirstGeneration.Mode.SKIP_SYNC, replicas.firstKey(), Ordered.set(replicas.keySet())));
        return volume;
    }

    String backing(int number) {
        return name + incarnation + "_0000" + number;
    }

    Optional<ResourceSpec> spec(NodeName node) {
        Replica own = replicas.get(node);
        if (own == null) {
            return Optional.empty();
        }
        boolean removed = deleting || own.deleting;
        List<VolumeSpec> specs = new ArrayList<>();
        volumes.forEach((number, volume) -> specs.add(new VolumeSpec(
                number,
                own.volumes.get(number),
                removed || volume.deleting ? Disposition.REMOVED : Disposition.PRESENT,
                1000 + number,
                volume.size,
                Optional.of(new Backing(own.pool, backing(number), 7)),
                volume.firstGeneration,
                Ordered.map(null))));
        List<PeerSpec> peers = new ArrayList<>();
        replicas.forEach((other, replica) -> {
            if (!other.equals(node) && !deleting && replicated && (!replica.deleting || !own.deleting)) {
                peers.add(peer(node, other, replica));
            }
        });
        return Optional.of(new ResourceSpec(
                name,
                definition,
                own.uuid,
                removed ? Disposition.REMOVED : halted ? Disposition.HALTED : Disposition.PRESENT,
                deleting,
                replicated,
                node,
                own.nodeId,
                false,
                new Secret("s"),
                specs,
                peers,
                retiredNodeIds,
                Ordered.map(options()),
                Ordered.map(null),
                replacesOlder,
                false,
                syncRule,
                false));
    }

    private Map<String, String> options() {
        Map<String, String> options = new HashMap<>(otherOptions);
        options.put("max-buffers", maxBuffers);
        return options;
    }

    private PeerSpec peer(NodeName own, NodeName node, Replica replica) {
        List<PeerVolumeSpec> theirs = new ArrayList<>();
        volumes.forEach((number, volume) -> {
            if (!volume.deleting) {
                theirs.add(new PeerVolumeSpec(number, 1000 + number, false));
            }
        });
        return new PeerSpec(
                node,
                replica.nodeId,
                false,
                theirs,
                List.of(new PathSpec(new IpAddress("10.0.0.1"), 7000, new IpAddress("10.0.0.2"), 7000)),
                Ordered.map(netOptions),
                Ordered.map(null),
                replica.deleting,
                answers.apply(own, node));
    }

    static PoolSpec pool(PoolName name) {
        return new PoolSpec(name, new UUID(5, name.hashCode()), FakeStorage.KIND, "vg/" + name, Ordered.map(null));
    }

    static PoolSpec pool(PoolName name, DriverKind kind) {
        return new PoolSpec(name, new UUID(5, name.hashCode()), kind, "vg/" + name, Ordered.map(null));
    }

    static NodeSpec node(String name, long epoch, long revision, Wish... wishes) {
        return node(name, new SpecVersion(epoch, new UUID(9, epoch), revision), List.of(POOL), List.of(wishes));
    }

    static NodeSpec node(String name, SpecVersion version, List<PoolName> poolNames, List<Wish> wishes) {
        TreeMap<PoolName, PoolSpec> pools = new TreeMap<>();
        poolNames.forEach(pool -> pools.put(pool, pool(pool)));
        TreeMap<UUID, ResourceSpec> resources = new TreeMap<>();
        wishes.forEach(wish -> wish.spec(new NodeName(name)).ifPresent(spec -> resources.put(spec.uuid(), spec)));
        return new NodeSpec(CLUSTER, new NodeName(name), version, pools, resources, Ordered.set(null));
    }
}
