package io.heddle.controller;

import io.heddle.controller.link.SatelliteLinksConfig;
import io.heddle.controller.link.WebSocketSatelliteLinks;
import io.heddle.controller.store.SqliteStore;
import io.heddle.controller.store.StoredState;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A controller on its own directory: store, writer, links and service, opened and closed as one. Knows nothing of OSGi. */
final class Controller implements AutoCloseable {
    /** The cluster's state, below the controller's part of the state directory. */
    static final String STATE_FILE = "cluster.db";

    private static final Path SYSFS = Path.of("/sys");
    private static final Logger LOG = LoggerFactory.getLogger(Controller.class);
    /** More than one, so that a listener that waits for the store on behalf of one node delays no other. */
    private static final int LINK_THREADS = 4;

    private final ExecutorService linkThreads = Executors.newFixedThreadPool(LINK_THREADS, named("link-"));
    private final ScheduledExecutorService linkTimer = Executors.newSingleThreadScheduledExecutor(named("link-timer-"));
    private final ClusterWriter writer;
    private final ClusterService service;

    private Controller(
            ClusterWriter writer, StoredState loaded, Path directory, SatelliteLinksConfig links, Duration deadline) {
        Clock clock = Clock.systemUTC();
        this.writer = writer;
        service = new ClusterService(
                writer,
                new ClusterService.Start(
                        links.version(),
                        loaded.epoch(),
                        loaded.instance(),
                        loaded.quarantined(),
                        loaded.unreadable(),
                        OwnVolume.minors(directory, SYSFS)),
                listener -> new WebSocketSatelliteLinks(links, directory, listener, linkThreads, linkTimer, clock),
                Patience.standard(deadline),
                clock);
        service.start();
        LOG.info(
                "The controller is up: epoch {}, revision {}, {} nodes, {} resource definitions, {} rows set aside",
                loaded.epoch(),
                loaded.state().revision(),
                loaded.state().nodes().size(),
                loaded.state().resourceDefinitions().size(),
                loaded.quarantined().size());
    }

    /**
     * Opens a controller; from now on satellites are connected to.
     *
     * @param directory the controller's part of the state directory
     * @param links how it keeps its links, and the version of Heddle
     * @param deadline how long a use case waits for satellites at most
     * @throws io.heddle.core.error.HeddleException STORE_LOCKED if another controller has it, VERSION_MISMATCH, STORE_FAILED,
     *     FILE_FAILED
     */
    static Controller open(Path directory, SatelliteLinksConfig links, Duration deadline) {
        SqliteStore store = new SqliteStore(directory.resolve(STATE_FILE), Clock.systemUTC());
        StoredState loaded = store.load();
        ClusterWriter writer = new GroupCommitWriter(store, loaded.state());
        try {
            return new Controller(writer, loaded, directory, links, deadline);
        } catch (RuntimeException e) {
            // closes the store with it, so that another try is possible
            writer.close();
            throw e;
        }
    }

    ClusterService service() {
        return service;
    }

    /** Finishes what was promised, then lets go of the store. */
    @Override
    public void close() {
        service.close();
        writer.close();
        linkTimer.shutdownNow();
        linkThreads.shutdownNow();
    }

    private static ThreadFactory named(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + count.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
