package io.heddle.core.spec;

import io.heddle.core.model.IpAddress;

/**
 * A way from this node to a peer.
 *
 * @param local address of this node
 * @param localPort its TCP port
 * @param remote address of the peer
 * @param remotePort its TCP port
 */
public record PathSpec(IpAddress local, int localPort, IpAddress remote, int remotePort) {}
