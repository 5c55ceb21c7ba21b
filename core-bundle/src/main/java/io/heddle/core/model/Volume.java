package io.heddle.core.model;

import java.util.Optional;
import java.util.UUID;

/**
 * A volume of a resource: a volume definition on one node.
 *
 * @param number volume number
 * @param uuid identity of this replica; its backing volume carries it from the moment it is made
 * @param backing where its bytes are; empty on a diskless resource
 */
public record Volume(int number, UUID uuid, Optional<Backing> backing) {}
