package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The definition within a {@link ResourceDefinitionCreateBody}.
 *
 * @param name its name
 * @param externalName a name to derive the name from; not supported
 * @param props properties to begin with
 * @param layerData layers from the top down
 * @param resourceGroupName group it follows
 */
public record ResourceDefinitionBody(
        @Nullable String name,
        @Nullable String externalName,
        @Nullable Map<String, @Nullable String> props,
        @Nullable List<@Nullable LayerBody> layerData,
        @Nullable String resourceGroupName) {}
