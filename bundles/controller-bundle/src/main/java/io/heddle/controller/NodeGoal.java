package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.NodeName;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * Something that a node itself is to reach.
 *
 * @param node the node
 * @param action what the use case does
 * @param kind to what kind of object
 * @param objects names of the objects
 * @param reached a sentence for when it is reached
 * @param unreached what could not be done yet
 * @param judging how it stands
 */
record NodeGoal(
        NodeName node,
        Action action,
        ObjectKind kind,
        SortedMap<String, String> objects,
        String reached,
        String unreached,
        Supplier<Verdict> judging)
        implements Goal {
    @Override
    public List<Topic> topics() {
        return List.of(new Topic.OfNode(node), new Topic.OfLink(node));
    }

    @Override
    public Verdict judge() {
        return judging.get();
    }
}
