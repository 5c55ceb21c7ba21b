package io.heddle.zfs;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A zpool as {@code zpool list} shows it. That looks at memory only, so it answers where {@code zfs} would wait for a disk.
 *
 * @param name its name
 * @param health ZFS's word for its state
 * @param capacity fill of its space, 0 to 100
 */
record Zpool(String name, String health, int capacity) {
    private static final String DEGRADED = "DEGRADED";
    private static final List<String> USABLE = List.of("ONLINE", DEGRADED);

    private static final Map<String, String> SICK = Map.of(
            "SUSPENDED",
            "its I/O is suspended, since too many of its disks fail, and whoever uses it waits: bring the disks back, then"
                    + " zpool clear",
            "FAULTED",
            "too many of its disks, or their labels, cannot be used: see zpool status, then zpool clear or zpool import",
            "UNAVAIL",
            "too many of its disks are missing: see zpool status, bring them back, then zpool clear or zpool import",
            "OFFLINE",
            "it was taken offline: zpool online",
            "REMOVED",
            "its disks were pulled: put them back, then zpool online");

    /**
     * Refuses a zpool that no command may be run on, since it would hang.
     *
     * @throws HeddleException POOL_UNUSABLE with what to do
     */
    void requireUsable() {
        if (!USABLE.contains(health)) {
            throw new HeddleException(
                    ErrorCode.POOL_UNUSABLE,
                    "cannot use zpool " + name,
                    "it is " + health,
                    SICK.getOrDefault(health, "see zpool status " + name) + "; it is tried again");
        }
    }

    /** What needs a look while it goes on working; empty if nothing does. */
    Optional<String> warning() {
        return health.equals(DEGRADED)
                ? Optional.of("zpool " + name
                        + " is DEGRADED: a disk is missing or fails, and the rest serves: see zpool status, then zpool"
                        + " replace or zpool online")
                : Optional.empty();
    }
}
