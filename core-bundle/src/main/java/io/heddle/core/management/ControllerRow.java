package io.heddle.core.management;

import java.util.List;

/**
 * The controller.
 *
 * @param version version of Heddle
 * @param clusterId identity of the cluster
 * @param epoch epoch of this start
 * @param revision revision of the desired state
 * @param startedAt when it started, ISO 8601
 * @param fingerprint SHA-256 of its public key
 * @param quarantined rows of the store that could not be read
 */
public record ControllerRow(
        String version,
        String clusterId,
        long epoch,
        long revision,
        String startedAt,
        String fingerprint,
        List<String> quarantined) {}
