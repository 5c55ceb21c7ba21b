package io.heddle.rest.body;

import org.jspecify.annotations.Nullable;

/**
 * An address of a node.
 *
 * @param name its name
 * @param address its literal address
 * @param satellitePort port of the satellite there
 * @param satelliteEncryptionType {@code SSL} or {@code PLAIN}
 * @param isActive whether the controller is to reach the satellite there
 */
public record NetInterfaceBody(
        @Nullable String name,
        @Nullable String address,
        @Nullable Integer satellitePort,
        @Nullable String satelliteEncryptionType,
        @Nullable Boolean isActive) {}
