package io.heddle.drbd;

import io.heddle.core.model.Bytes;
import io.heddle.core.status.ConnectionState;
import io.heddle.core.status.ConnectionStatus;
import io.heddle.core.status.DeviceStatus;
import io.heddle.core.status.DiskState;
import io.heddle.core.status.PathStatus;
import io.heddle.core.status.PeerVolumeStatus;
import io.heddle.core.status.ReplicationState;
import io.heddle.core.status.ReplicationStatus;
import io.heddle.core.status.Role;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What DRBD has on this node, put together from events. A change names some keys only, so the last value of each is kept.
 * For one thread.
 */
final class KernelState {
    /**
     * What DRBD 8.4 does not tell and our own file does.
     *
     * @param peer name of the peer, which the kernel calls {@code peer}
     * @param devices backing devices by volume number
     */
    record FileFacts(String peer, Map<Integer, String> devices) {}

    private static final Logger LOG = LoggerFactory.getLogger(KernelState.class);
    private static final Set<String> UNRECOGNISED_WORDS = ConcurrentHashMap.newKeySet();
    private static final String PEER_OF_8_4 = "peer";
    private static final String SPLIT_BRAIN = "split-brain";

    private final Function<String, Optional<FileFacts>> files;
    private final SortedMap<String, ResourceEvents> resources = new TreeMap<>();

    /** Starts with nothing; {@code files} is asked for resources of DRBD 8.4 only. */
    KernelState(Function<String, Optional<FileFacts>> files) {
        this.files = files;
    }

    /**
     * Takes an event in.
     *
     * @throws IllegalArgumentException if a value that is needed is missing or not of its kind
     */
    void apply(Events2Parser.Event event) {
        String name = event.resource();
        switch (event.action()) {
            case EXISTS, CREATE, CHANGE -> {
                if (!event.endsDump()) {
                    resources.computeIfAbsent(name, key -> new ResourceEvents()).put(event);
                }
            }
            case DESTROY -> {
                if (event.kind().equals("resource")) {
                    resources.remove(name);
                } else if (resources.containsKey(name)) {
                    resources.get(name).remove(event);
                }
            }
            case RENAME -> {
                ResourceEvents renamed = resources.remove(name);
                if (renamed != null) {
                    resources.put(value(event.values(), "new_name"), renamed);
                }
            }
            case CALL -> {
                // The one handler that tells what no state does: DRBD is about to leave the peer as diverged.
                if (SPLIT_BRAIN.equals(event.values().get("helper")) && resources.containsKey(name)) {
                    resources.get(name).connection(event.values()).splitBrain = true;
                }
            }
            case RESPONSE -> {
                // a handler's program has ended: no state of DRBD's
            }
        }
    }

    /** Takes one resource from a fresh dump, in the place of what was known. */
    void replace(String name, KernelState fresh) {
        ResourceEvents events = fresh.resources.get(name);
        ResourceEvents before = resources.get(name);
        if (events == null) {
            resources.remove(name);
        } else {
            if (before != null) {
                events.keepWhatNoDumpTells(before);
            }
            resources.put(name, events);
        }
    }

    /** Everything, in the order of names. */
    List<ReplicationStatus> all() {
        List<ReplicationStatus> all = new ArrayList<>();
        resources.keySet().forEach(name -> resource(name).ifPresent(all::add));
        return all;
    }

    /** One resource; empty if DRBD does not have it. */
    Optional<ReplicationStatus> resource(String name) {
        return Optional.ofNullable(resources.get(name)).map(events -> status(name, events));
    }

    private ReplicationStatus status(String name, ResourceEvents events) {
        boolean eight = !events.own.containsKey("may_promote") && !events.own.containsKey("force-io-failures");
        Optional<FileFacts> facts = eight ? files.apply(name) : Optional.empty();
        List<DeviceStatus> devices = new ArrayList<>();
        events.devices.forEach((volume, values) -> devices.add(device(volume, values, facts)));
        List<ConnectionStatus> connections = new ArrayList<>();
        events.connections.forEach(
                (nodeId, connection) -> connections.add(connection(nodeId, connection, eight, facts)));
        connections.removeIf(connection -> connection.peer().equals(Nobody84.NAME));
        connections.sort(Comparator.comparing(ConnectionStatus::peer));
        return new ReplicationStatus(
                name,
                word(Role::of, Role.UNRECOGNISED, text(events.own, "role", "Unknown")),
                text(events.own, "suspended", "no"),
                yes(events.own, "may_promote"),
                Integer.parseInt(text(events.own, "promotion_score", "0")),
                devices,
                connections);
    }

    private static DeviceStatus device(int volume, Map<String, String> values, Optional<FileFacts> facts) {
        DiskState disk = word(DiskState::of, DiskState.UNRECOGNISED, text(values, "disk", "DUnknown"));
        String backing = text(values, "backing_dev", "none");
        if (backing.equals("none")) {
            backing = disk == DiskState.DISKLESS
                    ? ""
                    : facts.map(file -> file.devices().getOrDefault(volume, "")).orElse("");
        }
        return new DeviceStatus(
                volume,
                Integer.parseInt(value(values, "minor")),
                disk,
                yes(values, "client"),
                text(values, "quorum", "yes").equals("yes"),
                Bytes.ofKib(Long.parseLong(text(values, "size", "0"))),
                backing,
                yes(values, "open"));
    }

    private static ConnectionStatus connection(
            int nodeId, ConnectionEvents connection, boolean eight, Optional<FileFacts> facts) {
        String peer = eight
                ? facts.map(FileFacts::peer).orElse(PEER_OF_8_4)
                : text(connection.own, "conn-name", Integer.toString(nodeId));
        ConnectionState state = word(
                ConnectionState::of, ConnectionState.UNRECOGNISED, text(connection.own, "connection", "Unconnected"));
        List<PeerVolumeStatus> volumes = new ArrayList<>();
        connection.volumes.forEach((volume, values) -> volumes.add(peerVolume(volume, values)));
        return new ConnectionStatus(
                peer,
                eight ? -1 : nodeId,
                state,
                word(Role::of, Role.UNRECOGNISED, text(connection.own, "role", "Unknown")),
                eight
                        ? state == ConnectionState.CONNECTED
                        : connection.paths.values().stream().anyMatch(path -> yes(path, "established")),
                volumes,
                connection.splitBrain && state != ConnectionState.CONNECTED,
                eight
                        ? List.of()
                        : connection.paths.values().stream()
                                .flatMap(path -> path(path).stream())
                                .toList());
    }

    private static Optional<PathStatus> path(Map<String, String> values) {
        return Endpoint.of(value(values, "local"))
                .flatMap(local -> Endpoint.of(value(values, "peer"))
                        .map(peer -> new PathStatus(
                                local.address(),
                                local.port(),
                                peer.address(),
                                peer.port(),
                                yes(values, "established"))));
    }

    private static PeerVolumeStatus peerVolume(int volume, Map<String, String> values) {
        ReplicationState replication =
                word(ReplicationState::of, ReplicationState.UNRECOGNISED, text(values, "replication", "Off"));
        return new PeerVolumeStatus(
                volume,
                replication,
                word(DiskState::of, DiskState.UNRECOGNISED, text(values, "peer-disk", "DUnknown")),
                Bytes.ofKib(Long.parseLong(text(values, "out-of-sync", "0"))),
                done(replication, values),
                text(values, "resync-suspended", "no"));
    }

    /** The last {@code done} stays in the values after a sync, since no event takes it back. */
    private static OptionalDouble done(ReplicationState replication, Map<String, String> values) {
        return switch (replication) {
            case SYNC_SOURCE, SYNC_TARGET, PAUSED_SYNC_S, PAUSED_SYNC_T, VERIFY_S, VERIFY_T -> {
                String done = values.get("done");
                yield done == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(done));
            }
            default -> OptionalDouble.empty();
        };
    }

    /** A word of a newer DRBD is told once in the log, since the status cannot hold it. */
    private static <T> T word(Function<String, T> of, T unrecognised, String drbdName) {
        T value = of.apply(drbdName);
        if (value.equals(unrecognised) && UNRECOGNISED_WORDS.add(drbdName)) {
            LOG.warn("DRBD says '{}', which this version of Heddle does not know", drbdName);
        }
        return value;
    }

    private static boolean yes(Map<String, String> values, String key) {
        return "yes".equals(values.get(key));
    }

    private static String text(Map<String, String> values, String key, String absent) {
        return values.getOrDefault(key, absent);
    }

    private static String value(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("'" + key + "' is missing");
        }
        return value;
    }

    /** All that events told of one resource. */
    private static final class ResourceEvents {
        private final Map<String, String> own = new HashMap<>();
        private final SortedMap<Integer, Map<String, String>> devices = new TreeMap<>();
        private final SortedMap<Integer, ConnectionEvents> connections = new TreeMap<>();

        void put(Events2Parser.Event event) {
            Map<String, String> values = event.values();
            switch (event.kind()) {
                case "resource" -> own.putAll(values);
                case "device" ->
                    devices.computeIfAbsent(number(values, "volume"), key -> new HashMap<>())
                            .putAll(values);
                case "connection" -> {
                    ConnectionEvents connection = connection(values);
                    connection.own.putAll(values);
                    connection.becameOne();
                }
                case "peer-device" -> {
                    Map<String, String> volume = connection(values)
                            .volumes
                            .computeIfAbsent(number(values, "volume"), key -> new HashMap<>());
                    if (values.containsKey("replication")) {
                        volume.remove("done"); // of an earlier sync; a new one tells its own
                    }
                    volume.putAll(values);
                }
                case "path" ->
                    connection(values)
                            .paths
                            .computeIfAbsent(pathKey(values), key -> new HashMap<>())
                            .putAll(values);
                default -> {
                    // a kind of a newer DRBD, which nothing here is made of
                }
            }
        }

        void remove(Events2Parser.Event event) {
            Map<String, String> values = event.values();
            switch (event.kind()) {
                case "device" -> {
                    int volume = number(values, "volume");
                    devices.remove(volume);
                    connections.values().forEach(connection -> connection.volumes.remove(volume));
                }
                case "connection" -> {
                    if (isOfDrbd84()) {
                        connection(values).standAlone();
                    } else {
                        connections.remove(number(values, "peer-node-id"));
                    }
                }
                case "peer-device" -> {
                    if (!isOfDrbd84()) {
                        connection(values).volumes.remove(number(values, "volume"));
                    }
                }
                case "path" -> connection(values).paths.remove(pathKey(values));
                default -> {
                    // a kind of a newer DRBD, which nothing here is made of
                }
            }
        }

        void keepWhatNoDumpTells(ResourceEvents before) {
            connections.forEach((nodeId, connection) -> {
                ConnectionEvents old = before.connections.get(nodeId);
                connection.splitBrain = old != null && old.splitBrain;
                connection.becameOne();
            });
        }

        /** DRBD 8.4 tells of none of these. */
        boolean isOfDrbd84() {
            return !own.containsKey("may_promote") && !own.containsKey("force-io-failures");
        }

        private ConnectionEvents connection(Map<String, String> values) {
            return connections.computeIfAbsent(number(values, "peer-node-id"), key -> new ConnectionEvents());
        }

        private static String pathKey(Map<String, String> values) {
            return value(values, "local") + " " + value(values, "peer");
        }

        private static int number(Map<String, String> values, String key) {
            return Integer.parseInt(value(values, key));
        }
    }

    /** All that events told of one connection. */
    private static final class ConnectionEvents {
        private final Map<String, String> own = new HashMap<>();
        private final SortedMap<Integer, Map<String, String>> volumes = new TreeMap<>();
        private final SortedMap<String, Map<String, String>> paths = new TreeMap<>();
        private boolean splitBrain;

        /**
         * A split brain is over when replication stands; DRBD 8.4 is Connected already while it looks whether the two have
         * diverged, and then does not tell the peer's role.
         */
        void becameOne() {
            boolean replicates = ConnectionState.CONNECTED.drbdName().equals(own.get("connection"))
                    && !Role.UNKNOWN.drbdName().equals(own.getOrDefault("role", Role.UNKNOWN.drbdName()));
            splitBrain &= !replicates;
        }

        /**
         * DRBD 8.4 tells that a connection is destroyed when it becomes StandAlone, after a split brain too, though a fresh
         * dump shows it.
         */
        void standAlone() {
            own.put("connection", ConnectionState.STAND_ALONE.drbdName());
            own.put("role", Role.UNKNOWN.drbdName());
            for (Map<String, String> volume : volumes.values()) {
                volume.put("replication", ReplicationState.OFF.drbdName());
                volume.put("peer-disk", DiskState.DUNKNOWN.drbdName());
            }
        }
    }
}
