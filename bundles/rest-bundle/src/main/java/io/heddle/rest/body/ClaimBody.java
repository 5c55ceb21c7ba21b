package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * How a satellite is to be paired with; a body of Heddle's own.
 *
 * @param claimCode one-time code that the satellite printed
 */
public record ClaimBody(@Nullable String claimCode) {}
