package io.heddle.rest;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Keeps REST's place while this bundle itself is away, because core, which it hangs on, is updated. Without it the HTTP server
 * would answer 404, which a client reads as "your volume does not exist". It lets requests wait and hands them to the next
 * REST; 503 when none comes in time.
 *
 * <p>It belongs to the HTTP server's bundle and so outlives its own bundle, for that time only: the next REST ends it. What is
 * loaded by then is all there is; so it uses nothing that was not used while its bundle was there (no lambda, no logger).
 */
final class StandIn extends HttpServlet implements AutoCloseable {
    private static final long serialVersionUID = 1L;
    private static final String MARK = "heddle.rest.stand-in";
    private static final int PLACES = 1000;

    private final transient ConcurrentLinkedQueue<Guest> guests = new ConcurrentLinkedQueue<>();
    private final AtomicInteger count = new AtomicInteger();
    private final transient ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);
    private final transient byte[] away;
    private final long patienceMillis;
    private transient volatile @Nullable ServiceRegistration<?> registration;

    private StandIn(byte[] away, long patienceMillis) {
        this.away = away;
        this.patienceMillis = patienceMillis;
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        timer.setRemoveOnCancelPolicy(true);
        // Loads the class while it can be loaded.
        new Guest(null).giveUp();
    }

    /**
     * Ends the stand-in of an earlier REST and puts a new one in place, behind the servlets that are there.
     *
     * @param http bundle of the HTTP server
     * @param away body of a 503
     * @param patienceMillis how long a request waits
     */
    static void relieve(BundleContext http, byte[] away, long patienceMillis) {
        StandIn next = new StandIn(away, patienceMillis);
        end(http);
        next.registration = http.registerService(
                new String[] {Servlet.class.getName(), AutoCloseable.class.getName()},
                next,
                FrameworkUtil.asDictionary(Map.of(
                        "osgi.http.whiteboard.servlet.pattern",
                        new String[] {"/v1/*", "/health"},
                        "osgi.http.whiteboard.servlet.name",
                        "heddle-rest-stand-in",
                        "osgi.http.whiteboard.servlet.asyncSupported",
                        true,
                        "service.ranking",
                        Integer.MIN_VALUE,
                        MARK,
                        true)));
    }

    /** Ends the stand-ins of earlier RESTs; those are of classes of their own, so only a JDK interface tells them to go. */
    static void end(BundleContext http) {
        try {
            for (ServiceReference<AutoCloseable> reference :
                    http.getServiceReferences(AutoCloseable.class, "(" + MARK + "=true)")) {
                AutoCloseable earlier = http.getService(reference);
                if (earlier != null) {
                    earlier.close();
                }
            }
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        } catch (Exception e) {
            throw new IllegalStateException("an earlier stand-in does not go", e);
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (request.getServletPath().equals("/health") || count.incrementAndGet() > PLACES) {
            answer(response);
            return;
        }
        AsyncContext context = request.startAsync();
        context.setTimeout(0);
        Guest guest = new Guest(context);
        guests.add(guest);
        try {
            guest.end = timer.schedule(guest, patienceMillis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closing) {
            // The next REST is there already, and nobody looks for guests any more.
            guest.handOver();
        }
    }

    private void answer(HttpServletResponse response) throws IOException {
        response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
        response.setHeader("Retry-After", "5");
        response.setContentType("application/json");
        response.getOutputStream().write(away);
    }

    /** The next REST is there: this goes, and hands it the requests that wait. */
    @Override
    public void close() {
        ServiceRegistration<?> mine = registration;
        if (mine != null) {
            mine.unregister();
        }
        timer.shutdownNow();
        for (Guest guest = guests.poll(); guest != null; guest = guests.poll()) {
            guest.handOver();
        }
    }

    /** One request that waits. */
    private final class Guest implements Runnable {
        private final @Nullable AsyncContext context;
        private final AtomicBoolean leaving = new AtomicBoolean();

        @SuppressWarnings("unused") // held because what a timer returns must not be dropped
        private volatile @Nullable ScheduledFuture<?> end;

        Guest(@Nullable AsyncContext context) {
            this.context = context;
        }

        @Override
        public void run() {
            giveUp();
        }

        void giveUp() {
            if (context != null && leaving.compareAndSet(false, true)) {
                guests.remove(this);
                count.decrementAndGet();
                try {
                    answer((HttpServletResponse) context.getResponse());
                } catch (IOException | IllegalStateException gone) {
                    // Its client has left; there is nobody to tell.
                } finally {
                    context.complete();
                }
            }
        }

        void handOver() {
            if (context != null && leaving.compareAndSet(false, true)) {
                try {
                    context.dispatch();
                } catch (IllegalStateException gone) {
                    // Its client has left; there is nobody to tell.
                }
            }
        }
    }
}
