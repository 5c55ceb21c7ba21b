package io.heddle.core.status;

import io.heddle.core.model.DriverKind;
import io.heddle.core.model.PoolName;
import java.util.UUID;

/**
 * A storage pool as last seen.
 *
 * @param name its name
 * @param uuid its identity
 * @param kind which driver serves it
 * @param capacity what the driver saw, or why it could not look
 */
public record PoolStatus(PoolName name, UUID uuid, DriverKind kind, Observation<PoolCapacity> capacity) {}
