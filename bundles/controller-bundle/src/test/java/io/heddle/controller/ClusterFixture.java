package io.heddle.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.heddle.controller.store.SqliteStore;
import io.heddle.controller.store.StoredState;
import io.heddle.core.cluster.NodeCreation;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.StoragePoolCreation;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.NetInterface;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodeType;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceName;
import io.heddle.core.plan.TieBreakers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A controller with its real writer and store, and satellites that behave. */
final class ClusterFixture implements AutoCloseable {
    static final PoolName POOL = new PoolName("drbdpool");
    static final ResourceName DB1 = new ResourceName("db1");
    private static final long SECONDS = 60;

    private final Path directory;
    private final Patience patience;
    final Map<NodeName, FakeSatellites.Machine> machines = new ConcurrentHashMap<>();
    ClusterWriter writer;
    ClusterService service;
    FakeSatellites satellites;
    /** DRBD devices that the controller's state lies on from its next start on. */
    Set<Integer> ownMinors = Set.of();

    ClusterFixture(Path directory) {
        this(
                directory,
                new Patience(
                        Duration.ofSeconds(50),
                        Duration.ofMillis(500),
                        Duration.ofSeconds(50),
                        Duration.ofSeconds(20)));
    }

    ClusterFixture(Path directory, Patience patience) {
        this.directory = directory;
        this.patience = patience;
        open();
    }

    private void open() {
        SqliteStore store = new SqliteStore(directory.resolve("state.db"), Clock.systemUTC());
        StoredState loaded = store.load();
        writer = new GroupCommitWriter(store, loaded.state());
        service = new ClusterService(
                writer,
                new ClusterService.Start(
                        "0.1.0",
                        loaded.epoch(),
                        loaded.instance(),
                        loaded.quarantined(),
                        loaded.unreadable(),
                        ownMinors),
                listener -> {
                    satellites = new FakeSatellites(listener, machines);
                    return satellites;
                },
                patience,
                Clock.systemUTC());
        service.start();
    }

    /** Ends the controller and starts another on the same store. */
    void restart() {
        restart(() -> {});
    }

    /** The same with something done while none runs. */
    void restart(Runnable meanwhile) {
        close();
        meanwhile.run();
        open();
    }

    @Override
    public void close() {
        service.close();
        writer.close();
    }

    static Outcome done(CompletionStage<Outcome> stage) {
        try {
            return stage.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            return fail(((HeddleException) e.getCause()).problem().text(), e);
        } catch (InterruptedException | TimeoutException e) {
            return fail(e);
        }
    }

    /** An outcome without warnings. */
    static Outcome complete(CompletionStage<Outcome> stage) {
        Outcome outcome = done(stage);
        assertTrue(outcome.complete(), outcome.toString());
        return outcome;
    }

    static HeddleException refused(ErrorCode code, CompletionStage<Outcome> stage) {
        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> stage.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS));
        HeddleException known = (HeddleException) failure.getCause();
        assertEquals(code, known.code(), known.problem().text());
        return known;
    }

    static void eventually(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                fail("never happened: " + what);
            }
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    static NodeName node(int number) {
        return new NodeName("n" + number);
    }

    FakeSatellites.Machine machine(int number) {
        return machines.computeIfAbsent(node(number), name -> new FakeSatellites.Machine(name.value()));
    }

    NodeCreation nodeWish(int number) {
        return new NodeCreation(
                node(number),
                NodeType.SATELLITE,
                List.of(new NetInterface(
                        Node.DEFAULT_INTERFACE, new IpAddress("10.1.0." + number), 3366, LinkEncryption.TLS)),
                Ordered.map(null),
                Optional.empty());
    }

    StoragePoolCreation poolWish(int number) {
        return new StoragePoolCreation(node(number), POOL, DriverKind.LVM_THIN, "vg0/thin", Ordered.map(null));
    }

    /** So many nodes, each with a pool. */
    ClusterFixture withNodes(int count) {
        for (int number = 1; number <= count; number++) {
            complete(service.createNode(nodeWish(number)));
            complete(service.createStoragePool(poolWish(number)));
        }
        return this;
    }

    /** Nothing is placed but what is asked for. */
    ClusterFixture withoutTieBreakers() {
        complete(service.modifyController(set(TieBreakers.AUTOMATIC, "false")));
        return this;
    }

    /** A definition with one volume, on no node. */
    ClusterFixture withDefinition(ResourceName name) {
        complete(service.createResourceDefinition(definitionWish(name)));
        complete(service.createVolumeDefinition(name, volumeWish(64)));
        return this;
    }

    static ResourceDefinitionCreation definitionWish(ResourceName name) {
        return new ResourceDefinitionCreation(name, Optional.empty(), List.of(), Ordered.map(null));
    }

    static VolumeDefinitionCreation volumeWish(long mib) {
        return new VolumeDefinitionCreation(
                Bytes.ofMib(mib), false, OptionalInt.empty(), OptionalInt.empty(), Ordered.map(null));
    }

    static PlacementWish place(int count) {
        return new PlacementWish(count, false, List.of(POOL), List.of(), List.of(), List.of());
    }

    static ResourceCreation on(int number) {
        return on(number, false);
    }

    static ResourceCreation on(int number, boolean diskless) {
        return new ResourceCreation(
                node(number), Optional.empty(), diskless, OptionalInt.empty(), OptionalInt.empty(), Ordered.map(null));
    }

    static PropertyChange set(String key, String value) {
        return new PropertyChange(
                Ordered.map(Map.of(key, value)), PropertyChange.NONE.delete(), PropertyChange.NONE.deleteNamespaces());
    }

    ResourceDefinition definition(ResourceName name) {
        return service.state().resourceDefinition(name).orElseThrow();
    }
}
