package io.heddle.console;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.management.ReplyRow;
import io.heddle.core.management.SyncRow;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Waits until a resource is in sync, asking now and then: nothing waits on the controller. */
final class SyncWait {
    private static final Duration BETWEEN = Duration.ofSeconds(1);
    /** So long something must stand against it before it is given up: connections begin as StandAlone, disks as Inconsistent. */
    private static final Duration DOUBT = Duration.ofSeconds(10);

    private final Session session;
    private final String resource;
    private final String node;

    /** @param node the node whose replica is waited for; empty: all of them */
    SyncWait(Session session, String resource, String node) {
        this.session = session;
        this.resource = resource;
        this.node = node;
    }

    /**
     * Waits; the exit code.
     *
     * @param timeout how long at most; zero: for ever
     * @throws Refusal at the time-out, or if it will not come true
     */
    int upTo(Duration timeout) {
        boolean terminal = UserTerminal.attached().isPresent();
        long begin = System.nanoTime();
        long doubtSince = begin;
        int width = 0;
        try {
            while (true) {
                SyncRow row = session.cluster().syncStatus(resource, node);
                long now = System.nanoTime();
                if (row.inSync()) {
                    width = clear(width);
                    return session.replies(
                            List.of(new ReplyRow("SUCCESS", row.resource() + " is in sync" + where(), "", "", "")));
                }
                if (row.code().isEmpty()) {
                    doubtSince = now;
                } else if (now - doubtSince >= DOUBT.toNanos()) {
                    throw Refusal.parse(row.code() + ": " + row.what() + "\nwhy: " + row.why() + "; "
                            + String.join("; ", row.missing()) + "\ncorrection: " + row.correction());
                }
                if (!timeout.isZero() && now - begin >= timeout.toNanos()) {
                    throw new Refusal(
                            ErrorCode.TIMED_OUT,
                            row.resource() + " is not in sync" + where() + " after " + timeout.toSeconds() + " s",
                            String.join("; ", row.missing()),
                            "nothing needs to be done again: the sync goes on by itself; wait once more with a longer"
                                    + " --timeout");
                }
                if (terminal) {
                    String line = String.join("; ", row.missing());
                    System.err.print("\r" + line + " ".repeat(Math.max(0, width - line.length())));
                    width = Math.max(width, line.length());
                }
                TimeUnit.NANOSECONDS.sleep(BETWEEN.toNanos());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CompletionException(e);
        } finally {
            clear(width);
        }
    }

    private String where() {
        return node.isEmpty() ? "" : " on " + node;
    }

    private static int clear(int width) {
        if (width > 0) {
            System.err.print("\r" + " ".repeat(width) + "\r");
            System.err.flush();
        }
        return 0;
    }
}
