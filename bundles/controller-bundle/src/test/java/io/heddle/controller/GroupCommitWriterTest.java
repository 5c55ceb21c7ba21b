package io.heddle.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.controller.store.Store;
import io.heddle.controller.store.StoredState;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterSettings;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.RowKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class GroupCommitWriterTest {
    private final MemoryStore store = new MemoryStore();
    private final ClusterWriter writer =
            new GroupCommitWriter(store, ClusterState.empty(new ClusterSettings(UUID.randomUUID(), Ordered.map(null))));

    @AfterEach
    void close() {
        store.open.countDown();
        writer.close();
    }

    @Test
    void aChangeIsStoredBeforeItIsPublishedAndAcknowledged() throws Exception {
        store.open = new CountDownLatch(1);

        CompletableFuture<ClusterWriter.Committed<String>> change = put("a").toCompletableFuture();
        assertTrue(store.entered.await(60, TimeUnit.SECONDS));
        assertTrue(writer.state().resourceGroups().isEmpty());
        assertTrue(!change.isDone());
        store.open.countDown();

        assertEquals(1, change.get(60, TimeUnit.SECONDS).state().revision());
        assertEquals(1, writer.state().resourceGroups().size());
    }

    @Test
    void whatQueuesBehindACommitIsCommittedTogether() throws Exception {
        store.open = new CountDownLatch(1);
        CompletableFuture<?> first = put("first").toCompletableFuture();
        assertTrue(store.entered.await(60, TimeUnit.SECONDS));
        List<CompletableFuture<?>> queued = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            queued.add(put("group" + i).toCompletableFuture());
        }
        store.open.countDown();

        CompletableFuture.allOf(queued.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
        first.get(60, TimeUnit.SECONDS);

        assertEquals(List.of(1, 50), store.sizes);
    }

    @Test
    void aRefusedEditHarmsNoOther() throws Exception {
        HeddleException refusal = new HeddleException(ErrorCode.INVALID_INPUT, "what", "why", "correction");
        CompletionStage<?> bad = writer.change(edit -> {
            edit.put(group("half-done"));
            throw refusal;
        });
        put("good").toCompletableFuture().get(60, TimeUnit.SECONDS);

        ExecutionException failure = assertThrows(
                ExecutionException.class, () -> bad.toCompletableFuture().get(60, TimeUnit.SECONDS));

        assertSame(refusal, failure.getCause());
        assertEquals(1, writer.state().resourceGroups().size());
        assertEquals(1, store.rows.size());
    }

    @Test
    void aCommitThatFailsPublishesNothingAndTellsAll() throws Exception {
        store.failing = true;
        ExecutionException failure = assertThrows(
                ExecutionException.class,
                () -> put("lost").toCompletableFuture().get(60, TimeUnit.SECONDS));
        store.failing = false;

        put("kept").toCompletableFuture().get(60, TimeUnit.SECONDS);

        assertEquals(
                ErrorCode.STORE_FAILED,
                assertInstanceOf(HeddleException.class, failure.getCause()).code());
        assertEquals(
                List.of(new ResourceGroupName("kept")),
                List.copyOf(writer.state().resourceGroups().keySet()));
    }

    @Test
    void listenersSeeEachPublicationInOrderAndBeforeTheCallerIsAnswered() throws Exception {
        List<Long> seen = new ArrayList<>();
        writer.onPublished(publication -> seen.add(publication.after().revision()));
        writer.onPublished(publication -> {
            throw new IllegalStateException("a listener that fails");
        });

        put("a").toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertEquals(List.of(1L), seen);
        put("b").toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertEquals(List.of(1L, 2L), seen);
    }

    @Test
    void closingFinishesWhatIsQueuedAndRefusesTheRest() throws Exception {
        CompletableFuture<?> queued = put("queued").toCompletableFuture();
        writer.close();

        queued.get(60, TimeUnit.SECONDS);
        ExecutionException failure = assertThrows(
                ExecutionException.class,
                () -> put("late").toCompletableFuture().get(60, TimeUnit.SECONDS));

        assertEquals(
                ErrorCode.SHUTTING_DOWN,
                assertInstanceOf(HeddleException.class, failure.getCause()).code());
        assertTrue(store.closed);
    }

    private CompletionStage<ClusterWriter.Committed<String>> put(String name) {
        return writer.change(edit -> {
            edit.put(group(name));
            return name;
        });
    }

    private static ResourceGroup group(String name) {
        return new ResourceGroup(new ResourceGroupName(name), UUID.randomUUID(), "", Ordered.map(null));
    }

    private static final class MemoryStore implements Store {
        final Map<RowKey, Object> rows = new TreeMap<>();
        final List<Integer> sizes = new ArrayList<>();
        final CountDownLatch entered = new CountDownLatch(1);
        volatile CountDownLatch open = new CountDownLatch(0);
        volatile boolean failing;
        volatile boolean closed;

        @Override
        public StoredState load() {
            throw new UnsupportedOperationException("the writer is given a loaded state");
        }

        @Override
        public void commit(long revision, Map<RowKey, Optional<Object>> changed) {
            entered.countDown();
            try {
                assertTrue(open.await(60, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (failing) {
                throw new HeddleException(ErrorCode.STORE_FAILED, "what", "the disk is full", "correction");
            }
            sizes.add(changed.size());
            changed.forEach((key, row) -> row.ifPresentOrElse(body -> rows.put(key, body), () -> rows.remove(key)));
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
