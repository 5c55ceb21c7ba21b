package io.heddle.controller;

import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.model.ResourceName;
import io.heddle.core.status.ResourceStatus;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/** A goal about one resource of a node. */
interface ResourceGoal extends Goal {
    /** Tells what is. */
    StatusBoard board();

    /** Identity of the definition. */
    UUID definition();

    /** Its name. */
    ResourceName name();

    /** Identity of the resource on the node. */
    UUID resource();

    @Override
    default List<Topic> topics() {
        return List.of(new Topic.OfDefinition(definition()), new Topic.OfLink(node()));
    }

    @Override
    default ObjectKind kind() {
        return ObjectKind.RESOURCE;
    }

    @Override
    default SortedMap<String, String> objects() {
        return Replies.resource(name(), node());
    }

    /** What the satellite has reported since it knew a revision. */
    default Optional<ResourceStatus> reportedSince(long revision) {
        return board().resource(node(), resource()).filter(seen -> seen.specRevision() >= revision);
    }

    /** The satellite is on its way. */
    default Verdict at(ResourceStatus status) {
        return Verdict.open(node() + " is at: "
                + (status.steps().isEmpty() ? status.phase().name() : String.join(", ", status.steps())));
    }
}
