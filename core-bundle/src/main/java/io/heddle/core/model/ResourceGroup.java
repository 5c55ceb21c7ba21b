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
 */
public record ResourceGroup(
        ResourceGroupName name,
        UUID uuid,
        String description,
        SortedMap<String, String> properties,
        PlacementRule placement) {
    /** Longest description in characters. */
    public static final int LONGEST_DESCRIPTION = 1024;

    /** The group of every definition that was given none; it is always there. Its name is REST v1's. */
    public static final ResourceGroupName DEFAULT = new ResourceGroupName("DfltRscGrp");

    public ResourceGroup {
        properties = Ordered.map(properties);
        placement = placement == null ? PlacementRule.NOTHING : placement;
    }

    /** One that does not say where replicas are placed. */
    public ResourceGroup(ResourceGroupName name, UUID uuid, String description, SortedMap<String, String> properties) {
        this(name, uuid, description, properties, PlacementRule.NOTHING);
    }

    public ResourceGroup withProperties(SortedMap<String, String> changed) {
        return new ResourceGroup(name, uuid, description, changed, placement);
    }
}
