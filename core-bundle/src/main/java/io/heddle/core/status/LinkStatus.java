package io.heddle.core.status;

import io.heddle.core.error.Problem;
import java.time.Instant;
import java.util.Optional;

/**
 * The link to a node's satellite, as the controller sees it.
 *
 * @param state how it stands
 * @param since when that began
 * @param problem why it is not online; empty if it is
 * @param fingerprint SHA-256 of the public key that the satellite showed, lower-case hex; empty before it showed one
 */
public record LinkStatus(State state, Instant since, Optional<Problem> problem, Optional<String> fingerprint) {
    /** How a link stands. */
    public enum State {
        /** Connected, handshake done, status flowing. */
        ONLINE,
        /** Being connected for the first time since the controller started or the address changed. */
        CONNECTING,
        /** Was tried and is not to be had; tried again for ever. */
        OFFLINE,
        /** The satellite belongs to no controller yet and would not be claimed. */
        UNCLAIMED,
        /** The satellite refused this controller, or showed another key than the pinned one. */
        REFUSED,
        /** Controller and satellite do not speak the same version. */
        VERSION_MISMATCH,
        /** There is no satellite to connect to. */
        NOT_NEEDED
    }
}
