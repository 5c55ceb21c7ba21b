package io.heddle.satellite;

import io.heddle.core.cluster.LocalNode;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.Backing;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceName;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.SpecDelta;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.spec.SyncRule;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.ResourceStatus;
import io.heddle.core.status.StatusDelta;
import io.heddle.core.status.Unclaimed;
import io.heddle.satellite.link.ControllerEnd;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The satellite: keeps the spec that the controller gives, and makes the node match it, with a worker for each resource, for
 * ever. What the node is comes from the drivers, is kept in memory, and is told to who follows. It needs no controller to
 * serve what it has been told before.
 */
final class Reconciler implements ControllerEnd, LocalNode, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciler.class);
    private static final Duration UNCLAIMED_EVERY = Duration.ofSeconds(1);
    /** How often a sync is measured, and told at most. */
    private static final Duration PROGRESS_EVERY = Duration.ofSeconds(1);

    private final SatelliteSettings settings;
    private final Clock clock;
    private final SpecKeeper keeper;
    private final RecordKeeper records;
    private final Confirmation confirmation;
    private final Threads threads;
    private final DriverTable drivers = new DriverTable();
    private final PoolBoard pools = new PoolBoard();
    private final ReplicationBoard replication;
    private final PoolObserver poolObserver;
    private final ReplicationObserver replicationObserver;
    private final Workshop shop;
    private final StatusFeed feed;

    private final Map<ResourceName, ResourceWorker> workers = new ConcurrentHashMap<>();
    private final Map<UUID, Unit> units = new ConcurrentHashMap<>();
    private final Map<String, ResourceName> namesInDrbd = new ConcurrentHashMap<>();
    /** Which resource a backing volume is of, by pool and name. */
    private final Map<PoolBoard.VolumeName, ResourceName> owners = new ConcurrentHashMap<>();

    private static final Duration WRITES_EVERY = Duration.ofSeconds(10);

    /** How long a sync may stand still, by DRBD's name of the resource. */
    private final Map<String, Duration> stallAfter = new ConcurrentHashMap<>();

    private final StallCures stalls;
    private final SnapshotWindows snapshots;
    private final AtomicBoolean measuring = new AtomicBoolean();
    private final Set<String> progressDue = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean unclaimedDue = new AtomicBoolean();

    /**
     * Reads what is stored; {@link #start} begins to serve it.
     *
     * @throws HeddleException FILE_FAILED if the directory cannot be read
     */
    Reconciler(SatelliteSettings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.keeper = SpecKeeper.open(settings.directory().resolve("spec"));
        this.records = new RecordKeeper(settings.directory().resolve("records"));
        this.confirmation = new Confirmation(settings.directory().resolve("confirmed"), settings.bootId());
        this.threads = new Threads(settings.times().grace());
        this.replication = new ReplicationBoard(
                new SyncMeter(name -> stallAfter.getOrDefault(name, SyncRule.DEFAULT.stallAfter())),
                () -> new SyncMeter.Moment(System.nanoTime(), clock.instant()));
        this.poolObserver =
                new PoolObserver(pools, drivers, threads, settings.times().patience(), this::poolsSeen);
        this.replicationObserver = new ReplicationObserver(replication, threads.background(), new ReplicationChanges());
        this.shop = new Workshop(
                pools,
                replication,
                drivers,
                records,
                confirmation,
                threads,
                settings.keep(),
                clock,
                settings.times().backOff(),
                poolObserver::refresh,
                replicationObserver::refresh);
        this.snapshots = new SnapshotWindows(
                shop,
                keeper::spec,
                uuid -> Optional.ofNullable(units.get(uuid))
                        .map(unit -> unit.wanted().spec()));
        this.stalls = new StallCures(
                shop,
                PauseNotes.open(settings.directory().resolve("sync-pauses")),
                uuid -> Optional.ofNullable(units.get(uuid))
                        .map(unit -> workers.get(unit.wanted().spec().name())));
        this.feed =
                new StatusFeed(first(), new Source(), threads, settings.times().gather());
    }

    /** Brings everything up from the stored spec, and goes on; returns at once. */
    void start() {
        keeper.spec().ifPresent(spec -> {
            pools.pools(spec.pools());
            LOG.info(
                    "Serving {} resources from the stored specification of epoch {} revision {}, {}",
                    spec.resources().size(),
                    spec.version().epoch(),
                    spec.version().revision(),
                    confirmation.isConfirmed()
                            ? "confirmed since boot"
                            : "not confirmed by a controller since boot: nothing is created or removed");
            spec.resources()
                    .values()
                    .forEach(resource -> want(resource, spec.version().revision()));
        });
        keeper.unreadable().forEach(each -> LOG.error("{}: {}", each.name(), each.why()));
        feed.changed(StatusFeed.Part.HEAD);
        replicationObserver.follow(drivers.replication());
        poolObserver.refresh();
        unclaimedMayHaveChanged();
        var unusedEither = threads.timer()
                .scheduleWithFixedDelay(
                        () -> threads.background().execute(this::noteWrites),
                        WRITES_EVERY.toMillis(),
                        WRITES_EVERY.toMillis(),
                        TimeUnit.MILLISECONDS);
        long look = settings.times().look().toMillis();
        var unused = threads.timer()
                .scheduleWithFixedDelay(
                        () -> {
                            poolObserver.refresh();
                            replicationObserver.refresh();
                            workers.keySet().forEach(this::dismiss);
                        },
                        look,
                        look,
                        TimeUnit.MILLISECONDS);
    }

    /** When a device was last written tells whose changes matter; only while a peer does not see them. Costs no process. */
    private void noteWrites() {
        Optional<ReplicationDriver> driver = drivers.replication();
        if (driver.isEmpty()) {
            return;
        }
        for (Unit unit : units.values()) {
            if (unit.cutOffs.isWhole()) {
                continue;
            }
            Optional<ReplicationStatus> running = replication
                    .resource(unit.wanted().spec().name().value())
                    .known()
                    .flatMap(found -> found);
            try {
                if (running.isPresent()
                        && unit.cutOffs.noteWrites(running.get(), driver.get()::written, clock.instant())) {
                    lookAfterWrites(unit);
                    feed.changed(unit.uuid());
                }
            } catch (HeddleException failure) {
                LOG.debug(
                        "resource={} {}",
                        unit.wanted().spec().name(),
                        failure.problem().text());
            }
        }
    }

    private void lookAfterWrites(Unit unit) {
        ResourceWorker worker = workers.get(unit.wanted().spec().name());
        if (worker != null && unit.cutOffs.isOutdated(clock.instant())) {
            unit.cutOffs.doubt();
            worker.wake(false);
        }
    }

    /** Ends the work, within two seconds even if a command hangs. What runs on the node goes on running. */
    @Override
    public void close() {
        replicationObserver.close();
        threads.close();
    }

    // Drivers.

    void add(StorageDriver driver, long id, Version version) {
        drivers.add(driver, id, version);
        storageDriversChanged();
        threads.background().execute(() -> {
            drivers.toolVersion(driver, driver.toolVersion());
            feed.changed(StatusFeed.Part.DRIVERS);
        });
    }

    void add(ReplicationDriver driver, long id, Version version) {
        drivers.add(driver, id, version);
        replicationDriversChanged();
        threads.background().execute(() -> {
            drivers.toolVersion(driver, driver.kernel().utilsVersion());
            feed.changed(StatusFeed.Part.DRIVERS);
        });
    }

    void removeStorage(long id) {
        drivers.remove(id);
        storageDriversChanged();
    }

    void removeReplication(long id) {
        drivers.remove(id);
        replicationDriversChanged();
    }

    private void storageDriversChanged() {
        feed.changed(StatusFeed.Part.DRIVERS);
        poolObserver.refresh();
        workers.values().forEach(worker -> worker.wake(true));
    }

    private void replicationDriversChanged() {
        replicationObserver.follow(drivers.replication());
        // The kernel's part first: who reads that a driver is there must not read beside it that none is.
        feed.changed(StatusFeed.Part.KERNEL);
        feed.changed(StatusFeed.Part.DRIVERS);
        workers.values().forEach(worker -> worker.wake(true));
    }

    // The controller.

    @Override
    public Optional<SpecVersion> held() {
        return keeper.held();
    }

    @Override
    public synchronized void take(NodeSpec offered) {
        Optional<NodeSpec> before = keeper.spec();
        keeper.take(offered);
        NodeSpec spec = keeper.spec().orElseThrow();
        SortedMap<UUID, ResourceSpec> old = before.map(NodeSpec::resources).orElseGet(() -> Ordered.map(null));
        applyPools(before, spec);
        old.values().stream()
                .filter(resource -> !spec.resources().containsKey(resource.uuid()))
                .forEach(this::forget);
        spec.resources().values().stream()
                // The same wish counts for more, or less, when the controller can speak of it again, or no longer.
                .filter(resource -> !resource.equals(old.get(resource.uuid()))
                        || before.filter(known -> known.unsaid().contains(resource.definition()))
                                        .isPresent()
                                != spec.unsaid().contains(resource.definition()))
                .forEach(resource -> want(resource, spec.version().revision()));
        confirm();
    }

    @Override
    public synchronized boolean take(SpecDelta delta) {
        Optional<NodeSpec> before = keeper.spec();
        if (!keeper.take(delta)) {
            return false;
        }
        NodeSpec spec = keeper.spec().orElseThrow();
        SortedMap<UUID, ResourceSpec> old = before.map(NodeSpec::resources).orElseGet(() -> Ordered.map(null));
        applyPools(before, spec);
        delta.forgotten().stream()
                .filter(uuid -> old.containsKey(uuid) && !spec.resources().containsKey(uuid))
                .forEach(uuid -> forget(old.get(uuid)));
        delta.changed().forEach(resource -> want(resource, spec.version().revision()));
        confirm();
        return true;
    }

    @Override
    public synchronized void acceptOlder() {
        keeper.acceptOlder();
    }

    @Override
    public NodeStatus status() {
        return feed.status();
    }

    @Override
    public AutoCloseable follow(Consumer<StatusDelta> listener) {
        return feed.follow(listener);
    }

    @Override
    public CompletionStage<Void> perform(NodeAction action) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        if (action.kind() == NodeAction.Kind.FORGET_UNCLAIMED) {
            threads.background().execute(() -> forgetUnclaimed(action.incarnation(), result));
            return result;
        }
        if (action.snapshots().isPresent()) {
            threads.background().execute(() -> snapshots(action, result));
            return result;
        }
        ResourceWorker worker = workers.get(action.resource());
        Unit unit = units.get(action.incarnation());
        if (worker == null || unit == null) {
            result.completeExceptionally(new HeddleException(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "cannot " + verb(action) + " " + action.resource(),
                    "this node has no such resource",
                    "see resource list for where it is"));
            return result;
        }
        worker.act(() -> {
            try {
                act(action, unit.wanted().spec());
                result.complete(null);
            } catch (RuntimeException failure) {
                result.completeExceptionally(HeddleException.of(failure));
            }
        });
        return result;
    }

    private void snapshots(NodeAction action, CompletableFuture<Void> result) {
        try {
            snapshots.perform(action.kind(), action.snapshots().orElseThrow());
            result.complete(null);
        } catch (RuntimeException failure) {
            result.completeExceptionally(HeddleException.of(failure));
        }
    }

    private void forgetUnclaimed(UUID identity, CompletableFuture<Void> result) {
        try {
            LOG.info("{} is not listed as unclaimed any more, on an explicit word", identity);
            keeper.orphans().forget(identity);
            feed.changed(StatusFeed.Part.UNCLAIMED);
            result.complete(null);
        } catch (RuntimeException failure) {
            result.completeExceptionally(HeddleException.of(failure));
        }
    }

    private void act(NodeAction action, ResourceSpec resource) {
        if (resource.disposition() == Disposition.REMOVED) {
            throw new HeddleException(
                    ErrorCode.BEING_DELETED,
                    "cannot " + verb(action) + " " + action.resource(),
                    "it is being deleted on this node",
                    "use it on another node");
        }
        if (!resource.replicated()) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot " + verb(action) + " " + action.resource(),
                    "it is not replicated, and so has no role",
                    "use its device as it is");
        }
        ReplicationDriver driver = drivers.replication()
                .orElseThrow(() -> DriverTable.absentReplication().exception());
        LOG.info("resource={} {} on an explicit word", resource.name(), verb(action));
        switch (action.kind()) {
            case PROMOTE -> driver.promote(resource, action.peerIsDead());
            case DEMOTE -> driver.demote(resource);
            case FORGET_UNCLAIMED,
                    PREPARE_SNAPSHOTS,
                    SUSPEND_IO,
                    TAKE_SNAPSHOTS,
                    RESUME_IO,
                    CHECK_ROLLBACK,
                    DELETE_SNAPSHOTS -> throw new IllegalStateException("it is no work of a resource's");
        }
    }

    private static String verb(NodeAction action) {
        return switch (action.kind()) {
            case PROMOTE -> "promote";
            case DEMOTE -> "demote";
            case FORGET_UNCLAIMED -> "forget";
            case PREPARE_SNAPSHOTS, SUSPEND_IO, TAKE_SNAPSHOTS, RESUME_IO -> "take a snapshot of";
            case CHECK_ROLLBACK -> "roll back";
            case DELETE_SNAPSHOTS -> "delete a snapshot of";
        };
    }

    /** Comes last: before all workers have the new wish none of them may act on the old one as if it were confirmed. */
    private void confirm() {
        feed.changed(StatusFeed.Part.HEAD);
        unclaimedMayHaveChanged();
        if (confirmation.confirm()) {
            LOG.info("The specification is confirmed by a controller");
            workers.values().forEach(worker -> worker.wake(true));
        }
    }

    private void applyPools(Optional<NodeSpec> before, NodeSpec now) {
        if (before.filter(old -> old.pools().equals(now.pools())).isEmpty()) {
            pools.pools(now.pools());
            feed.changed(StatusFeed.Part.POOLS);
            poolObserver.refresh();
            workers.values().forEach(worker -> worker.wake(true));
        }
    }

    private void want(ResourceSpec resource, long revision) {
        for (VolumeSpec volume : resource.volumes()) {
            volume.backing().ifPresent(backing -> owners.put(volumeName(backing), resource.name()));
        }
        namesInDrbd.put(resource.name().value(), resource.name());
        stallAfter.put(resource.name().value(), resource.syncRule().stallAfter());
        workers.compute(resource.name(), (name, known) -> {
            ResourceWorker worker = known == null ? new ResourceWorker(name, shop, keeper::spec, feed::changed) : known;
            units.put(resource.uuid(), worker.want(new Unit.Wanted(resource, revision)));
            return worker;
        });
        feed.changed(resource.uuid());
    }

    /** A resource of which no spec speaks any more. What is left of it on the node stays, and is unclaimed. */
    private void forget(ResourceSpec resource) {
        Unit unit = units.remove(resource.uuid());
        if (unit != null && unit.phase() == ResourceStatus.Phase.REMOVED) {
            records.forget(resource.uuid());
        }
        resource.volumes().forEach(volume -> volume.backing().ifPresent(backing -> owners.remove(volumeName(backing))));
        ResourceWorker worker = workers.get(resource.name());
        if (worker != null) {
            worker.drop(resource.uuid());
        }
        feed.changed(resource.uuid());
    }

    private void dismiss(ResourceName name) {
        workers.computeIfPresent(name, (known, worker) -> worker.isIdle() ? null : worker);
    }

    private static PoolBoard.VolumeName volumeName(Backing backing) {
        return new PoolBoard.VolumeName(backing.pool(), Optional.of(backing.name()));
    }

    // What was seen.

    private void poolsSeen(Set<PoolBoard.VolumeName> newly) {
        feed.changed(StatusFeed.Part.POOLS);
        if (newly.isEmpty()) {
            return;
        }
        for (PoolBoard.VolumeName volume : newly) {
            if (volume.name().isPresent()) {
                Optional.ofNullable(owners.get(volume)).ifPresent(this::seen);
            } else {
                owners.forEach((owned, name) -> {
                    if (owned.pool().equals(volume.pool())) {
                        seen(name);
                    }
                });
            }
        }
        unclaimedMayHaveChanged();
    }

    private void seen(ResourceName name) {
        ResourceWorker worker = workers.get(name);
        if (worker != null) {
            worker.wake(false);
            worker.uuids().forEach(feed::changed);
        }
    }

    private void unclaimedMayHaveChanged() {
        if (unclaimedDue.compareAndSet(false, true)) {
            threads.later(UNCLAIMED_EVERY, () -> {
                unclaimedDue.set(false);
                feed.changed(StatusFeed.Part.UNCLAIMED);
            });
        }
    }

    /** While anything syncs it is measured now and then: a stall shows in no event. */
    private void measureSyncs() {
        if (replication.syncs() && measuring.compareAndSet(false, true)) {
            threads.later(
                    PROGRESS_EVERY,
                    () -> threads.background().execute(() -> {
                        measuring.set(false);
                        replication.measure().forEach(this::tell);
                        replication.syncing().forEach(this::considerStalls);
                        stalls.resumeLeftovers();
                        measureSyncs();
                    }));
        }
    }

    private void considerStalls(String name) {
        ResourceWorker worker = worker(name);
        if (worker != null) {
            worker.uuids().stream()
                    .map(units::get)
                    .filter(unit -> unit != null)
                    .map(unit -> unit.wanted().spec())
                    .filter(spec -> spec.replicated() && spec.disposition() == Disposition.PRESENT)
                    .forEach(stalls::consider);
        }
    }

    private @Nullable ResourceWorker worker(String name) {
        ResourceName known = namesInDrbd.get(name);
        return known == null ? null : workers.get(known);
    }

    private void tell(String name) {
        ResourceWorker worker = worker(name);
        if (worker != null) {
            worker.uuids().forEach(feed::changed);
        }
    }

    /** Several peers and volumes of a resource tell their progress one by one; the controller hears of it once. */
    private void tellLater(String name) {
        if (progressDue.add(name)) {
            threads.later(PROGRESS_EVERY, () -> {
                progressDue.remove(name);
                tell(name);
            });
        }
    }

    private final class ReplicationChanges implements ReplicationObserver.Observer {
        @Override
        public void all() {
            feed.changed(StatusFeed.Part.KERNEL);
            workers.keySet().forEach(Reconciler.this::seen);
            unclaimedMayHaveChanged();
            stalls.resumeLeftovers();
            measureSyncs();
        }

        @Override
        public void resource(String name, boolean plan) {
            ResourceWorker worker = worker(name);
            if (worker == null) {
                unclaimedMayHaveChanged();
                return;
            }
            if (plan) {
                worker.wake(false);
                tell(name);
            } else {
                tellLater(name);
            }
            measureSyncs();
        }

        @Override
        public void gone(String name) {
            ResourceWorker worker = worker(name);
            if (worker != null) {
                worker.lostInKernel();
                worker.uuids().forEach(feed::changed);
            }
            unclaimedMayHaveChanged();
        }
    }

    private NodeStatus first() {
        return new NodeStatus(
                keeper.spec().map(NodeSpec::node).orElse(settings.node()),
                settings.hostName(),
                settings.version(),
                clock.instant(),
                0,
                replication.kernel(),
                List.of(),
                Ordered.map(null),
                Ordered.map(null),
                List.of());
    }

    private final class Source implements StatusFeed.Source {
        @Override
        public NodeStatus parts(NodeStatus old, Set<StatusFeed.Part> asked) {
            Optional<NodeSpec> spec = keeper.spec();
            NodeName node = spec.map(NodeSpec::node).orElse(settings.node());
            return new NodeStatus(
                    node,
                    settings.hostName(),
                    settings.version(),
                    clock.instant(),
                    spec.map(known -> known.version().revision()).orElse(0L),
                    asked.contains(StatusFeed.Part.KERNEL) ? replication.kernel() : old.kernel(),
                    asked.contains(StatusFeed.Part.DRIVERS) ? drivers.status() : old.drivers(),
                    asked.contains(StatusFeed.Part.POOLS) ? pools.status() : old.pools(),
                    old.resources(),
                    asked.contains(StatusFeed.Part.UNCLAIMED) ? unclaimed(spec) : old.unclaimed());
        }

        @Override
        public Optional<ResourceStatus> resource(UUID uuid) {
            return Optional.ofNullable(units.get(uuid))
                    .map(unit -> stalls.shown(unit.wanted().spec(), unit.status(pools, replication)));
        }

        private List<Unclaimed> unclaimed(Optional<NodeSpec> spec) {
            List<Unclaimed> all = new ArrayList<>(keeper.unreadable());
            spec.ifPresent(known -> all.addAll(UnclaimedFinder.find(
                    known,
                    pools.volumes(),
                    replication.files(),
                    replication.resources(),
                    volume -> careOfSnapshot(known, volume),
                    keeper.orphans().all(),
                    keeper.orphans().silenced())));
            all.sort(null);
            return all;
        }

        private String careOfSnapshot(NodeSpec known, BackingVolume volume) {
            Optional<PoolSpec> pool = Optional.ofNullable(known.pools().get(volume.pool()));
            return pool.flatMap(there ->
                            drivers.storage(there.kind()).map(driver -> driver.careOfSnapshot(there, volume.name())))
                    .orElse("its storage driver is not there to say more");
        }
    }
}
