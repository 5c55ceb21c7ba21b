package io.heddle.core.plan;

import io.heddle.core.model.ClusterState;
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
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Finds which DRBD options hold, and which level each comes from. Nearer wins: volume definition, resource, resource
 * definition, resource group, controller. Pure.
 */
public final class OptionResolver {
    private OptionResolver() {}

    /**
     * An option that is set somewhere.
     *
     * @param option which
     * @param value its value, in DRBD's unit
     * @param from the level that it comes from
     */
    public record Effective(DrbdOption option, String value, PropertyLevel from) {}

    /** Resource options of a resource, by name. */
    public static SortedMap<String, Effective> resourceOptions(
            ClusterState state, ResourceDefinition definition, Resource resource) {
        List<Level> levels = levels(state, definition);
        levels.add(new Level(PropertyLevel.RESOURCE, resource.properties()));
        return resolve(OptionSection.RESOURCE, levels);
    }

    /** Net options of a definition's connections, by name. */
    public static SortedMap<String, Effective> netOptions(ClusterState state, ResourceDefinition definition) {
        return resolve(OptionSection.NET, levels(state, definition));
    }

    /** Peer-device options of a definition's connections, by name. */
    public static SortedMap<String, Effective> peerDeviceOptions(ClusterState state, ResourceDefinition definition) {
        return resolve(OptionSection.PEER_DEVICE, levels(state, definition));
    }

    /** Disk options of a volume of a resource, by name. */
    public static SortedMap<String, Effective> diskOptions(
            ClusterState state, ResourceDefinition definition, Resource resource, VolumeDefinition volume) {
        List<Level> levels = levels(state, definition);
        levels.add(new Level(PropertyLevel.RESOURCE, resource.properties()));
        levels.add(new Level(PropertyLevel.VOLUME_DEFINITION, volume.properties()));
        return resolve(OptionSection.DISK, levels);
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
        return values;
    }

    private record Level(PropertyLevel level, SortedMap<String, String> properties) {}

    private static List<Level> levels(ClusterState state, ResourceDefinition definition) {
        List<Level> levels = new ArrayList<>();
        levels.add(new Level(PropertyLevel.CONTROLLER, state.settings().properties()));
        ResourceGroup group = state.resourceGroups().get(definition.group());
        if (group != null) {
            levels.add(new Level(PropertyLevel.RESOURCE_GROUP, group.properties()));
        }
        levels.add(new Level(PropertyLevel.RESOURCE_DEFINITION, definition.properties()));
        return levels;
    }

    /** What a catalogue of another version knew and this one does not is left out: drbdadm would refuse the whole file. */
    private static SortedMap<String, Effective> resolve(OptionSection section, List<Level> farthestFirst) {
        TreeMap<String, Effective> resolved = new TreeMap<>();
        String prefix = section.prefix();
        for (Level level : farthestFirst) {
            level.properties()
                    .subMap(prefix, prefix + Character.MAX_VALUE)
                    .forEach((key, value) -> DrbdOptionCatalogue.find(key)
                            .ifPresent(option ->
                                    resolved.put(option.name(), new Effective(option, value, level.level()))));
        }
        return Ordered.map(resolved);
    }
}
