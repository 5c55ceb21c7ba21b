package io.heddle.satellite.link;

import io.heddle.core.model.IpAddress;
import io.heddle.core.model.LinkEncryption;
import io.heddle.core.model.Network;
import java.time.Duration;
import java.util.List;

/**
 * How a satellite waits for its controller.
 *
 * @param address address to listen on
 * @param port TCP port; 0 for any that is free
 * @param encryption whether the link is TLS; the controller must say the same
 * @param claimFrom networks from which a controller may claim this satellite while it belongs to none
 * @param nodeName name of this node, for texts only: the controller's name of it decides
 * @param hostName what {@code uname -n} prints
 * @param version version of Heddle
 * @param times how long things may take
 */
public record LinkServerConfig(
        IpAddress address,
        int port,
        LinkEncryption encryption,
        List<Network> claimFrom,
        String nodeName,
        String hostName,
        String version,
        Times times) {
    public LinkServerConfig {
        claimFrom = List.copyOf(claimFrom);
    }

    /**
     * How long things may take.
     *
     * @param heartbeat after so long without a message a ping is sent
     * @param lostAfter after so long without a sign of life the link is given up; longer than at the controller, which is the
     *     one to decide
     * @param handshake from the connection to the welcome
     */
    public record Times(Duration heartbeat, Duration lostAfter, Duration handshake) {
        /** Good for one network, with nodes that are busy at times. */
        public static final Times DEFAULT =
                new Times(Duration.ofSeconds(1), Duration.ofSeconds(15), Duration.ofSeconds(10));

        /** The same with other signs of life. */
        public Times with(Duration otherHeartbeat, Duration otherLostAfter) {
            return new Times(otherHeartbeat, otherLostAfter, handshake);
        }
    }
}
