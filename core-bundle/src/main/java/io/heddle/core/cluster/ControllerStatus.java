package io.heddle.core.cluster;

import java.time.Instant;
import java.util.List;
import java.util.UUID;

/**
 * The controller.
 *
 * @param version version of Heddle
 * @param epoch epoch of this start
 * @param instance instance id of this start
 * @param startedAt when it started
 * @param fingerprint SHA-256 of its public key, lower-case hex
 * @param quarantined rows of the store that could not be read, with the reason
 */
public record ControllerStatus(
        String version, long epoch, UUID instance, Instant startedAt, String fingerprint, List<String> quarantined) {
    public ControllerStatus {
        quarantined = List.copyOf(quarantined);
    }
}
