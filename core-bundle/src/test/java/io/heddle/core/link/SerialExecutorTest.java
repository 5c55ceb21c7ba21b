package io.heddle.core.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SerialExecutorTest {
    private final ExecutorService threads = Executors.newFixedThreadPool(4);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void runsTasksInTheirOrderAndNeverTwoAtOnce() throws InterruptedException {
        SerialExecutor serial = new SerialExecutor(threads);
        List<Integer> seen = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);

        for (int i = 0; i < 1000; i++) {
            int number = i;
            serial.execute(() -> seen.add(number));
        }
        serial.execute(done::countDown);

        assertTrue(done.await(60, TimeUnit.SECONDS));
        assertEquals(IntStream.range(0, 1000).boxed().toList(), seen);
    }

    @Test
    void goesOnAfterATaskThatFails() throws InterruptedException {
        SerialExecutor serial = new SerialExecutor(threads);
        CountDownLatch done = new CountDownLatch(1);

        serial.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        serial.execute(done::countDown);

        assertTrue(done.await(60, TimeUnit.SECONDS));
    }

    @Test
    void saysSoWhenNothingWillRunAnyMore() {
        SerialExecutor serial = new SerialExecutor(threads);
        threads.shutdown();

        assertThrows(RejectedExecutionException.class, () -> serial.execute(() -> {}));
    }
}
