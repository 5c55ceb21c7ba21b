package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PlacementWish;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.ResourceGroupChange;
import io.heddle.core.cluster.SizeReport;
import io.heddle.core.cluster.Spawning;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.error.Problem;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Numbers;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.VolumeGroup;
import io.heddle.core.option.PropertyLevel;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** What can be done with resource groups. */
final class GroupUseCases {
    /** As many as DRBD has node ids for. */
    private static final int MOST_REPLICAS = 32;

    /** Of the definition that is only thought of, to find out what there is room for. */
    private static final ResourceName SAMPLE = new ResourceName("another");

    private final Desk desk;
    private final DefinitionUseCases definitions;
    private final ResourceUseCases resources;

    GroupUseCases(Desk desk, DefinitionUseCases definitions, ResourceUseCases resources) {
        this.desk = desk;
        this.definitions = definitions;
        this.resources = resources;
    }

    CompletionStage<Outcome> create(ResourceGroupName name, ResourceGroupChange wish) {
        return desk.carryOut(edit -> {
            Optional<ResourceGroup> present = edit.state().resourceGroup(name);
            if (present.isPresent()) {
                throw new HeddleException(
                        ErrorCode.RESOURCE_GROUP_EXISTS,
                        "cannot create resource group " + name,
                        "there is one of that name",
                        "choose another name, or modify that one");
            }
            PropertyChange checked = Properties.check(PropertyLevel.RESOURCE_GROUP, wish.properties());
            ResourceGroup group = new ResourceGroup(
                    name,
                    UUID.randomUUID(),
                    description(wish).orElse(""),
                    checked.applyTo(Ordered.map(null)),
                    placement(edit, wish, PlacementRule.NOTHING),
                    Ordered.map(null));
            edit.put(group);
            return new Desk.Done(
                    replies(edit.state(), Action.CREATE, "created", group, wish, checked), revision -> List.of());
        });
    }

    CompletionStage<Outcome> modify(ResourceGroupName name, ResourceGroupChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.RESOURCE_GROUP, change.properties());
            ResourceGroup before = edit.state().resourceGroup(name).orElseThrow(() -> NotFound.resourceGroup(name));
            ResourceGroup after = new ResourceGroup(
                    before.name(),
                    before.uuid(),
                    description(change).orElse(before.description()),
                    checked.applyTo(before.properties()),
                    placement(edit, change, before.placement()),
                    before.volumeGroups());
            edit.put(after);
            Set<NodeName> nodes = nodesOf(edit.state(), after.name());
            List<Reply> replies = replies(edit.state(), Action.MODIFY, "modified", after, change, checked);
            replies.addAll(OptionReplies.of(
                    before.properties(),
                    after.properties(),
                    nodes,
                    desk.board(),
                    ObjectKind.RESOURCE_GROUP,
                    Replies.group(after.name())));
            return new Desk.Done(
                    replies,
                    SpecSender.shows(before.properties(), after.properties())
                            ? revision -> nodes.stream()
                                    .map(node -> NodeGoals.stored(desk.board(), node, revision))
                                    .toList()
                            : revision -> List.of());
        });
    }

    CompletionStage<Outcome> delete(ResourceGroupName name) {
        return desk.carryOut(edit -> {
            Optional<ResourceGroup> present = edit.state().resourceGroup(name);
            if (present.isEmpty()) {
                return NodeUseCases.absent(
                        NotFound.resourceGroup(name), ObjectKind.RESOURCE_GROUP, Replies.group(name));
            }
            ResourceGroup group = present.get();
            if (group.name().equals(ResourceGroup.DEFAULT)) {
                throw new HeddleException(
                        ErrorCode.NOT_SUPPORTED,
                        "cannot delete resource group " + group.name(),
                        "it is the group of every definition that is given none",
                        "leave it; what is set on it can be unset");
            }
            List<String> definitions = edit.state().resourceDefinitions().values().stream()
                    .filter(definition -> definition.group().equals(group.name()))
                    .map(definition -> definition.name().value())
                    .toList();
            if (!definitions.isEmpty()) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete resource group " + group.name(),
                        "there are resource definitions in it: " + some(definitions),
                        "delete these first");
            }
            edit.remove(group);
            return Desk.Done.of(Replies.success(
                    Action.DELETE,
                    ObjectKind.RESOURCE_GROUP,
                    "resource group " + group.name() + " deleted",
                    Replies.group(group.name())));
        });
    }

    CompletionStage<Outcome> createVolumeGroup(ResourceGroupName name, OptionalInt wished, boolean gross) {
        return desk.carryOut(edit -> {
            ResourceGroup group = require(edit, name);
            int number = wished.isPresent()
                    ? Numbers.check("volume number", wished.getAsInt(), 0, Numbers.MAXIMUM_VOLUME_NUMBER)
                    : lowestFree(group);
            if (group.volumeGroups().containsKey(number)) {
                throw new HeddleException(
                        ErrorCode.VOLUME_GROUP_EXISTS,
                        "cannot create volume group " + number + " of resource group " + group.name(),
                        "there is one of that number",
                        "leave the number out: the lowest free one is taken");
            }
            edit.put(group.withVolumeGroup(new VolumeGroup(number, UUID.randomUUID(), gross)));
            return volumeGroupDone(Action.CREATE, "created", group, number);
        });
    }

    private static int lowestFree(ResourceGroup group) {
        int lowest = 0;
        while (group.volumeGroups().containsKey(lowest)) {
            lowest++;
        }
        return lowest;
    }

    CompletionStage<Outcome> modifyVolumeGroup(ResourceGroupName name, int number, boolean gross) {
        return desk.carryOut(edit -> {
            ResourceGroup group = require(edit, name);
            VolumeGroup before = Optional.ofNullable(group.volumeGroups().get(number))
                    .orElseThrow(() -> NotFound.volumeGroup(name, number));
            edit.put(group.withVolumeGroup(new VolumeGroup(number, before.uuid(), gross)));
            return volumeGroupDone(Action.MODIFY, "modified", group, number);
        });
    }

    CompletionStage<Outcome> deleteVolumeGroup(ResourceGroupName name, int number) {
        return desk.carryOut(edit -> {
            ResourceGroup group = require(edit, name);
            if (!group.volumeGroups().containsKey(number)) {
                return NodeUseCases.absent(
                        NotFound.volumeGroup(name, number), ObjectKind.VOLUME_GROUP, Replies.volumeGroup(name, number));
            }
            edit.put(group.withoutVolumeGroup(number));
            return volumeGroupDone(Action.DELETE, "deleted", group, number);
        });
    }

    private static ResourceGroup require(StateEdit edit, ResourceGroupName name) {
        return edit.state().resourceGroup(name).orElseThrow(() -> NotFound.resourceGroup(name));
    }

    private static Desk.Done volumeGroupDone(Action action, String done, ResourceGroup group, int number) {
        return Desk.Done.of(Replies.success(
                action,
                ObjectKind.VOLUME_GROUP,
                "volume group " + number + " of resource group " + group.name() + " " + done,
                Replies.volumeGroup(group.name(), number)));
    }

    CompletionStage<Outcome> spawn(ResourceGroupName name, Spawning wish) {
        return desk.carryOut(edit -> {
            ResourceGroup group = require(edit, name);
            requireSizes(group, wish);
            List<Reply> replies = new ArrayList<>();
            ResourceDefinition definition = definitions.make(
                    edit.state(),
                    new ResourceDefinitionCreation(
                            wish.name(), Optional.of(group.name()), List.of(), wish.properties()),
                    replies);
            edit.put(definition);
            for (VolumeDefinitionCreation volume : volumes(group, wish.sizes())) {
                definition = definitions.withVolume(edit, definition, volume, replies);
            }
            if (wish.definitionsOnly()) {
                edit.put(definition);
                return new Desk.Done(replies, revision -> List.of());
            }
            Desk.Done placed = resources.autoPlace(edit, definition, wish.placement());
            replies.addAll(placed.replies());
            return new Desk.Done(replies, placed.goals(), placed.afterwards());
        });
    }

    private static void requireSizes(ResourceGroup group, Spawning wish) {
        int volumes = group.volumeGroups().size();
        if (!wish.partial() && wish.sizes().size() != volumes) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot spawn " + wish.name() + " from resource group " + group.name() + " with "
                            + wish.sizes().size() + " sizes",
                    volumes == 0
                            ? "the group has no volume groups, which say how many volumes there are"
                            : "the group has " + volumes + " volume groups, and each needs a size",
                    (volumes == 0
                                    ? "create one ('volume-group create " + group.name() + "')"
                                    : "give " + volumes + " sizes")
                            + ", or ask for a partial spawning");
        }
        if (wish.sizes().isEmpty() && !wish.definitionsOnly()) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot spawn " + wish.name() + " from resource group " + group.name(),
                    "no size is given, and there is nothing to place without a volume",
                    "give the sizes of its volumes, or ask for the definitions only");
        }
    }

    /** The sizes go to the volume groups in order; what is more than these gets the next numbers. */
    private static List<VolumeDefinitionCreation> volumes(ResourceGroup group, List<Bytes> sizes) {
        List<VolumeDefinitionCreation> volumes = new ArrayList<>();
        Iterator<VolumeGroup> templates = group.volumeGroups().values().iterator();
        int next = 0;
        for (Bytes size : sizes) {
            Optional<VolumeGroup> template = templates.hasNext() ? Optional.of(templates.next()) : Optional.empty();
            int number = template.map(VolumeGroup::number).orElse(next);
            next = number + 1;
            volumes.add(new VolumeDefinitionCreation(
                    size,
                    template.filter(VolumeGroup::gross).isPresent(),
                    OptionalInt.of(number),
                    OptionalInt.empty(),
                    Ordered.map(null)));
        }
        return volumes;
    }

    /** What a group can still take. */
    SizeReport sizes(ClusterState state, ResourceGroupName name, PlacementWish asked) {
        ResourceDefinition sample = definitions.make(
                state,
                new ResourceDefinitionCreation(SAMPLE, Optional.of(name), List.of(), Ordered.map(null)),
                new ArrayList<>());
        return resources.sizes(state, sample, asked);
    }

    private static String some(List<String> names) {
        int shown = Math.min(10, names.size());
        return String.join(", ", names.subList(0, shown))
                + (names.size() > shown ? " and " + (names.size() - shown) + " more" : "");
    }

    private static Optional<String> description(ResourceGroupChange change) {
        change.description()
                .filter(text -> text.length() > ResourceGroup.LONGEST_DESCRIPTION)
                .ifPresent(text -> {
                    throw new HeddleException(
                            ErrorCode.INVALID_INPUT,
                            "cannot describe a resource group with " + text.length() + " characters",
                            ResourceGroup.LONGEST_DESCRIPTION + " are allowed",
                            "shorten it");
                });
        return change.description();
    }

    private static PlacementRule placement(StateEdit edit, ResourceGroupChange change, PlacementRule before) {
        if (change.placeCount().isPresent()
                && (change.placeCount().getAsInt() < 1 || change.placeCount().getAsInt() > MOST_REPLICAS)) {
            throw new HeddleException(
                    ErrorCode.INVALID_INPUT,
                    "cannot place " + change.placeCount().getAsInt() + " replicas",
                    "a number from 1 to " + MOST_REPLICAS + " is needed",
                    "say how many replicas there shall be");
        }
        change.nodes().ifPresent(nodes -> nodes.forEach(edit::requireNode));
        change.layers()
                .filter(layers -> !layers.isEmpty())
                .ifPresent(layers -> DefinitionUseCases.requireLayers("resource group", layers));
        return change.applyTo(before);
    }

    private static List<Reply> replies(
            ClusterState state,
            Action action,
            String done,
            ResourceGroup group,
            ResourceGroupChange change,
            PropertyChange checked) {
        SortedMap<String, String> objects = Replies.group(group.name());
        List<Reply> replies = new ArrayList<>();
        replies.add(Replies.success(
                action, ObjectKind.RESOURCE_GROUP, "resource group " + group.name() + " " + done, objects));
        Properties.withoutEffect(checked.override(), ObjectKind.RESOURCE_GROUP, objects)
                .ifPresent(replies::add);
        List<String> missing = change.pools().orElse(List.of()).stream()
                .filter(pool -> state.nodes().values().stream()
                        .noneMatch(node -> node.storagePools().containsKey(pool)))
                .map(PoolName::value)
                .toList();
        if (!missing.isEmpty()) {
            replies.add(Replies.warning(
                    action,
                    ObjectKind.RESOURCE_GROUP,
                    new Problem(
                            ErrorCode.STORAGE_POOL_NOT_FOUND,
                            "no node has a storage pool " + String.join(", ", missing) + " yet",
                            "the group names it, and nothing can be placed until a node has it",
                            "create it: 'storage-pool create', or name another"),
                    objects));
        }
        return replies;
    }

    private static Set<NodeName> nodesOf(ClusterState state, ResourceGroupName group) {
        TreeSet<NodeName> nodes = new TreeSet<>();
        for (ResourceDefinition definition : state.resourceDefinitions().values()) {
            if (definition.group().equals(group)) {
                nodes.addAll(definition.resources().keySet());
            }
        }
        return nodes;
    }
}
