package io.heddle.core.model;

import java.util.UUID;

/**
 * That a resource goes back to a snapshot: it is taken down on all of its nodes, and when all have confirmed that, another incarnation of
 * it takes its place, made of the snapshot.
 *
 * @param successor identity of that incarnation
 * @param since revision of the state that was changed for it: a report on a wish that is newer is one on this wish
 */
public record Rollback(UUID successor, long since) {}
