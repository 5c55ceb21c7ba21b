package io.heddle.satellite;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.PoolObservation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import io.heddle.core.status.PoolCapacity;
import io.heddle.core.status.PoolStatus;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * What was last seen of the node's storage pools, in memory. Our own changes are written into it at once, so that one more
 * volume does not cost a look at all the others. Safe for use by many threads; runs no command.
 */
final class PoolBoard {
    private static final Problem NOT_LOOKED_AT = new Problem(
            ErrorCode.STARTING,
            "the storage pool was not looked at yet",
            "the satellite has just begun, or the pool is new",
            "nothing to do: it is looked at soon");

    private final NavigableMap<PoolName, Seen> pools = new TreeMap<>();

    /** One pool. Guarded by the board. */
    private static final class Seen {
        private final PoolSpec spec;
        private boolean looked;
        private Observation<PoolCapacity> capacity = Observation.unknown(NOT_LOOKED_AT);
        private Optional<Problem> problem = Optional.of(NOT_LOOKED_AT);
        private SortedMap<String, Bytes> snapshots = Ordered.map(null);
        private Map<String, BackingVolume> volumes = new HashMap<>();
        private final Map<String, Problem> doubts = new HashMap<>();
        private long changes;

        Seen(PoolSpec spec) {
            this.spec = spec;
        }

        Observation<Optional<BackingVolume>> volume(String name) {
            if (problem.isPresent()) {
                return Observation.unknown(problem.get());
            }
            Problem doubt = doubts.get(name);
            return doubt == null
                    ? Observation.known(Optional.ofNullable(volumes.get(name)))
                    : Observation.unknown(doubt);
        }
    }

    /**
     * How the pools stood when a look began; given back with what it saw.
     *
     * @param changes count of own changes by pool
     */
    record Look(Map<PoolName, Long> changes) {}

    /** Sets which pools there are; one that is new or other than before was not looked at. */
    synchronized void pools(SortedMap<PoolName, PoolSpec> wanted) {
        pools.keySet().retainAll(wanted.keySet());
        wanted.forEach((name, spec) -> {
            Seen seen = pools.get(name);
            if (seen == null || !seen.spec.equals(spec)) {
                pools.put(name, new Seen(spec));
            }
        });
    }

    synchronized List<PoolSpec> specs() {
        return pools.values().stream().map(seen -> seen.spec).toList();
    }

    /** Whether all of these pools were looked at, with whatever result; a pool that is not there needs no look. */
    synchronized boolean looked(Set<PoolName> names) {
        return names.stream().map(pools::get).filter(Objects::nonNull).allMatch(seen -> seen.looked);
    }

    /** What the pool has under a name. */
    synchronized Observation<Optional<BackingVolume>> volume(PoolName pool, String name) {
        Seen seen = pools.get(pool);
        return seen == null ? Observation.unknown(NOT_LOOKED_AT) : seen.volume(name);
    }

    /** All volumes of pools that could be seen. */
    synchronized List<BackingVolume> volumes() {
        List<BackingVolume> all = new ArrayList<>();
        pools.values().stream()
                .filter(seen -> seen.problem.isEmpty())
                .forEach(seen -> all.addAll(seen.volumes.values()));
        return all;
    }

    synchronized SortedMap<PoolName, PoolStatus> status() {
        TreeMap<PoolName, PoolStatus> all = new TreeMap<>();
        pools.forEach((name, seen) ->
                all.put(name, new PoolStatus(name, seen.spec.uuid(), seen.spec.kind(), seen.capacity, seen.snapshots)));
        return Ordered.map(all);
    }

    /** A volume of which a driver has just said that it is so. */
    synchronized void put(BackingVolume volume) {
        changed(volume.pool(), volume.name(), seen -> seen.volumes.put(volume.name(), volume));
    }

    /** A volume of which a driver has just said that it is gone. */
    synchronized void gone(PoolName pool, String name) {
        changed(pool, name, seen -> seen.volumes.remove(name));
    }

    /** A change of this volume failed: nothing is known of it until the next look. */
    synchronized void doubt(PoolName pool, String name, Problem why) {
        Seen seen = pools.get(pool);
        if (seen != null) {
            seen.changes++;
            seen.doubts.put(name, why);
        }
    }

    private void changed(PoolName pool, String name, Consumer<Seen> change) {
        Seen seen = pools.get(pool);
        if (seen != null) {
            seen.changes++;
            seen.doubts.remove(name);
            change.accept(seen);
        }
    }

    /** To be called before a look. */
    synchronized Look begin() {
        Map<PoolName, Long> changes = new HashMap<>();
        pools.forEach((name, seen) -> changes.put(name, seen.changes));
        return new Look(changes);
    }

    /**
     * Takes what a look saw. Where something of ours changed while it went on, only the capacity is taken, since it may have
     * been too early for the change.
     *
     * @param newly is given the names of the volumes of which something else is known now
     * @return false if another look is needed
     */
    synchronized boolean saw(Look look, PoolSpec spec, Observation<PoolObservation> result, Set<VolumeName> newly) {
        Seen seen = pools.get(spec.name());
        if (seen == null || !seen.spec.equals(spec)) {
            return true;
        }
        seen.capacity = result.map(PoolObservation::capacity);
        seen.snapshots = result.known().map(PoolObservation::snapshots).orElseGet(() -> Ordered.map(null));
        boolean first = !seen.looked;
        seen.looked = true;
        if (result instanceof Observation.Unknown<PoolObservation> unknown) {
            boolean other = !seen.problem.equals(Optional.of(unknown.problem()));
            seen.problem = Optional.of(unknown.problem());
            if (other || first) {
                newly.add(new VolumeName(spec.name(), Optional.empty()));
            }
            return true;
        }
        if (seen.changes != look.changes().getOrDefault(spec.name(), -1L)) {
            return false;
        }
        Map<String, BackingVolume> volumes = new HashMap<>();
        result.known().ifPresent(found -> found.volumes().forEach(volume -> volumes.put(volume.name(), volume)));
        if (seen.problem.isPresent() || first) {
            newly.add(new VolumeName(spec.name(), Optional.empty()));
        } else {
            Set<String> names = new HashSet<>(volumes.keySet());
            names.addAll(seen.volumes.keySet());
            names.removeIf(name ->
                    !seen.doubts.containsKey(name) && Objects.equals(volumes.get(name), seen.volumes.get(name)));
            names.forEach(name -> newly.add(new VolumeName(spec.name(), Optional.of(name))));
        }
        seen.problem = Optional.empty();
        seen.doubts.clear();
        seen.volumes = volumes;
        return true;
    }

    /**
     * A volume of a pool.
     *
     * @param pool its pool
     * @param name its name; empty for all of the pool
     */
    record VolumeName(PoolName pool, Optional<String> name) {}
}
