package io.heddle.jmx;

import io.heddle.core.cluster.Cluster;
import io.heddle.core.cluster.ClusterView;

/** The controller's services as they are at the moment; they come and go when it is updated. */
interface ClusterServices {
    /**
     * The use cases; waits, bounded, while the controller is being replaced.
     *
     * @throws io.heddle.core.error.HeddleException STARTING if it does not come in time
     */
    Cluster cluster();

    /** The reads; waits like {@link #cluster}. */
    ClusterView view();
}
