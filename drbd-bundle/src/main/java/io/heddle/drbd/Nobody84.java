package io.heddle.drbd;

import io.heddle.core.model.IpAddress;
import io.heddle.core.model.NodeName;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import java.util.List;
import java.util.TreeMap;

/**
 * Stands for the peer of a resource of DRBD 8.4 that has none: one that lost its other replica must still serve, and drbdadm
 * wants two nodes. Its address is on this machine and nothing answers there; the driver disconnects it after each adjust.
 */
final class Nobody84 {
    static final String NAME = "heddle-no-peer";

    /** Ports that neither services nor, by default, outgoing connections use (net.ipv4.ip_local_port_range). */
    private static final int FIRST_PORT = 61_000;

    private static final int PORTS = 65_535 - FIRST_PORT;
    private static final int DISCARD_PORT = 9;

    private Nobody84() {}

    /** The peer in the file of a resource whose first volume has this minor. */
    static PeerSpec peer(int minor) {
        return new PeerSpec(
                new NodeName(NAME), 0, false, List.of(), List.of(path(minor)), new TreeMap<>(), new TreeMap<>());
    }

    /** Its local and remote address as drbdsetup takes them. */
    static List<String> addresses(int minor) {
        PathSpec path = path(minor);
        return List.of(
                "ipv4:" + path.local() + ":" + path.localPort(), "ipv4:" + path.remote() + ":" + path.remotePort());
    }

    /** drbdadm wants an address that this machine has; the kernel wants another one for each resource. */
    private static PathSpec path(int minor) {
        return new PathSpec(
                new IpAddress("127.0.0.1"), FIRST_PORT + minor % PORTS, new IpAddress("127.0.0.2"), DISCARD_PORT);
    }
}
