package io.heddle.controller;

import io.heddle.core.cluster.ClusterEvent;
import io.heddle.core.cluster.ClusterEvents;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands events to those who subscribed, each on a thread of its own, so that a slow one delays nobody. */
final class EventHub implements ClusterEvents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventHub.class);
    private static final int LONGEST_BACKLOG = 10_000;

    private final List<Subscriber> subscribers = new CopyOnWriteArrayList<>();

    @Override
    public Subscription subscribe(Consumer<ClusterEvent> listener) {
        Subscriber subscriber = new Subscriber(listener);
        subscribers.add(subscriber);
        subscriber.thread.start();
        return subscriber;
    }

    /** Tells all; the event is only made if somebody listens. Never blocks. */
    void tell(Supplier<ClusterEvent> event) {
        if (!subscribers.isEmpty()) {
            ClusterEvent made = event.get();
            subscribers.forEach(subscriber -> subscriber.add(made));
        }
    }

    @Override
    public void close() {
        subscribers.forEach(Subscriber::close);
    }

    private final class Subscriber implements Subscription {
        private final Consumer<ClusterEvent> listener;
        private final ArrayDeque<ClusterEvent> backlog = new ArrayDeque<>();
        private final Thread thread;
        private boolean closed;
        private long lost;

        Subscriber(Consumer<ClusterEvent> listener) {
            this.listener = listener;
            this.thread = new Thread(this::run, "cluster-events");
            thread.setDaemon(true);
        }

        private synchronized void add(ClusterEvent event) {
            if (closed) {
                return;
            }
            if (backlog.size() >= LONGEST_BACKLOG) {
                backlog.removeFirst();
                lost++;
            }
            backlog.addLast(event);
            notifyAll();
        }

        private void run() {
            while (true) {
                ClusterEvent next;
                long lostBefore;
                synchronized (this) {
                    while (backlog.isEmpty() && !closed) {
                        try {
                            wait();
                        } catch (InterruptedException e) {
                            closed = true;
                        }
                    }
                    if (closed) {
                        return;
                    }
                    next = backlog.removeFirst();
                    lostBefore = lost;
                    lost = 0;
                }
                if (lostBefore > 0) {
                    LOG.warn("a listener of the cluster's events is slow and lost {} of them", lostBefore);
                }
                try {
                    listener.accept(next);
                } catch (RuntimeException e) {
                    LOG.error("a listener of the cluster's events failed at {}", next.kind(), e);
                }
            }
        }

        @Override
        public void close() {
            subscribers.remove(this);
            synchronized (this) {
                closed = true;
                notifyAll();
            }
        }
    }
}
