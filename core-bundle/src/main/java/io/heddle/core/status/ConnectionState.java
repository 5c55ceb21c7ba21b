package io.heddle.core.status;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** State of a connection (drbd.h, enum drbd_conn_state). */
public enum ConnectionState {
    STAND_ALONE("StandAlone"),
    DISCONNECTING("Disconnecting"),
    UNCONNECTED("Unconnected"),
    TIMEOUT("Timeout"),
    BROKEN_PIPE("BrokenPipe"),
    NETWORK_FAILURE("NetworkFailure"),
    PROTOCOL_ERROR("ProtocolError"),
    TEAR_DOWN("TearDown"),
    CONNECTING("Connecting"),
    CONNECTED("Connected"),
    /** A word that this version of Heddle does not know; the original is in the log. */
    UNRECOGNISED("Unrecognised");

    private final String drbdName;

    ConnectionState(String drbdName) {
        this.drbdName = drbdName;
    }

    /** DRBD's spelling; never null. */
    @JsonValue
    public String drbdName() {
        return drbdName;
    }

    /** The constant of DRBD's spelling, {@link #UNRECOGNISED} for a word of a newer DRBD. */
    @JsonCreator
    public static ConnectionState of(String drbdName) {
        for (ConnectionState value : values()) {
            if (value.drbdName.equals(drbdName)) {
                return value;
            }
        }
        return UNRECOGNISED;
    }
}
