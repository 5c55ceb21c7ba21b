package io.heddle.rest;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.rest.reply.Entries;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets requests wait, without a thread, while the controller is away because it is updated; then they go on as if nothing had
 * been. Bounded in time and number: 503 beyond. While the controller is there it costs one comparison.
 */
final class WaitingRoom extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(WaitingRoom.class);

    /** How long requests that run may take to end when REST itself ends; a stop of everything has five seconds. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    /** Requests that wait at most; a client that asks again and again fills no memory. */
    private static final int PLACES = 1000;

    private static final String HANDED_OVER = "heddle.rest.handed-over";

    private final transient Servlet next;
    private final transient Runnable started;
    private final transient ClusterServices services;
    private final transient ScheduledExecutorService timer;
    private final transient Duration patience;
    private final transient Clock clock;
    private final AtomicInteger waiting = new AtomicInteger();
    private final transient Set<Guest> guests = ConcurrentHashMap.newKeySet();
    private final transient Set<Running> running = ConcurrentHashMap.newKeySet();
    private transient volatile @Nullable Thread starter;
    private transient volatile boolean closed;

    /**
     * @param next what requests go on to; it is made ready beside, since that takes its time
     * @param started run when it is ready
     * @param services the controller, and whether REST is ready
     * @param timer ends the waiting
     * @param patience how long a request waits
     * @param clock tells the time that answers carry
     */
    WaitingRoom(
            Servlet next,
            Runnable started,
            ClusterServices services,
            ScheduledExecutorService timer,
            Duration patience,
            Clock clock) {
        this.next = next;
        this.started = started;
        this.services = services;
        this.timer = timer;
        this.patience = patience;
        this.clock = clock;
    }

    @Override
    public void init(ServletConfig config) throws ServletException {
        super.init(config);
        Thread starting = new Thread(() -> start(config), "rest-start");
        starting.setDaemon(true);
        starter = starting;
        starting.start();
    }

    private void start(ServletConfig config) {
        try {
            next.init(config);
            services.ready(true);
            started.run();
        } catch (ServletException | RuntimeException e) {
            LOG.error("REST does not start code={}", ErrorCode.INTERNAL_ERROR, e);
        }
    }

    /**
     * Ends REST: what waits goes on to whoever has its place now; what runs may end, for a moment; what runs on then is answered
     * that its outcome is not known.
     */
    @Override
    public void destroy() {
        services.ready(false);
        closed = true;
        guests.forEach(Guest::handOver);
        Thread starting = starter;
        try {
            if (starting != null) {
                starting.join();
            }
            awaitRunning();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Set.copyOf(running).forEach(Running::abandon);
        next.destroy();
    }

    private void awaitRunning() throws InterruptedException {
        long end = System.nanoTime() + FAREWELL.toNanos();
        synchronized (running) {
            long left = FAREWELL.toMillis();
            while (!running.isEmpty() && left > 0) {
                running.wait(left);
                left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            }
        }
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (!services.passWhilePresent(() -> next.service(new Watched(request, response), response))) {
            seat(request, response);
        }
    }

    private void seat(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // Handed over, and nobody else took it.
        boolean back = closed && request.getAttribute(HANDED_OVER) == this;
        if (waiting.incrementAndGet() > PLACES || back) {
            waiting.decrementAndGet();
            answerAway(response);
        } else {
            new Guest(request, response).sitDown();
        }
    }

    private void answerAway(HttpServletResponse response) throws IOException {
        HeddleException away = ClusterServices.away();
        response.setStatus(away.code().type().httpStatus());
        response.setHeader("Retry-After", "5");
        response.setContentType("application/json");
        response.getOutputStream().write(Entries.failure(away, clock.instant()));
    }

    /** One request that waits. */
    private final class Guest implements Runnable {
        private final HttpServletRequest request;
        private final HttpServletResponse response;
        private final AsyncContext context;
        private final AtomicBoolean leaving = new AtomicBoolean();
        private volatile @Nullable ScheduledFuture<?> end;

        Guest(HttpServletRequest request, HttpServletResponse response) {
            this.request = request;
            this.response = response;
            // Of the request as it came, so that another servlet can be given it.
            this.context = request.startAsync();
        }

        void sitDown() {
            context.setTimeout(0);
            guests.add(this);
            try {
                end = timer.schedule(this::giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("a request came while REST ended path={}", request.getRequestURI(), e);
            }
            services.whenPresent(this);
            if (closed) {
                handOver();
            }
        }

        /** True for the first that asks. */
        private boolean leaves() {
            if (!leaving.compareAndSet(false, true)) {
                return false;
            }
            waiting.decrementAndGet();
            guests.remove(this);
            ScheduledFuture<?> unneeded = end;
            if (unneeded != null) {
                unneeded.cancel(false);
            }
            return true;
        }

        /** The controller is back. Another thread goes on, since this one belongs to who brought it. */
        @Override
        public void run() {
            if (leaves()) {
                try {
                    context.start(this::goOn);
                } catch (RejectedExecutionException | IllegalStateException e) {
                    end(e);
                }
            }
        }

        private void goOn() {
            Resumed resumed = new Resumed(request, response, context);
            try {
                if (!services.passWhilePresent(() -> next.service(resumed, response))) {
                    // It has gone again: from the beginning, here or wherever such requests go now.
                    context.dispatch();
                } else if (!resumed.isAsyncStarted()) {
                    context.complete();
                }
            } catch (ServletException | IOException | RuntimeException e) {
                end(e);
            }
        }

        /** REST itself goes: whoever has its place now takes the request from the beginning. */
        void handOver() {
            services.forget(this);
            if (leaves()) {
                request.setAttribute(HANDED_OVER, WaitingRoom.this);
                try {
                    context.dispatch();
                } catch (IllegalStateException e) {
                    end(e);
                }
            }
        }

        private void giveUp() {
            services.forget(this);
            if (leaves()) {
                try {
                    answerAway(response);
                    context.complete();
                } catch (IOException | IllegalStateException e) {
                    end(e);
                }
            }
        }

        private void end(Exception failure) {
            LOG.debug("a request that waited was not answered path={}", request.getRequestURI(), failure);
            try {
                context.complete();
            } catch (IllegalStateException e) {
                LOG.debug("its client has left already", e);
            }
        }
    }

    /** A request that goes on without a thread. */
    private final class Running implements AsyncListener {
        private final AsyncContext context;
        private final HttpServletResponse response;

        Running(AsyncContext context, HttpServletResponse response) {
            this.context = context;
            this.response = response;
        }

        void watch() {
            running.add(this);
            context.addListener(this);
        }

        void abandon() {
            HeddleException unknown = new HeddleException(
                    ErrorCode.SHUTTING_DOWN,
                    "it is not known what became of the request",
                    "the controller is being stopped or updated, and the request still ran",
                    "look whether it was carried out, and ask again if it was not");
            try {
                if (!response.isCommitted()) {
                    response.setStatus(unknown.code().type().httpStatus());
                    response.setContentType("application/json");
                    response.getOutputStream().write(Entries.failure(unknown, clock.instant()));
                }
                context.complete();
            } catch (IOException | IllegalStateException e) {
                LOG.debug("the client of a request that still ran has left", e);
            }
        }

        private void end() {
            synchronized (running) {
                running.remove(this);
                running.notifyAll();
            }
        }

        @Override
        public void onComplete(AsyncEvent event) {
            end();
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            end();
        }

        @Override
        public void onError(AsyncEvent event) {
            end();
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            event.getAsyncContext().addListener(this);
        }
    }

    /** A request as the next servlet sees it: when it goes on without a thread, that is noted here. */
    private class Watched extends HttpServletRequestWrapper {
        private final HttpServletResponse response;

        Watched(HttpServletRequest request, HttpServletResponse response) {
            super(request);
            this.response = response;
        }

        @Override
        public AsyncContext startAsync() {
            return watched(super.startAsync());
        }

        @Override
        public AsyncContext startAsync(ServletRequest request, ServletResponse given) {
            return watched(super.startAsync(request, given));
        }

        AsyncContext watched(AsyncContext context) {
            new Running(context, response).watch();
            return context;
        }
    }

    /** A request that waited, which the next servlet sees as one that never did. */
    private final class Resumed extends Watched {
        private final AsyncContext context;
        private boolean started;

        Resumed(HttpServletRequest request, HttpServletResponse response, AsyncContext context) {
            super(request, response);
            this.context = context;
        }

        @Override
        public boolean isAsyncStarted() {
            return started;
        }

        @Override
        public AsyncContext startAsync() {
            started = true;
            return watched(context);
        }

        @Override
        public AsyncContext startAsync(ServletRequest request, ServletResponse given) {
            return startAsync();
        }
    }
}
