package io.heddle.controller;

import io.heddle.core.cluster.Action;
import io.heddle.core.cluster.ObjectKind;
import io.heddle.core.cluster.Outcome;
import io.heddle.core.cluster.PropertyChange;
import io.heddle.core.cluster.Reply;
import io.heddle.core.cluster.ResourceDefinitionCreation;
import io.heddle.core.cluster.VolumeDefinitionCreation;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.ClusterState;
import io.heddle.core.model.Layer;
import io.heddle.core.model.NotFound;
import io.heddle.core.model.Numbers;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PlacementRule;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceGroupName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.option.PropertyCatalogue;
import io.heddle.core.option.PropertyLevel;
import io.heddle.core.plan.MetadataSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.function.LongFunction;

/** What can be done with resource definitions and their volume definitions. */
final class DefinitionUseCases {
    private static final List<Layer> REPLICATED = List.of(Layer.DRBD, Layer.STORAGE);

    private final Desk desk;
    private final ResourceMaker maker;
    private final Secrets secrets;
    private final OwnVolume own;

    DefinitionUseCases(Desk desk, ResourceMaker maker, Secrets secrets, OwnVolume own) {
        this.desk = desk;
        this.maker = maker;
        this.secrets = secrets;
        this.own = own;
    }

    CompletionStage<Outcome> create(ResourceDefinitionCreation wish) {
        return desk.carryOut(edit -> {
            List<Reply> replies = new ArrayList<>();
            edit.put(make(edit.state(), wish, replies));
            return new Desk.Done(replies, revision -> List.of());
        });
    }

    /** The definition that is wished for, checked; it is not put yet. */
    ResourceDefinition make(ClusterState state, ResourceDefinitionCreation wish, List<Reply> replies) {
        ResourceGroupName group = wish.group().orElse(ResourceGroup.DEFAULT);
        ResourceGroup known = state.resourceGroup(group).orElseThrow(() -> NotFound.resourceGroup(group));
        ResourceDefinition definition = new ResourceDefinition(
                wish.name(),
                UUID.randomUUID(),
                known.name(),
                layers(wish, known.placement()),
                secrets.next(),
                Ordered.map(null),
                Ordered.map(null),
                Ordered.set(null),
                PropertyCatalogue.check(PropertyLevel.RESOURCE_DEFINITION, wish.properties()),
                false,
                desk.clock().instant());
        replies.addAll(replies(
                Action.CREATE,
                "resource definition " + wish.name() + " created",
                definition.name(),
                definition.properties()));
        return definition;
    }

    private static List<Layer> layers(ResourceDefinitionCreation wish, PlacementRule group) {
        List<Layer> asked = wish.layers().isEmpty() ? group.layers() : wish.layers();
        List<Layer> layers = asked.isEmpty() ? REPLICATED : asked;
        requireLayers("resource definition " + wish.name(), layers);
        return layers;
    }

    /** Refuses layers that no device can be made of. */
    static void requireLayers(String what, List<Layer> layers) {
        if (!layers.equals(REPLICATED) && !layers.equals(List.of(Layer.STORAGE))) {
            throw new HeddleException(
                    ErrorCode.NOT_SUPPORTED,
                    "cannot create " + what,
                    "layers " + layers + " are not to be had",
                    "use DRBD over STORAGE, or STORAGE alone");
        }
    }

    private static List<Reply> replies(
            Action action, String message, ResourceName name, SortedMap<String, String> set) {
        List<Reply> replies = new ArrayList<>();
        replies.add(Replies.success(action, ObjectKind.RESOURCE_DEFINITION, message, Replies.definition(name)));
        Properties.withoutEffect(set, ObjectKind.RESOURCE_DEFINITION, Replies.definition(name))
                .ifPresent(replies::add);
        return replies;
    }

    CompletionStage<Outcome> modify(ResourceName name, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.RESOURCE_DEFINITION, change);
            ResourceDefinition definition = edit.requireDefinition(name);
            SortedMap<String, String> after = checked.applyTo(definition.properties());
            ResourceDefinition changed = definition.withProperties(after);
            edit.put(changed);
            List<Reply> replies = replies(
                    Action.MODIFY,
                    "resource definition " + definition.name() + " modified",
                    definition.name(),
                    checked.override());
            replies.addAll(OptionReplies.of(
                    definition.properties(),
                    after,
                    definition.resources().keySet(),
                    desk.board(),
                    ObjectKind.RESOURCE_DEFINITION,
                    Replies.definition(definition.name())));
            return new Desk.Done(
                    replies,
                    SpecSender.shows(definition.properties(), after)
                            ? ready(changed, Action.MODIFY)
                            : revision -> List.of());
        });
    }

    CompletionStage<Outcome> delete(ResourceName name) {
        return desk.carryOut(edit -> {
            Optional<ResourceDefinition> present = edit.state().resourceDefinition(name);
            if (present.isEmpty()) {
                return NodeUseCases.absent(
                        NotFound.resourceDefinition(name), ObjectKind.RESOURCE_DEFINITION, Replies.definition(name));
            }
            ResourceDefinition definition = present.get();
            own.refuseToDelete(definition, "resource definition " + definition.name());
            if (!definition.snapshots().isEmpty()) {
                throw new HeddleException(
                        ErrorCode.IN_USE,
                        "cannot delete resource definition " + definition.name(),
                        "it has the snapshots " + definition.snapshots().keySet(),
                        "delete them first: heddle snapshot delete " + definition.name() + " "
                                + definition.snapshots().firstKey());
            }
            if (definition.resources().isEmpty()) {
                edit.remove(definition);
            } else {
                edit.put(definition.markedDeleting());
            }
            return Desk.Done.of(
                    Replies.success(
                            Action.DELETE,
                            ObjectKind.RESOURCE_DEFINITION,
                            "resource definition " + definition.name() + " deleted",
                            Replies.definition(definition.name())),
                    revision -> definition.resources().values().stream()
                            .<Goal>map(resource -> ResourceGone.of(desk.writer(), desk.board(), definition, resource)
                                    .since(definition.deleting() || resource.deleting() ? 0 : revision))
                            .toList());
        });
    }

    CompletionStage<Outcome> createVolume(ResourceName name, VolumeDefinitionCreation wish) {
        return desk.carryOut(edit -> {
            List<Reply> replies = new ArrayList<>();
            ResourceDefinition grown = withVolume(edit, edit.requireDefinition(name), wish, replies);
            edit.put(grown);
            return new Desk.Done(replies, ready(grown, Action.CREATE));
        });
    }

    /** A definition with the volume that is wished for, checked; it is not put yet. */
    ResourceDefinition withVolume(
            StateEdit edit, ResourceDefinition definition, VolumeDefinitionCreation wish, List<Reply> replies) {
        SortedMap<String, String> properties =
                PropertyCatalogue.check(PropertyLevel.VOLUME_DEFINITION, wish.properties());
        VolumeDefinition volume = new VolumeDefinition(
                number(definition, wish.number()),
                UUID.randomUUID(),
                size(edit, definition, wish),
                minor(edit, definition, wish.minor()),
                properties,
                Optional.empty(),
                false);
        SortedMap<String, String> objects = Replies.volume(definition.name(), volume.number());
        replies.add(Replies.success(
                Action.CREATE,
                ObjectKind.VOLUME_DEFINITION,
                "volume definition " + volume.number() + " of " + definition.name() + " created with " + volume.size(),
                objects));
        Properties.withoutEffect(properties, ObjectKind.VOLUME_DEFINITION, objects)
                .ifPresent(replies::add);
        return maker.addVolume(edit, definition, volume);
    }

    private static int number(ResourceDefinition definition, OptionalInt wished) {
        if (wished.isEmpty()) {
            int lowest = 0;
            while (definition.volumeDefinitions().containsKey(lowest)) {
                lowest++;
            }
            return lowest;
        }
        VolumeDefinition present = definition.volumeDefinitions().get(wished.getAsInt());
        if (present != null) {
            throw new HeddleException(
                    present.deleting() ? ErrorCode.BEING_DELETED : ErrorCode.VOLUME_DEFINITION_EXISTS,
                    "cannot create volume definition " + present.number() + " of " + definition.name(),
                    present.deleting()
                            ? "the one of that number is not gone from all nodes yet"
                            : "there is one of that number",
                    "leave the number out: the lowest free one is taken");
        }
        return wished.getAsInt();
    }

    private static int minor(StateEdit edit, ResourceDefinition definition, OptionalInt wished) {
        if (wished.isEmpty()) {
            return edit.allocateMinor();
        }
        int minor = Numbers.check("device minor", wished.getAsInt(), 0, Numbers.MAXIMUM_MINOR);
        if (edit.state().minorInUse(minor)) {
            throw new HeddleException(
                    ErrorCode.NUMBER_TAKEN,
                    "cannot give minor " + minor + " to a volume of " + definition.name(),
                    "another volume has it",
                    "leave it out: the next free one is taken");
        }
        return minor;
    }

    /** Devices are counted in whole KiB. */
    private static Bytes size(StateEdit edit, ResourceDefinition definition, VolumeDefinitionCreation wish) {
        Bytes net = wish.gross() && definition.replicated()
                ? MetadataSpace.net(wish.size(), ResourceMaker.slots(edit.state(), definition))
                : wish.size();
        Bytes whole = net.compareTo(VolumeDefinition.MAXIMUM_SIZE) > 0 ? net : net.roundUp(new Bytes(Bytes.KIB));
        VolumeDefinition.checkSize(whole);
        return whole;
    }

    CompletionStage<Outcome> modifyVolume(ResourceName name, int number, Optional<Bytes> size, PropertyChange change) {
        return desk.carryOut(edit -> {
            PropertyChange checked = Properties.check(PropertyLevel.VOLUME_DEFINITION, change);
            ResourceDefinition definition = edit.requireDefinition(name);
            VolumeDefinition volume = requireVolume(definition, number);
            SortedMap<String, String> after = checked.applyTo(volume.properties());
            VolumeDefinition changed = volume.withProperties(after);
            if (size.isPresent()) {
                changed = changed.withSize(grown(edit, definition, volume, size.get()));
            }
            ResourceDefinition result = definition.withVolumeDefinition(changed);
            edit.put(result);
            SortedMap<String, String> objects = Replies.volume(definition.name(), number);
            List<Reply> replies = new ArrayList<>();
            replies.add(Replies.success(
                    Action.MODIFY,
                    ObjectKind.VOLUME_DEFINITION,
                    "volume definition " + number + " of " + definition.name() + " modified"
                            + (size.isPresent() ? ", it has " + changed.size() + " now" : ""),
                    objects));
            Properties.withoutEffect(checked.override(), ObjectKind.VOLUME_DEFINITION, objects)
                    .ifPresent(replies::add);
            replies.addAll(OptionReplies.of(
                    volume.properties(),
                    after,
                    definition.resources().keySet(),
                    desk.board(),
                    ObjectKind.VOLUME_DEFINITION,
                    objects));
            boolean shown = !changed.size().equals(volume.size()) || SpecSender.shows(volume.properties(), after);
            return new Desk.Done(replies, shown ? ready(result, Action.MODIFY) : revision -> List.of());
        });
    }

    /** Only ever larger: a file system that is in use does not survive a smaller device. */
    private Bytes grown(StateEdit edit, ResourceDefinition definition, VolumeDefinition volume, Bytes wished) {
        Bytes size = wished.roundUp(new Bytes(Bytes.KIB));
        VolumeDefinition.checkSize(size);
        if (size.compareTo(volume.size()) < 0) {
            throw new HeddleException(
                    ErrorCode.SHRINK_REFUSED,
                    "cannot give " + size + " to volume " + volume.number() + " of " + definition.name(),
                    "it has " + volume.size() + ", and volumes never shrink: what is on them would be cut off",
                    "create a smaller volume and copy the data");
        }
        Bytes more = new Bytes(size.value() - volume.size().value());
        for (Resource resource : definition.resources().values()) {
            Volume own = resource.volumes().get(volume.number());
            if (!more.isZero() && own != null && !resource.deleting()) {
                maker.requireSpace(edit.state(), definition, resource.node(), own, more);
            }
        }
        return size;
    }

    private static VolumeDefinition requireVolume(ResourceDefinition definition, int number) {
        VolumeDefinition volume = definition.volumeDefinitions().get(number);
        if (volume == null) {
            throw NotFound.volumeDefinition(definition.name(), number);
        }
        if (volume.deleting()) {
            throw new HeddleException(
                    ErrorCode.BEING_DELETED,
                    "cannot change volume definition " + number + " of " + definition.name(),
                    "it is being deleted, and a deletion is never cancelled",
                    "create another");
        }
        return volume;
    }

    CompletionStage<Outcome> deleteVolume(ResourceName name, int number) {
        return desk.carryOut(edit -> {
            ResourceDefinition definition = edit.requireDefinition(name);
            VolumeDefinition volume = definition.volumeDefinitions().get(number);
            SortedMap<String, String> objects = Replies.volume(definition.name(), number);
            if (volume == null) {
                return NodeUseCases.absent(
                        NotFound.volumeDefinition(definition.name(), number), ObjectKind.VOLUME_DEFINITION, objects);
            }
            if (!volume.deleting()) {
                own.refuseToDelete(definition, "volume definition " + number + " of " + definition.name());
            }
            edit.put(
                    definition.resources().isEmpty()
                            ? definition.withoutVolumeDefinition(number)
                            : definition.withVolumeDefinition(volume.markedDeleting()));
            return Desk.Done.of(
                    Replies.success(
                            Action.DELETE,
                            ObjectKind.VOLUME_DEFINITION,
                            "volume definition " + number + " of " + definition.name() + " deleted",
                            objects),
                    revision -> gone(definition, number));
        });
    }

    private List<Goal> gone(ResourceDefinition definition, int number) {
        List<Goal> goals = new ArrayList<>();
        for (Resource resource : definition.resources().values()) {
            Volume own = resource.volumes().get(number);
            if (own != null) {
                goals.add(ResourceGone.of(desk.writer(), desk.board(), definition, resource, own));
            }
        }
        return goals;
    }

    private LongFunction<List<Goal>> ready(ResourceDefinition definition, Action action) {
        return revision -> definition.resources().values().stream()
                .filter(resource -> !resource.deleting())
                .<Goal>map(resource ->
                        ResourceReady.of(desk.writer(), desk.board(), action, definition, resource, revision))
                .toList();
    }
}
