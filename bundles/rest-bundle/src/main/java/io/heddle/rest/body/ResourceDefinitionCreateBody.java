package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * A resource definition to create.
 *
 * @param resourceDefinition what it is
 * @param drbdPort TCP port; not supported
 * @param drbdSecret shared secret; not supported
 * @param drbdPeerSlots bitmap slots
 * @param drbdTransportType transport
 */
public record ResourceDefinitionCreateBody(
        @Nullable ResourceDefinitionBody resourceDefinition,
        @Nullable Integer drbdPort,
        @Nullable String drbdSecret,
        @Nullable Integer drbdPeerSlots,
        @Nullable String drbdTransportType) {}
