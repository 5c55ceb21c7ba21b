package io.heddle.tests.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What clients saw that asked one after the other, each on its own connection.
 *
 * @param operations how many
 * @param seconds how long all of them took
 * @param p50 median in ms
 * @param p99 in ms
 * @param serverCpu CPU ms of the server for each
 * @param clientCpu CPU ms of the clients for each
 */
record Load(int operations, double seconds, double p50, double p99, double serverCpu, double clientCpu) {
    /** What a client does again and again. */
    interface Operation {
        /**
         * Does it once.
         *
         * @param client the connection
         * @param number a number that no other call gets
         */
        void run(RestClient client, int number);
    }

    double perSecond() {
        return operations / seconds;
    }

    /** Runs the numbers from {@code first} on, {@code count} of them. */
    static Load count(MeasuredHeddled server, int clients, int first, int count, Operation operation) {
        AtomicInteger next = new AtomicInteger(first);
        return run(server, clients, operation, () -> {
            int number = next.getAndIncrement();
            return number < first + count ? number : -1;
        });
    }

    /** Runs for a time. */
    static Load during(MeasuredHeddled server, int clients, Duration time, Operation operation) {
        AtomicInteger next = new AtomicInteger();
        long end = System.nanoTime() + time.toNanos();
        return run(server, clients, operation, () -> System.nanoTime() < end ? next.getAndIncrement() : -1);
    }

    private interface Numbers {
        /** The next number; negative when it is enough. */
        int next();
    }

    private static Load run(MeasuredHeddled server, int clients, Operation operation, Numbers numbers) {
        ExecutorService threads = Executors.newFixedThreadPool(clients);
        CountDownLatch ready = new CountDownLatch(clients);
        CountDownLatch go = new CountDownLatch(1);
        try {
            List<Future<long[]>> running = new ArrayList<>();
            for (int client = 0; client < clients; client++) {
                running.add(threads.submit(() -> {
                    try (RestClient rest = new RestClient(server.restPort())) {
                        ready.countDown();
                        go.await();
                        return timed(rest, operation, numbers);
                    }
                }));
            }
            ready.await();
            double serverBefore = server.cpuSeconds();
            double ownBefore = Machine.ownCpuSeconds();
            long began = System.nanoTime();
            go.countDown();
            List<long[]> all = new ArrayList<>();
            for (Future<long[]> one : running) {
                all.add(one.get());
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            long[] nanos = all.stream().flatMapToLong(Arrays::stream).toArray();
            double perOperation = 1000.0 / Math.max(1, nanos.length);
            return new Load(
                    nanos.length,
                    seconds,
                    percentile(nanos, 50),
                    percentile(nanos, 99),
                    (server.cpuSeconds() - serverBefore) * perOperation,
                    (Machine.ownCpuSeconds() - ownBefore) * perOperation);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", interrupted);
        } catch (ExecutionException failure) {
            throw new AssertionError(failure.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static long[] timed(RestClient client, Operation operation, Numbers numbers) {
        long[] nanos = new long[1024];
        int count = 0;
        for (int number = numbers.next(); number >= 0; number = numbers.next()) {
            long began = System.nanoTime();
            operation.run(client, number);
            if (count == nanos.length) {
                nanos = Arrays.copyOf(nanos, 2 * count);
            }
            nanos[count++] = System.nanoTime() - began;
        }
        return Arrays.copyOf(nanos, count);
    }

    /** The value in ms that so many of a hundred do not exceed. */
    static double percentile(long[] nanos, int percent) {
        if (nanos.length == 0) {
            return Double.NaN;
        }
        long[] sorted = nanos.clone();
        Arrays.sort(sorted);
        int place = (int) Math.ceil(sorted.length * percent / 100.0) - 1;
        return sorted[Math.max(0, place)] / 1e6;
    }
}
