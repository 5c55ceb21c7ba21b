package io.heddle.core.model;

/**
 * The word that a connection may leave paths that are not wanted any more: both nodes have the ones that are, and every other
 * connection of the resource stands. One connection of a resource has it at a time.
 *
 * @param node the node that takes the connection over
 * @param paths the paths that the word speaks of, as that node has them; it says nothing about others
 */
public record PathMove(NodeName node, String paths) {}
