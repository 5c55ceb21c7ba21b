package io.heddle.rest.body;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The resource within a {@link ResourceCreateBody}.
 *
 * @param nodeName where
 * @param props properties; {@code StorPoolName} names the pool
 * @param flags flags, {@code DISKLESS} among them
 */
public record ResourceBody(
        @Nullable String nodeName,
        @Nullable Map<String, @Nullable String> props,
        @Nullable List<@Nullable String> flags) {}
