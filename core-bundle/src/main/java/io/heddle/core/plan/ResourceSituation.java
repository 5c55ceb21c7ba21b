package io.heddle.core.plan;

import io.heddle.core.driver.BackingVolume;
import io.heddle.core.driver.ConfiguredResource;
import io.heddle.core.driver.MetadataState;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.Ordered;
import io.heddle.core.status.KernelStatus;
import io.heddle.core.status.Observation;
import io.heddle.core.status.ReplicationStatus;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * All that the planner may know of one resource on the node.
 *
 * @param cluster this cluster
 * @param specConfirmed whether a controller has confirmed the spec since boot; if not, only serving steps are planned
 * @param keep whether {@code keep-res} covers the resource
 * @param kernel what the kernel and tools can do
 * @param backings backing volume by volume number: there, not there, or unknown; also for other names a foreign one shows here
 * @param backingSizes size that the backing volume of each volume needs, rounded to its pool's unit; missing while it cannot
 *     be known
 * @param file the resource's file as found, of any incarnation
 * @param fileCurrent whether the file says exactly what is wanted now
 * @param adjusted whether adjust succeeded since the file was last written and since the kernel last lost the resource
 * @param replication the kernel's view; empty if it does not have the resource
 * @param metadata metadata by volume number, looked at only where the volume is not attached
 */
public record ResourceSituation(
        UUID cluster,
        boolean specConfirmed,
        boolean keep,
        KernelStatus kernel,
        SortedMap<Integer, Observation<Optional<BackingVolume>>> backings,
        SortedMap<Integer, Bytes> backingSizes,
        Observation<Optional<ConfiguredResource>> file,
        Observation<Boolean> fileCurrent,
        boolean adjusted,
        Observation<Optional<ReplicationStatus>> replication,
        SortedMap<Integer, Observation<MetadataState>> metadata) {
    public ResourceSituation {
        backings = Ordered.map(backings);
        backingSizes = Ordered.map(backingSizes);
        metadata = Ordered.map(metadata);
    }
}
