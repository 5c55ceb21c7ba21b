package io.heddle.controller;

import io.heddle.controller.store.Store;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NumberCursor;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.StateEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that takes all changes queued while the last commit ran, applies them one after the other, and commits them
 * together: many clients share the cost of one sync of the disk.
 */
public final class GroupCommitWriter implements ClusterWriter {
    private static final Logger LOG = LoggerFactory.getLogger(GroupCommitWriter.class);
    /** Bounds the memory of one transaction, not the rate: the next group follows at once. */
    private static final int LARGEST_GROUP = 1000;

    private final Store store;
    private final NumberCursor cursor = new NumberCursor();
    private final BlockingQueue<Change<?>> queue = new LinkedBlockingQueue<>();
    private final List<Consumer<Publication>> listeners = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private final Object closing = new Object();
    private boolean closed;
    private volatile ClusterState published;

    /** Begins with a loaded state; the writer owns the store and closes it. */
    public GroupCommitWriter(Store store, ClusterState loaded) {
        this.store = store;
        this.published = loaded;
        this.thread = new Thread(this::run, "cluster-writer");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public <T> CompletionStage<Committed<T>> change(Function<StateEdit, T> edit) {
        Change<T> change = new Change<>(edit);
        synchronized (closing) {
            if (closed) {
                return CompletableFuture.failedFuture(shuttingDown());
            }
            queue.add(change);
        }
        return change.stage;
    }

    @Override
    public ClusterState state() {
        return published;
    }

    @Override
    public void onPublished(Consumer<Publication> listener) {
        listeners.add(listener);
    }

    @Override
    public void close() {
        synchronized (closing) {
            if (closed) {
                return;
            }
            closed = true;
            queue.add(new Change<>(edit -> ""));
        }
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // what is queued was promised to callers, so it is finished first
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        store.close();
    }

    private void run() {
        List<Change<?>> group = new ArrayList<>();
        while (true) {
            try {
                group.add(queue.take());
            } catch (InterruptedException e) {
                LOG.error("the cluster writer was interrupted and goes on");
                continue;
            }
            queue.drainTo(group, LARGEST_GROUP - 1);
            commit(group);
            group.clear();
            synchronized (closing) {
                if (closed && queue.isEmpty()) {
                    return;
                }
            }
        }
    }

    private void commit(List<Change<?>> group) {
        ClusterState before = published;
        ClusterState after = before;
        SortedMap<RowKey, Optional<Object>> rows = new TreeMap<>();
        long revision = before.revision() + 1;
        for (Change<?> change : group) {
            StateEdit edit = new StateEdit(after, cursor);
            if (change.apply(edit) && !edit.isEmpty()) {
                rows.putAll(edit.rows());
                after = edit.finish(revision);
            }
        }
        if (!rows.isEmpty()) {
            try {
                store.commit(revision, rows);
            } catch (RuntimeException e) {
                HeddleException failure = HeddleException.of(e);
                LOG.error("{}", failure.problem().text(), e);
                group.forEach(change -> change.fail(failure));
                return;
            }
            published = after;
            Publication publication = new Publication(before, after, rows);
            for (Consumer<Publication> listener : listeners) {
                try {
                    listener.accept(publication);
                } catch (RuntimeException e) {
                    LOG.error("a listener of the cluster state failed at revision {}", revision, e);
                }
            }
        }
        for (Change<?> change : group) {
            change.complete(after);
        }
    }

    private static HeddleException shuttingDown() {
        return new HeddleException(
                ErrorCode.SHUTTING_DOWN,
                "nothing was changed",
                "the controller is being stopped",
                "try again when it is up");
    }

    private static final class Change<T> {
        private final Function<StateEdit, T> edit;
        private final CompletableFuture<Committed<T>> stage = new CompletableFuture<>();
        private @Nullable T value;
        private @Nullable Throwable failure;

        Change(Function<StateEdit, T> edit) {
            this.edit = edit;
        }

        /** Returns whether the edit succeeded. An Error of one edit must not end the thread that all depend on. */
        boolean apply(StateEdit state) {
            try {
                value = edit.apply(state);
                return true;
            } catch (RuntimeException | StackOverflowError | AssertionError e) {
                failure = e;
                return false;
            }
        }

        void fail(HeddleException reason) {
            stage.completeExceptionally(failure == null ? reason : failure);
        }

        void complete(ClusterState state) {
            if (failure != null) {
                stage.completeExceptionally(failure);
            } else if (value != null) {
                stage.complete(new Committed<>(value, state));
            } else {
                stage.completeExceptionally(new IllegalStateException("an edit returned null"));
            }
        }
    }
}
