package io.heddle.satellite;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.IoLease;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.link.SnapshotOrder;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.SnapshotVolume;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * This node's part in snapshots that are taken on several nodes at once: looks, suspends, takes and resumes when it is told to. What
 * comes late, twice or after an interruption finds its window closed and changes nothing: windows are kept in memory only, and a
 * lease ends by itself.
 */
final class SnapshotWindows {
    private static final String NOT_SUSPENDED = "no";

    private static final class Window {
        private final SnapshotOrder order;
        private final boolean leased;
        private final long end;
        private boolean suspended;

        Window(SnapshotOrder order, boolean leased) {
            this.order = order;
            this.leased = leased;
            this.end = System.nanoTime() + Duration.ofSeconds(order.seconds()).toNanos();
        }
    }

    private final Workshop shop;
    private final Supplier<Optional<NodeSpec>> spec;
    private final Function<UUID, Optional<ResourceSpec>> wanted;
    private final Map<UUID, Window> open = new HashMap<>();

    /**
     * @param spec what is wanted of the node
     * @param wanted a resource by its incarnation
     */
    SnapshotWindows(Workshop shop, Supplier<Optional<NodeSpec>> spec, Function<UUID, Optional<ResourceSpec>> wanted) {
        this.shop = shop;
        this.spec = spec;
        this.wanted = wanted;
    }

    /**
     * Does one step; blocks its thread.
     *
     * @throws HeddleException why it cannot be done
     */
    void perform(NodeAction.Kind step, SnapshotOrder order) {
        switch (step) {
            case PREPARE_SNAPSHOTS -> prepare(order);
            case SUSPEND_IO -> suspend(order.window());
            case TAKE_SNAPSHOTS -> take(order.window());
            case RESUME_IO -> resume(order.window());
            case CHECK_ROLLBACK -> order.parts().forEach(this::requireUnused);
            case DELETE_SNAPSHOTS -> delete(order);
            case PROMOTE, DEMOTE, FORGET_UNCLAIMED -> throw new IllegalArgumentException(step + " is none of these");
        }
    }

    private void prepare(SnapshotOrder order) {
        forgetOver();
        TreeMap<String, Integer> minors = new TreeMap<>();
        for (SnapshotOrder.Part part : order.parts()) {
            ResourceSpec resource = wanted.apply(part.incarnation())
                    .filter(known -> known.disposition() == Disposition.PRESENT)
                    .orElseThrow(() -> NotFound.resource(part.resource(), node()));
            if (resource.replicated() && !resource.volumes().isEmpty()) {
                requireWhole(resource, part);
                minors.put(resource.name().value(), resource.volumes().get(0).minor());
            }
            each(part, StorageDriver::prepareSnapshot);
        }
        if (!minors.isEmpty()) {
            driver().leaseIo(new IoLease(order.window(), Ordered.map(minors), Duration.ofSeconds(order.seconds())));
        }
        synchronized (this) {
            open.put(order.window(), new Window(order, !minors.isEmpty()));
        }
    }

    private synchronized void forgetOver() {
        open.values().removeIf(window -> System.nanoTime() - window.end > 0);
    }

    /** What is kept has to be whole: UpToDate, and not being written by a sync. */
    private void requireWhole(ResourceSpec resource, SnapshotOrder.Part part) {
        ReplicationStatus status = shop.replication()
                .resource(resource.name().value())
                .known()
                .flatMap(found -> found)
                .orElseThrow(() -> cannot(
                        resource,
                        ErrorCode.OBSERVATION_FAILED,
                        "DRBD does not have it, or cannot be asked",
                        "see 'resource list' for what it waits for"));
        if (!status.suspended().equals(NOT_SUSPENDED)) {
            throw cannot(
                    resource,
                    ErrorCode.IO_SUSPENDED,
                    "its I/O is suspended already (" + status.suspended() + ")",
                    "wait until that has ended, or end it: drbdadm resume-io " + resource.name()
                            + " where an administrator" + " has suspended it");
        }
        if (shop.replication().kernel().dialect() == Dialect.DRBD_8_4 && status.role() == Role.PRIMARY) {
            // A write that ends on its disks while I/O is suspended is told to be done only by the barrier of a later
            // one
            // (RQ_COMPLETION_SUSP, drbd_req.c, 8.4.11): who waits for it before the next one waits for ever. Seen in
            // the lab.
            throw cannot(
                    resource,
                    ErrorCode.NOT_SUPPORTED,
                    "it is in use there, and DRBD 8.4 may never end a write that is under way when I/O is suspended",
                    "take it out of use for the moment (heddle resource demote), or load DRBD 9");
        }
        for (SnapshotVolume volume : part.volumes()) {
            DiskState disk =
                    status.device(volume.number()).map(device -> device.disk()).orElse(DiskState.DISKLESS);
            if (disk != DiskState.UP_TO_DATE) {
                throw cannot(
                        resource,
                        ErrorCode.IN_USE,
                        "its volume " + volume.number() + " is " + disk.drbdName() + " there",
                        "wait until it is UpToDate: heddle resource wait-sync " + resource.name());
            }
        }
        // Replicas that do not see each other may have diverged, and both are UpToDate.
        long connected = status.connections().stream()
                .filter(SnapshotWindows::isOneWithPeer)
                .count();
        if (connected < resource.peers().size()) {
            throw cannot(
                    resource,
                    ErrorCode.IN_USE,
                    "it is not connected to all of its peers, or is being synced",
                    "see 'heddle resource list', and wait until all are connected and UpToDate");
        }
    }

    private static boolean isOneWithPeer(ConnectionStatus connection) {
        return connection.state() == ConnectionState.CONNECTED
                && connection.volumes().stream()
                        .map(PeerVolumeStatus::replication)
                        .allMatch(state -> state == ReplicationState.ESTABLISHED || state.isVerify());
    }

    private HeddleException cannot(ResourceSpec resource, ErrorCode code, String why, String correction) {
        return new HeddleException(
                code, "cannot take a snapshot of " + resource.name() + " on node " + node(), why, correction);
    }

    private void suspend(UUID id) {
        Window window = require(id);
        if (window.leased) {
            driver().suspendIo(id);
        }
        synchronized (this) {
            window.suspended = true;
        }
    }

    /** Pools beside each other, since I/O is suspended; of one pool those of all resources together. */
    private void take(UUID id) {
        Window window = require(id);
        TreeMap<PoolName, List<SnapshotIdentity>> pools = new TreeMap<>();
        for (SnapshotOrder.Part part : window.order.parts()) {
            for (SnapshotVolume volume : part.volumes()) {
                pools.computeIfAbsent(volume.pool(), pool -> new ArrayList<>()).add(identity(part, volume));
            }
        }
        List<Runnable> work = new ArrayList<>();
        pools.forEach((name, identities) -> work.add(() -> {
            PoolSpec pool = pool(name);
            inQueue(pool, () -> {
                requireSuspended(id);
                driver(pool).takeSnapshots(pool, identities);
            });
        }));
        shop.threads().together(work);
    }

    private synchronized void requireSuspended(UUID id) {
        if (!require(id).suspended) {
            throw over();
        }
    }

    private void resume(UUID id) {
        Window window;
        synchronized (this) {
            window = require(id);
            open.remove(id);
        }
        boolean all = !window.leased || driver().resumeIo(id);
        // Not before: it would take its time from what is suspended.
        shop.lookAtPools();
        if (!all || System.nanoTime() - window.end > 0) {
            throw over();
        }
    }

    private synchronized Window require(UUID id) {
        Window window = open.get(id);
        if (window == null) {
            throw over();
        }
        return window;
    }

    private HeddleException over() {
        return new HeddleException(
                ErrorCode.IO_SUSPENDED,
                "cannot go on with a snapshot on node " + node(),
                "the I/O is not suspended for it any more",
                "take it again; if that does not help, when the node has less to do");
    }

    /** All that would hold a rollback up halfway is found before it begins. */
    private void requireUnused(SnapshotOrder.Part part) {
        ResourceSpec resource = wanted.apply(part.incarnation())
                .filter(known -> known.disposition() == Disposition.PRESENT)
                .orElseThrow(() -> NotFound.resource(part.resource(), node()));
        if (shop.keep().matcher(part.resource().value()).find()) {
            throw notBack(
                    part,
                    ErrorCode.HELD_BY_KEEP_RES,
                    "keep-res of the node's heddle.conf names the resource",
                    "take the name out of keep-res there, and start the satellite again");
        }
        ReplicationStatus status = shop.replication()
                .resource(resource.name().value())
                .known()
                .flatMap(found -> found)
                .orElseThrow(() -> notBack(
                        part,
                        ErrorCode.OBSERVATION_FAILED,
                        "DRBD does not have it, or cannot be asked",
                        "see 'resource list' for what it waits for"));
        if (status.role() == Role.PRIMARY || status.devices().stream().anyMatch(DeviceStatus::open)) {
            throw notBack(
                    part,
                    ErrorCode.IN_USE,
                    "it is in use there: " + status.role().drbdName(),
                    "stop what uses it (umount, stop the virtual machine; drbdadm secondary " + resource.name()
                            + " where it was promoted by hand), then try again");
        }
        each(part, StorageDriver::requireReplaceable);
    }

    private HeddleException notBack(SnapshotOrder.Part part, ErrorCode code, String why, String correction) {
        return new HeddleException(code, "cannot roll " + part.resource() + " back on node " + node(), why, correction);
    }

    private void delete(SnapshotOrder order) {
        for (SnapshotOrder.Part part : order.parts()) {
            if (part.counted() && shop.keep().matcher(part.resource().value()).find()) {
                throw new HeddleException(
                        ErrorCode.HELD_BY_KEEP_RES,
                        "did not delete a snapshot of " + part.resource() + " on node " + node(),
                        "keep-res of the node's heddle.conf names the resource",
                        "take the name out of keep-res there, and start the satellite again; it is deleted then");
            }
            synchronized (this) {
                open.values()
                        .removeIf(window -> window.order.parts().stream()
                                .anyMatch(other -> other.snapshot().equals(part.snapshot())));
            }
            each(part, StorageDriver::deleteSnapshot);
        }
        shop.lookAtPools();
    }

    private interface Work {
        void with(StorageDriver driver, PoolSpec pool, SnapshotIdentity identity);
    }

    private void each(SnapshotOrder.Part part, Work work) {
        for (SnapshotVolume volume : part.volumes()) {
            PoolSpec pool = pool(volume.pool());
            inQueue(pool, () -> work.with(driver(pool), pool, identity(part, volume)));
        }
    }

    private void inQueue(PoolSpec pool, Runnable work) {
        Lock queue = shop.threads().queue(pool.name());
        queue.lock();
        try {
            work.run();
        } finally {
            queue.unlock();
        }
    }

    private SnapshotIdentity identity(SnapshotOrder.Part part, SnapshotVolume volume) {
        return new SnapshotIdentity(
                new BackingIdentity(volume.backing(), cluster(), volume.replica()), part.snapshot());
    }

    private StorageDriver driver(PoolSpec pool) {
        return shop.drivers()
                .storage(pool.kind())
                .orElseThrow(() -> DriverTable.absent(pool.kind()).exception());
    }

    private PoolSpec pool(PoolName name) {
        return spec.get().map(known -> known.pools().get(name)).orElseThrow(() -> NotFound.storagePool(node(), name));
    }

    private UUID cluster() {
        return spec.get().orElseThrow().clusterId();
    }

    private NodeName node() {
        return spec.get().orElseThrow().node();
    }

    private ReplicationDriver driver() {
        return shop.drivers()
                .replication()
                .orElseThrow(() -> DriverTable.absentReplication().exception());
    }
}
