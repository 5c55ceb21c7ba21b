package io.heddle.core.cluster;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.OptionSection;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.OptionResolver;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.CompletionStage;

/** One thing that DRBD options can be set on. */
public sealed interface OptionPlace {
    /** Which level it is on. */
    PropertyLevel level();

    /** The way {@link #parse} takes it, such as {@code resource-connection/db1/n1/n2}. */
    String path();

    /** Changes what is set on it. */
    CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change);

    /**
     * What is set on it.
     *
     * @throws HeddleException if it is not there
     */
    SortedMap<String, String> properties(ClusterState state);

    /**
     * The options of a section that hold here by what is set here and above, by name; none if that section cannot be set here.
     *
     * @throws HeddleException if it is not there
     */
    default SortedMap<String, OptionResolver.Effective> effective(ClusterState state, OptionSection section) {
        return section.levels().contains(level()) ? OptionResolver.resolve(section, levels(state)) : Ordered.map(null);
    }

    /** It and what it inherits from, the farthest first. */
    List<OptionResolver.Level> levels(ClusterState state);

    /** Everything. */
    record OfController() implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.CONTROLLER;
        }

        @Override
        public String path() {
            return "controller";
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyController(change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            return state.settings().properties();
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            return List.of(OptionResolver.controllerLevel(state));
        }
    }

    /** All that follow a group. */
    record OfGroup(ResourceGroupName group) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.RESOURCE_GROUP;
        }

        @Override
        public String path() {
            return "resource-group/" + group;
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyResourceGroup(group, change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            return require(state).properties();
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            return List.of(OptionResolver.controllerLevel(state), OptionResolver.groupLevel(require(state)));
        }

        private ResourceGroup require(ClusterState state) {
            return state.resourceGroup(group).orElseThrow(() -> NotFound.resourceGroup(group));
        }
    }

    /** A resource definition. */
    record OfDefinition(ResourceName resource) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.RESOURCE_DEFINITION;
        }

        @Override
        public String path() {
            return "resource-definition/" + resource;
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyResourceDefinition(resource, change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            return definition(state, resource).properties();
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            return OptionResolver.definitionLevels(state, definition(state, resource));
        }
    }

    /** A volume definition. */
    record OfVolume(ResourceName resource, int number) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.VOLUME_DEFINITION;
        }

        @Override
        public String path() {
            return "volume-definition/" + resource + "/" + number;
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyVolumeDefinition(resource, number, Optional.empty(), change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            return volume(definition(state, resource), number).properties();
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            ResourceDefinition definition = definition(state, resource);
            List<OptionResolver.Level> levels = OptionResolver.definitionLevels(state, definition);
            levels.add(OptionResolver.volumeLevel(definition, volume(definition, number)));
            return levels;
        }
    }

    /** A resource definition on one node. */
    record OfResource(ResourceName resource, NodeName node) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.RESOURCE;
        }

        @Override
        public String path() {
            return "resource/" + resource + "/" + node;
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyResource(resource, node, change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            return onNode(definition(state, resource), node).properties();
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            ResourceDefinition definition = definition(state, resource);
            List<OptionResolver.Level> levels = OptionResolver.definitionLevels(state, definition);
            levels.add(OptionResolver.resourceLevel(definition, onNode(definition, node)));
            return levels;
        }
    }

    /** All connections between two nodes. */
    record OfNodes(NodePair nodes) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.NODE_CONNECTION;
        }

        @Override
        public String path() {
            return "node-connection/" + nodes.text();
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyNodeConnection(nodes, change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            require(state);
            return state.settings().nodeConnection(nodes);
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            require(state);
            return List.of(OptionResolver.controllerLevel(state), OptionResolver.nodesLevel(state, nodes));
        }

        private void require(ClusterState state) {
            for (NodeName node : List.of(nodes.first(), nodes.second())) {
                if (state.node(node).isEmpty()) {
                    throw NotFound.node(node);
                }
            }
        }
    }

    /** A resource between two nodes. */
    record OfConnection(ResourceName resource, NodePair nodes) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.RESOURCE_CONNECTION;
        }

        @Override
        public String path() {
            return "resource-connection/" + resource + "/" + nodes.text();
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyResourceConnection(resource, nodes, change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            return between(definition(state, resource), nodes).connection(nodes).properties();
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            return OptionResolver.connectionLevels(state, between(definition(state, resource), nodes), nodes);
        }
    }

    /** A volume of a resource between two nodes. */
    record OfPeerDevice(ResourceName resource, NodePair nodes, int number) implements OptionPlace {
        @Override
        public PropertyLevel level() {
            return PropertyLevel.PEER_DEVICE;
        }

        @Override
        public String path() {
            return "peer-device/" + resource + "/" + nodes.text() + "/" + number;
        }

        @Override
        public CompletionStage<Outcome> modify(Cluster cluster, PropertyChange change) {
            return cluster.modifyPeerDevice(resource, nodes, number, change);
        }

        @Override
        public SortedMap<String, String> properties(ClusterState state) {
            ResourceDefinition definition = between(definition(state, resource), nodes);
            volume(definition, number);
            return definition.connection(nodes).peerDevice(number);
        }

        @Override
        public List<OptionResolver.Level> levels(ClusterState state) {
            ResourceDefinition definition = between(definition(state, resource), nodes);
            return OptionResolver.peerDeviceLevels(state, definition, nodes, volume(definition, number));
        }
    }

    /**
     * A place by its path.
     *
     * @throws HeddleException INVALID_INPUT, INVALID_NAME
     */
    static OptionPlace parse(String path) {
        String[] parts = path.strip().split("/", -1);
        String form = parts[0] + "/" + (parts.length - 1);
        return switch (form) {
            case "controller/0" -> new OfController();
            case "resource-group/1" -> new OfGroup(new ResourceGroupName(parts[1]));
            case "resource-definition/1" -> new OfDefinition(new ResourceName(parts[1]));
            case "volume-definition/2" -> new OfVolume(new ResourceName(parts[1]), number(parts[2]));
            case "resource/2" -> new OfResource(new ResourceName(parts[1]), new NodeName(parts[2]));
            case "node-connection/2" -> new OfNodes(new NodePair(new NodeName(parts[1]), new NodeName(parts[2])));
            case "resource-connection/3" ->
                new OfConnection(
                        new ResourceName(parts[1]), new NodePair(new NodeName(parts[2]), new NodeName(parts[3])));
            case "peer-device/4" ->
                new OfPeerDevice(
                        new ResourceName(parts[1]),
                        new NodePair(new NodeName(parts[2]), new NodeName(parts[3])),
                        number(parts[4]));
            default ->
                throw new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "'" + path.replaceAll("\\p{Cntrl}", "?") + "' names nothing that has DRBD options",
                        "such are controller, resource-group/GROUP, resource-definition/RESOURCE,"
                                + " volume-definition/RESOURCE/NUMBER, resource/RESOURCE/NODE,"
                                + " node-connection/NODE/NODE, resource-connection/RESOURCE/NODE/NODE and"
                                + " peer-device/RESOURCE/NODE/NODE/NUMBER",
                        "name one of these");
        };
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "'" + text.replaceAll("\\p{Cntrl}", "?") + "' is not a volume number",
                    "a volume number is a whole number",
                    "give a number",
                    e);
        }
    }

    private static ResourceDefinition definition(ClusterState state, ResourceName name) {
        return state.resourceDefinition(name).orElseThrow(() -> NotFound.resourceDefinition(name));
    }

    private static VolumeDefinition volume(ResourceDefinition definition, int number) {
        VolumeDefinition volume = definition.volumeDefinitions().get(number);
        if (volume == null) {
            throw NotFound.volumeDefinition(definition.name(), number);
        }
        return volume;
    }

    private static Resource onNode(ResourceDefinition definition, NodeName node) {
        Resource resource = definition.resources().get(node);
        if (resource == null) {
            throw NotFound.resource(definition.name(), node);
        }
        return resource;
    }

    private static ResourceDefinition between(ResourceDefinition definition, NodePair nodes) {
        onNode(definition, nodes.first());
        onNode(definition, nodes.second());
        return definition;
    }
}
