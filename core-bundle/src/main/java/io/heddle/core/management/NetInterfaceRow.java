package io.heddle.core.management;

/**
 * An address of a node.
 *
 * @param node its node
 * @param name its name
 * @param address the address
 * @param linkPort TCP port of the satellite there
 * @param encryption TLS or PLAIN
 * @param active whether the controller uses it
 */
public record NetInterfaceRow(
        String node, String name, String address, int linkPort, String encryption, boolean active) {}
