package io.heddle.controller;

import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Layer;
import io.heddle.core.model.Node;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.Resource;
import io.heddle.core.model.ResourceDefinition;
import io.heddle.core.model.ResourceGroup;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.StateEdit;
import io.heddle.core.model.Volume;
import io.heddle.core.model.VolumeDefinition;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.Unclaimed;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Takes resources back that satellites have and the desired state does not: what was wanted of them last says all, and is
 * taken as it is or refused. Changes nothing but the edit.
 */
final class Adoption {
    private final StateEdit edit;
    private final ResourceName name;
    private final Set<NodeName> without;
    private final Instant now;
    private final SortedMap<NodeName, ResourceSpec> kept;

    /**
     * @param board says what satellites that are online kept
     * @param without nodes that are given up: what they have of it is not waited for
     */
    Adoption(StateEdit edit, StatusBoard board, ResourceName name, Collection<NodeName> without, Instant now) {
        this.edit = edit;
        this.name = name;
        this.without = new TreeSet<>(without);
        this.now = now;
        this.kept = kept(board);
    }

    private SortedMap<NodeName, ResourceSpec> kept(StatusBoard board) {
        TreeMap<NodeName, ResourceSpec> found = new TreeMap<>();
        for (Node node : edit.state().nodes().values()) {
            if (board.online(node.name()) && !without.contains(node.name())) {
                board.status(node.name()).stream()
                        .flatMap(status -> status.unclaimed().stream())
                        .map(Unclaimed::former)
                        .flatMap(Optional::stream)
                        .filter(spec -> spec.name().equals(name))
                        .filter(this::isTheOneThatIsWanted)
                        .forEach(spec -> found.put(node.name(), spec));
            }
        }
        return found;
    }

    /** Of several incarnations of a name the one that is wanted counts, where one is. */
    private boolean isTheOneThatIsWanted(ResourceSpec spec) {
        return edit.state()
                .resourceDefinition(name)
                .map(wanted -> wanted.uuid().equals(spec.definition()))
                .orElse(true);
    }

    /** Nodes whose resources are taken. */
    Set<NodeName> nodes() {
        return kept.keySet();
    }

    /**
     * The definition with what is taken.
     *
     * @throws HeddleException with what speaks against it; nothing is changed
     */
    ResourceDefinition adopted() {
        UUID uuid = definition();
        ResourceDefinition definition =
                edit.state().resourceDefinition(uuid).orElseGet(() -> madeAgain(kept.get(kept.firstKey())));
        if (definition.deleting()) {
            throw refused(
                    ErrorCode.BEING_DELETED,
                    "its definition is being deleted, and a deletion is never cancelled",
                    "wait until it is gone; what is left then is removed by it");
        }
        for (ResourceSpec spec : kept.values()) {
            definition = definition.withResource(resource(definition, spec));
        }
        requirePeers(definition);
        return definition;
    }

    private UUID definition() {
        Set<UUID> identities = new TreeSet<>();
        kept.values().forEach(spec -> identities.add(spec.definition()));
        if (identities.isEmpty()) {
            throw refused(
                    ErrorCode.RESOURCE_NOT_FOUND,
                    "no node that is online has kept what was wanted of it"
                            + (edit.state().resourceDefinition(name).isPresent() ? " beside what is wanted now" : ""),
                    "see 'heddle node list-unclaimed'; only what is listed there as 'resource' can be taken back");
        }
        if (identities.size() > 1) {
            throw refused(
                    ErrorCode.RESOURCE_DEFINITION_EXISTS,
                    "nodes have kept several resources of that name: definitions " + identities,
                    "forget those that are not meant: heddle node forget-unclaimed NODE UUID");
        }
        return identities.iterator().next();
    }

    private ResourceDefinition madeAgain(ResourceSpec spec) {
        TreeMap<Integer, VolumeDefinition> volumes = new TreeMap<>();
        for (VolumeSpec volume : spec.volumes()) {
            if (volume.disposition() == Disposition.PRESENT) {
                if (spec.replicated() && edit.state().minorInUse(volume.minor())) {
                    throw taken("minor " + volume.minor());
                }
                volumes.put(
                        volume.number(),
                        new VolumeDefinition(
                                volume.number(),
                                UUID.randomUUID(),
                                volume.size(),
                                volume.minor(),
                                Ordered.map(null),
                                Optional.empty(),
                                false));
            }
        }
        return new ResourceDefinition(
                spec.name(),
                spec.definition(),
                ResourceGroup.DEFAULT,
                spec.replicated() ? List.of(Layer.DRBD, Layer.STORAGE) : List.of(Layer.STORAGE),
                spec.sharedSecret(),
                Ordered.map(volumes),
                Ordered.map(null),
                Ordered.set(null),
                Ordered.map(null),
                false,
                now);
    }

    private Resource resource(ResourceDefinition definition, ResourceSpec spec) {
        NodeName node = spec.node();
        if (definition.resources().containsKey(node)) {
            throw refused(
                    ErrorCode.RESOURCE_EXISTS,
                    node + " has another resource of it already",
                    "forget the old one: heddle node forget-unclaimed " + node + " " + spec.uuid());
        }
        if (!definition.sharedSecret().equals(spec.sharedSecret())
                || definition.retiredNodeIds().contains(spec.nodeId())) {
            throw refused(
                    ErrorCode.IDENTITY_MISMATCH,
                    "the resource on " + node + " was given up meanwhile (node lost), so that its data are old",
                    "forget it (heddle node forget-unclaimed " + node + " " + spec.uuid()
                            + "), and create a new resource there");
        }
        if (definition.resources().values().stream().anyMatch(other -> other.nodeId() == spec.nodeId())) {
            throw taken("node id " + spec.nodeId());
        }
        int port = port(spec);
        if (spec.replicated() && edit.state().portInUse(node, port)) {
            throw taken("TCP port " + port + " of " + node);
        }
        return new Resource(
                node,
                spec.uuid(),
                spec.nodeId(),
                port,
                spec.diskless(),
                false,
                volumes(definition, spec),
                Ordered.map(null),
                false,
                now);
    }

    /** Alone it has no path that would tell; any free one does. */
    private int port(ResourceSpec spec) {
        return spec.peers().stream()
                .flatMap(peer -> peer.paths().stream())
                .map(path -> path.localPort())
                .findFirst()
                .orElseGet(() -> edit.allocatePort(spec.node()));
    }

    private SortedMap<Integer, Volume> volumes(ResourceDefinition definition, ResourceSpec spec) {
        Node node = edit.requireNode(spec.node());
        TreeMap<Integer, Volume> volumes = new TreeMap<>();
        for (VolumeSpec volume : spec.volumes()) {
            VolumeDefinition wanted = definition.volumeDefinitions().get(volume.number());
            if (volume.disposition() != Disposition.PRESENT) {
                continue;
            }
            if (wanted == null
                    || wanted.deleting()
                    || !wanted.size().equals(volume.size())
                    || wanted.minor() != volume.minor()) {
                throw refused(
                        ErrorCode.IDENTITY_MISMATCH,
                        "volume " + volume.number() + " on " + node.name() + " has " + volume.size() + " and minor "
                                + volume.minor()
                                + (wanted == null
                                        ? ", and is not wanted"
                                        : ", and wanted are " + wanted.size() + " and minor " + wanted.minor()),
                        "bring it to the same size first; nothing is grown or shrunk by taking it back");
            }
            volume.backing()
                    .filter(backing -> !node.storagePools().containsKey(backing.pool()))
                    .ifPresent(backing -> {
                        throw refused(
                                ErrorCode.STORAGE_POOL_NOT_FOUND,
                                node.name() + " has no storage pool " + backing.pool() + ", where its volume is",
                                "create the storage pool there again, on what it stood on");
                    });
            volumes.put(
                    volume.number(),
                    new Volume(volume.number(), volume.uuid(), volume.backing(), false, volume.source()));
        }
        return Ordered.map(volumes);
    }

    /** One that were left out would be forgotten by its peers. */
    private void requirePeers(ResourceDefinition definition) {
        for (ResourceSpec spec : kept.values()) {
            for (PeerSpec peer : spec.peers()) {
                boolean there = definition.resources().containsKey(peer.node());
                if (!there && !peer.diskless() && !peer.leaving() && !without.contains(peer.node())) {
                    throw refused(
                            ErrorCode.NODE_OFFLINE,
                            peer.node() + " has a replica of it too, as " + spec.node()
                                    + " knows, and is not online or has kept nothing",
                            "bring " + peer.node()
                                    + " back (heddle node list); if it is gone for good, say so: --without "
                                    + peer.node());
                }
            }
        }
    }

    private HeddleException taken(String number) {
        return refused(
                ErrorCode.NUMBER_TAKEN,
                number + " has been given to another resource meanwhile",
                "delete that one, or move it away, first");
    }

    private HeddleException refused(ErrorCode code, String why, String correction) {
        return new HeddleException(code, "cannot take " + name + " back", why, correction);
    }
}
