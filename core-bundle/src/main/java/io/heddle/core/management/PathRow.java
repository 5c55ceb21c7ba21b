package io.heddle.core.management;

/**
 * A named path of a resource between two nodes.
 *
 * @param resource the resource
 * @param one one node
 * @param other the other node
 * @param path name of the path
 * @param oneInterface network interface of the one
 * @param otherInterface network interface of the other
 */
public record PathRow(
        String resource, String one, String other, String path, String oneInterface, String otherInterface) {}
