package io.heddle.satellite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.Problem;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Looks of drivers that come and go while they look. */
class ReplicationObserverTest {
    private final List<Thread> threads = new CopyOnWriteArrayList<>();
    private final ReplicationBoard board = Boards.replication();
    private final ReplicationObserver observer = new ReplicationObserver(board, this::run, new Deaf());
    private final FakeDrbd slow = new FakeDrbd(new World().machine("n1"));

    private void run(Runnable task) {
        Thread thread = new Thread(task, "background");
        threads.add(thread);
        thread.start();
    }

    private void awaitAll() throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    @Test
    void whatAFirstLookSeesAfterItsDriverLeftIsNotTaken() throws InterruptedException {
        slow.looksAtTheKernel = new CompletableFuture<>();
        observer.follow(Optional.of(slow));

        observer.follow(Optional.empty());
        slow.looksAtTheKernel.complete(null);
        awaitAll();

        assertEquals(
                Optional.of(ErrorCode.DRIVER_ABSENT), board.kernel().problem().map(Problem::code));
        assertTrue(board.file("db1").unknown().isPresent(), "whether there is a file is unknown without a driver");
        assertTrue(board.resource("db1").unknown().isPresent(), "what DRBD has is unknown without a driver");
    }

    @Test
    void whatALaterLookSeesAfterItsDriverLeftIsNotTaken() throws InterruptedException {
        observer.follow(Optional.of(slow));
        awaitAll();
        assertEquals(Optional.empty(), board.kernel().problem());
        slow.looksAtTheKernel = new CompletableFuture<>();
        observer.refresh();

        observer.follow(Optional.empty());
        slow.looksAtTheKernel.complete(null);
        awaitAll();

        assertEquals(
                Optional.of(ErrorCode.DRIVER_ABSENT), board.kernel().problem().map(Problem::code));
        assertTrue(board.file("db1").unknown().isPresent(), "whether there is a file is unknown without a driver");
    }

    private static final class Deaf implements ReplicationObserver.Observer {
        @Override
        public void all() {}

        @Override
        public void resource(String name, boolean plan) {}

        @Override
        public void gone(String name) {}
    }
}
