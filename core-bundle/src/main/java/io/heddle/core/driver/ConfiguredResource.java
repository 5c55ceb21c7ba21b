package io.heddle.core.driver;

import java.util.Optional;
import java.util.UUID;

/**
 * A resource file that Heddle wrote.
 *
 * @param name resource it is of
 * @param cluster cluster it carries
 * @param resource identity of the incarnation it carries; empty if it cannot be read
 * @param quorum whether it asks for a quorum
 */
public record ConfiguredResource(String name, Optional<UUID> cluster, Optional<UUID> resource, boolean quorum) {}
