package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodePair;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.DrbdOption;
import io.heddle.core.option.DrbdOptionCatalogue;
import io.heddle.core.option.OptionSection;
import io.heddle.core.option.PropertyLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds which DRBD options hold, and where each comes from. Nearer wins: volume of a connection, volume definition, resource,
 * resource connection, node connection, resource definition, resource group, controller, and what Heddle itself sets. Pure.
 */
public final class OptionResolver {
    private static final String HEDDLE = "Heddle";

    private OptionResolver() {}

    /**
     * An option with what holds.
     *
     * @param option which
     * @param value its value, in DRBD's unit; empty text if nobody sets it and DRBD has no default
     * @param level the level that it comes from; empty if nobody set it
     * @param from what sets it, for a person: {@code resource group fast}, {@code Heddle}, or {@code DRBD} for its own default
     */
    public record Effective(DrbdOption option, String value, Optional<PropertyLevel> level, String from) {
        private static final String DEFAULT = "DRBD";

        static Effective byDefault(DrbdOption option) {
            return new Effective(option, option.initial().orElse(""), Optional.empty(), DEFAULT);
        }

        /** Whether only DRBD's own default holds. */
        public boolean isDefault() {
            return from.equals(DEFAULT);
        }
    }

    /**
     * A level with what is set on it.
     *
     * @param level which; empty for Heddle itself
     * @param from its name for a person
     * @param properties what is set
     */
    public record Level(Optional<PropertyLevel> level, String from, SortedMap<String, String> properties) {
        /** The level that an administrator sets. */
        public Level(PropertyLevel level, String from, SortedMap<String, String> properties) {
            this(Optional.of(level), from, properties);
        }
    }

    /** Resource options of a resource, by name. */
    public static SortedMap<String, Effective> resourceOptions(
            ClusterState state, ResourceDefinition definition, Resource resource) {
        return resolve(OptionSection.RESOURCE, resourceLevels(OptionSection.RESOURCE, state, definition, resource));
    }

    /** Net options of a definition's connection between two nodes, by name. */
    public static SortedMap<String, Effective> netOptions(
            ClusterState state, ResourceDefinition definition, NodePair nodes) {
        return resolve(OptionSection.NET, netLevels(state, definition, nodes));
    }

    /** Peer-device options of all volumes of a definition's connection between two nodes, by name. */
    public static SortedMap<String, Effective> peerDeviceOptions(
            ClusterState state, ResourceDefinition definition, NodePair nodes) {
        return resolve(OptionSection.PEER_DEVICE, connectionLevels(state, definition, nodes));
    }

    /** Peer-device options of one volume of a definition's connection between two nodes, by name. */
    public static SortedMap<String, Effective> peerDeviceOptions(
            ClusterState state, ResourceDefinition definition, NodePair nodes, VolumeDefinition volume) {
        return resolve(OptionSection.PEER_DEVICE, peerDeviceLevels(state, definition, nodes, volume));
    }

    /** Disk options of a volume of a resource, by name. */
    public static SortedMap<String, Effective> diskOptions(
            ClusterState state, ResourceDefinition definition, Resource resource, VolumeDefinition volume) {
        return resolve(OptionSection.DISK, diskLevels(state, definition, resource, volume));
    }

    /** Commands that DRBD runs on events, by name of the handler. */
    public static SortedMap<String, Effective> handlers(ClusterState state, ResourceDefinition definition) {
        return resolve(OptionSection.HANDLERS, definitionLevels(state, definition));
    }

    /**
     * What sets the options of a section for a resource as a whole, the nearest last: Heddle, the levels of its definition, and
     * the resource itself. Its volumes and connections may have nearer ones.
     */
    public static List<Level> resourceLevels(
            OptionSection section, ClusterState state, ResourceDefinition definition, Resource resource) {
        List<Level> levels = new ArrayList<>();
        levels.add(heddle(section, own(section, state, definition)));
        levels.addAll(definitionLevels(state, definition));
        if (section.levels().contains(PropertyLevel.RESOURCE)) {
            levels.add(resourceLevel(definition, resource));
        }
        return levels;
    }

    /** What sets the disk options of a volume of a resource, the nearest last. */
    public static List<Level> diskLevels(
            ClusterState state, ResourceDefinition definition, Resource resource, VolumeDefinition volume) {
        List<Level> levels = resourceLevels(OptionSection.DISK, state, definition, resource);
        levels.add(volumeLevel(definition, volume));
        return levels;
    }

    /** What sets the net options of a definition's connection between two nodes, the nearest last. */
    public static List<Level> netLevels(ClusterState state, ResourceDefinition definition, NodePair nodes) {
        List<Level> levels = new ArrayList<>();
        levels.add(heddle(OptionSection.NET, own(OptionSection.NET, state, definition)));
        levels.addAll(connectionLevels(state, definition, nodes));
        return levels;
    }

    /** What Heddle itself sets. */
    private static Map<String, String> own(OptionSection section, ClusterState state, ResourceDefinition definition) {
        return switch (section) {
            case RESOURCE -> Quorum.of(state, definition).resourceOptions();
            case NET ->
                Quorum.of(state, definition).wanted()
                        ? Map.of("protocol", "C", "rr-conflict", "retry-connect")
                        : Map.of("protocol", "C");
            case DISK -> Map.of("on-io-error", "detach");
            case PEER_DEVICE, HANDLERS -> Map.of();
        };
    }

    /** The controller, the group and the definition, the nearest last. */
    public static List<Level> definitionLevels(ClusterState state, ResourceDefinition definition) {
        List<Level> levels = new ArrayList<>();
        levels.add(controllerLevel(state));
        state.resourceGroup(definition.group()).ifPresent(group -> levels.add(groupLevel(group)));
        levels.add(new Level(
                PropertyLevel.RESOURCE_DEFINITION,
                "resource definition " + definition.name(),
                definition.properties()));
        return levels;
    }

    /** The levels of a connection, the nearest last. */
    public static List<Level> connectionLevels(ClusterState state, ResourceDefinition definition, NodePair nodes) {
        List<Level> levels = definitionLevels(state, definition);
        levels.add(nodesLevel(state, nodes));
        levels.add(new Level(
                PropertyLevel.RESOURCE_CONNECTION,
                "connection of " + definition.name() + " between " + nodes,
                definition.connection(nodes).properties()));
        return levels;
    }

    /** The levels of a volume of a connection, the nearest last. */
    public static List<Level> peerDeviceLevels(
            ClusterState state, ResourceDefinition definition, NodePair nodes, VolumeDefinition volume) {
        List<Level> levels = connectionLevels(state, definition, nodes);
        levels.add(volumeLevel(definition, volume));
        levels.add(new Level(
                PropertyLevel.PEER_DEVICE,
                "volume " + volume.number() + " of " + definition.name() + " between " + nodes,
                definition.connection(nodes).peerDevice(volume.number())));
        return levels;
    }

    /** The controller's level. */
    public static Level controllerLevel(ClusterState state) {
        return new Level(
                PropertyLevel.CONTROLLER, "controller", state.settings().properties());
    }

    /** A group's level. */
    public static Level groupLevel(ResourceGroup group) {
        return new Level(PropertyLevel.RESOURCE_GROUP, "resource group " + group.name(), group.properties());
    }

    /** The level of all connections between two nodes. */
    public static Level nodesLevel(ClusterState state, NodePair nodes) {
        return new Level(
                PropertyLevel.NODE_CONNECTION,
                "connections between " + nodes,
                state.settings().nodeConnection(nodes));
    }

    /** A volume definition's level. */
    public static Level volumeLevel(ResourceDefinition definition, VolumeDefinition volume) {
        return new Level(
                PropertyLevel.VOLUME_DEFINITION,
                "volume definition " + volume.number() + " of " + definition.name(),
                volume.properties());
    }

    /** The level of a definition on one node. */
    public static Level resourceLevel(ResourceDefinition definition, Resource resource) {
        return new Level(
                PropertyLevel.RESOURCE,
                "resource " + definition.name() + " on " + resource.node(),
                resource.properties());
    }

    private static Level heddle(OptionSection section, Map<String, String> options) {
        TreeMap<String, String> properties = new TreeMap<>();
        options.forEach((name, value) -> properties.put(section.prefix() + name, value));
        return new Level(Optional.empty(), HEDDLE, properties);
    }

    /** A property that definitions inherit: that of the definition, its group or the controller, the nearest first. */
    static Optional<String> inherited(ClusterState state, ResourceDefinition definition, String key) {
        String nearest = definition.properties().get(key);
        if (nearest == null) {
            ResourceGroup group = state.resourceGroups().get(definition.group());
            nearest = group == null ? null : group.properties().get(key);
        }
        return Optional.ofNullable(
                nearest == null ? state.settings().properties().get(key) : nearest);
    }

    static SortedMap<String, String> values(SortedMap<String, Effective> options) {
        TreeMap<String, String> values = new TreeMap<>();
        options.forEach((name, effective) -> values.put(name, effective.value()));
        return Ordered.map(values);
    }

    /** Each option that some levels set, by name: what holds first, then what would hold without it, the farthest last. */
    public static SortedMap<String, List<Effective>> chains(OptionSection section, List<Level> farthestFirst) {
        TreeMap<String, List<Effective>> chains = new TreeMap<>();
        for (Level level : farthestFirst) {
            resolve(section, List.of(level))
                    .forEach((name, effective) -> chains.computeIfAbsent(name, first -> new ArrayList<>())
                            .add(0, effective));
        }
        return Ordered.map(chains);
    }

    /**
     * What is set on some levels, by name of the option. What a catalogue of another version knew and this one does not is left
     * out: drbdadm would refuse the whole file.
     */
    public static SortedMap<String, Effective> resolve(OptionSection section, List<Level> farthestFirst) {
        TreeMap<String, Effective> resolved = new TreeMap<>();
        String prefix = section.prefix();
        for (Level level : farthestFirst) {
            level.properties()
                    .subMap(prefix, prefix + Character.MAX_VALUE)
                    .forEach((key, value) -> DrbdOptionCatalogue.find(key)
                            .ifPresent(option -> resolved.put(
                                    option.name(), new Effective(option, value, level.level(), level.from()))));
        }
        return Ordered.map(resolved);
    }

    /** Every option of a section: as set, or else with DRBD's default; by name. */
    public static SortedMap<String, Effective> complete(OptionSection section, SortedMap<String, Effective> set) {
        TreeMap<String, Effective> complete = new TreeMap<>();
        for (DrbdOption option : DrbdOptionCatalogue.all()) {
            if (option.section() == section && option.type() != DrbdOption.Type.RESERVED) {
                complete.put(option.name(), Effective.byDefault(option));
            }
        }
        complete.putAll(set);
        return Ordered.map(complete);
    }
}
