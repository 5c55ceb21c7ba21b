package io.heddle.rest.body;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a split brain is to be resolved; a body of Heddle's own.
 *
 * @param discard nodes whose changes go
 * @param withoutSnapshot the word that what goes need not be kept
 */
public record SplitBrainBody(
        @Nullable List<@Nullable String> discard, @Nullable Boolean withoutSnapshot) {}
