package io.heddle.core.status;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Replication state of a volume to one peer (drbd.h, enum drbd_repl_state). */
public enum ReplicationState {
    OFF("Off"),
    ESTABLISHED("Established"),
    STARTING_SYNC_S("StartingSyncS"),
    STARTING_SYNC_T("StartingSyncT"),
    WFBIT_MAP_S("WFBitMapS"),
    WFBIT_MAP_T("WFBitMapT"),
    WFSYNC_UUID("WFSyncUUID"),
    SYNC_SOURCE("SyncSource"),
    SYNC_TARGET("SyncTarget"),
    PAUSED_SYNC_S("PausedSyncS"),
    PAUSED_SYNC_T("PausedSyncT"),
    VERIFY_S("VerifyS"),
    VERIFY_T("VerifyT"),
    AHEAD("Ahead"),
    BEHIND("Behind"),
    /** A word that this version of Heddle does not know; the original is in the log. */
    UNRECOGNISED("Unrecognised");

    private final String drbdName;

    ReplicationState(String drbdName) {
        this.drbdName = drbdName;
    }

    /** DRBD's spelling; never null. */
    @JsonValue
    public String drbdName() {
        return drbdName;
    }

    /** Whether the volume here is, or is about to be, copied to from the peer. */
    public boolean isTarget() {
        return switch (this) {
            case STARTING_SYNC_T, WFBIT_MAP_T, WFSYNC_UUID, SYNC_TARGET, PAUSED_SYNC_T -> true;
            default -> false;
        };
    }

    /** How far a sync or a verify is. */
    public SyncStage stage() {
        return switch (this) {
            case STARTING_SYNC_S, STARTING_SYNC_T, WFBIT_MAP_S, WFBIT_MAP_T, WFSYNC_UUID -> SyncStage.STARTING;
            case SYNC_SOURCE, SYNC_TARGET, VERIFY_S, VERIFY_T -> SyncStage.RUNNING;
            case PAUSED_SYNC_S, PAUSED_SYNC_T -> SyncStage.PAUSED;
            case OFF, ESTABLISHED, AHEAD, BEHIND, UNRECOGNISED -> SyncStage.NONE;
        };
    }

    /** Whether contents are compared, and nothing is copied. */
    public boolean isVerify() {
        return this == VERIFY_S || this == VERIFY_T;
    }

    /** How far a sync or a verify is. */
    public enum SyncStage {
        /** None is under way. */
        NONE,
        /** The two sides agree on what to copy. */
        STARTING,
        RUNNING,
        /** It waits, on purpose: for a person, the peer, or another sync. */
        PAUSED
    }

    /** The constant of DRBD's spelling, {@link #UNRECOGNISED} for a word of a newer DRBD. */
    @JsonCreator
    public static ReplicationState of(String drbdName) {
        for (ReplicationState value : values()) {
            if (value.drbdName.equals(drbdName)) {
                return value;
            }
        }
        return UNRECOGNISED;
    }
}
