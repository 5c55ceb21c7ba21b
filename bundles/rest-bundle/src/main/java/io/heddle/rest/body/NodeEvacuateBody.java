package io.heddle.rest.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The emptying of a node.
 *
 * @param target nodes that may take replicas; null: any
 * @param doNotTarget nodes that may take none; null: none of them
 */
public record NodeEvacuateBody(
        @Nullable List<@Nullable String> target, @Nullable List<@Nullable String> doNotTarget) {}
