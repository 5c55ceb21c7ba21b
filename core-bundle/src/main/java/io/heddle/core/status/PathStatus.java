package io.heddle.core.status;

import io.heddle.core.model.IpAddress;
import io.heddle.core.spec.PathSpec;

/**
 * A path of a connection as DRBD 9 has it.
 *
 * @param local address of this node
 * @param localPort its TCP port
 * @param remote address of the peer
 * @param remotePort its TCP port
 * @param established whether the connection runs over it; with DRBD's transport {@code tcp} it runs over one at most
 */
public record PathStatus(IpAddress local, int localPort, IpAddress remote, int remotePort, boolean established) {
    /** The path, whether established or not. */
    public PathSpec path() {
        return new PathSpec(local, localPort, remote, remotePort);
    }
}
