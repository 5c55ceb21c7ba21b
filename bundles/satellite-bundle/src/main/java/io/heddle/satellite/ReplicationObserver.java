package io.heddle.satellite;

import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.ReplicationListener;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the replication driver that serves at the moment, and writes what it tells on the board. */
final class ReplicationObserver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicationObserver.class);

    private final ReplicationBoard board;
    private final Executor executor;
    private final Observer observer;

    private @Nullable ReplicationDriver driver;
    private @Nullable AutoCloseable watch;
    private int generation;

    /** Is told what has changed. */
    interface Observer {
        /** All of it may be other than before. */
        void all();

        /** A resource has changed; {@code plan} tells whether its plan may be another now. */
        void resource(String name, boolean plan);

        /** DRBD does not have a resource any more. */
        void gone(String name);
    }

    ReplicationObserver(ReplicationBoard board, Executor executor, Observer observer) {
        this.board = board;
        this.executor = executor;
        this.observer = observer;
    }

    /** Follows this driver from now on, in the place of any other; returns at once. */
    synchronized void follow(Optional<ReplicationDriver> next) {
        if (generation > 0 && driver == next.orElse(null)) {
            return;
        }
        generation++;
        AutoCloseable old = watch;
        watch = null;
        boolean first = driver == null;
        driver = next.orElse(null);
        if (old != null) {
            background(() -> close(old));
        }
        if (next.isEmpty()) {
            board.forget(DriverTable.absentReplication());
            background(observer::all);
        } else {
            if (first) {
                board.begin();
            }
            int mine = generation;
            ReplicationDriver followed = next.get();
            background(() -> begin(followed, mine));
        }
    }

    /** Looks again at kernel, tools and resource files, soon. */
    void refresh() {
        ReplicationDriver now;
        int mine;
        synchronized (this) {
            now = driver;
            mine = generation;
        }
        if (now != null) {
            background(() -> {
                if (look(now, mine)) {
                    observer.all();
                }
            });
        }
    }

    @Override
    public void close() {
        AutoCloseable old;
        synchronized (this) {
            generation++;
            old = watch;
            watch = null;
            driver = null;
        }
        if (old != null) {
            close(old);
        }
    }

    private void begin(ReplicationDriver followed, int mine) {
        look(followed, mine);
        observer.all();
        AutoCloseable begun = followed.watch(new Listener(mine));
        boolean late;
        synchronized (this) {
            late = mine != generation;
            if (!late) {
                watch = begun;
            }
        }
        if (late) {
            close(begun);
        }
    }

    /** Looks through a driver, and writes nothing of it if that driver was replaced or left while it looked. */
    private boolean look(ReplicationDriver followed, int mine) {
        KernelStatus kernel = followed.kernel();
        boolean[] other = new boolean[1];
        if (!write(mine, () -> other[0] = board.kernel(kernel))) {
            return false;
        }
        long begun = board.beginFiles();
        Observation<List<ConfiguredResource>> files;
        try {
            files = Observation.known(followed.configured());
        } catch (RuntimeException failure) {
            files = Observation.unknown(HeddleException.of(failure).problem());
        }
        Observation<List<ConfiguredResource>> seen = files;
        return write(mine, () -> other[0] |= board.sawFiles(begun, seen)) && other[0];
    }

    /** Writes on the board what was seen or told, unless another driver is followed meanwhile. */
    private synchronized boolean write(int mine, Runnable change) {
        if (mine != generation) {
            return false;
        }
        change.run();
        return true;
    }

    private void background(Runnable task) {
        executor.execute(() -> {
            try {
                task.run();
            } catch (RuntimeException fault) {
                LOG.error("Looking at DRBD failed", fault);
            }
        });
    }

    private static void close(AutoCloseable watch) {
        try {
            watch.close();
        } catch (Exception failure) {
            LOG.warn("The watch over DRBD's events did not end cleanly", failure);
        }
    }

    private final class Listener implements ReplicationListener {
        private final int mine;

        Listener(int mine) {
            this.mine = mine;
        }

        @Override
        public void present(List<ReplicationStatus> all) {
            if (write(mine, () -> board.present(all))) {
                observer.all();
            }
        }

        @Override
        public void changed(ReplicationStatus resource) {
            boolean[] plan = new boolean[1];
            if (write(mine, () -> plan[0] = board.changed(resource))) {
                observer.resource(resource.resource(), plan[0]);
            }
        }

        @Override
        public void gone(String resource) {
            if (write(mine, () -> board.gone(resource))) {
                observer.gone(resource);
            }
        }

        @Override
        public void unknown(Problem problem) {
            if (write(mine, () -> board.unknown(problem))) {
                observer.all();
            }
        }
    }
}
