package io.heddle.rest.body;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A resource group to create.
 *
 * @param name its name
 * @param description free text
 * @param props properties to begin with
 * @param selectFilter where replicas are placed
 * @param peerSlots bitmap slots of its volumes
 */
public record ResourceGroupBody(
        @Nullable String name,
        @Nullable String description,
        @Nullable Map<String, @Nullable String> props,
        @Nullable SelectFilterBody selectFilter,
        @Nullable Integer peerSlots) {}
