package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The definition within a {@link VolumeDefinitionCreateBody}.
 *
 * @param volumeNumber its number
 * @param sizeKib its size
 * @param props properties to begin with
 * @param flags flags, {@code GROSS_SIZE} among them
 */
public record VolumeDefinitionBody(
        @Nullable Integer volumeNumber,
        @Nullable Long sizeKib,
        @Nullable Map<String, @Nullable String> props,
        @Nullable List<@Nullable String> flags) {}
