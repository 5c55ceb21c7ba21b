package io.heddle.core.management;

import java.util.List;

/**
 * What one side of a resource knows of a peer that it is cut off from.
 *
 * @param resource the resource
 * @param node the side
 * @param peer the peer
 * @param diverged whether the two have diverged, as far as that is known from both
 * @param connection state of the connection, in DRBD's word
 * @param usage InUse, Unused or Unknown
 * @param role role of the side now
 * @param roleThen role of the side when it was first seen without the peer
 * @param state state of its worst disk
 * @param outOfSync bytes changed on the side that the peer is not known to have; -1 if that is not known
 * @param since when the side was first seen without the peer, ISO 8601, by its own clock; empty text if that is not known
 * @param lastWrite when it was last seen to be written since; empty text if no write was seen
 * @param watched whether it was watched all the time since it was cut off; if not, it may be cut off for longer, and may have been
 *     written when nobody looked
 * @param generations data generation of each volume: number, current and bitmap UUID
 * @param decided what was decided and is being carried out; empty text if nothing
 * @param waysOut commands of which one resolves it
 */
public record SplitBrainRow(
        String resource,
        String node,
        String peer,
        boolean diverged,
        String connection,
        String usage,
        String role,
        String roleThen,
        String state,
        long outOfSync,
        String since,
        String lastWrite,
        boolean watched,
        List<String> generations,
        String decided,
        List<String> waysOut) {}
