package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A volume group to create.
 *
 * @param volumeNumber its number
 * @param props not supported
 * @param flags flags, {@code GROSS_SIZE} among them
 */
public record VolumeGroupBody(
        @Nullable Integer volumeNumber,
        @Nullable Map<String, @Nullable String> props,
        @Nullable List<@Nullable String> flags) {}
