package io.heddle.core.spec;

import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import java.util.List;
import java.util.SortedMap;

/**
 * The same resource on another node, as this node sees it. A peer whose resource is a tombstone is not listed.
 *
 * @param node its node, named as {@code uname -n} prints it there
 * @param nodeId its node id
 * @param diskless whether it has no disk
 * @param volumes numbers, minors and whether each has a disk, for the peer's section of the .res file
 * @param paths ways to it, the preferred first; at least one
 * @param netOptions DRBD net options of the connection by name, in DRBD's unit
 * @param peerDeviceOptions DRBD peer-device options of the connection
 */
public record PeerSpec(
        NodeName node,
        int nodeId,
        boolean diskless,
        List<PeerVolumeSpec> volumes,
        List<PathSpec> paths,
        SortedMap<String, String> netOptions,
        SortedMap<String, String> peerDeviceOptions) {
    public PeerSpec {
        volumes = List.copyOf(volumes);
        paths = List.copyOf(paths);
        netOptions = Ordered.map(netOptions);
        peerDeviceOptions = Ordered.map(peerDeviceOptions);
    }
}
