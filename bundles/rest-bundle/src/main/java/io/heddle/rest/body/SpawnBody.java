package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a resource group is to spawn.
 *
 * @param resourceDefinitionName name of the resource definition
 * @param resourceDefinitionExternalName not supported
 * @param resourceDefinitionProps properties of the resource definition to begin with
 * @param volumeSizes sizes of its volumes in KiB
 * @param partial whether there may be more or fewer sizes than volume groups
 * @param definitionsOnly whether nothing is placed
 * @param selectFilter what is placed otherwise than the group says
 * @param volumePassphrases not supported
 * @param peerSlots not supported
 */
public record SpawnBody(
        @Nullable String resourceDefinitionName,
        @Nullable String resourceDefinitionExternalName,
        @Nullable Map<String, @Nullable String> resourceDefinitionProps,
        @Nullable List<@Nullable Long> volumeSizes,
        @Nullable Boolean partial,
        @Nullable Boolean definitionsOnly,
        @Nullable SelectFilterBody selectFilter,
        @Nullable List<@Nullable String> volumePassphrases,
        @Nullable Integer peerSlots) {}
