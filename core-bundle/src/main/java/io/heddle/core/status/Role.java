package io.heddle.core.status;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Role of a resource on a node (drbd.h, enum drbd_role). */
public enum Role {
    UNKNOWN("Unknown"),
    PRIMARY("Primary"),
    SECONDARY("Secondary"),
    /** A word that this version of Heddle does not know; the original is in the log. */
    UNRECOGNISED("Unrecognised");

    private final String drbdName;

    Role(String drbdName) {
        this.drbdName = drbdName;
    }

    /** DRBD's spelling; never null. */
    @JsonValue
    public String drbdName() {
        return drbdName;
    }

    /** The constant of DRBD's spelling, {@link #UNRECOGNISED} for a word of a newer DRBD. */
    @JsonCreator
    public static Role of(String drbdName) {
        for (Role value : values()) {
            if (value.drbdName.equals(drbdName)) {
                return value;
            }
        }
        return UNRECOGNISED;
    }
}
