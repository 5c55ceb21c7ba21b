package io.heddle.drbd;

import io.heddle.core.command.CommandResult;
import io.heddle.core.error.ErrorCode;
import io.heddle.core.error.HeddleException;
import io.heddle.core.model.Bytes;
import io.heddle.core.model.DataMark;
import io.heddle.core.model.NodeName;
import io.heddle.core.model.Ordered;
import io.heddle.core.spec.PeerSpec;
import io.heddle.core.spec.ResourceSpec;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.Content;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.Generation;
import io.heddle.core.status.KernelStatus.Dialect;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Looks at what DRBD knows of diverged replicas, and carries out what was decided about them. DRBD 9 is spoken to one peer at a
 * time, since {@code drbdadm connect} of a whole resource fails where one of its peers is connected (seen with 9.2.18, error
 * 125); 8.4 has one peer, and forgets its address when it leaves it, so that it is connected through the file.
 */
final class SplitBrains {
    private static final Pattern GENERATION = Pattern.compile("(?m)^([0-9A-Fa-f]{16}):([0-9A-Fa-f]{16}):");
    private final ResourceFiles files;
    private final DrbdTools tools;
    private final KernelProbe kernel;
    private final Resources resources;

    SplitBrains(ResourceFiles files, DrbdTools tools, KernelProbe kernel, Resources resources) {
        this.files = files;
        this.tools = tools;
        this.kernel = kernel;
        this.resources = resources;
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#content}. */
    Content content(ResourceSpec resource) {
        return content(resource, status(resource), kernel.dialect());
    }

    private Content content(ResourceSpec resource, ReplicationStatus status, Dialect dialect) {
        TreeMap<String, SortedMap<Integer, Generation>> all = new TreeMap<>();
        TreeMap<String, SortedMap<Integer, Bytes>> outOfSync = new TreeMap<>();
        for (PeerSpec peer : resource.peers()) {
            Optional<ConnectionStatus> connection = status.connections().stream()
                    .filter(each -> dialect == Dialect.DRBD_8_4 || each.nodeId() == peer.nodeId())
                    .findFirst();
            if (connection.isEmpty() && dialect == Dialect.DRBD_9) {
                continue;
            }
            TreeMap<Integer, Generation> volumes = new TreeMap<>();
            for (DeviceStatus device : status.devices()) {
                if (device.disk() != DiskState.DISKLESS) {
                    volumes.put(device.number(), generation(resource, peer, device, dialect));
                }
            }
            all.put(peer.node().value(), Ordered.map(volumes));
            // only a fresh look tells: DRBD sends no event when a write makes it more
            TreeMap<Integer, Bytes> differs = new TreeMap<>();
            connection.ifPresent(
                    there -> there.volumes().forEach(volume -> differs.put(volume.number(), volume.outOfSync())));
            outOfSync.put(peer.node().value(), Ordered.map(differs));
        }
        return new Content(all, outOfSync, written(resource));
    }

    /** DRBD counts what it writes to a disk, whoever it is from: local users, peers, a sync. It begins with the attach. */
    private SortedMap<Integer, Long> written(ResourceSpec resource) {
        CommandResult result = tools.eventsNow(resource.name().value());
        TreeMap<Integer, Long> written = new TreeMap<>();
        try {
            for (String line : result.output().lines().toList()) {
                Events2Parser.Event event = Events2Parser.parse(line)
                        .orElseThrow(() -> new IllegalArgumentException("'" + line + "' cannot be read"));
                if (event.kind().equals("device") && event.values().containsKey("written")) {
                    // in KiB (drbdsetup(8), events2 --statistics)
                    written.put(
                            Integer.parseInt(event.values().getOrDefault("volume", "")),
                            Math.multiplyExact(
                                    1024L, Long.parseLong(event.values().getOrDefault("written", ""))));
                }
            }
        } catch (IllegalArgumentException e) {
            throw result.failure(
                    ErrorCode.OUTPUT_UNREADABLE,
                    "cannot tell what was written to resource " + resource.name() + ": " + e.getMessage(),
                    "report the line with the versions of DRBD and drbd-utils");
        }
        if (!result.succeeded() || written.isEmpty()) {
            throw result.failure(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell what was written to resource " + resource.name(),
                    "it is looked at again");
        }
        return written;
    }

    private Generation generation(ResourceSpec resource, PeerSpec peer, DeviceStatus device, Dialect dialect) {
        String name = resource.name().value();
        CommandResult result = dialect == Dialect.DRBD_9
                ? tools.drbdsetupQuery(
                        "get-gi", name, Integer.toString(peer.nodeId()), Integer.toString(device.number()))
                : tools.drbdsetupQuery("get-gi", Integer.toString(device.minor()));
        Matcher matcher = GENERATION.matcher(result.output());
        if (!result.succeeded() || !matcher.find()) {
            throw result.failure(
                    ErrorCode.OBSERVATION_FAILED,
                    "cannot tell the data generation of volume " + device.number() + " of resource " + name,
                    "it is looked at again");
        }
        return new Generation(matcher.group(1), matcher.group(2));
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#leave}. */
    void leave(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark) {
        Dialect dialect = kernel.dialect();
        String name = resource.name().value();
        resources.ownFile(resource, dialect);
        ReplicationStatus status = status(resource);
        requireAsDecided(resource, status, mark, dialect);
        if (dialect == Dialect.DRBD_8_4) {
            if (!allStandAlone(status)) {
                disconnect84(resource);
            }
            return;
        }
        for (PeerSpec peer : peers(resource, peers)) {
            boolean left = status.connections().stream()
                    .anyMatch(connection -> connection.nodeId() == peer.nodeId() && isStandAlone(connection));
            if (!left) {
                require(tools.drbdsetup("disconnect", name, Integer.toString(peer.nodeId())), resource);
            }
        }
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#discardMyData}. */
    void discardMyData(ResourceSpec resource, SortedSet<NodeName> peers, DataMark mark) {
        Dialect dialect = kernel.dialect();
        String name = resource.name().value();
        resources.ownFile(resource, dialect);
        ReplicationStatus status = status(resource);
        requireAsDecided(resource, status, mark, dialect);
        List<PeerSpec> meant = peers(resource, peers);
        requireLeft(resource, status, meant, dialect);
        // Who makes it Primary from here on is before the connect, which DRBD refuses then, or after it, and DRBD
        // forgets that it is to discard (drbd_set_role in 8.4 and 9.2).
        if (dialect == Dialect.DRBD_8_4) {
            require(tools.drbdadm(files.path(name), "connect", "--discard-my-data", name), resource);
            return;
        }
        for (PeerSpec peer : meant) {
            require(tools.drbdsetup("connect", name, Integer.toString(peer.nodeId()), "--discard-my-data"), resource);
        }
    }

    /**
     * See {@link io.heddle.core.driver.ReplicationDriver#stopDiscarding}. DRBD 9 forgets neither with a disconnect nor with a
     * plain connect that it is to discard (CONN_DISCARD_MY_DATA in 9.2.18), so that the whole connection goes; 8.4 has it in what
     * a disconnect throws away.
     */
    boolean stopDiscarding(ResourceSpec resource, boolean onlyIfRefused) {
        Dialect dialect = kernel.dialect();
        String name = resource.name().value();
        resources.ownFile(resource, dialect);
        ReplicationStatus status = status(resource);
        if (onlyIfRefused && status.connections().stream().noneMatch(SplitBrains::isStandAlone)) {
            return false;
        }
        if (dialect == Dialect.DRBD_8_4) {
            boolean waits = status.connections().stream()
                    .anyMatch(connection -> !isStandAlone(connection) && !connection.replicates());
            if (waits) {
                disconnect84(resource);
            }
            return true;
        }
        for (ConnectionStatus connection : status.connections()) {
            boolean ours = resource.peers().stream().anyMatch(peer -> peer.nodeId() == connection.nodeId());
            if (ours && !connection.replicates()) {
                require(tools.drbdsetup("del-peer", name, Integer.toString(connection.nodeId())), resource);
            }
        }
        return true;
    }

    /**
     * Leaves the one peer of 8.4. That DRBD does not know the connection says that it is left: 8.4 forgets the addresses of one
     * that is StandAlone, and a split brain that is found between the look and this makes it so (w_after_conn_state_ch in 8.4.11).
     */
    private void disconnect84(ResourceSpec resource) {
        String name = resource.name().value();
        CommandResult result = tools.drbdadm(files.path(name), "disconnect", name);
        if (!result.errorOutput().contains(Failure.UNKNOWN_CONNECTION)) {
            require(result, resource);
        }
    }

    private static void require(CommandResult result, ResourceSpec resource) {
        if (!result.succeeded()) {
            throw Failure.exception(
                    result,
                    "cannot decide a split brain of resource " + resource.name() + " on node " + resource.node());
        }
    }

    private void requireAsDecided(ResourceSpec resource, ReplicationStatus status, DataMark mark, Dialect dialect) {
        requireUnused(resource, status);
        DataMark now = content(resource, status, dialect).mark();
        if (!now.equals(mark)) {
            throw new HeddleException(
                    ErrorCode.SPLIT_BRAIN,
                    didNot(resource),
                    "what was decided on had the generations " + mark.generations() + " and " + mark.written()
                            + " bytes written, and now it has " + now.generations() + " and " + now.written(),
                    "look at the split brain again, and decide on it");
        }
    }

    private static String didNot(ResourceSpec resource) {
        return "did not discard the changes of resource " + resource.name() + " on node " + resource.node();
    }

    private static void requireUnused(ResourceSpec resource, ReplicationStatus status) {
        boolean used = status.inUse();
        boolean usedByPeer =
                status.connections().stream().anyMatch(connection -> connection.peerRole() == Role.PRIMARY);
        if (used || usedByPeer) {
            throw new HeddleException(
                    ErrorCode.IN_USE,
                    didNot(resource),
                    used ? "it is Primary or open there" : "a connected peer is Primary and uses its data",
                    "stop what uses it and make it Secondary");
        }
    }

    private static void requireLeft(
            ResourceSpec resource, ReplicationStatus status, List<PeerSpec> peers, Dialect dialect) {
        boolean left = dialect == Dialect.DRBD_8_4
                ? allStandAlone(status)
                : peers.stream()
                        .allMatch(peer -> status.connections().stream()
                                .anyMatch(connection ->
                                        connection.nodeId() == peer.nodeId() && isStandAlone(connection)));
        if (!left) {
            throw new HeddleException(
                    ErrorCode.SPLIT_BRAIN,
                    didNot(resource),
                    "somebody has connected it again while it was kept in a snapshot",
                    "look at the split brain again, and decide on it");
        }
    }

    private static boolean allStandAlone(ReplicationStatus status) {
        return status.connections().stream().allMatch(SplitBrains::isStandAlone);
    }

    /** See {@link io.heddle.core.driver.ReplicationDriver#connect}. */
    void connect(ResourceSpec resource, SortedSet<NodeName> peers) {
        Dialect dialect = kernel.dialect();
        String name = resource.name().value();
        resources.ownFile(resource, dialect);
        ReplicationStatus status = status(resource);
        for (PeerSpec peer : peers(resource, peers)) {
            boolean refused = dialect == Dialect.DRBD_8_4
                    ? allStandAlone(status)
                    : status.connections().stream()
                            .anyMatch(connection -> connection.nodeId() == peer.nodeId() && isStandAlone(connection));
            if (!refused) {
                continue;
            }
            CommandResult result = dialect == Dialect.DRBD_8_4
                    ? tools.drbdadm(files.path(name), "connect", name)
                    : tools.drbdsetup("connect", name, Integer.toString(peer.nodeId()));
            if (!result.succeeded() && !result.errorOutput().contains(Failure.HAS_A_CONNECTION)) {
                throw Failure.exception(result, "cannot connect resource " + name + " to " + peer.node());
            }
        }
    }

    private static boolean isStandAlone(ConnectionStatus connection) {
        return connection.state() == ConnectionState.STAND_ALONE;
    }

    private ReplicationStatus status(ResourceSpec resource) {
        Optional<ReplicationStatus> status = resources.look(resource.name().value());
        return status.orElseThrow(() -> Resources.notInKernel(resource.name().value()));
    }

    private static List<PeerSpec> peers(ResourceSpec resource, SortedSet<NodeName> names) {
        List<PeerSpec> meant = new ArrayList<>();
        resource.peers().stream().filter(peer -> names.contains(peer.node())).forEach(meant::add);
        return meant;
    }
}
