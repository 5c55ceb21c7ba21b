package io.heddle.core.cluster;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.LinkStatus;
import io.heddle.core.status.NodeStatus;
import java.util.Optional;
import java.util.SortedMap;

/** Reads. Everything comes from memory: no lock, no satellite, no store is on the way. An OSGi service. */
public interface ClusterView {
    /** The desired cluster, as last published. */
    ClusterState state();

    /** What the node's satellite reported last, however old; empty if it never did since the controller started. */
    Optional<NodeStatus> status(NodeName node);

    /** The link to the node's satellite; OFFLINE for a node that is not known. */
    LinkStatus link(NodeName node);

    /**
     * What is on its way from a node, with how it stands: all that is left on one that is being emptied, and replicas that others
     * are to take the place of.
     */
    SortedMap<ResourceName, String> evacuation(NodeName node);

    /**
     * What a resource group can still take, by what was seen of the pools last.
     *
     * @param asked what is placed otherwise than the group says
     * @throws io.heddle.core.error.HeddleException RESOURCE_GROUP_NOT_FOUND
     */
    SizeReport sizes(ResourceGroupName group, PlacementWish asked);

    /** About the controller itself. */
    ControllerStatus controller();
}
