package io.heddle.satellite;

import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.DriverKind;
import io.heddle.core.status.DriverStatus;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.osgi.framework.Version;

/**
 * The drivers that are up. Each is kept by the id of its service, so that an older one goes on serving when a newer one that
 * stood beside it goes; of several the newest version serves. Safe for use by many threads.
 */
final class DriverTable {
    private record Entry<T>(long id, Version version, T driver, String toolVersion) {}

    private final TreeMap<Long, Entry<StorageDriver>> storage = new TreeMap<>();
    private final TreeMap<Long, Entry<ReplicationDriver>> replication = new TreeMap<>();

    synchronized void add(StorageDriver driver, long id, Version version) {
        storage.put(id, new Entry<>(id, version, driver, ""));
    }

    synchronized void add(ReplicationDriver driver, long id, Version version) {
        replication.put(id, new Entry<>(id, version, driver, ""));
    }

    synchronized void remove(long id) {
        storage.remove(id);
        replication.remove(id);
    }

    /** Keeps what tools a driver drives; asked for once, since the question runs a command. */
    synchronized void toolVersion(StorageDriver driver, String toolVersion) {
        storage.replaceAll((id, entry) ->
                entry.driver() == driver ? new Entry<>(id, entry.version(), entry.driver(), toolVersion) : entry);
    }

    /** Keeps what tools a driver drives. */
    synchronized void toolVersion(ReplicationDriver driver, String toolVersion) {
        replication.replaceAll((id, entry) ->
                entry.driver() == driver ? new Entry<>(id, entry.version(), entry.driver(), toolVersion) : entry);
    }

    synchronized Optional<StorageDriver> storage(DriverKind kind) {
        return newest(storage.values().stream()
                        .filter(entry -> entry.driver().kinds().contains(kind))
                        .toList())
                .map(Entry::driver);
    }

    synchronized List<StorageDriver> storageDrivers() {
        return storage.values().stream().map(Entry::driver).toList();
    }

    synchronized Optional<ReplicationDriver> replication() {
        return newest(replication.values()).map(Entry::driver);
    }

    synchronized List<DriverStatus> status() {
        List<DriverStatus> all = new ArrayList<>();
        for (Entry<StorageDriver> entry : storage.values()) {
            for (DriverKind kind : entry.driver().kinds()) {
                all.add(new DriverStatus(kind.value(), entry.version().toString(), entry.toolVersion()));
            }
        }
        for (Entry<ReplicationDriver> entry : replication.values()) {
            all.add(new DriverStatus("DRBD", entry.version().toString(), entry.toolVersion()));
        }
        all.sort(Comparator.comparing(DriverStatus::kind).thenComparing(DriverStatus::version));
        return all;
    }

    static Problem absent(DriverKind kind) {
        return new Problem(
                ErrorCode.DRIVER_ABSENT,
                "storage pools of kind " + kind + " cannot be reached",
                "no storage driver for " + kind + " is running on this node",
                "start its bundle, or copy it to deploy/; it goes on by itself then");
    }

    static Problem absentReplication() {
        return new Problem(
                ErrorCode.DRIVER_ABSENT,
                "DRBD cannot be reached",
                "no replication driver is running on this node",
                "start drbd-bundle, or copy it to deploy/; it goes on by itself then");
    }

    private static <T> Optional<Entry<T>> newest(Collection<Entry<T>> entries) {
        return entries.stream()
                .max(Comparator.comparing((Entry<T> entry) -> entry.version()).thenComparing(Entry::id));
    }
}
