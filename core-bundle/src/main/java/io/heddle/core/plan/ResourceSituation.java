package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.UUID;

/**
 * All that the planner may know of one resource on the node. What is missing from a map was not looked at, and counts as
 * unknown.
 *
 * @param cluster this cluster
 * @param specConfirmed whether a controller has confirmed the spec since boot; if not, only serving steps are planned
 * @param keep whether {@code keep-res} covers the resource
 * @param kernel what the kernel and tools can do
 * @param record what this node keeps of the resource beside its spec
 * @param backings what the pool has under the name of the backing volume, by volume number: something, ours or foreign;
 *     nothing; or unknown
 * @param backingSizes size that the backing volume of each volume needs, rounded to its pool's unit
 * @param file the resource's file as found, of any incarnation
 * @param fileCurrent whether the file says exactly what {@link Planner#file} wants; looked at only if that wants one
 * @param adjusted whether adjust succeeded since the file was last written and since the kernel last lost the resource
 * @param replication the kernel's view; known and empty if it does not have the resource
 * @param metadata metadata by volume number, looked at only where {@link Planner#volumesToProbe} asks for it
 * @param sizesInMetadata size of the device that the metadata looked at names, by volume number; missing if it names none
 * @param forgottenNodeIds node ids of former peers that were forgotten here already
 * @param cutOffs what is known of peers that it is cut off from
 * @param absentAddresses addresses of DRBD's paths that this node is known not to have
 */
public record ResourceSituation(
        UUID cluster,
        boolean specConfirmed,
        boolean keep,
        KernelStatus kernel,
        ResourceRecord record,
        SortedMap<Integer, Observation<Optional<BackingVolume>>> backings,
        SortedMap<Integer, Observation<Bytes>> backingSizes,
        Observation<Optional<ConfiguredResource>> file,
        Observation<Boolean> fileCurrent,
        boolean adjusted,
        Observation<Optional<ReplicationStatus>> replication,
        SortedMap<Integer, Observation<MetadataState>> metadata,
        SortedMap<Integer, Bytes> sizesInMetadata,
        SortedSet<Integer> forgottenNodeIds,
        CutOffLook cutOffs,
        SortedSet<IpAddress> absentAddresses) {
    public ResourceSituation {
        backings = Ordered.map(backings);
        backingSizes = Ordered.map(backingSizes);
        metadata = Ordered.map(metadata);
        sizesInMetadata = Ordered.map(sizesInMetadata);
        forgottenNodeIds = Ordered.set(forgottenNodeIds);
        absentAddresses = Ordered.set(absentAddresses);
    }

    /** One that is cut off from nobody. */
    public ResourceSituation(
            UUID cluster,
            boolean specConfirmed,
            boolean keep,
            KernelStatus kernel,
            ResourceRecord record,
            SortedMap<Integer, Observation<Optional<BackingVolume>>> backings,
            SortedMap<Integer, Observation<Bytes>> backingSizes,
            Observation<Optional<ConfiguredResource>> file,
            Observation<Boolean> fileCurrent,
            boolean adjusted,
            Observation<Optional<ReplicationStatus>> replication,
            SortedMap<Integer, Observation<MetadataState>> metadata,
            SortedMap<Integer, Bytes> sizesInMetadata,
            SortedSet<Integer> forgottenNodeIds) {
        this(
                cluster,
                specConfirmed,
                keep,
                kernel,
                record,
                backings,
                backingSizes,
                file,
                fileCurrent,
                adjusted,
                replication,
                metadata,
                sizesInMetadata,
                forgottenNodeIds,
                CutOffLook.NOTHING,
                Ordered.set(null));
    }

    /** The same with another look at the metadata. */
    public ResourceSituation withMetadata(
            SortedMap<Integer, Observation<MetadataState>> seen, SortedMap<Integer, Bytes> sizes) {
        return new ResourceSituation(
                cluster,
                specConfirmed,
                keep,
                kernel,
                record,
                backings,
                backingSizes,
                file,
                fileCurrent,
                adjusted,
                replication,
                seen,
                sizes,
                forgottenNodeIds,
                cutOffs,
                absentAddresses);
    }

    /** The same with another look at the file. */
    public ResourceSituation withFileCurrent(Observation<Boolean> seen) {
        return new ResourceSituation(
                cluster,
                specConfirmed,
                keep,
                kernel,
                record,
                backings,
                backingSizes,
                file,
                seen,
                adjusted,
                replication,
                metadata,
                sizesInMetadata,
                forgottenNodeIds,
                cutOffs,
                absentAddresses);
    }

    /** The same with another look at the peers that it is cut off from. */
    public ResourceSituation withCutOffs(CutOffLook seen) {
        return new ResourceSituation(
                cluster,
                specConfirmed,
                keep,
                kernel,
                record,
                backings,
                backingSizes,
                file,
                fileCurrent,
                adjusted,
                replication,
                metadata,
                sizesInMetadata,
                forgottenNodeIds,
                seen,
                absentAddresses);
    }

    /** The same with another look at the addresses that DRBD's paths name. */
    public ResourceSituation withAbsentAddresses(SortedSet<IpAddress> seen) {
        return new ResourceSituation(
                cluster,
                specConfirmed,
                keep,
                kernel,
                record,
                backings,
                backingSizes,
                file,
                fileCurrent,
                adjusted,
                replication,
                metadata,
                sizesInMetadata,
                forgottenNodeIds,
                cutOffs,
                seen);
    }

    /** The same while only serving steps are allowed. */
    ResourceSituation onlyServing() {
        return new ResourceSituation(
                cluster,
                false,
                false,
                kernel,
                record,
                backings,
                backingSizes,
                file,
                fileCurrent,
                adjusted,
                replication,
                metadata,
                sizesInMetadata,
                forgottenNodeIds,
                cutOffs,
                absentAddresses);
    }
}
