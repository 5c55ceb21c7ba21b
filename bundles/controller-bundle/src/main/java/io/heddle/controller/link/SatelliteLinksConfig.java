package io.heddle.controller.link;

import java.time.Duration;

/**
 * How a controller keeps its links.
 *
 * @param version version of Heddle
 * @param connect how long a connection may take, TLS and WebSocket included
 * @param handshake how long a satellite may take to answer the hello, and then to tell its status
 * @param heartbeat after so long without a message a ping is sent
 * @param lostAfter after so long without a sign of life the link is lost
 * @param stalledAfter after so long in which the satellite reads nothing of what is sent the link is lost
 * @param firstRetry after the first failure; doubled with each further one
 * @param longestRetry most that is waited between tries
 * @param action how long an action may take
 */
public record SatelliteLinksConfig(
        String version,
        Duration connect,
        Duration handshake,
        Duration heartbeat,
        Duration lostAfter,
        Duration stalledAfter,
        Duration firstRetry,
        Duration longestRetry,
        Duration action) {
    /**
     * Good for one network: a node that lost its power is seen after 5 seconds, and one that is merely busy is not taken for
     * lost.
     */
    public static SatelliteLinksConfig standard(String version) {
        return new SatelliteLinksConfig(
                version,
                Duration.ofSeconds(5),
                Duration.ofSeconds(15),
                Duration.ofSeconds(1),
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMillis(200),
                Duration.ofSeconds(5),
                Duration.ofSeconds(60));
    }

    /** The same with other signs of life. */
    public SatelliteLinksConfig with(Duration otherHeartbeat, Duration otherLostAfter) {
        return new SatelliteLinksConfig(
                version,
                connect,
                handshake,
                otherHeartbeat,
                otherLostAfter,
                stalledAfter,
                firstRetry,
                longestRetry,
                action);
    }
}
