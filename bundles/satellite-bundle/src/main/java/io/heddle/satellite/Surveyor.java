package io.heddle.satellite;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.driver.ReplicationDriver;
import io.heddle.core.driver.StorageDriver;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.PoolName;
import io.heddle.core.plan.Plan;
import io.heddle.core.plan.Planner;
import io.heddle.core.plan.ResourceSituation;
import io.heddle.core.spec.NodeSpec;
import io.heddle.core.spec.PoolSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts together what is known of a resource, from memory as far as that goes, looks at what only a look can tell, and has it
 * planned. Changes nothing on the node; blocks while it looks.
 */
final class Surveyor {
    private static final Logger LOG = LoggerFactory.getLogger(Surveyor.class);

    private final Workshop shop;

    Surveyor(Workshop shop) {
        this.shop = shop;
    }

    /** Looks, and plans; empty while the pools were not looked at yet. */
    Optional<Plan> plan(Unit unit, ResourceSpec resource, Optional<NodeSpec> node) {
        TreeSet<PoolName> pools = new TreeSet<>();
        resource.volumes().forEach(volume -> volume.backing().map(Backing::pool).ifPresent(pools::add));
        if (node.isEmpty() || !shop.pools().looked(pools)) {
            return Optional.empty();
        }
        if (unit.record().isEmpty()) {
            unit.record(shop.records().read(unit.uuid()));
        }
        unit.keepForgotten(resource.forgetNodeIds());
        shop.replication()
                .resource(resource.name().value())
                .known()
                .flatMap(found -> found)
                .ifPresent(unit::doubtAdjust);
        SortedMap<PoolName, PoolSpec> known = node.get().pools();
        ResourceSituation seen = situation(unit, resource, node.get());
        Optional<ReplicationDriver> driver =
                resource.replicated() ? shop.drivers().replication() : Optional.empty();
        if (driver.isPresent()) {
            seen = probe(resource, known, seen, driver.get());
            seen = lookAtCutOffs(unit, resource, seen, driver.get());
            seen = seen.withAbsentAddresses(absent(Planner.addressesInDoubt(resource, known, seen)));
            seen = compareFile(resource, known, seen, driver.get(), node.get().clusterId());
        }
        return Optional.of(Planner.plan(resource, known, seen));
    }

    private ResourceSituation situation(Unit unit, ResourceSpec resource, NodeSpec node) {
        TreeMap<Integer, Observation<Optional<BackingVolume>>> backings = new TreeMap<>();
        TreeMap<Integer, Observation<Bytes>> sizes = new TreeMap<>();
        for (VolumeSpec volume : resource.volumes()) {
            volume.backing().ifPresent(backing -> {
                backings.put(volume.number(), shop.pools().volume(backing.pool(), backing.name()));
                // of a tombstone too, which may have to be brought up once more
                sizes.put(volume.number(), size(resource, volume, backing, node.pools()));
            });
        }
        String key = resource.name().value();
        return new ResourceSituation(
                node.clusterId(),
                // what the controller said nothing about now is no fresh word
                shop.confirmation().isConfirmed() && !node.unsaid().contains(resource.definition()),
                shop.keep().matcher(key).find(),
                shop.replication().kernel(),
                unit.record().orElseThrow(),
                backings,
                sizes,
                shop.replication().file(key),
                Observation.known(false),
                unit.adjusted,
                shop.replication().resource(key),
                new TreeMap<>(),
                new TreeMap<>(),
                unit.forgottenNodeIds());
    }

    private Observation<Bytes> size(
            ResourceSpec resource, VolumeSpec volume, Backing backing, Map<PoolName, PoolSpec> pools) {
        return look(() -> {
            PoolSpec pool = Optional.ofNullable(pools.get(backing.pool()))
                    .orElseThrow(() -> new HeddleException(
                            ErrorCode.STORAGE_POOL_NOT_FOUND,
                            "cannot tell the size of " + backing.name(),
                            "this node has no storage pool " + backing.pool(),
                            "create the storage pool on this node again"));
            StorageDriver storage = shop.drivers()
                    .storage(pool.kind())
                    .orElseThrow(() -> DriverTable.absent(pool.kind()).exception());
            Bytes gross = resource.replicated()
                    ? shop.drivers()
                            .replication()
                            .orElseThrow(() -> DriverTable.absentReplication().exception())
                            .grossSize(volume.size(), backing.maximumPeers())
                    : volume.size();
            return storage.roundUp(pool, gross);
        });
    }

    private static ResourceSituation probe(
            ResourceSpec resource, Map<PoolName, PoolSpec> pools, ResourceSituation seen, ReplicationDriver driver) {
        TreeMap<Integer, Observation<MetadataState>> metadata = new TreeMap<>();
        TreeMap<Integer, Bytes> sizes = new TreeMap<>();
        for (int number : Planner.volumesToProbe(resource, pools, seen)) {
            String device = seen.backings()
                    .get(number)
                    .known()
                    .flatMap(found -> found)
                    .flatMap(BackingVolume::device)
                    .orElseThrow();
            Observation<MetadataState> state = look(() -> driver.metadata(resource, number, device));
            metadata.put(number, state);
            if (state.known().equals(Optional.of(MetadataState.PRESENT))) {
                Observation<Optional<Bytes>> size = look(() -> driver.sizeInMetadata(resource, number, device));
                size.known().flatMap(found -> found).ifPresent(found -> sizes.put(number, found));
                size.unknown().ifPresent(problem -> metadata.put(number, Observation.unknown(problem)));
            }
        }
        return seen.withMetadata(metadata, sizes);
    }

    private ResourceSituation lookAtCutOffs(
            Unit unit, ResourceSpec resource, ResourceSituation seen, ReplicationDriver driver) {
        Optional<ReplicationStatus> running = seen.replication().known().flatMap(found -> found);
        if (running.isEmpty()) {
            return seen;
        }
        return seen.withCutOffs(unit.cutOffs.look(
                resource,
                running.get(),
                seen.record(),
                shop.clock().instant(),
                driver::written,
                () -> look(() -> driver.content(resource))));
    }

    /** Addresses that no interface of this node has; none where that cannot be told. */
    private static SortedSet<IpAddress> absent(SortedSet<IpAddress> addresses) {
        TreeSet<IpAddress> absent = new TreeSet<>();
        for (IpAddress address : addresses) {
            try {
                if (NetworkInterface.getByInetAddress(address.inetAddress()) == null) {
                    absent.add(address);
                }
            } catch (SocketException unknown) {
                LOG.debug("it is not known whether {} is an address of this node", address, unknown);
            }
        }
        return absent;
    }

    private static ResourceSituation compareFile(
            ResourceSpec resource,
            Map<PoolName, PoolSpec> pools,
            ResourceSituation seen,
            ReplicationDriver driver,
            UUID cluster) {
        return Planner.file(resource, pools, seen)
                .map(file ->
                        seen.withFileCurrent(look(() -> driver.isConfigured(cluster, file.resource(), file.devices()))))
                .orElse(seen);
    }

    private static <T> Observation<T> look(Supplier<T> look) {
        try {
            return Observation.known(look.get());
        } catch (HeddleException failure) {
            if (failure.code() == ErrorCode.SHUTTING_DOWN) {
                throw failure;
            }
            return Observation.unknown(failure.problem());
        }
    }
}
