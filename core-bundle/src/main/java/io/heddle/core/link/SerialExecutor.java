package io.heddle.core.link;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs tasks one after the other, in the order given, on the threads of another executor. So what belongs to one link needs no
 * locks, and a link that has nothing to do has no thread.
 */
public final class SerialExecutor implements Executor {
    private static final Logger LOG = LoggerFactory.getLogger(SerialExecutor.class);
    /** After so many tasks others get a turn. */
    private static final int TURN = 32;

    private final Executor executor;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private boolean running;

    public SerialExecutor(Executor executor) {
        this.executor = executor;
    }

    @Override
    public void execute(Runnable task) {
        synchronized (tasks) {
            tasks.add(task);
            if (running) {
                return;
            }
            running = true;
        }
        start();
    }

    private void start() {
        try {
            executor.execute(this::run);
        } catch (RuntimeException refused) {
            // The executor was shut down: nothing will run any more, and the caller is to know.
            synchronized (tasks) {
                running = false;
                tasks.clear();
            }
            throw refused;
        }
    }

    private void run() {
        for (int i = 0; i < TURN; i++) {
            Runnable task;
            synchronized (tasks) {
                task = tasks.poll();
                if (task == null) {
                    running = false;
                    return;
                }
            }
            try {
                task.run();
            } catch (RuntimeException fault) {
                // A task deals with what it can expect; a fault of one must not end the others.
                LOG.error("A task of a link failed", fault);
            }
        }
        start();
    }
}
