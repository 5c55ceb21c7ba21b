package io.heddle.satellite;

import io.heddle.core.model.NodeName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * How a satellite runs.
 *
 * @param directory its part of the state directory
 * @param node name of this node while no controller has given it one
 * @param hostName what {@code uname -n} prints
 * @param version version of Heddle
 * @param bootId differs with each boot of the machine
 * @param keep names of resources that are never removed; matches nothing if there are none
 * @param times how long things take
 */
record SatelliteSettings(
        Path directory, NodeName node, String hostName, String version, String bootId, Pattern keep, Times times) {
    /** Matches no name. */
    static final Pattern KEEP_NONE = Pattern.compile("(?!)");

    /**
     * How long things take.
     *
     * @param look time between two looks at everything
     * @param patience after so long a look at several pools is taken to hang, and they are looked at one by one
     * @param gather how long changes of the status are gathered before they are told
     * @param grace how long running commands may go on when the satellite stops
     * @param backOff how long to wait before the same is tried again
     */
    record Times(Duration look, Duration patience, Duration gather, Duration grace, BackOff backOff) {
        static final Times DEFAULT = new Times(
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                Duration.ofMillis(20),
                Duration.ofMillis(1200),
                BackOff.DEFAULT);
    }
}
