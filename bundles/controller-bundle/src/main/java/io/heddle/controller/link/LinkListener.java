package io.heddle.controller.link;

import io.heddle.core.model.NodeName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.SpecVersion;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import io.heddle.core.status.StatusDelta;
import java.util.UUID;

/** What the links ask and tell. Calls for one node come one after the other; a call returns soon. */
public interface LinkListener {
    /** The cluster, for the handshake. */
    UUID clusterId();

    /** Epoch, instance and present revision, for the handshake. */
    SpecVersion version();

    /** The whole spec of a node as it is wanted now. */
    NodeSpec spec(NodeName node);

    /** A satellite was paired: its key is to be kept, durably, before the link is used. */
    void paired(NodeName node, String fingerprint);

    /** The state of the link has changed. */
    void link(NodeName node, LinkStatus status);

    /** The satellite has told all that it sees; always the first report on a link. */
    void status(NodeName node, NodeStatus status);

    /** The satellite has told what changed. */
    void status(NodeName node, StatusDelta delta);

    /** The satellite has the wish on its own disk. */
    void stored(NodeName node, SpecVersion version);
}
