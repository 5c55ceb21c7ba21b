package io.heddle.core.management;

/**
 * Something on a node that no specification names.
 *
 * @param node the node
 * @param kind resource, backing volume, DRBD resource, resource file or stored specification
 * @param name its name, with its pool or folder
 * @param identity the UUID that it carries, empty text if it carries none
 * @param why what tells that it is not claimed
 * @param adoptable whether it can be taken back
 */
public record UnclaimedRow(String node, String kind, String name, String identity, String why, boolean adoptable) {}
