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
 */
public record ResourceGroup(
        ResourceGroupName name, UUID uuid, String description, SortedMap<String, String> properties) {
    /** The group of every definition that was given none; it is always there. Its name is REST v1's. */
    public static final ResourceGroupName DEFAULT = new ResourceGroupName("DfltRscGrp");

    public ResourceGroup {
        properties = Ordered.map(properties);
    }

    public ResourceGroup withProperties(SortedMap<String, String> changed) {
        return new ResourceGroup(name, uuid, description, changed);
    }
}
