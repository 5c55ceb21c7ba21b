package io.heddle.core.driver;

import java.util.UUID;

/** Names of the snapshots that keep what a side of a split brain gives up. */
public final class SafetySnapshot {
    private static final String MIDDLE = "_discarded_";

    private SafetySnapshot() {}

    /** Name of the snapshot of a backing volume that is taken on an administrator's word; the same for the same word. */
    public static String name(String volume, UUID word) {
        return volume + MIDDLE + word.toString().substring(0, 8);
    }
}
