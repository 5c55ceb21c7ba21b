package io.heddle.controller;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.RowKey;
import io.heddle.core.model.StateEdit;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;

/** The one writer of the cluster state. Safe for use by many threads; reads take the last published state and never wait. */
public interface ClusterWriter extends AutoCloseable {
    /**
     * Applies one change on the writer's thread, commits it durably with whatever else is queued, publishes, then completes.
     * An edit that throws changes nothing, and its exception completes the stage. An edit that touches nothing completes
     * without a commit. The edit must be quick and pure: it may be one of many in a commit.
     *
     * @return completes when the change is durable and published; exceptionally with what the edit threw, STORE_FAILED or
     *     SHUTTING_DOWN
     */
    <T> CompletionStage<Committed<T>> change(Function<StateEdit, T> edit);

    /** The state as last published. */
    ClusterState state();

    /** Calls {@code listener} on the writer's thread after each publication, in order, before the stages complete. */
    void onPublished(Consumer<Publication> listener);

    /** Finishes what is queued and ends. */
    @Override
    void close();

    /**
     * A change that is durable and published.
     *
     * @param value what the edit returned
     * @param state a published state that holds the change
     */
    record Committed<T>(T value, ClusterState state) {}

    /**
     * A step from one published state to the next.
     *
     * @param before the state that was published so far
     * @param after the state published now
     * @param rows rows that were written or, empty, deleted
     */
    record Publication(ClusterState before, ClusterState after, SortedMap<RowKey, Optional<Object>> rows) {}
}
