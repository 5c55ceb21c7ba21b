package io.heddle.core.status;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** State of a volume's disk (drbd.h, enum drbd_disk_state). */
public enum DiskState {
    DISKLESS("Diskless"),
    ATTACHING("Attaching"),
    DETACHING("Detaching"),
    FAILED("Failed"),
    NEGOTIATING("Negotiating"),
    INCONSISTENT("Inconsistent"),
    OUTDATED("Outdated"),
    DUNKNOWN("DUnknown"),
    CONSISTENT("Consistent"),
    UP_TO_DATE("UpToDate"),
    /** A word that this version of Heddle does not know; the original is in the log. */
    UNRECOGNISED("Unrecognised");

    private final String drbdName;

    DiskState(String drbdName) {
        this.drbdName = drbdName;
    }

    /** DRBD's spelling; never null. */
    @JsonValue
    public String drbdName() {
        return drbdName;
    }

    /** The constant of DRBD's spelling, {@link #UNRECOGNISED} for a word of a newer DRBD. */
    @JsonCreator
    public static DiskState of(String drbdName) {
        for (DiskState value : values()) {
            if (value.drbdName.equals(drbdName)) {
                return value;
            }
        }
        return UNRECOGNISED;
    }
}
