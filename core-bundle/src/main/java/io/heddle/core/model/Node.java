package io.heddle.core.model;

import java.time.Instant;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;

/**
 * A machine of the cluster with its addresses and storage pools.
 *
 * @param name its name
 * @param uuid identity of this registration
 * @param type what it is for
 * @param netInterfaces addresses by name
 * @param activeInterface the interface over which the controller reaches the satellite
 * @param storagePools pools by name
 * @param properties properties set on the node
 * @param pin SHA-256 of the satellite's public key (lower-case hex) once it was paired; empty before that and with PLAIN
 * @param deleting whether the node is to leave; it goes when none of its resources is left
 * @param createdAt when it was registered
 * @param evacuation how it is being emptied; empty if it is not
 */
public record Node(
        NodeName name,
        UUID uuid,
        NodeType type,
        SortedMap<NetInterfaceName, NetInterface> netInterfaces,
        NetInterfaceName activeInterface,
        SortedMap<PoolName, StoragePool> storagePools,
        SortedMap<String, String> properties,
        Optional<String> pin,
        boolean deleting,
        Instant createdAt,
        Optional<Evacuation> evacuation) {
    /** Name of the interface made together with a node. */
    public static final NetInterfaceName DEFAULT_INTERFACE = new NetInterfaceName("default");

    public Node {
        netInterfaces = Ordered.map(netInterfaces);
        storagePools = Ordered.map(storagePools);
        properties = Ordered.map(properties);
    }

    /** One that is not being emptied. */
    public Node(
            NodeName name,
            UUID uuid,
            NodeType type,
            SortedMap<NetInterfaceName, NetInterface> netInterfaces,
            NetInterfaceName activeInterface,
            SortedMap<PoolName, StoragePool> storagePools,
            SortedMap<String, String> properties,
            Optional<String> pin,
            boolean deleting,
            Instant createdAt) {
        this(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                storagePools,
                properties,
                pin,
                deleting,
                createdAt,
                Optional.empty());
    }

    /** The address at which the satellite is reached; empty if the active interface is not among the interfaces. */
    public Optional<NetInterface> linkInterface() {
        return Optional.ofNullable(netInterfaces.get(activeInterface));
    }

    /** Whether a satellite runs on it. */
    public boolean hasSatellite() {
        return type == NodeType.SATELLITE || type == NodeType.COMBINED;
    }

    public Node withNetInterface(NetInterface added) {
        return new Node(
                name,
                uuid,
                type,
                Ordered.with(netInterfaces, added.name(), added),
                activeInterface,
                storagePools,
                properties,
                pin,
                deleting,
                createdAt,
                evacuation);
    }

    public Node withoutNetInterface(NetInterfaceName removed) {
        return new Node(
                name,
                uuid,
                type,
                Ordered.without(netInterfaces, removed),
                activeInterface,
                storagePools,
                properties,
                pin,
                deleting,
                createdAt,
                evacuation);
    }

    public Node withActiveInterface(NetInterfaceName active) {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                active,
                storagePools,
                properties,
                pin,
                deleting,
                createdAt,
                evacuation);
    }

    public Node withStoragePool(StoragePool added) {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                Ordered.with(storagePools, added.name(), added),
                properties,
                pin,
                deleting,
                createdAt,
                evacuation);
    }

    public Node withoutStoragePool(PoolName removed) {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                Ordered.without(storagePools, removed),
                properties,
                pin,
                deleting,
                createdAt,
                evacuation);
    }

    public Node withProperties(SortedMap<String, String> changed) {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                storagePools,
                changed,
                pin,
                deleting,
                createdAt,
                evacuation);
    }

    public Node withPin(Optional<String> changed) {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                storagePools,
                properties,
                changed,
                deleting,
                createdAt,
                evacuation);
    }

    public Node markedDeleting() {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                storagePools,
                properties,
                pin,
                true,
                createdAt,
                evacuation);
    }

    public Node withEvacuation(Optional<Evacuation> changed) {
        return new Node(
                name,
                uuid,
                type,
                netInterfaces,
                activeInterface,
                storagePools,
                properties,
                pin,
                deleting,
                createdAt,
                changed);
    }
}
