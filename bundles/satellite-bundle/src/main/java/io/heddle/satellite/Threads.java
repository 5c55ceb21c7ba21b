package io.heddle.satellite;

import io.heddle.core.model.PoolName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The satellite's threads. Work for resources runs in lanes, one for each set of pools that a resource stands on, with a few
 * threads each: a pool that hangs keeps its own lane busy and nobody else's. Commands that change a pool run one at a time.
 */
final class Threads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Threads.class);
    private static final int THREADS_OF_A_LANE = 4;

    private final Duration grace;
    private final ExecutorService background;
    private final ScheduledThreadPoolExecutor timer;
    private final Map<SortedSet<PoolName>, ExecutorService> lanes = new ConcurrentHashMap<>();
    private final Map<PoolName, Lock> queues = new ConcurrentHashMap<>();
    private volatile boolean stopping;

    /** @param grace how long running commands may go on after {@link #close} */
    Threads(Duration grace) {
        this.grace = grace;
        this.background = Executors.newCachedThreadPool(named("heddle-satellite"));
        this.timer = new ScheduledThreadPoolExecutor(1, named("heddle-satellite-timer"));
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        timer.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    boolean areStopping() {
        return stopping;
    }

    /** For what may block; takes and drops tasks while stopping. */
    Executor background() {
        return task -> execute(background, task);
    }

    /** For handing on work later; a task must not block. */
    ScheduledExecutorService timer() {
        return timer;
    }

    /** Runs a task later, unless the satellite is stopped before. */
    void later(Duration delay, Runnable task) {
        try {
            var unused = timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException rejected) {
            LOG.debug("The satellite is being stopped", rejected);
        }
    }

    /** Runs a task in the lane of these pools. */
    void inLane(SortedSet<PoolName> pools, Runnable task) {
        execute(lanes.computeIfAbsent(new TreeSet<>(pools), Threads::lane), task);
    }

    /** The queue of commands that change a pool: whoever waits longest comes next. */
    Lock queue(PoolName pool) {
        return queues.computeIfAbsent(pool, name -> new ReentrantLock(true));
    }

    /**
     * Does all of this at the same time, and returns when all of it has ended.
     *
     * @throws RuntimeException the first that was thrown, in the order of the work, with the others in it
     */
    void together(List<? extends Runnable> work) {
        List<CompletableFuture<Optional<RuntimeException>>> ends = work.stream()
                .map(each -> CompletableFuture.supplyAsync(() -> failure(each), this::backgroundOrHere))
                .toList();
        List<RuntimeException> failures = ends.stream()
                .map(CompletableFuture::join)
                .flatMap(Optional::stream)
                .toList();
        if (!failures.isEmpty()) {
            failures.subList(1, failures.size()).forEach(failures.get(0)::addSuppressed);
            throw failures.get(0);
        }
    }

    private static Optional<RuntimeException> failure(Runnable work) {
        try {
            work.run();
            return Optional.empty();
        } catch (RuntimeException failure) {
            return Optional.of(failure);
        }
    }

    /** A task that is dropped while the satellite stops would have no end to wait for. */
    private void backgroundOrHere(Runnable task) {
        try {
            background.execute(task);
        } catch (RejectedExecutionException stopped) {
            task.run();
        }
    }

    /** Ends all threads; what runs may go on for the grace, and is broken off then. */
    @Override
    public void close() {
        stopping = true;
        List<ExecutorService> all = new ArrayList<>(lanes.values());
        all.add(background);
        timer.shutdownNow();
        all.forEach(ExecutorService::shutdown);
        if (!haveEnded(all, grace)) {
            all.forEach(ExecutorService::shutdownNow);
            if (!haveEnded(all, grace.dividedBy(4))) {
                LOG.warn("A command hangs and is left behind; it is looked at again at the next start");
            }
        }
    }

    private static boolean haveEnded(List<ExecutorService> executors, Duration within) {
        long deadline = System.nanoTime() + within.toNanos();
        try {
            for (ExecutorService executor : executors) {
                if (!executor.awaitTermination(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    return false;
                }
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void execute(ExecutorService executor, Runnable task) {
        try {
            executor.execute(task);
        } catch (RejectedExecutionException rejected) {
            LOG.debug("The satellite is being stopped", rejected);
        }
    }

    private static ExecutorService lane(SortedSet<PoolName> pools) {
        StringBuilder name = new StringBuilder("heddle-lane");
        pools.forEach(pool -> name.append('-').append(pool.value()));
        ThreadPoolExecutor lane = new ThreadPoolExecutor(
                THREADS_OF_A_LANE,
                THREADS_OF_A_LANE,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                named(name.toString()));
        lane.allowCoreThreadTimeOut(true);
        return lane;
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + "-" + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
