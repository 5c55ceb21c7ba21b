package io.heddle.rest;

import io.heddle.core.error.HeddleException;
import io.heddle.rest.reply.Entries;
import jakarta.servlet.AsyncContext;
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

    /** Requests that wait at most; a client that asks again and again fills no memory. */
    private static final int PLACES = 1000;

    private final transient Servlet next;
    private final transient ClusterServices services;
    private final transient ScheduledExecutorService timer;
    private final transient Duration patience;
    private final transient Clock clock;
    private final AtomicInteger waiting = new AtomicInteger();

    WaitingRoom(
            Servlet next, ClusterServices services, ScheduledExecutorService timer, Duration patience, Clock clock) {
        this.next = next;
        this.services = services;
        this.timer = timer;
        this.patience = patience;
        this.clock = clock;
    }

    @Override
    public void init(ServletConfig config) throws ServletException {
        super.init(config);
        next.init(config);
    }

    @Override
    public void destroy() {
        next.destroy();
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (services.present()) {
            next.service(request, response);
        } else if (waiting.incrementAndGet() > PLACES) {
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
            this.context = request.startAsync(request, response);
        }

        void sitDown() {
            context.setTimeout(0);
            end = timer.schedule(this::giveUp, patience.toMillis(), TimeUnit.MILLISECONDS);
            services.whenPresent(this);
        }

        /** The controller is back. Another thread goes on, since this one belongs to who brought it. */
        @Override
        public void run() {
            if (leaving.compareAndSet(false, true)) {
                waiting.decrementAndGet();
                ScheduledFuture<?> unneeded = end;
                if (unneeded != null) {
                    unneeded.cancel(false);
                }
                try {
                    context.start(this::goOn);
                } catch (RejectedExecutionException | IllegalStateException e) {
                    end(e);
                }
            }
        }

        private void goOn() {
            Resumed resumed = new Resumed(request, context);
            try {
                next.service(resumed, response);
                if (!resumed.isAsyncStarted()) {
                    context.complete();
                }
            } catch (ServletException | IOException | RuntimeException e) {
                end(e);
            }
        }

        private void giveUp() {
            services.forget(this);
            if (leaving.compareAndSet(false, true)) {
                waiting.decrementAndGet();
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

    /** A request that waited, which the next servlet sees as one that never did; it may let it wait again. */
    private static final class Resumed extends HttpServletRequestWrapper {
        private final AsyncContext context;
        private boolean started;

        Resumed(HttpServletRequest request, AsyncContext context) {
            super(request);
            this.context = context;
        }

        @Override
        public boolean isAsyncStarted() {
            return started;
        }

        @Override
        public AsyncContext startAsync() {
            started = true;
            return context;
        }

        @Override
        public AsyncContext startAsync(ServletRequest request, ServletResponse response) {
            return startAsync();
        }
    }
}
