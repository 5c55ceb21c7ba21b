package io.heddle.core.driver;

import java.util.UUID;

/**
 * Which backing volume is meant: a name alone is never enough to touch one.
 *
 * @param name name in its pool
 * @param cluster cluster it must belong to
 * @param volume replica it must be of
 */
public record BackingIdentity(String name, UUID cluster, UUID volume) {}
