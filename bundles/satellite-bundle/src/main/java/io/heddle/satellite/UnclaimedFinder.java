package io.heddle.satellite;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.Stage;
import io.heddle.core.model.PoolName;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Unclaimed;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;

/** Finds what is on the node and in no spec. Pure; what it finds is shown and never touched. */
final class UnclaimedFinder {
    /** A node that was given up finds all of its own like that when it is registered again. */
    private static final String NOT_WANTED = "it is of this cluster and in no specification, as after 'node lost'";

    private final NodeSpec spec;
    private final TreeSet<Unclaimed> found = new TreeSet<>();

    private UnclaimedFinder(NodeSpec spec) {
        this.spec = spec;
    }

    /**
     * Finds it.
     *
     * @param careOfSnapshot what can be done with a snapshot, in words for people
     */
    static List<Unclaimed> find(
            NodeSpec spec,
            List<BackingVolume> volumes,
            List<ConfiguredResource> files,
            List<ReplicationStatus> inKernel,
            Function<BackingVolume, String> careOfSnapshot,
            Collection<Orphans.Orphan> orphans,
            Set<UUID> silenced) {
        UnclaimedFinder finder = new UnclaimedFinder(spec);
        finder.volumes(volumes, careOfSnapshot);
        finder.files(files, inKernel);
        orphans.forEach(finder::orphan);
        return finder.found.stream()
                .filter(found -> found.identity().filter(silenced::contains).isEmpty())
                .toList();
    }

    private void orphan(Orphans.Orphan orphan) {
        String name = orphan.resource().name().value();
        found.add(new Unclaimed(
                Unclaimed.RESOURCE,
                name,
                "it was wanted until revision " + orphan.revision() + " and no tombstone has removed it: 'heddle"
                        + " resource-definition adopt " + name + "' takes it back",
                Optional.of(orphan.resource().uuid()),
                Optional.of(orphan.resource())));
    }

    private void volumes(List<BackingVolume> volumes, Function<BackingVolume, String> careOfSnapshot) {
        Set<UUID> replicas = new HashSet<>();
        Map<PoolName, Set<String>> names = new HashMap<>();
        for (ResourceSpec resource : spec.resources().values()) {
            for (VolumeSpec volume : resource.volumes()) {
                replicas.add(volume.uuid());
                volume.backing()
                        .ifPresent(backing -> names.computeIfAbsent(backing.pool(), pool -> new HashSet<>())
                                .add(backing.name()));
            }
        }
        for (BackingVolume volume : volumes) {
            boolean ours = volume.cluster().equals(Optional.of(spec.clusterId()));
            boolean inOurWay = names.getOrDefault(volume.pool(), Set.of()).contains(volume.name());
            String where = volume.pool() + "/" + volume.name();
            if (ours && volume.stage() == Stage.TAKEN) {
                continue; // the controller lists it, and has it removed
            }
            if (ours && volume.stage() == Stage.SNAPSHOT) {
                add(
                        "safety snapshot",
                        where,
                        "it holds what was given up when a split brain was resolved, and is never removed by itself; "
                                + careOfSnapshot.apply(volume),
                        Optional.empty());
            } else if (ours && volume.volume().filter(replicas::contains).isEmpty()) {
                add("backing volume", where, NOT_WANTED, volume.volume());
            } else if (!ours && inOurWay) {
                add(
                        "backing volume",
                        where,
                        volume.cluster().isPresent()
                                ? "it is of another cluster and has the name of one of ours"
                                : "it carries no identity and has the name of one of ours",
                        volume.volume());
            }
        }
    }

    private void files(List<ConfiguredResource> files, List<ReplicationStatus> inKernel) {
        Set<String> ours = new HashSet<>();
        for (ConfiguredResource file : files) {
            boolean claimed = file.resource()
                    .filter(incarnation -> spec.resources().containsKey(incarnation))
                    .isPresent();
            if (claimed) {
                ours.add(file.name());
            } else if (file.resource().isEmpty()) {
                add("resource file", file.name(), "it carries no identity", Optional.empty());
            } else {
                add(
                        "resource file",
                        file.name(),
                        file.cluster().equals(Optional.of(spec.clusterId())) ? NOT_WANTED : "it is of another cluster",
                        file.resource());
            }
        }
        for (ReplicationStatus resource : inKernel) {
            if (!ours.contains(resource.resource())) {
                Optional<UUID> identity = files.stream()
                        .filter(file -> file.name().equals(resource.resource()))
                        .findFirst()
                        .flatMap(ConfiguredResource::resource);
                add("DRBD resource", resource.resource(), "it runs and is in no specification", identity);
            }
        }
    }

    private void add(String kind, String name, String why, Optional<UUID> identity) {
        found.add(new Unclaimed(kind, name, why, identity, Optional.empty()));
    }
}
