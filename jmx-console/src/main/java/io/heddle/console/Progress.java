package io.heddle.console;

import io.heddle.core.management.ClusterMXBean;
import io.heddle.core.management.ReplyRow;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Shows on a terminal how the nodes get on while an operation runs. */
final class Progress {
    private Progress() {}

    static List<ReplyRow> of(Session session, String resource, Function<ClusterMXBean, List<ReplyRow>> operation) {
        ClusterMXBean cluster = session.cluster();
        if (UserTerminal.attached().isEmpty()) {
            return operation.apply(cluster);
        }
        CompletableFuture<List<ReplyRow>> running = CompletableFuture.supplyAsync(() -> operation.apply(cluster));
        int width = 0;
        try {
            while (true) {
                try {
                    return running.get(700, TimeUnit.MILLISECONDS);
                } catch (TimeoutException e) {
                    String line = cluster.listResources().stream()
                            .filter(row -> row.resource().equalsIgnoreCase(resource))
                            .map(row -> row.node() + " " + row.state())
                            .collect(Collectors.joining(", "));
                    System.err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
                    width = Math.max(width, line.length());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new CompletionException(e.getCause());
        } finally {
            if (width > 0) {
                System.err.print("\r" + " ".repeat(width) + "\r");
                System.err.flush();
            }
        }
    }
}
