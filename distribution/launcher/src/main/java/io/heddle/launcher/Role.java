package io.heddle.launcher;

import java.util.Locale;

/** What a machine is to the cluster; it may be both. */
enum Role {
    CONTROLLER,
    SATELLITE;

    /** As written in the configuration and in the names of bundle folders. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
