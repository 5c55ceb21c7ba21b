package io.heddle.satellite;

import io.heddle.core.driver.PoolObservation;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.status.Observation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the storage pools: with one call of a driver for all of its pools, and where that call hangs, with one call a pool,
 * so that a pool that hangs hides no other. At most one look of each runs at a time.
 */
final class PoolObserver {
    private static final Logger LOG = LoggerFactory.getLogger(PoolObserver.class);

    /** Where each look comes too early, since volumes are made one after the other, it is not repeated at once. */
    private static final Duration TOO_EARLY = Duration.ofSeconds(1);

    private final PoolBoard board;
    private final DriverTable drivers;
    private final Threads threads;
    private final Duration patience;
    private final Consumer<Set<PoolBoard.VolumeName>> changed;

    /** Looks that run, by what they look at; true if another one is wanted after it. */
    private final Map<Object, Boolean> running = new HashMap<>();

    /**
     * @param patience after so long a look at all pools of a driver is taken to hang
     * @param changed is told of what something else is known after a look; called on a thread of the background
     */
    PoolObserver(
            PoolBoard board,
            DriverTable drivers,
            Threads threads,
            Duration patience,
            Consumer<Set<PoolBoard.VolumeName>> changed) {
        this.board = board;
        this.drivers = drivers;
        this.threads = threads;
        this.patience = patience;
        this.changed = changed;
    }

    /** Looks at all pools, soon; returns at once. */
    void refresh() {
        Map<StorageDriver, List<PoolSpec>> byDriver = new HashMap<>();
        Set<PoolBoard.VolumeName> newly = new HashSet<>();
        for (PoolSpec pool : board.specs()) {
            Optional<StorageDriver> driver = drivers.storage(pool.kind());
            if (driver.isPresent()) {
                byDriver.computeIfAbsent(driver.get(), d -> new ArrayList<>()).add(pool);
            } else {
                board.saw(board.begin(), pool, Observation.unknown(DriverTable.absent(pool.kind())), newly);
            }
        }
        if (!newly.isEmpty()) {
            threads.background().execute(() -> changed.accept(newly));
        }
        byDriver.forEach((driver, pools) -> {
            if (!start(driver, driver, pools)) {
                threads.later(patience, () -> lookOneByOne(driver, pools));
            }
        });
    }

    /** True if it has begun; false if one runs already, and another is wanted when it ends. */
    private boolean start(Object what, StorageDriver driver, List<PoolSpec> pools) {
        synchronized (running) {
            if (running.containsKey(what)) {
                running.put(what, true);
                return false;
            }
            running.put(what, false);
        }
        threads.background().execute(() -> look(what, driver, pools));
        if (what == driver && pools.size() > 1) {
            threads.later(patience, () -> lookOneByOne(driver, pools));
        }
        return true;
    }

    private void lookOneByOne(StorageDriver driver, List<PoolSpec> pools) {
        synchronized (running) {
            if (!running.containsKey(driver)) {
                return;
            }
        }
        for (PoolSpec pool : pools) {
            start(pool.name(), driver, List.of(pool));
        }
    }

    private void look(Object what, StorageDriver driver, List<PoolSpec> pools) {
        Set<PoolBoard.VolumeName> newly = new HashSet<>();
        boolean complete = true;
        try {
            PoolBoard.Look look = board.begin();
            Map<PoolName, Observation<PoolObservation>> seen = observe(driver, pools);
            for (PoolSpec pool : pools) {
                Observation<PoolObservation> result = seen.get(pool.name());
                if (result != null
                        && drivers.storage(pool.kind())
                                .filter(now -> now == driver)
                                .isPresent()) {
                    complete &= board.saw(look, pool, result, newly);
                }
            }
        } finally {
            boolean again;
            synchronized (running) {
                again = Boolean.TRUE.equals(running.remove(what)) || !complete;
            }
            changed.accept(newly);
            if (again) {
                threads.later(complete ? Duration.ZERO : TOO_EARLY, this::refresh);
            }
        }
    }

    private static Map<PoolName, Observation<PoolObservation>> observe(StorageDriver driver, List<PoolSpec> pools) {
        try {
            return driver.observe(pools);
        } catch (RuntimeException failure) {
            LOG.warn("A storage driver could not look at its pools", failure);
            Map<PoolName, Observation<PoolObservation>> unknown = new HashMap<>();
            pools.forEach(pool -> unknown.put(
                    pool.name(), Observation.unknown(HeddleException.of(failure).problem())));
            return unknown;
        }
    }
}
