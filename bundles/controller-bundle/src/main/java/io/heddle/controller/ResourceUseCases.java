package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceCreation;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.SplitBrain;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.link.NodeAction;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.SplitBrainResolution;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.Placer;
import io.heddle.core.plan.TieBreakers;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;
import java.util.stream.Stream;

/** What can be done with resources. */
final class ResourceUseCases {
    private final Desk desk;
    private final ResourceMaker maker;
    private final OwnVolume own;

    ResourceUseCases(Desk desk, ResourceMaker maker, OwnVolume own) {
        this.desk = desk;
        this.maker = maker;
        this.own = own;
    }

    CompletionStage<Outcome> create(ResourceName name, List<ResourceCreation> wishes) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            requireDistinct(definition, wishes);
            return added(edit, definition, wishes);
        });
    }

    private static void requireDistinct(ResourceDefinition definition, List<ResourceCreation> wishes) {
        TreeSet<NodeName> nodes = new TreeSet<>();
        for (ResourceCreation wish : wishes) {
            if (!nodes.add(wish.node())) {
                throw new HeddleException(
                        ErrorCode.INVALID_INPUT,
                        "cannot create " + definition.name() + " twice on " + wish.node(),
                        "a node has a resource once",
                        "name each node once");
            }
        }
        if (nodes.isEmpty()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot create " + definition.name(),
                    "no node is named",
                    "name a node, or have it placed automatically");
        }
    }

    private Desk.Done added(StateEdit edit, ResourceDefinition definition, List<ResourceCreation> wishes) {
        ResourceDefinition grown = maker.add(edit, definition, wishes);
        edit.put(grown);
        List<Reply> replies = new ArrayList<>();
        for (ResourceCreation wish : wishes) {
            Resource made = grown.resources().get(wish.node());
            SortedMap<String, String> objects = Replies.resource(grown.name(), made.node());
            replies.add(Replies.success(
                    Action.CREATE,
                    ObjectKind.RESOURCE,
                    "resource " + grown.name() + " created on node " + made.node() + place(made),
                    objects));
            Properties.withoutEffect(made.properties(), ObjectKind.RESOURCE, objects)
                    .ifPresent(replies::add);
        }
        return new Desk.Done(
                replies,
                revision -> wishes.stream()
                        .<Goal>map(wish -> ResourceReady.of(
                                desk.writer(),
                                desk.board(),
                                Action.CREATE,
                                grown,
                                grown.resources().get(wish.node()),
                                revision))
                        .toList());
    }

    private static String place(Resource resource) {
        return resource.diskless()
                ? ", without a disk"
                : " in pool " + resource.properties().get(ResourceMaker.POOL_PROPERTY);
    }

    CompletionStage<Outcome> autoPlace(ResourceName name, PlacementWish asked) {
        return desk.carryOut(edit -> autoPlace(edit, edit.requireDefinition(name), asked));
    }

    /** Places the replicas that are missing of a definition, which is put with them. */
    Desk.Done autoPlace(StateEdit edit, ResourceDefinition definition, PlacementWish asked) {
        PlacementWish wish = byGroup(edit.state(), definition, asked);
        if (wish.placeCount() < 1) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot place " + wish.placeCount() + " replicas of " + definition.name(),
                    "a number from 1 on is needed",
                    "say how many replicas there shall be");
        }
        asked.nodes().forEach(edit::requireNode);
        List<Placer.Placement> placements = Placer.place(
                request(edit.state(), definition, wish), maker.surroundings().nodes(edit.state()));
        if (placements.isEmpty()) {
            return Desk.Done.of(Replies.info(
                    Action.CREATE,
                    ObjectKind.RESOURCE,
                    definition.name() + " has " + wish.placeCount() + " replicas or more already",
                    Replies.definition(definition.name())));
        }
        return added(
                edit,
                definition,
                placements.stream().map(ResourceUseCases::creation).toList());
    }

    /** What there is room for of a definition of which nothing is placed. */
    SizeReport sizes(ClusterState state, ResourceDefinition definition, PlacementWish asked) {
        return Placer.sizes(
                request(state, definition, asked), maker.surroundings().nodes(state));
    }

    /** What the wish leaves open is as the group says. */
    private static PlacementWish byGroup(ClusterState state, ResourceDefinition definition, PlacementWish wish) {
        PlacementRule rule = state.resourceGroup(definition.group())
                .map(ResourceGroup::placement)
                .orElse(PlacementRule.NOTHING);
        boolean ownPool = definition.properties().containsKey(ResourceMaker.POOL_PROPERTY);
        return new PlacementWish(
                wish.placeCount() == 0 && !wish.additional() ? rule.replicas() : wish.placeCount(),
                wish.additional(),
                wish.pools().isEmpty() && !ownPool ? rule.pools() : wish.pools(),
                wish.nodes().isEmpty() ? rule.nodes() : wish.nodes(),
                wish.excludedNodes(),
                wish.kinds().isEmpty() ? rule.kinds() : wish.kinds());
    }

    static Placer.Request request(ClusterState state, ResourceDefinition definition, PlacementWish asked) {
        PlacementWish wish = byGroup(state, definition, asked);
        TreeSet<NodeName> diskful = new TreeSet<>();
        definition.resources().values().stream()
                .filter(Resource::keepsDisk)
                .map(Resource::node)
                .forEach(diskful::add);
        return new Placer.Request(
                definition.name(),
                definition.replicated(),
                definition.volumeDefinitions().values().stream()
                        .filter(volume -> !volume.deleting())
                        .map(VolumeDefinition::size)
                        .toList(),
                ResourceMaker.slots(state, definition),
                diskful,
                occupied(definition),
                wish.pools().isEmpty() ? inherited(state, definition, wish) : wish);
    }

    /** Where nothing more can be placed; a tie-breaker can become a replica. */
    private static SortedSet<NodeName> occupied(ResourceDefinition definition) {
        TreeSet<NodeName> nodes = new TreeSet<>();
        definition.resources().values().stream()
                .filter(resource -> resource.deleting() || !resource.tieBreaker())
                .map(Resource::node)
                .forEach(nodes::add);
        return nodes;
    }

    /** A pool that the definition, its group or the controller names holds for automatic placement as well. */
    private static PlacementWish inherited(ClusterState state, ResourceDefinition definition, PlacementWish wish) {
        return Inherited.of(state, definition, ResourceMaker.POOL_PROPERTY)
                .map(pool -> new PlacementWish(
                        wish.placeCount(),
                        wish.additional(),
                        List.of(new PoolName(pool)),
                        wish.nodes(),
                        wish.excludedNodes(),
                        wish.kinds()))
                .orElse(wish);
    }

    static ResourceCreation creation(Placer.Placement placement) {
        return new ResourceCreation(
                placement.node(),
                Optional.of(placement.pool()),
                false,
                OptionalInt.empty(),
                OptionalInt.empty(),
                Ordered.map(null));
    }

    CompletionStage<Outcome> modify(ResourceName name, NodeName node, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.RESOURCE, change);
            ResourceDefinition definition = edit.requireDefinition(name);
            Resource resource = requireResource(definition, node);
            Properties.requireInterface(edit.requireNode(node), checked.override());
            SortedMap<String, String> after = checked.applyTo(resource.properties());
            ResourceDefinition changed = definition.withResource(resource.withProperties(after));
            edit.put(changed);
            SortedMap<String, String> objects = Replies.resource(definition.name(), resource.node());
            List<Reply> replies = new ArrayList<>();
            replies.add(Replies.success(
                    Action.MODIFY,
                    ObjectKind.RESOURCE,
                    "resource " + definition.name() + " on node " + resource.node() + " modified",
                    objects));
            Properties.withoutEffect(checked.override(), ObjectKind.RESOURCE, objects)
                    .ifPresent(replies::add);
            replies.addAll(OptionReplies.of(
                    resource.properties(), after, List.of(node), desk.board(), ObjectKind.RESOURCE, objects));
            boolean shown = SpecSender.shows(resource.properties(), after);
            return new Desk.Done(
                    replies,
                    revision -> shown
                            ? List.of(ResourceReady.of(
                                    desk.writer(), desk.board(), Action.MODIFY, changed, resource, revision))
                            : List.of());
        });
    }

    private static Resource requireResource(ResourceDefinition definition, NodeName node) {
        Resource resource = definition.resources().get(node);
        if (resource == null) {
            throw NotFound.resource(definition.name(), node);
        }
        if (resource.deleting()) {
            throw new HeddleException(
                    ErrorCode.BEING_DELETED,
                    "cannot change " + definition.name() + " on node " + resource.node(),
                    "it is being deleted there, and a deletion is never cancelled",
                    "create it again when it is gone");
        }
        return resource;
    }

    CompletionStage<Outcome> delete(ResourceName name, NodeName node) {
        return desk.carryOut(edit -> {
            Optional<ResourceDefinition> present = edit.state().resourceDefinition(name);
            Optional<Resource> own = present.map(known -> known.resources().get(node));
            if (present.isEmpty() || own.isEmpty()) {
                return NodeUseCases.absent(
                        NotFound.resource(name, node), ObjectKind.RESOURCE, Replies.resource(name, node));
            }
            ResourceDefinition definition = present.get();
            Resource resource = own.get();
            requireDiskForOthers(definition, resource);
            if (TieBreakers.turnsBack(edit.state(), definition, resource)) {
                return turnedBack(edit, definition, resource);
            }
            List<Reply> replies = new ArrayList<>();
            if (!resource.deleting()) {
                this.own.refuseToDeleteLast(definition, resource);
                ResourceDefinition left =
                        FirstGenerations.afterLeaving(definition.withResource(resource.markedDeleting()));
                edit.put(resource.tieBreaker() ? withoutTieBreakers(edit, left, replies) : left);
            }
            replies.add(Replies.success(
                    Action.DELETE,
                    ObjectKind.RESOURCE,
                    "resource " + definition.name() + " deleted on node " + resource.node(),
                    Replies.resource(definition.name(), resource.node())));
            return new Desk.Done(
                    replies,
                    revision -> List.of(ResourceGone.of(desk.writer(), desk.board(), definition, resource)
                            .since(resource.deleting() ? 0 : revision)));
        });
    }

    /** The client's vote decides between two replicas: it stays for that. */
    private static Desk.Done turnedBack(StateEdit edit, ResourceDefinition definition, Resource client) {
        edit.put(definition.withResource(client.withTieBreaker(true)));
        SortedMap<String, String> objects = Replies.resource(definition.name(), client.node());
        return new Desk.Done(
                List.of(
                        Replies.success(
                                Action.DELETE,
                                ObjectKind.RESOURCE,
                                "resource " + definition.name() + " deleted on node " + client.node(),
                                objects),
                        Replies.info(
                                Action.MODIFY,
                                ObjectKind.RESOURCE,
                                client.node() + " stays as the tie-breaker of " + definition.name()
                                        + "; delete it once more to have none",
                                objects)),
                revision -> List.of());
    }

    /** Who deletes a tie-breaker does not want another one in its place. */
    private static ResourceDefinition withoutTieBreakers(
            StateEdit edit, ResourceDefinition definition, List<Reply> replies) {
        if (!TieBreakers.automatic(edit.state(), definition)) {
            return definition;
        }
        replies.add(Replies.info(
                Action.MODIFY,
                ObjectKind.RESOURCE_DEFINITION,
                definition.name() + " gets no other tie-breaker by itself: " + TieBreakers.AUTOMATIC
                        + " is false on it now; unset it to have one again",
                Replies.definition(definition.name())));
        return definition.withProperties(Ordered.with(definition.properties(), TieBreakers.AUTOMATIC, "false"));
    }

    /** Those without a disk read and write over the others. */
    private static void requireDiskForOthers(ResourceDefinition definition, Resource leaving) {
        List<Resource> others = definition.resources().values().stream()
                .filter(resource -> !resource.node().equals(leaving.node()) && !resource.deleting())
                // a tie-breaker goes with the second replica
                .filter(resource -> !resource.tieBreaker())
                .toList();
        if (!leaving.diskless() && !others.isEmpty() && others.stream().noneMatch(Resource::keepsDisk)) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    "cannot delete " + definition.name() + " on node " + leaving.node(),
                    "it is the only replica with a disk, and " + others.get(0).node() + " uses it without one",
                    "place another replica first, or delete the resource definition");
        }
    }

    private static Resource requireReplica(StateEdit edit, ResourceDefinition definition, NodeName node) {
        edit.requireNode(node);
        Resource resource = requireResource(definition, node);
        if (!definition.replicated()) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot toggle the disk of " + definition.name() + " on node " + resource.node(),
                    "it is not replicated, so its bytes are on one node only",
                    "create it with the layers DRBD and STORAGE");
        }
        return resource;
    }

    CompletionStage<Outcome> migrateDisk(ResourceName name, NodeName node, NodeName from, Optional<PoolName> pool) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            Resource resource = requireReplica(edit, definition, node);
            edit.requireNode(from);
            if (node.equals(from)) {
                throw notMoved(
                        definition, from, node, "it is one and the same node", "name the node that has the disk now");
            }
            Optional<Resource> source =
                    Optional.ofNullable(definition.resources().get(from));
            boolean gone = source.filter(known -> !known.deleting() && !known.diskless())
                    .isEmpty();
            boolean asked = source.flatMap(Resource::replacement).equals(Optional.of(node));
            if (resource.keepsDisk() && (gone || asked)) {
                return asked
                        ? already(definition, resource, "takes the place of the one on " + from)
                        : already(definition, resource, "has a disk, and none on " + from + ",");
            }
            requireMove(definition, resource, requireResource(definition, from));
            Desk.Done attached = attached(edit, definition, resource, pool);
            ResourceDefinition grown = edit.definition(definition.uuid()).orElseThrow();
            edit.put(grown.withResource(grown.resources().get(from).withReplacement(Optional.of(node))));
            List<Reply> replies = new ArrayList<>(attached.replies());
            replies.add(Replies.info(
                    Action.MODIFY,
                    ObjectKind.RESOURCE,
                    "the replica on node " + from + " goes when the one on " + node
                            + " is UpToDate and nothing uses it there; 'resource list' shows how far it is",
                    Replies.resource(definition.name(), from)));
            return new Desk.Done(replies, attached.goals(), attached.afterwards());
        });
    }

    private static void requireMove(ResourceDefinition definition, Resource resource, Resource source) {
        if (!source.keepsDisk()) {
            throw notMoved(
                    definition,
                    source.node(),
                    resource.node(),
                    source.diskless() ? "it has no disk there" : "its disk is being taken away there already",
                    "give it a disk without moving one: leave the other node out");
        }
        if (resource.keepsDisk()) {
            throw notMoved(
                    definition,
                    source.node(),
                    resource.node(),
                    "it has a disk there already, so that one replica less would be left",
                    "if that is enough, run: heddle resource delete " + source.node() + " " + definition.name());
        }
        if (source.replacement().isPresent()) {
            NodeName other = source.replacement().get();
            throw notMoved(
                    definition,
                    source.node(),
                    resource.node(),
                    "it is being moved to " + other + " already",
                    "wait until that is done, or end it: heddle resource toggle-disk " + other + " " + definition.name()
                            + " --diskless");
        }
    }

    private static HeddleException notMoved(
            ResourceDefinition definition, NodeName from, NodeName to, String why, String correction) {
        return new HeddleException(
                ErrorCode.INVALID_INPUT,
                "cannot move the disk of " + definition.name() + " from node " + from + " to " + to,
                why,
                correction);
    }

    CompletionStage<Outcome> toggleDisk(ResourceName name, NodeName node, boolean diskless, Optional<PoolName> pool) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            Resource resource = requireReplica(edit, definition, node);
            if (diskless) {
                return detached(edit, definition, resource);
            }
            return attached(edit, definition, resource, pool);
        });
    }

    private Desk.Done attached(
            StateEdit edit, ResourceDefinition definition, Resource resource, Optional<PoolName> pool) {
        if (resource.detaching()) {
            throw new HeddleException(
                    ErrorCode.BEING_DELETED,
                    "cannot give " + definition.name() + " a disk on node " + resource.node(),
                    "the one that it had is being taken away there, and that is never cancelled",
                    "try again when it is gone; 'resource list' shows what it waits for");
        }
        if (!resource.diskless()) {
            return already(definition, resource, "has a disk");
        }
        ResourceDefinition changed = maker.withDisk(edit, definition, resource, pool);
        Resource made = changed.resources().get(resource.node());
        edit.put(changed);
        return toggled(
                definition,
                resource,
                "gets a disk on node " + resource.node() + place(made) + "; it is copied to it from the others",
                revision -> ResourceReady.of(desk.writer(), desk.board(), Action.MODIFY, changed, made, revision));
    }

    private Desk.Done detached(StateEdit edit, ResourceDefinition definition, Resource resource) {
        if (resource.diskless()) {
            return already(definition, resource, "has no disk");
        }
        if (!resource.detaching()) {
            requireAnotherDisk(definition, resource);
            maker.requireDiskless(definition, resource);
            edit.put(FirstGenerations.afterLeaving(definition.withResource(resource.markedDetaching())));
        }
        return toggled(
                definition,
                resource,
                "gives its disk up on node " + resource.node(),
                revision -> new DiskGone(
                        desk.writer(),
                        desk.board(),
                        definition.uuid(),
                        definition.name(),
                        resource.node(),
                        resource.uuid(),
                        resource.detaching() ? 0 : revision));
    }

    private static Desk.Done toggled(
            ResourceDefinition definition, Resource resource, String how, LongFunction<Goal> goal) {
        return Desk.Done.of(
                Replies.success(
                        Action.MODIFY,
                        ObjectKind.RESOURCE,
                        "resource " + definition.name() + " " + how,
                        Replies.resource(definition.name(), resource.node())),
                revision -> List.of(goal.apply(revision)));
    }

    private static Desk.Done already(ResourceDefinition definition, Resource resource, String what) {
        return Desk.Done.of(Replies.info(
                Action.MODIFY,
                ObjectKind.RESOURCE,
                "resource " + definition.name() + " " + what + " on node " + resource.node() + " already",
                Replies.resource(definition.name(), resource.node())));
    }

    /** What is certain is refused at once; whether another copy is good only the satellite sees. */
    private static void requireAnotherDisk(ResourceDefinition definition, Resource resource) {
        if (definition.resources().values().stream()
                .noneMatch(other -> !other.node().equals(resource.node()) && other.keepsDisk())) {
            throw new HeddleException(
                    ErrorCode.LAST_GOOD_COPY,
                    "cannot take the disk of " + definition.name() + " away on node " + resource.node(),
                    "no other replica with a disk is to stay",
                    "place another replica first, or delete the resource definition");
        }
    }

    CompletionStage<Outcome> promote(ResourceName name, NodeName node, boolean peerIsDead) {
        return perform(name, node, NodeAction.Kind.PROMOTE, peerIsDead, "is Primary for " + name);
    }

    CompletionStage<Outcome> demote(ResourceName name, NodeName node) {
        return perform(name, node, NodeAction.Kind.DEMOTE, false, "is Secondary for " + name);
    }

    CompletionStage<Outcome> resolveSplitBrain(ResourceName name, List<NodeName> discard, boolean withoutSnapshot) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            SplitBrainResolution word = new SplitBrainDecision(edit, desk.board(), definition, discard)
                    .decide(withoutSnapshot, desk.clock().instant());
            edit.put(definition.withResolution(Optional.of(word)));
            List<Reply> replies = new ArrayList<>();
            for (NodeName loser : word.discarded().keySet()) {
                replies.add(Replies.success(
                        Action.MODIFY,
                        ObjectKind.RESOURCE,
                        definition.name() + " on node " + loser + " gives up its changes"
                                + (word.snapshot()
                                        ? "; what it has now is kept first, in a snapshot that node info " + loser
                                                + " lists"
                                        : ", and they are not kept"),
                        Replies.resource(definition.name(), loser)));
            }
            return new Desk.Done(
                    replies,
                    revision -> word.discarded().keySet().stream()
                            .<Goal>map(loser -> new SplitBrainResolved(
                                    desk.writer(),
                                    desk.board(),
                                    definition.uuid(),
                                    definition.name(),
                                    loser,
                                    definition.resources().get(loser).uuid(),
                                    word,
                                    revision))
                            .toList());
        });
    }

    CompletionStage<Outcome> withdrawSplitBrainResolution(ResourceName name) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            SplitBrain splitBrain = SplitBrain.of(
                    definition,
                    resource -> desk.board().online(resource.node())
                            ? desk.board().resource(resource.node(), resource.uuid())
                            : Optional.empty());
            if (!splitBrain.mayStillHappen()) {
                throw new HeddleException(
                        ErrorCode.NO_SPLIT_BRAIN,
                        "cannot take back what was decided on " + definition.name(),
                        "nothing is decided on it that is not carried out already, or has lapsed",
                        "see resource split-brain " + definition.name());
            }
            edit.put(definition.withResolution(Optional.empty()));
            return Desk.Done.of(
                    Replies.success(
                            Action.MODIFY,
                            ObjectKind.RESOURCE_DEFINITION,
                            "what was decided on the split brain of " + definition.name()
                                    + " is taken back; data that a node has begun to overwrite is not brought back by that",
                            Replies.definition(definition.name())),
                    revision -> definition.resolution().stream()
                            .flatMap(word -> word.discarded().keySet().stream())
                            .flatMap(node ->
                                    Stream.ofNullable(definition.resources().get(node)))
                            .<Goal>map(resource -> new SplitBrainKept(
                                    desk.writer(),
                                    desk.board(),
                                    definition.uuid(),
                                    definition.name(),
                                    resource.node(),
                                    resource.uuid(),
                                    revision))
                            .toList());
        });
    }

    private CompletionStage<Outcome> perform(
            ResourceName name, NodeName node, NodeAction.Kind kind, boolean peerIsDead, String done) {
        CompletableFuture<Outcome> answer = new CompletableFuture<>();
        desk.writer()
                .change(edit -> {
                    ResourceDefinition definition = edit.requireDefinition(name);
                    edit.requireNode(node);
                    return new NodeAction(
                            kind,
                            definition.name(),
                            requireResource(definition, node).uuid(),
                            peerIsDead);
                })
                .thenCompose(committed -> desk.links().perform(node, committed.value()))
                .whenComplete((nothing, failure) -> {
                    if (failure != null) {
                        desk.fail(answer, failure);
                    } else {
                        desk.answer(
                                answer,
                                new Outcome(List.of(Replies.success(
                                        Action.MODIFY,
                                        ObjectKind.RESOURCE,
                                        "node " + node + " " + done,
                                        Replies.resource(name, node)))));
                    }
                });
        return answer;
    }
}
