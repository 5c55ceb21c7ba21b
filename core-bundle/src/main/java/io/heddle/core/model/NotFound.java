package io.heddle.core.model;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;

/** The errors of looking for what is not there, worded once. */
public final class NotFound {
    private NotFound() {}

    public static HeddleException node(NodeName name) {
        return missing(ErrorCode.NODE_NOT_FOUND, "node " + name, "see 'node list'");
    }

    public static HeddleException netInterface(NodeName node, NetInterfaceName name) {
        return missing(
                ErrorCode.NET_INTERFACE_NOT_FOUND,
                "network interface " + name + " of node " + node,
                "see 'node interface list " + node + "'");
    }

    public static HeddleException storagePool(NodeName node, PoolName name) {
        return missing(
                ErrorCode.STORAGE_POOL_NOT_FOUND,
                "storage pool " + name + " on node " + node,
                "see 'storage-pool list'");
    }

    public static HeddleException volumeGroup(ResourceGroupName group, int number) {
        return missing(
                ErrorCode.VOLUME_GROUP_NOT_FOUND,
                "volume group " + number + " of resource group " + group,
                "see 'volume-group list " + group + "'");
    }

    public static HeddleException resourceGroup(ResourceGroupName name) {
        return missing(ErrorCode.RESOURCE_GROUP_NOT_FOUND, "resource group " + name, "see 'resource-group list'");
    }

    public static HeddleException resourceDefinition(ResourceName name) {
        return missing(
                ErrorCode.RESOURCE_DEFINITION_NOT_FOUND,
                "resource definition " + name,
                "see 'resource-definition list', or create it first");
    }

    public static HeddleException volumeDefinition(ResourceName name, int number) {
        return missing(
                ErrorCode.VOLUME_DEFINITION_NOT_FOUND,
                "volume definition " + number + " of " + name,
                "see 'volume-definition list', or create it first");
    }

    public static HeddleException resource(ResourceName name, NodeName node) {
        return missing(ErrorCode.RESOURCE_NOT_FOUND, "resource " + name + " on node " + node, "see 'resource list'");
    }

    public static HeddleException snapshot(ResourceName resource, SnapshotName name) {
        return missing(ErrorCode.SNAPSHOT_NOT_FOUND, "snapshot " + name + " of " + resource, "see 'snapshot list'");
    }

    private static HeddleException missing(ErrorCode code, String noun, String correction) {
        return new HeddleException(code, "cannot find " + noun, "there is none of that name", correction);
    }
}
