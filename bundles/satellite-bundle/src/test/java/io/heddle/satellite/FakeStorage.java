package io.heddle.satellite;

import io.heddle.core.driver.BackingIdentity;
import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.SnapshotIdentity;
import io.heddle.core.driver.Stage;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolCapacity;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A storage driver over a {@link Machine}'s disks. */
final class FakeStorage implements StorageDriver {
    static final DriverKind KIND = DriverKind.LVM_THIN;
    static final Problem FAILS = new Problem(ErrorCode.COMMAND_FAILED, "'lvs' failed", "exit code 5", "see dmesg");

    private final Machine machine;
    final AtomicInteger looks = new AtomicInteger();
    /** Content of each snapshot that was taken, by its name. */
    final Map<String, String> snapshots = new ConcurrentHashMap<>();
    /** What somebody does just then. */
    volatile Runnable afterSnapshot = () -> {};

    FakeStorage(Machine machine) {
        this.machine = machine;
    }

    @Override
    public Set<DriverKind> kinds() {
        return Set.of(KIND);
    }

    @Override
    public String toolVersion() {
        return "2.03.16";
    }

    @Override
    public Map<PoolName, Observation<PoolObservation>> observe(List<PoolSpec> pools) {
        looks.incrementAndGet();
        pools.forEach(pool -> machine.chaos.before("observe " + pool.name()));
        Map<PoolName, Observation<PoolObservation>> all = new TreeMap<>();
        synchronized (machine.world) {
            for (PoolSpec spec : pools) {
                Machine.Pool pool = machine.pool(spec.name());
                all.put(spec.name(), pool.failing ? Observation.unknown(FAILS) : Observation.known(observation(pool)));
            }
        }
        return all;
    }

    private static PoolObservation observation(Machine.Pool pool) {
        return new PoolObservation(
                new PoolCapacity(
                        Bytes.ofMib(100_000),
                        Bytes.ofMib(90_000),
                        Bytes.ZERO,
                        Bytes.ofMib(4),
                        true,
                        true,
                        true,
                        OptionalDouble.empty(),
                        OptionalDouble.empty(),
                        List.of()),
                pool.disks.values().stream().map(Machine.Disk::seen).toList());
    }

    @Override
    public Bytes roundUp(PoolSpec pool, Bytes wanted) {
        return wanted.roundUp(Bytes.ofMib(4));
    }

    @Override
    public BackingVolume create(PoolSpec pool, BackingIdentity identity, Bytes size) {
        machine.call("create " + identity.name(), () -> {
            Machine.Disk there = machine.pool(pool.name()).disks.get(identity.name());
            if (there == null) {
                Machine.Disk made = new Machine.Disk(
                        pool.name(),
                        identity.name(),
                        Optional.of(identity.cluster()),
                        Optional.of(identity.volume()),
                        size);
                made.metadata = machine.space.get();
                machine.pool(pool.name()).disks.put(identity.name(), made);
            } else if (!there.is(identity)) {
                throw foreign(identity);
            }
        });
        return seen(pool, identity);
    }

    @Override
    public BackingVolume activate(PoolSpec pool, BackingIdentity identity) {
        machine.call("activate " + identity.name(), () -> ours(pool, identity).active = true);
        return seen(pool, identity);
    }

    @Override
    public void deactivate(PoolSpec pool, BackingIdentity identity) {
        machine.call("deactivate " + identity.name(), () -> ours(pool, identity).active = false);
    }

    @Override
    public void markReady(PoolSpec pool, BackingIdentity identity) {
        machine.call("markReady " + identity.name(), () -> ours(pool, identity).stage = Stage.READY);
    }

    @Override
    public BackingVolume grow(PoolSpec pool, BackingIdentity identity, Bytes size) {
        machine.call("grow " + identity.name(), () -> {
            Machine.Disk disk = ours(pool, identity);
            if (size.compareTo(disk.size) < 0) {
                machine.world.violation(identity.name() + " would shrink");
            }
            disk.size = size.compareTo(disk.size) > 0 ? size : disk.size;
        });
        return seen(pool, identity);
    }

    @Override
    public void delete(PoolSpec pool, BackingIdentity identity) {
        machine.call("delete " + identity.name(), () -> {
            Machine.Disk disk = machine.pool(pool.name()).disks.get(identity.name());
            if (disk == null) {
                return;
            }
            if (!disk.is(identity)) {
                throw foreign(identity);
            }
            if (machine.isAttached(disk)) {
                throw new HeddleException(ErrorCode.IN_USE, "cannot delete", "DRBD uses it", "take it down first");
            }
            boolean good = disk.metadata != null
                    && !disk.metadata.leftover
                    && disk.metadata.upToDate
                    && !disk.metadata.content.isEmpty();
            if (good && !machine.world.hasAnotherGoodCopy(disk) && !mayGo(disk)) {
                machine.world.violation("the last good copy of " + disk.metadata.content + " was deleted");
            }
            machine.pool(pool.name()).disks.remove(identity.name());
        });
    }

    private boolean mayGo(Machine.Disk disk) {
        return machine.world.deleted.stream().anyMatch(disk.metadata.content::startsWith);
    }

    private BackingVolume seen(PoolSpec pool, BackingIdentity identity) {
        synchronized (machine.world) {
            return ours(pool, identity).seen();
        }
    }

    private Machine.Disk ours(PoolSpec pool, BackingIdentity identity) {
        Machine.Disk disk = machine.pool(pool.name()).disks.get(identity.name());
        if (disk == null) {
            throw new HeddleException(
                    ErrorCode.BACKING_VOLUME_MISSING, "no " + identity.name(), "it is not there", "bring it back");
        }
        if (!disk.is(identity)) {
            throw foreign(identity);
        }
        return disk;
    }

    private HeddleException foreign(BackingIdentity identity) {
        // a driver refuses it, but the planner should not have asked: it could see that it is foreign
        machine.world.violation("the foreign volume " + identity.name() + " was asked to be changed");
        return new HeddleException(ErrorCode.FOREIGN_VOLUME, "foreign " + identity.name(), "not ours", "rename it");
    }

    @Override
    public void snapshot(PoolSpec pool, BackingIdentity origin, String name) {
        machine.call("snapshot " + name, () -> {
            Machine.Disk disk = machine.disk(pool.name(), origin.name()).orElseThrow();
            snapshots.putIfAbsent(name, String.valueOf(disk.metadata.content));
            afterSnapshot.run();
        });
    }

    @Override
    public void prepareSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        machine.call("prepare " + identity.name(), () -> ours(pool, identity.origin()));
    }

    @Override
    public void takeSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        machine.call("take " + identity.name(), () -> {
            snapshots.putIfAbsent(identity.name(), String.valueOf(ours(pool, identity.origin()).metadata.content));
        });
    }

    @Override
    public void requireReplaceable(PoolSpec pool, SnapshotIdentity identity) {
        machine.call("look at " + identity.name(), () -> {
            if (!snapshots.containsKey(identity.name())) {
                throw new HeddleException(ErrorCode.SNAPSHOT_NOT_FOUND, "no " + identity.name(), "gone", "another");
            }
        });
    }

    @Override
    public void deleteSnapshot(PoolSpec pool, SnapshotIdentity identity) {
        machine.call("remove " + identity.name(), () -> snapshots.remove(identity.name()));
    }
}
