package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * A layer of a resource definition.
 *
 * @param type which
 */
public record LayerBody(@Nullable String type) {}
