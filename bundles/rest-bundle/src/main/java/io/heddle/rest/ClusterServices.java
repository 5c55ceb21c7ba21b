package io.heddle.rest;

import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterView;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterSettings;
import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/** The services of the controller, which come and go while it is updated. Used by many threads. */
public final class ClusterServices {
    /** How long who takes the controller away waits for requests that are being handed to it; some read their bodies still. */
    private static final long PASSING_SECONDS = 2;

    private final Object lock = new Object();
    private final ReentrantReadWriteLock passing = new ReentrantReadWriteLock();
    private final List<Runnable> waiting = new ArrayList<>();
    private volatile @Nullable Cluster cluster;
    private volatile @Nullable ClusterView view;
    private volatile boolean ready;

    /** The use cases; STARTING while the controller is away. */
    public Cluster cluster() {
        Cluster present = cluster;
        if (present == null) {
            throw away();
        }
        return present;
    }

    /** The reads; STARTING while the controller is away. */
    public ClusterView view() {
        ClusterView present = view;
        if (present == null) {
            throw away();
        }
        return present;
    }

    /** Whether the controller is there, and REST is ready to ask it. */
    public boolean present() {
        return ready && cluster != null && view != null;
    }

    /** Hands a request on. */
    interface Passage {
        void run() throws ServletException, IOException;
    }

    /**
     * Hands a request on if the controller is there, and keeps the controller from going until that is done; so none meets one that
     * goes away between two looks.
     *
     * @return whether it was there
     */
    boolean passWhilePresent(Passage passage) throws ServletException, IOException {
        passing.readLock().lock();
        try {
            if (!present()) {
                return false;
            }
            passage.run();
            return true;
        } finally {
            passing.readLock().unlock();
        }
    }

    /** Makes a change after the requests that are being handed on, but not much later. */
    private void afterThosePassing(Runnable change) {
        boolean alone = false;
        try {
            alone = passing.writeLock().tryLock(PASSING_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            change.run();
        } finally {
            if (alone) {
                passing.writeLock().unlock();
            }
        }
    }

    /** Runs {@code woken} once when {@link #present()}: at once if it is, on the thread that brings it about otherwise. */
    public void whenPresent(Runnable woken) {
        synchronized (lock) {
            if (!present()) {
                waiting.add(woken);
                return;
            }
        }
        woken.run();
    }

    /** Does without {@code woken}: it is not run any more. */
    public void forget(Runnable woken) {
        synchronized (lock) {
            waiting.remove(woken);
        }
    }

    /** The cluster's settings; empty while the controller is away. */
    Optional<ClusterSettings> settings() {
        ClusterView present = view;
        return present == null ? Optional.empty() : Optional.of(present.state().settings());
    }

    /** Whether REST is ready. */
    void ready(boolean now) {
        if (now) {
            ready = true;
            wake();
        } else {
            afterThosePassing(() -> ready = false);
        }
    }

    void cluster(Cluster added) {
        cluster = added;
        wake();
    }

    void view(ClusterView added) {
        view = added;
        wake();
    }

    /** Does without {@code gone}, unless another has taken its place: a newer controller may come before the older one goes. */
    @SuppressWarnings("ReferenceEquality")
    void withoutCluster(Cluster gone) {
        afterThosePassing(() -> {
            if (cluster == gone) {
                cluster = null;
            }
        });
    }

    /** Does without {@code gone}, unless another has taken its place. */
    @SuppressWarnings("ReferenceEquality")
    void withoutView(ClusterView gone) {
        afterThosePassing(() -> {
            if (view == gone) {
                view = null;
            }
        });
    }

    private void wake() {
        List<Runnable> woken;
        synchronized (lock) {
            if (!present()) {
                return;
            }
            woken = List.copyOf(waiting);
            waiting.clear();
        }
        woken.forEach(Runnable::run);
    }

    static HeddleException away() {
        return new HeddleException(
                ErrorCode.STARTING,
                "the request cannot be answered now",
                "the controller is starting, or is being updated",
                "ask again in some seconds; if this stays, see the log of heddle-controller");
    }
}
