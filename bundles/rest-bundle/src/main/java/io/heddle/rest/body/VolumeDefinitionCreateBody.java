package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * A volume definition to create.
 *
 * @param volumeDefinition what it is
 * @param drbdMinorNumber DRBD minor
 * @param passphrase passphrase of an encrypted volume; not supported
 */
public record VolumeDefinitionCreateBody(
        @Nullable VolumeDefinitionBody volumeDefinition,
        @Nullable Integer drbdMinorNumber,
        @Nullable String passphrase) {}
