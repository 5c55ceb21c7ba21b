package io.heddle.core.model;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What belongs to the cluster as a whole.
 *
 * @param clusterId identity of the cluster; every backing volume carries it
 * @param properties properties of the controller level, inherited by everything
 * @param nodeConnections what is set for all connections between two nodes; none of them is empty
 */
public record ClusterSettings(
        UUID clusterId,
        SortedMap<String, String> properties,
        SortedMap<NodePair, SortedMap<String, String>> nodeConnections) {
    public ClusterSettings {
        properties = Ordered.map(properties);
        TreeMap<NodePair, SortedMap<String, String>> connections = new TreeMap<>();
        Ordered.map(nodeConnections).forEach((nodes, set) -> {
            if (!set.isEmpty()) {
                connections.put(nodes, Ordered.map(set));
            }
        });
        nodeConnections = Ordered.map(connections);
    }

    /** Those with nothing set between nodes. */
    public ClusterSettings(UUID clusterId, SortedMap<String, String> properties) {
        this(clusterId, properties, Ordered.map(null));
    }

    public ClusterSettings withProperties(SortedMap<String, String> changed) {
        return new ClusterSettings(clusterId, changed, nodeConnections);
    }

    /** What is set for all connections between two nodes. */
    public SortedMap<String, String> nodeConnection(NodePair nodes) {
        return nodeConnections.getOrDefault(nodes, Ordered.map(null));
    }

    public ClusterSettings withNodeConnection(NodePair nodes, SortedMap<String, String> changed) {
        return new ClusterSettings(clusterId, properties, Ordered.with(nodeConnections, nodes, changed));
    }

    /** Without what is set for the connections of a node. */
    public ClusterSettings withoutNodeConnections(NodeName node) {
        TreeMap<NodePair, SortedMap<String, String>> kept = new TreeMap<>(nodeConnections);
        kept.keySet().removeIf(nodes -> nodes.has(node));
        return new ClusterSettings(clusterId, properties, kept);
    }
}
