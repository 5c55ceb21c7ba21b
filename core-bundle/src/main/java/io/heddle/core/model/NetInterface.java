package io.heddle.core.model;

/**
 * An address of a node.
 *
 * @param name Heddle's name of the interface
 * @param address literal address
 * @param linkPort TCP port on which the satellite listens for its controller at this address
 * @param encryption how the link at this address is protected
 */
public record NetInterface(NetInterfaceName name, IpAddress address, int linkPort, LinkEncryption encryption) {
    /** Port of the link unless the administrator says otherwise. */
    public static final int DEFAULT_LINK_PORT = 3366;

    public NetInterface {
        Numbers.checkPort(linkPort);
    }
}
