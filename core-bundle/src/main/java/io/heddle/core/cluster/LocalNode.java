package io.heddle.core.cluster;

import io.heddle.core.status.NodeStatus;

/** What the satellite of this very machine sees. An OSGi service where the satellite runs. */
public interface LocalNode {
    /** The present status, from memory. */
    NodeStatus status();
}
