package io.heddle.core.cluster;

import java.util.function.Consumer;

/** Tells what changes. An OSGi service. */
public interface ClusterEvents {
    /**
     * Calls {@code listener} for each event, in order, on one thread of its own subscription. A listener that falls behind by
     * more than 10,000 events loses the oldest.
     */
    Subscription subscribe(Consumer<ClusterEvent> listener);

    /** Ends the calls when closed. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
