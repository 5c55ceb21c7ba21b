package io.heddle.drbd;

import io.heddle.core.model.Backing;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.IpAddress;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.model.PoolName;
import io.heddle.core.model.ResourceName;
import io.heddle.core.model.Secret;
import io.heddle.core.spec.Disposition;
import io.heddle.core.spec.PathSpec;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.PeerVolumeSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.spec.VolumeSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Specs for tests: short to write, whole when read. */
final class Specs {
    static final UUID CLUSTER = UUID.fromString("c0000000-0000-4000-8000-000000000001");
    static final UUID DEFINITION = UUID.fromString("d0000000-0000-4000-8000-000000000001");
    static final UUID RESOURCE = UUID.fromString("e0000000-0000-4000-8000-000000000001");
    static final String SECRET = "7Yq3-secret-of-db1";

    private Specs() {}

    /** A resource {@code db1} on {@code node} with one volume of 64 MiB, and no peers yet. */
    static ResourceSpec resource(String node) {
        return new ResourceSpec(
                new ResourceName("db1"),
                DEFINITION,
                RESOURCE,
                Disposition.PRESENT,
                false,
                true,
                new NodeName(node),
                0,
                false,
                new Secret(SECRET),
                List.of(volume(0, 1000)),
                List.of(),
                Ordered.set(null),
                Ordered.map(null),
                false);
    }

    /** A diskful volume of 64 MiB. */
    static VolumeSpec volume(int number, int minor) {
        return new VolumeSpec(
                number,
                new UUID(0xf000L, number),
                Disposition.PRESENT,
                minor,
                Bytes.ofMib(64),
                Optional.of(new Backing(new PoolName("fast"), "db1_0000" + number, 7)),
                Optional.empty(),
                Ordered.map(null));
    }

    static VolumeSpec diskless(VolumeSpec volume) {
        return new VolumeSpec(
                volume.number(),
                volume.uuid(),
                volume.disposition(),
                volume.minor(),
                volume.size(),
                Optional.empty(),
                volume.firstGeneration(),
                volume.diskOptions());
    }

    static VolumeSpec removed(VolumeSpec volume) {
        return new VolumeSpec(
                volume.number(),
                volume.uuid(),
                Disposition.REMOVED,
                volume.minor(),
                volume.size(),
                volume.backing(),
                volume.firstGeneration(),
                volume.diskOptions());
    }

    static VolumeSpec sized(VolumeSpec volume, Bytes size) {
        return new VolumeSpec(
                volume.number(),
                volume.uuid(),
                volume.disposition(),
                volume.minor(),
                size,
                volume.backing(),
                volume.firstGeneration(),
                volume.diskOptions());
    }

    static VolumeSpec with(VolumeSpec volume, Map<String, String> diskOptions) {
        return new VolumeSpec(
                volume.number(),
                volume.uuid(),
                volume.disposition(),
                volume.minor(),
                volume.size(),
                volume.backing(),
                volume.firstGeneration(),
                Ordered.map(diskOptions));
    }

    /** A peer with a disk in each of the volumes, on one path between 10.1.0.1:7000 and its own address. */
    static PeerSpec peer(String node, int nodeId, String address, VolumeSpec... volumes) {
        List<PeerVolumeSpec> theirs = new ArrayList<>();
        for (VolumeSpec volume : volumes) {
            theirs.add(new PeerVolumeSpec(volume.number(), volume.minor(), false));
        }
        return new PeerSpec(
                new NodeName(node),
                nodeId,
                false,
                theirs,
                List.of(path("10.1.0.1", 7000, address, 7000)),
                Ordered.map(null),
                Ordered.map(null));
    }

    static PeerSpec diskless(PeerSpec peer) {
        return new PeerSpec(
                peer.node(),
                peer.nodeId(),
                true,
                peer.volumes().stream()
                        .map(volume -> new PeerVolumeSpec(volume.number(), volume.minor(), true))
                        .toList(),
                peer.paths(),
                peer.netOptions(),
                peer.peerDeviceOptions());
    }

    static PeerSpec with(PeerSpec peer, Map<String, String> netOptions, Map<String, String> peerDeviceOptions) {
        return new PeerSpec(
                peer.node(),
                peer.nodeId(),
                peer.diskless(),
                peer.volumes(),
                peer.paths(),
                Ordered.map(netOptions),
                Ordered.map(peerDeviceOptions));
    }

    /** With options of one volume. */
    static PeerSpec with(PeerSpec peer, int number, Map<String, String> peerDeviceOptions) {
        return new PeerSpec(
                peer.node(),
                peer.nodeId(),
                peer.diskless(),
                peer.volumes().stream()
                        .map(volume -> volume.number() == number
                                ? new PeerVolumeSpec(
                                        number, volume.minor(), volume.diskless(), Ordered.map(peerDeviceOptions))
                                : volume)
                        .toList(),
                peer.paths(),
                peer.netOptions(),
                peer.peerDeviceOptions());
    }

    /** With handlers. */
    static ResourceSpec with(ResourceSpec resource, Map<String, String> handlers) {
        return new ResourceSpec(
                resource.name(),
                resource.definition(),
                resource.uuid(),
                resource.disposition(),
                resource.definitionDeleted(),
                resource.replicated(),
                resource.node(),
                resource.nodeId(),
                resource.diskless(),
                resource.sharedSecret(),
                resource.volumes(),
                resource.peers(),
                resource.forgetNodeIds(),
                resource.resourceOptions(),
                Ordered.map(handlers),
                resource.replacesOlder());
    }

    static PeerSpec over(PeerSpec peer, PathSpec... paths) {
        return new PeerSpec(
                peer.node(),
                peer.nodeId(),
                peer.diskless(),
                peer.volumes(),
                List.of(paths),
                peer.netOptions(),
                peer.peerDeviceOptions());
    }

    static PathSpec path(String local, int localPort, String remote, int remotePort) {
        return new PathSpec(new IpAddress(local), localPort, new IpAddress(remote), remotePort);
    }

    static ResourceSpec with(ResourceSpec resource, List<VolumeSpec> volumes, List<PeerSpec> peers) {
        return with(resource, resource.uuid(), volumes, peers, Map.of());
    }

    static ResourceSpec with(
            ResourceSpec resource,
            UUID uuid,
            List<VolumeSpec> volumes,
            List<PeerSpec> peers,
            Map<String, String> resourceOptions) {
        boolean diskless = volumes.stream().allMatch(volume -> volume.backing().isEmpty());
        return new ResourceSpec(
                resource.name(),
                resource.definition(),
                uuid,
                resource.disposition(),
                resource.definitionDeleted(),
                resource.replicated(),
                resource.node(),
                resource.nodeId(),
                diskless,
                resource.sharedSecret(),
                volumes,
                peers,
                resource.forgetNodeIds(),
                Ordered.map(resourceOptions),
                resource.replacesOlder());
    }

    /** {@code db1} on n1 and n2, each with a disk. */
    static ResourceSpec twoNodes() {
        VolumeSpec volume = volume(0, 1000);
        return with(resource("n1"), List.of(volume), List.of(peer("n2", 1, "10.1.0.2", volume)));
    }
}
