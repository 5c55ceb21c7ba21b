package io.heddle.controller;

import io.heddle.controller.link.LinkListener;
import io.heddle.controller.link.SatelliteLinks;
import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterEvent;
import io.heddle.core.cluster.ClusterEvents;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.cluster.ControllerStatus;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.ResourceGroupChange;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.SnapshotCreation;
import io.heddle.core.cluster.SnapshotRestoration;
import io.heddle.core.cluster.Spawning;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.NetInterfaceName;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.Secret;
import io.heddle.core.model.SnapshotName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The controller: carries out what is asked, keeps the satellites told, and knows what they report. This class only puts the
 * parts together; each group of use cases has a class of its own.
 */
public final class ClusterService implements Cluster, ClusterView, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterService.class);
    private static final int ANSWERING_THREADS = 2;
    private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(1);
    /** A satellite that runs is connected to in less; a machine without power would take longer to be given up. */
    private static final Duration FIRST_LINKS = Duration.ofSeconds(2);

    /**
     * What is special about this start of the controller.
     *
     * @param version version of Heddle
     * @param epoch epoch of this start, on disk already
     * @param instance instance id of this start
     * @param quarantined rows of the store that could not be read
     * @param unreadable identities of the definitions among them
     * @param ownMinors minors of the DRBD devices that the controller's own state lies on
     */
    public record Start(
            String version,
            long epoch,
            UUID instance,
            List<String> quarantined,
            Set<UUID> unreadable,
            Set<Integer> ownMinors) {
        public Start {
            quarantined = List.copyOf(quarantined);
            unreadable = Set.copyOf(unreadable);
            ownMinors = Set.copyOf(ownMinors);
        }
    }

    private final ClusterWriter writer;
    private final Start start;
    private final Instant startedAt;
    private final Clock clock;
    private final StatusBoard board;
    private final EventHub events = new EventHub();
    private final Waiting waiting;
    private final FollowUps followUps;
    private final SatelliteLinks links;
    private final SpecSender specs;
    private final LinkKeeper keeper;
    private final CompletableFuture<Void> linksTried = new CompletableFuture<>();
    private final ExecutorService publications = Executors.newSingleThreadExecutor(named("cluster-publications"));
    private final ExecutorService answers = Executors.newFixedThreadPool(ANSWERING_THREADS, named("cluster-answers"));
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named("cluster-timer"));

    private final Desk desk;
    private final NodeUseCases nodes;
    private final NodeLoss loss;
    private final Abandonment abandonment;
    private final EvacuationKeeper evacuations;
    private final NodeEvacuation evacuation;
    private final StoragePoolUseCases pools;
    private final DefinitionUseCases definitions;
    private final ResourceUseCases resources;
    private final OrphanUseCases orphans;
    private final ConnectionUseCases connections;
    private final GroupUseCases groups;
    private final SnapshotKeeper snapshotKeeper;
    private final SnapshotUseCases snapshots;
    private final SnapshotRestore restores;
    private final SnapshotRollback rollbacks;
    private final ControllerUseCases whole;
    private Optional<ScheduledFuture<?>> evacuationLooks = Optional.empty();

    /**
     * Puts the controller together; {@link #start} sets it going.
     *
     * @param writer the writer of the state; not closed by this
     * @param start about this start
     * @param makeLinks makes the links, given whom to ask and tell; closed by this
     * @param patience how long use cases wait
     * @param clock the clock
     */
    ClusterService(
            ClusterWriter writer,
            Start start,
            Function<LinkListener, SatelliteLinks> makeLinks,
            Patience patience,
            Clock clock) {
        this.writer = writer;
        this.start = start;
        this.clock = clock;
        this.startedAt = clock.instant();
        this.timer.setRemoveOnCancelPolicy(true);
        this.board = new StatusBoard(clock);
        this.waiting = new Waiting(timer, patience);
        ResourceMaker maker = new ResourceMaker(board, clock);
        TieBreakerKeeper tieBreakers = new TieBreakerKeeper(maker);
        this.followUps = new FollowUps(writer, board, tieBreakers);
        LongFunction<SpecVersion> version = revision -> new SpecVersion(start.epoch(), start.instance(), revision);
        this.links = makeLinks.apply(
                new SatelliteReports(writer, board, waiting, followUps, events, () -> this::wholeSpec, version, clock));
        this.specs = new SpecSender(writer, links, version, start.unreadable());
        this.keeper = new LinkKeeper(links, board, specs, clock);

        this.desk = new Desk(writer, board, links, waiting, publications, answers, linksTried, tieBreakers, clock);
        Secrets secrets = new Secrets();
        this.nodes = new NodeUseCases(desk);
        this.loss = new NodeLoss(desk, secrets);
        this.abandonment = new Abandonment(desk);
        this.evacuations = new EvacuationKeeper(desk, maker);
        this.evacuation = new NodeEvacuation(desk, evacuations);
        this.pools = new StoragePoolUseCases(desk);
        OwnVolume own = new OwnVolume(start.ownMinors());
        own.tell(writer.state());
        this.definitions = new DefinitionUseCases(desk, maker, secrets, own);
        this.resources = new ResourceUseCases(desk, maker, own);
        this.orphans = new OrphanUseCases(desk);
        this.connections = new ConnectionUseCases(desk);
        this.groups = new GroupUseCases(desk, definitions, resources);
        this.snapshotKeeper = new SnapshotKeeper(desk);
        this.snapshots = new SnapshotUseCases(desk, snapshotKeeper);
        this.restores = new SnapshotRestore(desk, maker, secrets);
        this.rollbacks = new SnapshotRollback(desk, maker, secrets, own);
        this.whole = new ControllerUseCases(desk);
    }

    private NodeSpec wholeSpec(NodeName node) {
        return specs.whole(node);
    }

    private static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Makes what is always there, connects to the satellites, and goes on with what an earlier start left. */
    public void start() {
        writer.onPublished(this::published);
        ClusterState state = writer.state();
        publications.execute(() -> {
            keeper.connectAll(state);
            followUps.considerAll();
        });
        waiting.await(
                        state.nodes().values().stream()
                                .filter(Node::hasSatellite)
                                .map(node -> NodeGoals.tried(board, node.name()))
                                .toList(),
                        FIRST_LINKS)
                .whenComplete((tried, failure) -> linksTried.complete(null));
        evacuationLooks = Optional.of(timer.scheduleWithFixedDelay(
                this::goOn, FIRST_LINKS.toMillis(), BETWEEN_LOOKS.toMillis(), TimeUnit.MILLISECONDS));
        whole.prepare().toCompletableFuture().join();
    }

    /** A timer that fails once runs no more. */
    private void goOn() {
        try {
            evacuations.look();
        } catch (RuntimeException e) {
            LOG.error("a look at the nodes that are being evacuated failed", e);
        }
        try {
            snapshotKeeper.look();
            rollbacks.look();
        } catch (RuntimeException e) {
            LOG.error("a look at the snapshots failed", e);
        }
    }

    /** On the writer's thread: only what must be known before the next edit; the rest follows in order on another. */
    private void published(ClusterWriter.Publication publication) {
        followUps.published(publication);
        try {
            publications.execute(() -> spreadOrSayWhyNot(publication));
        } catch (RejectedExecutionException stopping) {
            LOG.debug(
                    "revision {} is spread at the next start",
                    publication.after().revision());
        }
    }

    private void spreadOrSayWhyNot(ClusterWriter.Publication publication) {
        try {
            spread(publication);
        } catch (RuntimeException e) {
            LOG.error(
                    "revision {} could not be spread in full",
                    publication.after().revision(),
                    e);
        }
    }

    private void spread(ClusterWriter.Publication publication) {
        keeper.follow(publication);
        specs.send(publication);
        for (RowKey row : publication.rows().keySet()) {
            if (row.kind() == RowKey.Kind.RESOURCE_DEFINITION) {
                UUID uuid = UUID.fromString(row.key());
                waiting.changed(new Topic.OfDefinition(uuid));
                followUps.consider(uuid);
                publication
                        .before()
                        .resourceDefinition(uuid)
                        .ifPresent(definition -> definition.resources().keySet().forEach(followUps::considerNode));
            } else if (row.kind() == RowKey.Kind.NODE) {
                waiting.changed(new Topic.OfNode(new NodeName(row.key())));
                followUps.considerNode(new NodeName(row.key()));
            }
            events.tell(() -> event(publication, row));
        }
    }

    private ClusterEvent event(ClusterWriter.Publication publication, RowKey row) {
        Optional<ResourceName> resource = row.kind() == RowKey.Kind.RESOURCE_DEFINITION
                ? publication
                        .after()
                        .resourceDefinition(UUID.fromString(row.key()))
                        .or(() -> publication.before().resourceDefinition(UUID.fromString(row.key())))
                        .map(definition -> definition.name())
                : Optional.empty();
        Optional<NodeName> node =
                row.kind() == RowKey.Kind.NODE ? Optional.of(new NodeName(row.key())) : Optional.empty();
        String what = resource.map(ResourceName::value)
                .or(() -> node.map(NodeName::value))
                .orElse("the cluster");
        return new ClusterEvent(
                ClusterEvent.Kind.STATE_CHANGED, node, resource, what + " was changed", clock.instant());
    }

    /** Who listens to this controller. */
    public ClusterEvents events() {
        return events;
    }

    /** How many goals are waited for. */
    int openGoals() {
        return waiting.open();
    }

    @Override
    public ClusterState state() {
        return writer.state();
    }

    @Override
    public Optional<NodeStatus> status(NodeName node) {
        return board.status(node);
    }

    @Override
    public LinkStatus link(NodeName node) {
        return board.link(node);
    }

    @Override
    public SortedMap<ResourceName, String> evacuation(NodeName node) {
        return evacuations.progress(node);
    }

    @Override
    public ControllerStatus controller() {
        return new ControllerStatus(
                start.version(), start.epoch(), start.instance(), startedAt, links.fingerprint(), start.quarantined());
    }

    @Override
    public void close() {
        links.close();
        evacuationLooks.ifPresent(looks -> looks.cancel(false));
        timer.shutdownNow();
        waiting.end();
        publications.shutdown();
        answers.shutdown();
        events.close();
    }

    @Override
    public CompletionStage<Outcome> createNode(NodeCreation wish) {
        return nodes.create(wish);
    }

    @Override
    public CompletionStage<Outcome> modifyNode(NodeName node, PropertyChange change) {
        return nodes.modify(node, change);
    }

    @Override
    public CompletionStage<Outcome> deleteNode(NodeName node) {
        return nodes.delete(node);
    }

    @Override
    public CompletionStage<Outcome> loseNode(NodeName node, Set<ResourceName> losing) {
        return desk.onceLinksAreTried(() -> loss.lose(node, losing));
    }

    @Override
    public CompletionStage<Outcome> evacuateNode(
            NodeName node, SortedSet<NodeName> targets, SortedSet<NodeName> excluded) {
        return evacuation.evacuate(node, targets, excluded);
    }

    @Override
    public CompletionStage<Outcome> restoreNode(NodeName node) {
        return evacuation.restore(node);
    }

    @Override
    public CompletionStage<Outcome> reconnectNode(NodeName node, boolean acceptOlder) {
        return nodes.reconnect(node, acceptOlder);
    }

    @Override
    public CompletionStage<Outcome> claimNode(NodeName node, Optional<Secret> code) {
        return nodes.claim(node, code);
    }

    @Override
    public CompletionStage<Outcome> createNetInterface(NodeName node, NetInterface added, boolean active) {
        return nodes.createInterface(node, added, active);
    }

    @Override
    public CompletionStage<Outcome> modifyNetInterface(NodeName node, NetInterface changed, boolean active) {
        return nodes.modifyInterface(node, changed, active);
    }

    @Override
    public CompletionStage<Outcome> deleteNetInterface(NodeName node, NetInterfaceName removed) {
        return nodes.deleteInterface(node, removed);
    }

    @Override
    public CompletionStage<Outcome> createStoragePool(StoragePoolCreation wish) {
        return desk.onceLinksAreTried(() -> pools.create(wish));
    }

    @Override
    public CompletionStage<Outcome> modifyStoragePool(NodeName node, PoolName pool, PropertyChange change) {
        return pools.modify(node, pool, change);
    }

    @Override
    public CompletionStage<Outcome> deleteStoragePool(NodeName node, PoolName pool) {
        return pools.delete(node, pool);
    }

    @Override
    public CompletionStage<Outcome> createResourceDefinition(ResourceDefinitionCreation wish) {
        return definitions.create(wish);
    }

    @Override
    public CompletionStage<Outcome> modifyResourceDefinition(ResourceName name, PropertyChange change) {
        return definitions.modify(name, change);
    }

    @Override
    public CompletionStage<Outcome> deleteResourceDefinition(ResourceName name) {
        return desk.onceLinksAreTried(() -> definitions.delete(name));
    }

    @Override
    public CompletionStage<Outcome> createVolumeDefinition(ResourceName name, VolumeDefinitionCreation wish) {
        return desk.onceLinksAreTried(() -> definitions.createVolume(name, wish));
    }

    @Override
    public CompletionStage<Outcome> modifyVolumeDefinition(
            ResourceName name, int number, Optional<Bytes> size, PropertyChange change) {
        return definitions.modifyVolume(name, number, size, change);
    }

    @Override
    public CompletionStage<Outcome> deleteVolumeDefinition(ResourceName name, int number) {
        return definitions.deleteVolume(name, number);
    }

    @Override
    public CompletionStage<Outcome> createSnapshots(List<SnapshotCreation> wishes) {
        return desk.onceLinksAreTried(() -> snapshots.create(wishes));
    }

    @Override
    public CompletionStage<Outcome> modifySnapshot(ResourceName name, SnapshotName snapshot, PropertyChange change) {
        return snapshots.modify(name, snapshot, change);
    }

    @Override
    public CompletionStage<Outcome> deleteSnapshot(ResourceName name, SnapshotName snapshot) {
        return desk.onceLinksAreTried(() -> snapshots.delete(name, snapshot));
    }

    @Override
    public CompletionStage<Outcome> restoreSnapshot(SnapshotRestoration wish) {
        return desk.onceLinksAreTried(() -> restores.restore(wish));
    }

    @Override
    public CompletionStage<Outcome> rollBack(ResourceName name, SnapshotName snapshot) {
        return desk.onceLinksAreTried(() -> rollbacks.rollBack(name, snapshot));
    }

    @Override
    public CompletionStage<Outcome> restoreVolumeDefinitions(
            ResourceName name, SnapshotName snapshot, ResourceName target) {
        return restores.restoreVolumeDefinitions(name, snapshot, target);
    }

    @Override
    public CompletionStage<Outcome> createResources(ResourceName name, List<ResourceCreation> wishes) {
        return desk.onceLinksAreTried(() -> resources.create(name, wishes));
    }

    @Override
    public CompletionStage<Outcome> autoPlace(ResourceName name, PlacementWish wish) {
        return desk.onceLinksAreTried(() -> resources.autoPlace(name, wish));
    }

    @Override
    public CompletionStage<Outcome> modifyResource(ResourceName name, NodeName node, PropertyChange change) {
        return resources.modify(name, node, change);
    }

    @Override
    public CompletionStage<Outcome> deleteResource(ResourceName name, NodeName node) {
        return desk.onceLinksAreTried(() -> resources.delete(name, node));
    }

    @Override
    public CompletionStage<Outcome> abandonResource(ResourceName name, NodeName node) {
        return desk.onceLinksAreTried(() -> abandonment.abandon(name, node));
    }

    @Override
    public CompletionStage<Outcome> toggleDisk(
            ResourceName name, NodeName node, boolean diskless, Optional<PoolName> pool) {
        return desk.onceLinksAreTried(() -> resources.toggleDisk(name, node, diskless, pool));
    }

    @Override
    public CompletionStage<Outcome> migrateDisk(
            ResourceName name, NodeName node, NodeName from, Optional<PoolName> pool) {
        return desk.onceLinksAreTried(() -> resources.migrateDisk(name, node, from, pool));
    }

    @Override
    public CompletionStage<Outcome> promoteResource(ResourceName name, NodeName node, boolean peerIsDead) {
        return desk.onceLinksAreTried(() -> resources.promote(name, node, peerIsDead));
    }

    @Override
    public CompletionStage<Outcome> resolveSplitBrain(
            ResourceName name, List<NodeName> discard, boolean withoutSnapshot) {
        return desk.onceLinksAreTried(() -> resources.resolveSplitBrain(name, discard, withoutSnapshot));
    }

    @Override
    public CompletionStage<Outcome> withdrawSplitBrainResolution(ResourceName name) {
        return desk.onceLinksAreTried(() -> resources.withdrawSplitBrainResolution(name));
    }

    @Override
    public CompletionStage<Outcome> demoteResource(ResourceName name, NodeName node) {
        return resources.demote(name, node);
    }

    @Override
    public CompletionStage<Outcome> adoptResource(ResourceName name, List<NodeName> without) {
        return desk.onceLinksAreTried(() -> orphans.adopt(name, without));
    }

    @Override
    public CompletionStage<Outcome> forgetUnclaimed(NodeName node, UUID identity) {
        return desk.onceLinksAreTried(() -> orphans.forget(node, identity));
    }

    @Override
    public CompletionStage<Outcome> createResourceGroup(ResourceGroupName group, ResourceGroupChange wish) {
        return groups.create(group, wish);
    }

    @Override
    public CompletionStage<Outcome> modifyResourceGroup(ResourceGroupName group, ResourceGroupChange change) {
        return groups.modify(group, change);
    }

    @Override
    public CompletionStage<Outcome> deleteResourceGroup(ResourceGroupName group) {
        return groups.delete(group);
    }

    @Override
    public CompletionStage<Outcome> createVolumeGroup(ResourceGroupName group, OptionalInt number, boolean gross) {
        return groups.createVolumeGroup(group, number, gross);
    }

    @Override
    public CompletionStage<Outcome> modifyVolumeGroup(ResourceGroupName group, int number, boolean gross) {
        return groups.modifyVolumeGroup(group, number, gross);
    }

    @Override
    public CompletionStage<Outcome> deleteVolumeGroup(ResourceGroupName group, int number) {
        return groups.deleteVolumeGroup(group, number);
    }

    @Override
    public CompletionStage<Outcome> spawn(ResourceGroupName group, Spawning wish) {
        return desk.onceLinksAreTried(() -> groups.spawn(group, wish));
    }

    @Override
    public SizeReport sizes(ResourceGroupName group, PlacementWish asked) {
        return groups.sizes(state(), group, asked);
    }

    @Override
    public CompletionStage<Outcome> modifyNodeConnection(NodePair pair, PropertyChange change) {
        return connections.modifyNodes(pair, change);
    }

    @Override
    public CompletionStage<Outcome> modifyResourceConnection(ResourceName name, NodePair pair, PropertyChange change) {
        return connections.modifyConnection(name, pair, change);
    }

    @Override
    public CompletionStage<Outcome> modifyPeerDevice(
            ResourceName name, NodePair pair, int number, PropertyChange change) {
        return connections.modifyPeerDevice(name, pair, number, change);
    }

    @Override
    public CompletionStage<Outcome> modifyController(PropertyChange change) {
        return whole.modify(change);
    }

    @Override
    public CompletionStage<String> exportState() {
        return whole.exportState();
    }

    @Override
    public CompletionStage<Outcome> importState(String document) {
        return whole.importState(document);
    }
}
