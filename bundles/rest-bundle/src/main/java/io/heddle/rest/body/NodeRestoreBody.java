package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * The end of the emptying of a node.
 *
 * @param deleteResources whether what is on it is to be deleted
 * @param deleteSnapshots whether its snapshots are to be deleted
 */
public record NodeRestoreBody(
        @Nullable Boolean deleteResources, @Nullable Boolean deleteSnapshots) {}
