package io.heddle.core.model;

import java.util.SortedMap;
import java.util.UUID;

/**
 * A template for resource definitions.
 *
 * @param name its name
 * @param uuid its identity
 * @param description free text, may be empty
 * @param properties properties that its definitions inherit
 * @param placement where their replicas are placed
 * @param volumeGroups volumes of what is spawned from it, by number
 */
public record ResourceGroup(
        ResourceGroupName name,
        UUID uuid,
        String description,
        SortedMap<String, String> properties,
        PlacementRule placement,
        SortedMap<Integer, VolumeGroup> volumeGroups) {
    /** Longest description in characters. */
    public static final int LONGEST_DESCRIPTION = 1024;

    /** The group of every definition that was given none; it is always there. Its name is REST v1's. */
    public static final ResourceGroupName DEFAULT = new ResourceGroupName("DfltRscGrp");

    public ResourceGroup {
        properties = Ordered.map(properties);
        placement = placement == null ? PlacementRule.NOTHING : placement;
        volumeGroups = Ordered.map(volumeGroups);
    }

    /** One that does not say where replicas are placed, nor how many volumes there are. */
    public ResourceGroup(ResourceGroupName name, UUID uuid, String description, SortedMap<String, String> properties) {
        this(name, uuid, description, properties, PlacementRule.NOTHING, Ordered.map(null));
    }

    public ResourceGroup withProperties(SortedMap<String, String> changed) {
        return new ResourceGroup(name, uuid, description, changed, placement, volumeGroups);
    }

    /** With a volume group in place of the one of its number. */
    public ResourceGroup withVolumeGroup(VolumeGroup added) {
        return withVolumeGroups(Ordered.with(volumeGroups, added.number(), added));
    }

    public ResourceGroup withoutVolumeGroup(int number) {
        return withVolumeGroups(Ordered.without(volumeGroups, number));
    }

    private ResourceGroup withVolumeGroups(SortedMap<Integer, VolumeGroup> changed) {
        return new ResourceGroup(name, uuid, description, properties, placement, changed);
    }
}
