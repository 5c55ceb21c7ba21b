package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node to create.
 *
 * @param name its name
 * @param type what it is for; a satellite if left out
 * @param netInterfaces its addresses
 * @param props properties to begin with
 * @param claimCode one-time code that the satellite printed; a field of Heddle's own
 */
public record NodeBody(
        @Nullable String name,
        @Nullable String type,
        @Nullable List<@Nullable NetInterfaceBody> netInterfaces,
        @Nullable Map<String, @Nullable String> props,
        @Nullable String claimCode) {}
